// The search for a limit against a plain look at every position.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type SearchResult, searchLargest } from '../../src/study/search.js'

/** Runs a search against known answers; counts what it asked for. */
function search(holds: readonly boolean[]): SearchResult & { asked: number } {
  const program = searchLargest(holds.length)
  const asked = new Set<number>()
  let step = program.next()
  while (!step.done) {
    for (const position of step.value) {
      expect(asked.has(position)).toBe(false)
      expect(position >= 0 && position < holds.length).toBe(true)
      asked.add(position)
    }
    step = program.next(new Map(step.value.map(position => [position, holds[position]])))
  }
  return { ...step.value, asked: asked.size }
}

const upTo = (count: number, limit: number): boolean[] => Array.from({ length: count }, (_, position) => position <= limit)

test('finds the limit of what holds up to somewhere', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat(), (count, limit) => {
      const last = limit % count
      expect(search(upTo(count, last))).toMatchObject({ position: last, monotone: true, exceptions: [] })
    }),
  )
})

test('asks for few: both ends, the halvings, three probes on each side', () => {
  for (const limit of [0, 1, 255, 256, 3000, 4998, 4999]) expect(search(upTo(5000, limit)).asked).toBeLessThanOrEqual(2 + 13 + 6)
})

test('nothing holds: no limit', () => {
  expect(search(upTo(100, -1))).toMatchObject({ position: null, monotone: true })
})

test('never says that something is the limit that does not hold, or that all is well when it saw a contradiction', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 400 }), holds => {
      const { position, monotone, exceptions, complete } = search(holds)
      if (position !== null) expect(holds[position]).toBe(true)
      for (const exception of exceptions) expect(holds[exception]).toBe(exception > (position ?? -1))
      expect(monotone).toBe(exceptions.length === 0)
      if (complete) expect(position ?? -1).toBe(holds.lastIndexOf(true))
    }),
  )
})

describe('what is not monotone', () => {
  test('is looked at whole where it is short, and the largest that holds is found', () => {
    const holds = upTo(60, 40)
    holds[15] = false
    holds[55] = true
    // One of the probes meets the gap or the island only by luck; this one does.
    const found = search(holds.map((value, position) => (position === 10 || position === 20 ? false : value)))
    expect(found).toMatchObject({ complete: true, position: 55, monotone: false })
  })
  test('begins to hold somewhere: both ends fail, the middle holds', () => {
    const holds = Array.from({ length: 5000 }, (_, position) => position >= 700 && position <= 2500)
    expect(search(holds)).toMatchObject({ position: 2500, monotone: false })
  })
  test('holds for a narrow stretch near an end: too few nodes for the pods, and soon too many for the subnet', () => {
    const holds = Array.from({ length: 1000 }, (_, position) => position >= 1 && position <= 18)
    expect(search(holds)).toMatchObject({ position: 18, monotone: false })
    expect(search([...holds].reverse())).toMatchObject({ position: 998, monotone: false })
  })
})
