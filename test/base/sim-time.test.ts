import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addTime, describeSimTime, formatSimTime, LAST_MOMENT, parseSimTime } from '../../src/base/sim-time.js'

test('whole nanoseconds only, and not past the exact range', () => {
  expect(parseSimTime('10s')).toBe(10_000_000_000)
  expect(parseSimTime('0.5us')).toBe(500)
  expect(parseSimTime('0.5ns')).toBeNull()
  expect(parseSimTime('104d')).toBe(104 * 86_400e9)
  expect(parseSimTime('105d')).toBeNull()
})

test('prints exactly', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), time => {
      expect(parseSimTime(formatSimTime(time))).toBe(time)
    }),
  )
  expect(formatSimTime(LAST_MOMENT)).toBe('9007199254740991ns')
})

test('people read it rounded', () => {
  expect([1_234_567_891, 1_500_000, 50_000, 7].map(describeSimTime)).toEqual(['1.235 s', '1.5 ms', '50 us', '7 ns'])
})

test('adds', () => {
  expect(addTime(LAST_MOMENT, -1)).toBe(LAST_MOMENT - 1)
})
