import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatSimTime, LAST_MOMENT, parseSimTime } from '../../src/base/sim-time.js'

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
