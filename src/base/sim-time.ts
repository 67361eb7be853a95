// Virtual time: whole nanoseconds in a double, ten years at most. Every nanosecond of the first 104 days is told apart, later ones to 64
// ns, which is plenty for a control plane that counts in seconds. Text forms come from `quantity.ts`.
import type { SimTime } from './brand.js'
import { formatQuantity, parseQuantity } from './quantity.js'

/** Up to here a double tells every nanosecond apart: 104 days and a little. Packets are simulated no further. */
export const LAST_EXACT_MOMENT: SimTime = Number.MAX_SAFE_INTEGER as SimTime
/** The last moment of all: ten years. */
export const LAST_MOMENT: SimTime = (3650 * 86_400e9) as SimTime

/** Parses "5us", "1.5ms", "60s"; null if it is no time, not a whole number of ns, or past {@link LAST_MOMENT}. */
export function parseSimTime(text: string): SimTime | null {
  const value = parseQuantity(text, 'time')
  return value === null || !Number.isInteger(value) || value > LAST_MOMENT ? null : (value as SimTime)
}

/** Exact text: parses back to the same moment. */
export const formatSimTime = (time: number): string => formatQuantity(time, 'time')

/** The nearest whole nanosecond to a time of 0 or more, as `Math.round` for all but the greatest number below a half; half as many instructions. */
export const wholeNs = (time: number): number => Math.floor(time + 0.5)
