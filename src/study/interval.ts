// What repeats with different seeds say together: the mean of a number with its 95 % confidence interval after Student's t, the most
// frequent of words.

/** 97.5 % quantile of Student's t by degrees of freedom, as tables print it. */
const QUANTILES: readonly (readonly [number, number])[] = [
  [1, 12.706],
  [2, 4.303],
  [3, 3.182],
  [4, 2.776],
  [5, 2.571],
  [6, 2.447],
  [7, 2.365],
  [8, 2.306],
  [9, 2.262],
  [10, 2.228],
  [11, 2.201],
  [12, 2.179],
  [13, 2.16],
  [14, 2.145],
  [15, 2.131],
  [16, 2.12],
  [17, 2.11],
  [18, 2.101],
  [19, 2.093],
  [20, 2.086],
  [21, 2.08],
  [22, 2.074],
  [23, 2.069],
  [24, 2.064],
  [25, 2.06],
  [26, 2.056],
  [27, 2.052],
  [28, 2.048],
  [29, 2.045],
  [30, 2.042],
  [40, 2.021],
  [60, 2.0],
  [120, 1.98],
  [Number.POSITIVE_INFINITY, 1.96],
]

/** Between two rows the quantile goes with the reciprocal of the degrees of freedom, as is usual. */
export function studentT(freedom: number): number {
  const above = QUANTILES.findIndex(([rows]) => rows >= freedom)
  const [high, atHigh] = QUANTILES[above]
  if (high === freedom || above === 0) return atHigh
  const [low, atLow] = QUANTILES[above - 1]
  const share = (1 / low - 1 / freedom) / (1 / low - 1 / high)
  return atLow + (atHigh - atLow) * share
}

export interface Interval {
  readonly mean: number
  /** Ends of the 95 % confidence interval of the mean. */
  readonly low: number
  readonly high: number
  readonly least: number
  readonly most: number
  /** Repeats with a number, and without one. */
  readonly count: number
  readonly missing: number
}

/** Null where fewer than two repeats have a number. */
export function intervalOf(values: readonly unknown[]): Interval | null {
  const numbers = values.filter(value => typeof value === 'number')
  const count = numbers.length
  if (count < 2) return null
  const mean = numbers.reduce((sum, value) => sum + value, 0) / count
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1)
  const reach = studentT(count - 1) * Math.sqrt(variance / count)
  return {
    mean,
    low: mean - reach,
    high: mean + reach,
    least: Math.min(...numbers),
    most: Math.max(...numbers),
    count,
    missing: values.length - count,
  }
}

/** The most frequent value, the first of equally frequent ones. */
export function mostFrequent<T>(values: readonly T[]): T | null {
  const counts = new Map<T, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  let best: T | null = null
  for (const [value, count] of counts) if (best === null || count > (counts.get(best) ?? 0)) best = value
  return best
}
