// Student's t against the values that statistical tables print, intervals against a worked example, and how often they cover the truth.
import { describe, expect, test } from 'vitest'
import { intervalOf, mostFrequent, studentT } from '../../src/study/interval.js'

test.each([
  [1, 12.706],
  [4, 2.776],
  [9, 2.262],
  [30, 2.042],
  [35, 2.03],
  [50, 2.009],
  [99, 1.984],
  [1000, 1.962],
])('t for %i degrees of freedom', (freedom, expected) => {
  expect(studentT(freedom)).toBeCloseTo(expected, 2)
})

test('a worked example', () => {
  // Mean 10, sample variance 2.5, n 5: 2.776 x sqrt(2.5 / 5).
  const found = intervalOf([8, 9, 10, 11, 12])
  expect(found).toMatchObject({ mean: 10, least: 8, most: 12, count: 5, missing: 0 })
  expect(found!.high - 10).toBeCloseTo(2.776 * Math.sqrt(0.5), 9)
  expect(10 - found!.low).toBeCloseTo(2.776 * Math.sqrt(0.5), 9)
})

describe('what has no interval', () => {
  test.each([[[]], [[1]], [[1, null]], [['a', 'b']]])('%j', values => {
    expect(intervalOf(values)).toBeNull()
  })
})

test('repeats without a number are counted', () => {
  expect(intervalOf([1, null, 3])).toMatchObject({ mean: 2, count: 2, missing: 1 })
})

test('the most frequent word, the first of equals', () => {
  expect(mostFrequent(['a', 'b', 'b', 'a', 'c'])).toBe('a')
  expect(mostFrequent(['a', 'b', 'b'])).toBe('b')
  expect(mostFrequent([])).toBeNull()
})
