import { describe, expect, it } from 'vitest'
import { VERDICTS, Verdict } from '../../src/datapath/verdict.js'
import { BUCKETS, bucketOf, valueAt } from '../../src/observe/histogram.js'
import { percentilesOverTime } from '../../src/observe/sparse.js'
import { overTime, sampleFrames } from '../../src/run/over-time.js'
import { shardReport } from './shard-report.js'

describe('what happened when', () => {
  it('adds the shards up, interval by interval', () => {
    const found = overTime([shardReport(), shardReport({ shard: 1, lp: 1 })], 1_000_000, 2)
    expect(found.dropped).toEqual({ nicQueueFull: [2, 0], noRoute: [0, 2] })
    expect(found.latencyNs.p50).toEqual([50_015, 50_015])
    expect(found.latencyNs.p99).toEqual([50_015, 50_015])
  })

  it('has percentiles of each interval alone, not of all before it', () => {
    const parts = [
      { interval: Uint32Array.of(0, 2), bucket: Uint32Array.of(bucketOf(100), bucketOf(900)), count: Float64Array.of(99, 1) },
      { interval: Uint32Array.of(0), bucket: Uint32Array.of(bucketOf(500)), count: Float64Array.of(2) },
    ]
    expect(percentilesOverTime(parts, 3, BUCKETS, [50, 99], valueAt)).toEqual([
      [100, 0, 900],
      [500, 0, 900],
    ])
  })

  it('keeps the earliest three frames of a reason, whatever shard they are of', () => {
    const sample = (timeNs: number, lp: number) => ({ verdict: Verdict.noRoute, timeNs, lp, length: 3, bytes: Uint8Array.of(lp) })
    const one = { ...shardReport(), dropSamples: [sample(10, 4), sample(30, 4), sample(40, 4)] }
    const other = { ...shardReport(), dropSamples: [sample(10, 2), sample(20, 2), sample(50, 2)] }
    const names = (lp: number) => `node${lp}`
    const found = sampleFrames([one, other], names)
    expect(found.map(({ atNs, at }) => [atNs, at])).toEqual([
      [10, 'node2'],
      [10, 'node4'],
      [20, 'node2'],
    ])
    expect(sampleFrames([other, one], names)).toEqual(found)
    expect(found[0]).toMatchObject({ reason: VERDICTS[Verdict.noRoute].name, bytes: '02', text: 'short' })
  })
})
