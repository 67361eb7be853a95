import { describe, expect, it } from 'vitest'
import { bytes, count, duration, share, short } from '../../src/base/units.js'
import { summary } from '../../src/cli/summary.js'
import type { RunResult } from '../../src/run/result.js'

const NO_TIMES = { count: 0, min: 0, mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 }
const NO_CONNECTIONS: RunResult['connections'] = {
  ...{ attempts: 0, established: 0, completed: 0, failed: 0, stopped: 0, open: 0, failedByReason: {}, retransmissions: 0, portsInUse: 0 },
  requests: { made: 0, answered: 0, failed: 0 },
  connectNs: { ...NO_TIMES, failed: 0 },
  responseNs: NO_TIMES,
  traffic: [],
  overTime: { attempts: [], established: [], completed: [], failed: [], failedByReason: {} },
}

const result: RunResult = {
  schemaVersion: 1,
  kind: 'run',
  scenario: { name: 'two-nodes', hash: 'beef', encapsulation: 'vxlan' },
  engine: { version: '0.1.0', node: 'v20.20.2', workers: 2 },
  seed: 7,
  simulatedNs: 1e9,
  partial: false,
  digest: '0123456789abcdef0123456789abcdef',
  checkpoints: [],
  totals: {
    ...{ sent: 1_200_000, delivered: 1_199_000, dropped: 900, inFlight: 100, bytesDelivered: 1_199_000_000 },
    ...{ encapsulated: 1_200_000, decapsulated: 1_199_000, masqueraded: 0, connectionsOpened: 0, connectionsFailed: 0 },
  },
  drops: { total: 900, byReason: { nicQueueFull: 600, noRoute: 300 } },
  connections: NO_CONNECTIONS,
  latencyNs: { count: 1_199_000, min: 50_000, mean: 52_345, p50: 51_000, p90: 60_000, p99: 80_000, p999: 120_000, max: 1_500_000 },
  throughput: { intervalNs: 1e8, packets: [119_900], bits: [959_200_000] },
  histograms: { latencyNs: { unit: 'ns', encoded: '' }, connectNs: { unit: 'ns', encoded: '' } },
  traffic: [{ name: 'east-west', sent: 1_200_000, delivered: 1_199_000, dropped: 900, bytesDelivered: 1_199_000_000 }],
  events: [],
  waits: null,
  resources: [
    { ...{ name: 'podCidr', scope: 'cluster', unit: 'node blocks', capacity: 1024, used: 900, peak: 900 }, ...rest(0) },
    { ...{ name: 'conntrack', scope: 'node0', unit: 'connections', capacity: 100, used: 100, peak: 100 }, ...rest(3) },
  ],
  assertions: [
    { expression: 'drops.total == 0', held: false, left: 900, right: 0 },
    { expression: 'totals.sent > 0', held: true, left: 1_200_000, right: 0 },
  ],
  warnings: [{ code: 'CaptureFull', message: 'a.pcapng holds the first 10 packets; 5 more passed', hint: 'raise maxPackets' }],
  performance: {
    ...{ setupSeconds: 0.25, wallSeconds: 1.5, events: 4_000_000, eventsPerSecond: 2_666_667, packetsPerSecond: 800_000 },
    ...{ peakRssBytes: 200 * 2 ** 20, barrierShare: 0.124 },
  },
}

function rest(failures: number) {
  return { exhausted: failures > 0, exhaustedAtNs: null, failures, timeline: [] }
}

const plain = { good: (text: string) => text, bad: (text: string) => text, title: (text: string) => text }
const context = { durationNs: 1e9, command: 'vxlane run two.yaml --seed 7', folder: 'out', files: ['result.json'], paint: plain }

describe('the summary', () => {
  it('says first whether the scenario kept its promises, then all the rest, aligned', () => {
    expect(summary(result, context)).toBe(`FAILED  two-nodes: 1 s of virtual time, seed 7, VXLAN; 1 of 2 assertions does not hold
  false: drops.total == 0 (900 against 0)

packets     sent          1,200,000
            delivered     1,199,000   99.92 %
            dropped             900    0.07 %
            in flight           100  < 0.01 %
            encapsulated  1,200,000
drops       nicQueueFull  600  66.67 %  The egress queue of the NIC was full.
            noRoute       300  33.33 %  No route to the destination; ICMP network unreachable went back.
latency       min     mean    p50    p90    p99   p99.9     max
            50 us  52.3 us  51 us  60 us  80 us  120 us  1.5 ms
throughput  1.2 M packets/s, 9.59 Gbit/s delivered; 9.59 Gbit/s in the busiest 100 ms
resources   conntrack  node0    100 of 100 connections  100.00 %  3 refused
            podCidr           900 of 1,024 node blocks   87.89 %
warnings    CaptureFull: a.pcapng holds the first 10 packets; 5 more passed; raise maxPackets
engine      800 k packets/s, 2.67 M events/s on 2 workers; 1.5 s, 12 % of it waiting at barriers, after 250 ms of set-up; 200 MiB
digest      0123456789abcdef0123456789abcdef
repeat      vxlane run two.yaml --seed 7
files       out: result.json
`)
  })

  it('says so when a run was interrupted, passed, or promised nothing', () => {
    const first = (changed: Partial<RunResult>) => summary({ ...result, ...changed }, { ...context, durationNs: 4e9 }).split('\n')[0]
    expect(first({ partial: true })).toBe('INTERRUPTED  two-nodes: 1 s of virtual time, seed 7, VXLAN (of 4 s); the results are partial')
    expect(first({ assertions: [] })).toBe('DONE  two-nodes: 1 s of virtual time, seed 7, VXLAN')
    expect(first({ assertions: result.assertions.slice(1) })).toContain('PASSED')
  })

  it('has no line for what did not happen', () => {
    const text = summary(
      { ...result, drops: { total: 0, byReason: {} }, warnings: [], resources: [] },
      { ...context, folder: null, files: [] },
    )
    expect(text).not.toMatch(/^(drops|warnings|resources|files)/m)
  })
})

it('writes numbers as people read them', () => {
  expect([
    count(1234567),
    short(4_230_000),
    short(999),
    bytes(220_200_960),
    duration(61e9),
    duration(1.5),
    duration(999_900),
    share(0, 5),
    share(99_999, 100_000),
  ]).toEqual(['1,234,567', '4.23 M', '999', '210 MiB', '1.02 min', '1.5 ns', '1 ms', '0.00 %', '> 99.99 %'])
})
