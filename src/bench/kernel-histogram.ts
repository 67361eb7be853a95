// Latency buckets: counted as a shard counts each delivered packet, then read as a result reads them.
import { BUCKETS, bucketOf, countOf, valueAt } from '../observe/histogram.js'
import type { Done, Size, Work } from './bench.js'
import { numbers } from './numbers.js'

/** Latencies of 50 us to about 4.3 s, every power of two as likely as any other. */
export const latencies = (size: Size): Float64Array =>
  Float64Array.from(numbers(size === 'full' ? 1 << 20 : 1 << 14, 5), x => 50_000 + (x >>> (x & 15)))

/** How often each is counted. */
export const TIMES = 16

export function prepare(size: Size): Work {
  const values = latencies(size)
  return () => count(values)
}

function count(values: Float64Array): Done {
  const counts = new Float64Array(BUCKETS)
  for (let time = 0; time < TIMES; time++) for (let i = 0; i < values.length; i++) counts[bucketOf(values[i])]++
  const recorded = countOf(counts)
  return { units: recorded, exact: { recorded, p50: valueAt(counts, 50), p99: valueAt(counts, 99), max: valueAt(counts, 100) } }
}
