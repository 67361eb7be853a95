// The books of a run with known packets: totals, latency, throughput by interval, rows of nodes and of traffic entries, to the packet
// and the byte.
import { describe, expect, it } from 'vitest'
import { highestOf, lowestOf } from '../../src/observe/histogram.js'
import { runShards } from '../support/any-run.js'

const LATENCY = 50_000
const SIZE = 500
/** Ethernet, VXLAN's 50, preamble and gap, at 1 Gbps. */
const SERVICE = (SIZE + 14 + 50 + 24) * 8

const scenario = {
  apiVersion: 'vxlane/v1',
  duration: '100ms',
  cluster: { agentPoolProfiles: [{ name: 'one', count: 2, nodes: [{ name: 'node1' }, { name: 'node2' }] }] },
  fabric: { latency: '50us', nicRate: '1Gbps' },
  workloads: [
    {
      namespace: 'a',
      name: 'x',
      pods: [
        { name: 'p1', node: 'node1' },
        { name: 'p2', node: 'node1' },
      ],
    },
    { namespace: 'a', name: 'y', pods: [{ name: 'q1', node: 'node2' }] },
  ],
  traffic: [
    { name: 'across', from: { pod: 'a/p1' }, to: { pod: 'a/q1', port: 7 }, protocol: 'udp', size: SIZE, rate: '1000/s', stop: '50ms' },
    { name: 'near', from: { pod: 'a/p2' }, to: { pod: 'a/p1', port: 7 }, protocol: 'udp', size: 100, rate: '500/s', stop: '50ms' },
    { name: 'lost', from: { pod: 'a/p2' }, to: { pod: 'a/q1', port: 7 }, protocol: 'udp', size: 9000, rate: '200/s', stop: '50ms' },
  ],
}

describe('the books', () => {
  const run = runShards(scenario, 2)
  const rowsOf = (lp: number) => {
    const sum = { sent: 0, delivered: 0, dropped: 0, bytes: 0 }
    for (const { lp: lps, sent, delivered, dropped, bytesDelivered } of run.series as Row[]) {
      lps.forEach((own, i) => {
        if (own !== lp) return
        sum.sent += sent[i]
        sum.delivered += delivered[i]
        sum.dropped += dropped[i]
        sum.bytes += bytesDelivered[i]
      })
    }
    return sum
  }
  interface Row {
    readonly lp: ArrayLike<number> & Iterable<number> & { forEach(each: (lp: number, i: number) => void): void }
    readonly sent: ArrayLike<number>
    readonly delivered: ArrayLike<number>
    readonly dropped: ArrayLike<number>
    readonly bytesDelivered: ArrayLike<number>
  }

  it('count every packet once', () => {
    const totals = { sent: 85, delivered: 75, dropped: 10, inFlight: 0, bytesDelivered: 50 * SIZE + 25 * 100 }
    expect(run.totals).toEqual({ ...totals, encapsulated: 50, decapsulated: 50, masqueraded: 0 })
  })

  it('count them by entry: sent, delivered, dropped, bytes', () => {
    expect([...run.traffic]).toEqual([50, 50, 0, 50 * SIZE, 25, 25, 0, 25 * 100, 10, 0, 10, 0])
  })

  it('count them by node', () => {
    expect([rowsOf(0), rowsOf(1)]).toEqual([
      { sent: 85, delivered: 25, dropped: 10, bytes: 2500 },
      { sent: 0, delivered: 50, dropped: 0, bytes: 50 * SIZE },
    ])
  })

  it('add up latencies exactly, and count each in its bucket', () => {
    expect(run.latencySum).toBe(50 * (LATENCY + SERVICE))
    const counted = [...run.latency.entries()].filter(([, count]) => count > 0)
    expect(counted.map(([, count]) => count)).toEqual([25, 50])
    expect(counted[0][0]).toBe(0)
    const bucket = counted[1][0]
    expect(lowestOf(bucket)).toBeLessThanOrEqual(LATENCY + SERVICE)
    expect(highestOf(bucket)).toBeGreaterThanOrEqual(LATENCY + SERVICE)
  })

  it('count by interval, and have checkpoints of each that end with the digest', () => {
    expect(run.throughputPackets.length).toBe(100)
    expect(run.throughputPackets.reduce((sum, n) => sum + n, 0)).toBe(75)
    expect(run.throughputBytes.reduce((sum, n) => sum + n, 0)).toBe(50 * SIZE + 2500)
    // One packet a millisecond across for 50 ms, one every second millisecond near.
    for (let i = 1; i < 49; i++) expect(run.throughputPackets[i]).toBeGreaterThanOrEqual(1)
    expect(run.throughputPackets.slice(51).every(n => n === 0)).toBe(true)
    expect(run.checkpoints.at(-1)).toBe(run.digest)
    expect(new Set(run.checkpoints.slice(0, 49)).size).toBe(49)
  })
})
