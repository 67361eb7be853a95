// Numbers of a study that may carry a unit, as in "20/s": searched and stepped as numbers, written back with their unit.

export interface NumberText {
  readonly value: number
  /** Empty for a plain number. */
  readonly unit: string
}

const TEXT = /^\s*(-?\d+(?:\.\d+)?)\s*([^\d\s].*)?$/

/** Reads 250 or "20/s"; null for anything else. */
export function parseNumberText(given: number | string): NumberText | null {
  if (typeof given === 'number') return Number.isFinite(given) ? { value: given, unit: '' } : null
  const match = TEXT.exec(given)
  return match ? { value: Number(match[1]), unit: match[2] ?? '' } : null
}

/** What stands in the scenario: a number without a unit stays a number. */
export const writtenNumber = (value: number, unit: string): number | string => {
  // Steps of tenths must not come out as 0.30000000000000004.
  const rounded = Number(value.toPrecision(12))
  return unit === '' ? rounded : `${rounded}${unit}`
}
