import { decodeFromCompressedBase64 } from 'hdr-histogram-js'
import { describe, expect, it } from 'vitest'
import { conntrackResource, seriesIntervals } from '../../src/run/intervals.js'
import { toJson } from '../../src/run/json.js'
import { merge } from '../../src/run/merge.js'
import { overTime, sampleFrames } from '../../src/run/over-time.js'
import { makeResult } from '../../src/run/result.js'
import { snatResult } from '../../src/run/snat.js'
import { makeScenario } from '../cluster/make-scenario.js'
import { shardReport } from './shard-report.js'

const reports = [shardReport({ shard: 0, lp: 1 }), shardReport({ shard: 1, lp: 0 })]
const merged = merge(reports, 3)
const scenario = {
  name: 'by hand',
  seed: 3,
  fabric: { encapsulation: 'vxlan' },
  traffic: [{ name: 'east-west' }],
  assert: ['drops.total == 0', 'drops.byReason.noRoute == 2', 'drops.byReason.ipChecksum == 0', 'resources.conntrack.exhausted'],
}
const conntrack = conntrackResource(merged, reports, 5, 1_000_000, lp => `node${lp}`)

const result = makeResult({
  scenario: scenario as never,
  hash: 'beef',
  workers: 2,
  partial: false,
  intervalNs: 1_000_000,
  merged,
  overTime: overTime(reports, 1_000_000, 2),
  dropSamples: sampleFrames(reports, lp => `node${lp}`),
  plan: { events: [], waits: null } as never,
  resources: [conntrack],
  snat: snatResult({ scenario: makeScenario(), plan: { nodes: [] } as never, reports, intervalNs: 1_000_000, nameOf: lp => `node${lp}` }),
  warnings: [],
  elapsedSeconds: 2.5,
})

describe('a result', () => {
  it('holds the sums in the shape that was promised', () => {
    expect(result).toMatchObject({
      schemaVersion: 1,
      kind: 'run',
      scenario: { name: 'by hand', hash: 'beef', encapsulation: 'vxlan' },
      engine: { version: expect.stringMatching(/^\d+\.\d+\.\d+/), node: process.version, workers: 2 },
      seed: 3,
      simulatedNs: 2_000_000,
      partial: false,
      digest: '00000002000000040000000600000008',
      totals: { sent: 20, delivered: 14, dropped: 4, inFlight: 2, bytesDelivered: 14_000, connectionsOpened: 0, connectionsFailed: 0 },
      drops: { total: 4, byReason: { nicQueueFull: 2, noRoute: 2 } },
      throughput: { intervalNs: 1_000_000, packets: [8, 6], bits: [64_000, 48_000] },
      traffic: [{ name: 'east-west', sent: 20, delivered: 14, dropped: 4, bytesDelivered: 14_000 }],
      performance: { setupSeconds: 0.5, wallSeconds: 2, events: 60, eventsPerSecond: 30, packetsPerSecond: 9, barrierShare: 0.25 },
    })
    expect(result.performance.peakRssBytes).toBeGreaterThan(10e6)
  })

  it('names only reasons that occurred, in the order of the verdict list', () => {
    expect(Object.keys(result.drops.byReason)).toEqual(['nicQueueFull', 'noRoute'])
  })

  it('states latencies to three digits and their mean exactly', () => {
    expect(result.latencyNs).toMatchObject({ count: 14, mean: 50_000 })
    for (const value of [result.latencyNs.min, result.latencyNs.p50, result.latencyNs.p999, result.latencyNs.max]) {
      expect(Math.abs(value - 50_000)).toBeLessThan(50)
    }
  })

  it('carries a histogram that other HdrHistogram tools read', () => {
    const histogram = decodeFromCompressedBase64(result.histograms.latencyNs.encoded, 64)
    expect(histogram.totalCount).toBe(14)
    expect(histogram.getValueAtPercentile(99)).toBe(result.latencyNs.p99)
  })

  it('judges its assertions and keeps what stood on both sides', () => {
    expect(result.assertions).toEqual([
      { expression: 'drops.total == 0', held: false, left: 4, right: 0 },
      { expression: 'drops.byReason.noRoute == 2', held: true, left: 2, right: 2 },
      { expression: 'drops.byReason.ipChecksum == 0', held: true, left: 0, right: 0 },
      { expression: 'resources.conntrack.exhausted', held: true, left: true, right: null },
    ])
  })

  it('survives JSON', () => {
    expect(JSON.parse(toJson(result))).toEqual(result)
    expect(toJson({ a: [1, 2], b: [], c: {}, d: undefined, e: null, f: [{ x: [[0, 1]] }] })).toBe(
      '{\n  "a": [1,2],\n  "b": [],\n  "c": {},\n  "e": null,\n  "f": [\n    {"x":[[0,1]]}\n  ]\n}\n',
    )
  })
})

describe('per-node rows', () => {
  it('become a record per interval, in order of logical processes', () => {
    expect([...seriesIntervals(reports, merged.checkpoints)]).toEqual([
      expect.objectContaining({ interval: 0, lp: [0, 1], sent: [5, 5], digest: merged.checkpoints[0] }),
      expect.objectContaining({
        interval: 1,
        lp: [0, 1],
        delivered: [3, 3],
        portLp: [0, 1],
        portUsed: [9, 9],
        portRefused: [2, 2],
        digest: merged.checkpoints[1],
      }),
    ])
  })

  it('show how the fullest connection table filled', () => {
    expect(conntrack).toEqual({
      name: 'conntrack',
      scope: 'node0',
      unit: 'connections',
      capacity: 5,
      used: 3,
      peak: 5,
      exhausted: true,
      exhaustedAtNs: 1_000_000,
      failures: 2,
      timeline: [
        [1_000_000, 5],
        [2_000_000, 3],
      ],
    })
  })
})
