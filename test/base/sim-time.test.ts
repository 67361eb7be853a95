import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatSimTime, LAST_EXACT_MOMENT, LAST_MOMENT, parseSimTime } from '../../src/base/sim-time.js'

test('whole nanoseconds only, and not past ten years', () => {
  expect(parseSimTime('10s')).toBe(10_000_000_000)
  expect(parseSimTime('0.5us')).toBe(500)
  expect(parseSimTime('0.5ns')).toBeNull()
  expect(parseSimTime('365d')).toBe(365 * 86_400e9)
  expect(parseSimTime('3650d')).toBe(LAST_MOMENT)
  expect(parseSimTime('3651d')).toBeNull()
})

test('prints exactly', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), time => {
      expect(parseSimTime(formatSimTime(time))).toBe(time)
    }),
  )
  expect(formatSimTime(LAST_EXACT_MOMENT)).toBe('9007199254740991ns')
})
