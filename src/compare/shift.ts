// How far two samples lie apart: the Hodges-Lehmann estimates (1963) and the bootstrap interval around them. Over logarithms of times a
// shift is a factor, and the estimate bears a third of wild values on either side.
import { philox, streamKey } from '../base/random.js'
import { normalQuantile, normalTail } from './statistics.js'

/** Of any numbers; the mean of the two in the middle where there is no middle. NaN of none. */
export const median = (values: readonly number[]): number => middleOf(Float64Array.from(values))

/** The median; leaves the values in another order. Selection, not sorting: a resample asks for one number out of a thousand. */
function middleOf(values: Float64Array): number {
  const half = values.length >>> 1
  const upper = select(values, half)
  // Nothing is no negative nothing: that would be printed with a sign.
  if (values.length % 2 === 1) return upper + 0
  let lower = values[0]
  for (let i = 1; i < half; i++) if (values[i] > lower) lower = values[i]
  return (lower + upper) / 2 + 0
}

/** The value that sorting would put at `k`; what is less lies before it then, what is more behind it (Hoare's FIND, 1961). */
function select(values: Float64Array, k: number): number {
  let left = 0
  let right = values.length - 1
  while (left < right) {
    const pivot = values[(left + right) >>> 1]
    let i = left
    let j = right
    while (i <= j) {
      while (values[i] < pivot) i++
      while (values[j] > pivot) j--
      if (i > j) break
      const kept = values[i]
      values[i++] = values[j]
      values[j--] = kept
    }
    if (k <= j) right = j
    else if (k >= i) left = i
    else break
  }
  return values[k]
}

/** Of two samples: the median of all differences b - a. */
export function shiftApart(a: readonly number[], b: readonly number[]): number {
  const differences = new Float64Array(a.length * b.length)
  let at = 0
  for (const one of a) for (const other of b) differences[at++] = other - one
  return middleOf(differences)
}

/** Of paired differences: the median of the means of any two of them, each with itself too. */
export function shiftPaired(differences: readonly number[]): number {
  const n = differences.length
  const means = new Float64Array((n * (n + 1)) / 2)
  let at = 0
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) means[at++] = (differences[i] + differences[j]) / 2
  return middleOf(means)
}

/** Draws that depend on seed and name alone. */
export class Draws {
  private readonly words = new Int32Array(4)
  private block = 0
  private left = 0

  private constructor(
    private readonly key0: number,
    private readonly key1: number,
  ) {}

  static of(seed: number, name: string, purpose: string): Draws {
    const [key0, key1] = streamKey(seed, name, purpose)
    return new Draws(key0, key1)
  }

  /** Evenly in [0, 1). */
  uniform(): number {
    if (this.left === 0) {
      philox(this.block++, 0, 0, 0, this.key0, this.key1, this.words, 0)
      this.left = 4
    }
    return (this.words[--this.left] >>> 0) / 2 ** 32
  }

  /** As many of the values, any of them any number of times. */
  resample(values: readonly number[]): number[] {
    return values.map(() => values[Math.floor(this.uniform() * values.length)])
  }

  /** The values with the signs of fair coins. */
  signs(values: readonly number[]): number[] {
    return values.map(value => (this.uniform() < 0.5 ? value : -value))
  }
}

/** One sample of differences, or two samples. */
export type Groups = readonly (readonly number[])[]

/** The estimate for one group of differences, or for two samples. */
export const shiftOf = (groups: Groups): number => (groups.length === 1 ? shiftPaired(groups[0]) : shiftApart(groups[0], groups[1]))

/**
 * 95 % interval of the shift by resampling each group, bias-corrected and accelerated (Efron 1987): ends are quantiles of the resampled
 * estimates, moved by where the estimate itself lies among them and by how unequally single values pull at it.
 */
export function bootstrapInterval(groups: Groups, resamples: number, draws: Draws): readonly [number, number] {
  const estimate = shiftOf(groups)
  const estimates = new Float64Array(resamples)
  for (let i = 0; i < resamples; i++) estimates[i] = shiftOf(groups.map(group => draws.resample(group)))
  estimates.sort()
  // Half of the equal ones count as below: an estimate among a few hundred means meets itself often.
  const below = estimates.reduce((total, value) => total + (value < estimate ? 1 : value === estimate ? 0.5 : 0), 0) / resamples
  const bias = normalQuantile(below)
  if (!Number.isFinite(bias)) return [estimates[0], estimates[resamples - 1]]
  const pull = acceleration(groups)
  const end = (z: number): number => {
    const moved = bias + (bias + z) / (1 - pull * (bias + z))
    return quantile(estimates, normalTail(-moved))
  }
  const z = normalQuantile(0.975)
  return [end(-z), end(z)]
}

/** Of more values none pulls enough to be worth leaving each of them out. */
const MOST_LEFT_OUT = 200

/** A third of the skew of the estimate as each value is left out in turn. */
function acceleration(groups: Groups): number {
  if (groups.some(({ length }) => length > MOST_LEFT_OUT)) return 0
  let square = 0
  let cube = 0
  groups.forEach((group, g) => {
    if (group.length < 2) return
    const without = group.map((_, i) => shiftOf(groups.map((other, h) => (h === g ? other.filter((_, j) => j !== i) : other))))
    const mean = without.reduce((total, value) => total + value, 0) / without.length
    for (const value of without) {
      const pull = (mean - value) / group.length
      square += pull ** 2
      cube += pull ** 3
    }
  })
  return square === 0 ? 0 : cube / (6 * square ** 1.5)
}

/** Between the two nearest of sorted values. */
export function quantile(sorted: Float64Array, share: number): number {
  const at = Math.min(Math.max(share, 0), 1) * (sorted.length - 1)
  const below = Math.floor(at)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below)
}
