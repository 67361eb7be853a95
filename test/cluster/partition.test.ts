// Shards get about the same expected load, whatever the loads are, and always the same one.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { partition } from '../../src/cluster/partition.js'

describe('partition', () => {
  const loads = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 200 })

  it('leaves no shard more than one process above another, and repeats itself', () => {
    fc.assert(
      fc.property(loads, fc.integer({ min: 1, max: 8 }), (load, shards) => {
        const shardOf = partition(load, shards)
        const sums = new Float64Array(shards)
        load.forEach((value, lp) => {
          sums[shardOf[lp]] += value
        })
        expect(Math.max(...sums) - Math.min(...sums)).toBeLessThanOrEqual(Math.max(0, ...load) * 1.000001)
        expect(partition(load, shards)).toEqual(shardOf)
      }),
    )
  })

  it('shares idle processes out by number', () => {
    expect([...partition(new Float64Array(6), 3)]).toEqual([0, 1, 2, 0, 1, 2])
  })
})
