// The order of events is total: of any two different ones exactly one comes first, and it is transitive.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Event } from '../../src/engine/buckets.js'
import { isBefore } from '../../src/engine/order.js'

type Key = readonly [time: number, origin: number, sequence: number]

function columns(...keys: Key[]): [Float64Array, Int32Array] {
  const times = new Float64Array(keys.length * Event.DOUBLES)
  const words = new Int32Array(times.buffer)
  keys.forEach(([time, origin, sequence], row) => {
    times[row * Event.DOUBLES] = time
    words[row * Event.WORDS + 2] = origin
    words[row * Event.WORDS + 3] = sequence
  })
  return [times, words]
}

const key: fc.Arbitrary<Key> = fc.tuple(fc.nat(2), fc.nat(2), fc.nat(3))

describe('isBefore', () => {
  it.each<[Key, Key]>([
    [
      [1, 9, 9],
      [2, 0, 0],
    ],
    [
      [1, 0, 9],
      [1, 1, 0],
    ],
    [
      [1, 1, 0],
      [1, 1, 1],
    ],
    [
      [2 ** 53 - 2, 1, 0],
      [2 ** 53 - 1, 0, 0],
    ],
    // Sequence numbers wrap.
    [
      [1, 1, 0x7fffffff],
      [1, 1, -0x80000000],
    ],
    [
      [1, 1, -1],
      [1, 1, 0],
    ],
  ])('puts %j before %j', (a, b) => {
    const [times, words] = columns(a, b)
    expect([isBefore(times, words, 0, 1), isBefore(times, words, 1, 0)]).toEqual([true, false])
  })

  it('is a total order', () => {
    fc.assert(
      fc.property(key, key, key, (a, b, c) => {
        const [times, words] = columns(a, b, c)
        const precedes = (x: number, y: number): boolean => isBefore(times, words, x, y)
        expect(precedes(0, 1) && precedes(1, 0)).toBe(false)
        expect(precedes(0, 1) || precedes(1, 0)).toBe(a.join() !== b.join())
        if (precedes(0, 1) && precedes(1, 2)) expect(precedes(0, 2)).toBe(true)
      }),
      { numRuns: 500, seed: 5 },
    )
  })
})
