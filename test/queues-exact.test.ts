// What a NIC does without chance, to the nanosecond: service times and the D/D/1 and path rows of analytic.json.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inFolder, runShards } from './support/any-run.js'
import { frame, udpPacket } from './support/frame-builder.js'

const LATENCY_NS = 5000
/** Ethernet, preamble, FCS and gap; the outer headers of VXLAN. */
const WIRE = 14 + 24
const TUNNEL = 50

describe('a NIC without chance', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vxlane-exact-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const PODS = 12
  const cluster = (fabric: object, traffic: object[]): object => ({
    apiVersion: 'vxlane/v1',
    duration: '5ms',
    cluster: {
      agentPoolProfiles: [{ name: 'one', count: 2, nodes: [1, 2].map(i => ({ name: `node${i}`, podCidr: `10.244.${i}.0/24` })) }],
    },
    fabric: { latency: `${LATENCY_NS}ns`, mtu: 9000, ...fabric },
    workloads: [1, 2].map(i => ({
      namespace: 'a',
      name: `side${i}`,
      pods: Array.from({ length: PODS }, (_, k) => ({ name: `p${i}${k}`, node: `node${i}`, address: `10.244.${i}.${10 + k}` })),
    })),
    traffic,
    capture: [
      { node: 'node1', file: 'out.pcapng' },
      { node: 'node2', file: 'in.pcapng' },
      { pod: 'a/p10', file: 'pod.pcapng' },
    ],
  })
  const hex = (n: number): string => n.toString(16).padStart(2, '0')
  const fromPod = (k: number, bytes: number): Uint8Array =>
    frame('aaaaaaaaaaaa', `02020af401${hex(10 + k)}`, udpPacket({ from: `10.244.1.${10 + k}`, to: '10.244.2.10' }, 5000 + k, 9, bytes - 28))
  const times = (shards: ReturnType<typeof runShards>, tap: number, direction: number): number[] =>
    shards.captures.find(capture => capture.tap === tap)!.frames.flatMap(f => (f.direction === direction ? [f.timeNs] : []))

  it.each([
    ['vxlan', '1Gbps', 1],
    ['vxlan', '12.5Gbps', 12.5],
    ['none', '7Gbps', 7],
  ] as const)('serves %s at %s: of synchronised sources the i-th waits i services (D/D/1)', (encapsulation, nicRate, gbps) => {
    const at = 1_000_000
    const traffic = Array.from({ length: PODS }, (_, k) => ({
      from: { pod: `a/p1${k}` },
      start: '1ms',
      replay: { file: `frames-${k}` },
      name: `pod-${k}`,
    }))
    const scenario = { ...cluster({ encapsulation, nicRate }, traffic), traffic }
    const recordings = Array.from({ length: PODS }, (_, k) => [fromPod(k, 1000)])
    const service = ((1000 + WIRE + (encapsulation === 'vxlan' ? TUNNEL : 0)) * 8) / gbps
    const run = runShards(inFolder({ scenario, recordings }, folder), 2)
    const pods = Array.from({ length: PODS }, (_, i) => i)
    expect(times(run, 0, 2)).toEqual(pods.map(i => Math.round(at + i * service)))
    expect(times(run, 1, 1)).toEqual(pods.map(i => Math.round(at + (i + 1) * service) + LATENCY_NS))
  })

  it('never queues a constant rate below its own', () => {
    const to = { pod: 'a/p20', port: 9 }
    const entry = { name: 'even', from: { pod: 'a/p10' }, to, protocol: 'udp', size: 1000, rate: '100000/s', arrivals: 'constant' }
    const { captures, ...run } = runShards(cluster({ nicRate: '1Gbps' }, [entry]), 1)
    const service = (1000 + WIRE + TUNNEL) * 8
    expect(run.totals.delivered).toBeGreaterThan(490)
    expect(run.latencySum).toBe(run.totals.delivered * (service + LATENCY_NS))
  })

  it.each([
    // serviceTime rows: 1538 bytes on the wire carry an IP packet of 1500, 84 one of up to 46.
    [1500, 1, 12304],
    [1500, 10, 1230.4],
    [1500, 25, 492.16],
    [1500, 100, 123.04],
    [46, 10, 67.2],
    [28, 10, 67.2],
  ])('takes a packet of %i bytes at %i Gbps in %d ns, for ever', (size, gbps, service) => {
    // A rate above the link's: it sends back to back, and fractions of a nanosecond must not get lost.
    const entry = { name: 'flood', from: { pod: 'a/p10' }, to: { pod: 'a/p20', port: 9 }, protocol: 'udp', size, arrivals: 'constant' }
    const rate = `${Math.ceil(1.05e9 / service)}/s`
    const fabric = { encapsulation: 'none', nicRate: `${gbps}Gbps`, queue: 100_000 }
    const scenario = { ...cluster(fabric, [{ ...entry, rate }]), duration: '200us' }
    const out = times(runShards(scenario, 1), 0, 2)
    expect(out.length).toBeGreaterThan(15)
    expect(Math.max(...out.map((at, i) => Math.abs(at - (out[0] + i * service))))).toBeLessThanOrEqual(1)
  })

  it('adds up hops: 84 bytes over two links of 1 Gbps and 1 us each take 3,344 ns', () => {
    const entry = {
      name: 'echo',
      from: { pod: 'a/p10' },
      to: { pod: 'a/p20', port: 9 },
      protocol: 'udp',
      size: 40,
      rate: '10000/s',
      answer: { size: 46 },
    }
    const run = runShards(cluster({ encapsulation: 'none', nicRate: '1Gbps', latency: '1us' }, [entry]), 2)
    const asked = times(run, 2, 2)
    const answered = times(run, 2, 1)
    expect(answered.length).toBeGreaterThan(40)
    expect(answered.map((at, i) => at - asked[i])).toEqual(answered.map(() => 3344))
  })
})
