import { describe, expect, it } from 'vitest'
import { InvariantError } from '../../src/base/invariant.js'
import { Verdict } from '../../src/datapath/verdict.js'
import { merge } from '../../src/run/merge.js'
import { shardReport } from './shard-report.js'

describe('merging reports', () => {
  it('adds everything up', () => {
    const merged = merge([shardReport({ shard: 0 }), shardReport({ shard: 1, lp: 4 })], 1)
    expect(merged.totals).toMatchObject({ sent: 20, delivered: 14, dropped: 4, inFlight: 2, bytesDelivered: 14_000, encapsulated: 12 })
    expect(merged.verdicts[Verdict.noRoute]).toBe(2)
    expect(merged.latencySum).toBe(14 * 50_000)
    expect([...merged.throughputPackets]).toEqual([8, 6])
    expect([...merged.traffic]).toEqual([20, 14, 4, 14_000])
    expect(merged.effort).toEqual({ events: 60, barrierShare: 0.25, runSeconds: 2 })
    expect(merged.conntrack).toEqual([
      { lp: 0, peak: 5, used: 3, refused: 1 },
      { lp: 4, peak: 5, used: 3, refused: 1 },
    ])
  })

  it('adds digests lane by lane modulo 2^32', () => {
    const one = shardReport({ digest: [0x7fffffff, 1, -1, 0x10], checkpoints: [1, 2, 3, 4, -1, -1, -1, -1] })
    const two = shardReport({ digest: [1, 2, 1, 0x20], checkpoints: [1, 1, 1, 1, 2, 2, 2, 2] })
    const merged = merge([one, two], 1)
    expect(merged.digest).toBe('80000000000000030000000000000030')
    expect(merged.checkpoints).toEqual(['00000002000000030000000400000005', '00000001000000010000000100000001'])
  })

  it('does not depend on which shard owned what', () => {
    const [a, b, c] = [shardReport({ lp: 7 }), shardReport({ lp: 2 }), shardReport({ lp: 5 })]
    const order = (...reports: ReturnType<typeof shardReport>[]) => ({ ...merge(reports, 1), effort: null })
    expect(order(a, b, c)).toEqual(order(c, a, b))
  })

  it('stops when packets do not add up', () => {
    const broken = shardReport({ totals: { inFlight: 2 } })
    expect(() => merge([broken], 9)).toThrow(InvariantError)
    expect(() => merge([broken], 9)).toThrow('packets do not add up: sent 10, delivered 7, dropped 2, in flight 2')
    const unexplained = shardReport({ totals: { dropped: 3, inFlight: 0 } })
    expect(() => merge([unexplained], 9)).toThrow('drops by reason are 2')
  })

  it('stops when shards disagree about the end', () => {
    expect(() => merge([shardReport(), shardReport({ endNs: 5 })], 1)).toThrow('different virtual times')
  })
})
