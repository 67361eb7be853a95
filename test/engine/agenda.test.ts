// The few events of a process in a window are sorted by a network without branches: every order in which they can come is tried.
import { describe, expect, it } from 'vitest'
import { createAgenda } from '../../src/engine/agenda.js'
import { createBuckets, Event } from '../../src/engine/buckets.js'

function* permutations(values: readonly number[]): Generator<number[]> {
  if (values.length === 0) yield []
  for (const [i, value] of values.entries()) {
    for (const rest of permutations(values.filter((_, at) => at !== i))) yield [value, ...rest]
  }
}

const WINDOW_NS = 50_000

describe('a process with up to nine events in a window', () => {
  it.each([2, 3, 4, 5, 6, 7, 8, 9])('runs them in order of time, whatever order %i of them were filed in', count => {
    const buckets = createBuckets(WINDOW_NS, 2 ** 10)
    const agenda = createAgenda(buckets, 1)
    const at = new Float64Array(1)
    const inOrder = Array.from({ length: count }, (_, i) => i)
    const wrong: number[][] = []
    let window = 0
    for (const order of permutations(inOrder.slice(0, 8))) {
      const filed = count > 8 ? [...order, 8] : order
      filed.forEach((place, sequence) => {
        // From the window's first nanosecond to its last.
        at[0] = window * WINDOW_NS + Math.floor((place * (WINDOW_NS - 1)) / (count - 1))
        buckets.post(at, 0, 0, sequence, 0, 0, 0, place)
      })
      agenda.open(window)
      const ran = Array.from(agenda.rows.subarray(0, agenda.starts[1]), row => buckets.words[row * Event.WORDS + 6])
      if (ran.join() !== inOrder.join()) wrong.push(filed)
      buckets.close(window++)
    }
    expect(wrong).toEqual([])
    expect(window).toBe([2, 6, 24, 120, 720, 5040, 40_320, 40_320][count - 2])
  })
})
