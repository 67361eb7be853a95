// The buckets of an HdrHistogram (Tene) with three significant digits and a unit of 1 ns, as a bare index rule: a shard counts
// with `counts[bucketOf(latency)]++` in a Float64Array, reports are merged by adding arrays, and nothing is converted before the
// result is written. Values below 2048 have a bucket each; above, every power of two is cut into 1024 buckets.
//   value            bucket width
//   0 .. 2047        1
//   2048 .. 4095     2
//   4096 .. 8191     4        and so on up to 2^46 ns, which is 19.5 hours

const HALF_BITS = 10
const HALF = 1 << HALF_BITS
const RANGE_BITS = 46
const TWO_31 = 0x80000000
/** 2^-20, an exact factor: scales values of up to 46 bits into the integers. */
const DOWN_20 = 1 / 0x100000

/** First value beyond the range, ns. */
export const RANGE: number = 2 ** RANGE_BITS
/** Counts values of {@link RANGE} and more: read as the longest latency, and reported as clamped. */
export const CLAMPED: number = (RANGE_BITS - HALF_BITS + 1) * HALF
/** Length of an array of counts. */
export const BUCKETS: number = CLAMPED + 1

/** The bucket of a value: an integer, 0 or more. Called per delivered packet, hence integer arithmetic below 2^31 ns (2.1 s). */
export function bucketOf(value: number): number {
  if (value < TWO_31) {
    const v = value | 0
    const shift = 31 - HALF_BITS - Math.clz32(v | HALF)
    return (shift << HALF_BITS) + (v >>> shift)
  }
  if (value >= RANGE) return CLAMPED
  const v = (value * DOWN_20) | 0
  const shift = 31 - HALF_BITS - Math.clz32(v)
  return ((shift + 20) << HALF_BITS) + (v >>> shift)
}

/** The least value of a bucket. */
export function lowestOf(bucket: number): number {
  if (bucket >= CLAMPED) return RANGE
  const shift = shiftOf(bucket)
  return (bucket - (shift << HALF_BITS)) * 2 ** shift
}

/** The greatest value of a bucket. Clamped values read as the end of the range. */
export function highestOf(bucket: number): number {
  return bucket >= CLAMPED ? RANGE - 1 : lowestOf(bucket) + 2 ** shiftOf(bucket) - 1
}

const shiftOf = (bucket: number): number => Math.max((bucket >>> HALF_BITS) - 1, 0)

/** Adds the counts of `more` to `counts`. */
export function addCounts(counts: Float64Array, more: Float64Array): void {
  for (let i = 0; i < counts.length; i++) counts[i] += more[i]
}

/** Number of values counted. */
export function countOf(counts: Float64Array): number {
  let total = 0
  for (let i = 0; i < counts.length; i++) total += counts[i]
  return total
}

/**
 * The value that `percentile` percent of all values do not exceed, to three digits; 0 without any value. As HdrHistogram has it:
 * the greatest value of its bucket, and for percentile 0 the least.
 */
export function valueAt(counts: Float64Array, percentile: number): number {
  const wanted = Math.min(percentile, 100)
  const exact = (wanted / 100) * countOf(counts)
  // The product may lie one unit in the last place above the whole number it stands for; without this a rank would be skipped.
  const rank = Math.max(Math.ceil(exact - unitInLastPlace(exact)), 1)
  let seen = 0
  for (let bucket = 0; bucket < counts.length; bucket++) {
    seen += counts[bucket]
    if (seen >= rank) return percentile === 0 ? lowestOf(bucket) : highestOf(bucket)
  }
  return 0
}

/** Least counted value, to three digits; 0 without any. */
export const leastOf = (counts: Float64Array): number => valueAt(counts, 0)

/** Greatest counted value, to three digits; 0 without any. */
export const greatestOf = (counts: Float64Array): number => valueAt(counts, 100)

const words = new DataView(new ArrayBuffer(8))

/** Distance from a finite positive number to the next greater double. */
function unitInLastPlace(value: number): number {
  words.setFloat64(0, value)
  words.setBigInt64(0, words.getBigInt64(0) + 1n)
  return words.getFloat64(0) - value
}
