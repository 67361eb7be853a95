// Rank tests and what they need, written out: nothing here assumes that times are normal, because times on a busy machine are not.
// Mann and Whitney (1947) for two samples, Wilcoxon (1945) for pairs, Holm (1979) for many tests at once. Checked against SciPy and R.

export interface RankTest {
  /** Mann-Whitney: U of the first sample. Wilcoxon: sum of the ranks of positive differences. */
  readonly statistic: number
  /** Two-sided. */
  readonly p: number
  readonly isExact: boolean
}

/** The largest sample for which all ways to rank are counted. */
const EXACT_RANK_SUM = 20
/** The counting of signs takes n^3 steps; beyond this the normal curve is as good. */
const EXACT_SIGNED_RANK = 200

/** Ranks from 1, equal values share the mean of theirs; and the sum of t^3 - t over groups of t equal values. */
export function midranks(values: readonly number[]): { ranks: number[]; ties: number } {
  const order = values.map((_, i) => i).sort((i, j) => values[i] - values[j])
  const ranks = new Array<number>(values.length)
  let ties = 0
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end]] === values[order[start]]) end++
    for (let i = start; i < end; i++) ranks[order[i]] = (start + 1 + end) / 2
    ties += (end - start) ** 3 - (end - start)
  }
  return { ranks, ties }
}

/**
 * Mann-Whitney U: do values of one sample tend to be larger than those of the other? Exact where both have at most 20 values and none are
 * equal, else by the normal curve, corrected for ties and for continuity. Neither sample may be empty.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): RankTest {
  const n = a.length
  const m = b.length
  const { ranks, ties } = midranks([...a, ...b])
  const statistic = sum(ranks.slice(0, n)) - (n * (n + 1)) / 2
  const larger = Math.max(statistic, n * m - statistic)
  if (ties === 0 && n <= EXACT_RANK_SUM && m <= EXACT_RANK_SUM) {
    return { statistic, p: Math.min(1, 2 * rankSumTail(n, m, n * m - larger)), isExact: true }
  }
  const all = n + m
  const deviation = Math.sqrt(((n * m) / 12) * (all + 1 - ties / (all * (all - 1))))
  return { statistic, p: normalTwoSided(larger - (n * m) / 2, deviation), isExact: false }
}

/** P(U <= u) if both samples come from one source, without ties: the counts of all ways are the coefficients of a Gaussian binomial. */
function rankSumTail(n: number, m: number, u: number): number {
  const ways = new Float64Array(n * m + 1)
  ways[0] = 1
  for (let i = 1; i <= n; i++) {
    for (let at = n * m; at >= m + i; at--) ways[at] -= ways[at - m - i]
    for (let at = i; at <= n * m; at++) ways[at] += ways[at - i]
  }
  return sum(ways.subarray(0, Math.floor(u) + 1)) / sum(ways)
}

/**
 * Wilcoxon's signed ranks: do the differences of pairs lie about zero? Differences of exactly zero say nothing and are left out. Exact for up
 * to 200 pairs, equal ranks included, because all choices of signs are counted; beyond that by the normal curve, corrected likewise.
 */
export function signedRank(differences: readonly number[]): RankTest {
  const counted = differences.filter(value => value !== 0)
  const n = counted.length
  if (n === 0) return { statistic: 0, p: 1, isExact: true }
  const { ranks, ties } = midranks(counted.map(Math.abs))
  const statistic = sum(ranks.filter((_, i) => counted[i] > 0))
  const whole = (n * (n + 1)) / 2
  const smaller = Math.min(statistic, whole - statistic)
  if (n <= EXACT_SIGNED_RANK) return { statistic, p: Math.min(1, 2 * signedRankTail(ranks, smaller)), isExact: true }
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24 - ties / 48)
  return { statistic, p: normalTwoSided(whole / 2 - smaller, deviation), isExact: false }
}

/** P(sum of the ranks with a plus <= w) if every sign is a fair coin. Ranks may be halves, hence everything counts double. */
function signedRankTail(ranks: readonly number[], w: number): number {
  const whole = Math.round(2 * sum(ranks))
  const chance = new Float64Array(whole + 1)
  chance[0] = 1
  for (const rank of ranks) {
    const step = Math.round(2 * rank)
    for (let at = whole; at >= 0; at--) chance[at] = (chance[at] + (at >= step ? chance[at - step] : 0)) / 2
  }
  return sum(chance.subarray(0, Math.round(2 * w) + 1))
}

/** Holm's correction: each p as if it were the only test, so that the chance of any false alarm among all stays what it was. */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => values[i] - values[j])
  const corrected = new Array<number>(values.length)
  let least = 0
  order.forEach((at, position) => {
    least = Math.max(least, Math.min(1, values[at] * (values.length - position)))
    corrected[at] = least
  })
  return corrected
}

/** Two-sided p of a distance from the mean, with the half step that a whole number stands for. */
function normalTwoSided(distance: number, deviation: number): number {
  if (deviation === 0) return 1
  return Math.min(1, 2 * normalTail((distance - 0.5) / deviation))
}

/** P(Z > z) of the standard normal curve. */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z)
  return z < 3 ? 0.5 - centre(z) : farTail(z)
}

const DENSITY = 1 / Math.sqrt(2 * Math.PI)

/** P(0 < Z < z) by its power series: z + z^3/3 + z^5/(3 * 5) + … times the density. */
function centre(z: number): number {
  let term = z
  let total = z
  for (let k = 3; term > total * 1e-17; k += 2) {
    term *= (z * z) / k
    total += term
  }
  return total * DENSITY * Math.exp((-z * z) / 2)
}

/** Far out by Laplace's continued fraction: density / (z + 1/(z + 2/(z + …))). */
function farTail(z: number): number {
  let fraction = z
  for (let k = 60; k > 0; k--) fraction = z + k / fraction
  return (DENSITY * Math.exp((-z * z) / 2)) / fraction
}

/** The z below which a share `p` of the standard normal curve lies, by halving. */
export function normalQuantile(p: number): number {
  if (p <= 0) return Number.NEGATIVE_INFINITY
  if (p >= 1) return Number.POSITIVE_INFINITY
  let low = -40
  let high = 40
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2
    if (normalTail(-middle) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}

const sum = (values: Iterable<number>): number => {
  let total = 0
  for (const value of values) total += value
  return total
}
