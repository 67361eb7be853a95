// Virtual time: whole nanoseconds in a double, exact for 104 days. Text forms come from `quantity.ts`; this file adds that a moment
// is a whole number of nanoseconds and within the exact range.
import type { SimTime } from './brand.js'
import { formatQuantity, parseQuantity } from './quantity.js'

/** The last moment that a double holds exactly: 2^53 - 1 ns, a little over 104 days. */
export const LAST_MOMENT: SimTime = Number.MAX_SAFE_INTEGER as SimTime

/** Parses "5us", "1.5ms", "60s"; null if it is no time, not a whole number of ns, or past {@link LAST_MOMENT}. */
export function parseSimTime(text: string): SimTime | null {
  const value = parseQuantity(text, 'time')
  return value === null || !Number.isSafeInteger(value) ? null : (value as SimTime)
}

/** Exact text: parses back to the same moment. */
export const formatSimTime = (time: number): string => formatQuantity(time, 'time')
