// Latency counts as the result states them: percentiles as numbers, and the whole distribution as an HdrHistogram that every
// HdrHistogram tool reads (V2, compressed, base64).
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import { CLAMPED, countOf, greatestOf, highestOf, leastOf, lowestOf, RANGE, valueAt } from '../observe/histogram.js'

/** Latencies of delivered datagrams, ns. All but the mean are exact to three digits. */
export interface Latency {
  readonly count: number
  readonly min: number
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** `sum` is the exact sum of the latencies, ns. */
export function latencyOf(counts: Float64Array, sum: number): Latency {
  const count = countOf(counts)
  return {
    count,
    min: leastOf(counts),
    mean: count > 0 ? sum / count : 0,
    p50: valueAt(counts, 50),
    p90: valueAt(counts, 90),
    p99: valueAt(counts, 99),
    p999: valueAt(counts, 99.9),
    max: greatestOf(counts),
  }
}

/** How many latencies lay beyond the histogram's range. */
export const clampedOf = (counts: Float64Array): number => counts[CLAMPED]

/** HdrHistogram V2, compressed, base64. Counts stay exact up to 2^53 (64-bit buckets; narrower ones would wrap silently). */
export function encodeLatency(counts: Float64Array): string {
  const histogram = build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 1,
    highestTrackableValue: RANGE - 1,
    numberOfSignificantValueDigits: 3,
  })
  for (let bucket = 0; bucket < counts.length; bucket++) {
    if (counts[bucket] > 0) histogram.recordValueWithCount(bucket === CLAMPED ? highestOf(bucket) : lowestOf(bucket), counts[bucket])
  }
  return encodeIntoCompressedBase64(histogram)
}
