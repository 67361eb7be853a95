// How a histogram grew from one moment to the next, as (interval, bucket, count): what a latency-over-time chart is made of.

/** Counts that each interval added to buckets; only the buckets that grew. */
export interface SparseCounts {
  readonly interval: Uint32Array
  readonly bucket: Uint32Array
  readonly count: Float64Array
}

export class Growth {
  private readonly before: Float64Array
  private readonly interval: number[] = []
  private readonly bucket: number[] = []
  private readonly count: number[] = []

  constructor(private readonly counts: Float64Array) {
    this.before = Float64Array.from(counts)
  }

  /** Notes what was added since the last call. */
  close(interval: number): void {
    const { counts, before } = this
    for (let bucket = 0; bucket < counts.length; bucket++) {
      const added = counts[bucket] - before[bucket]
      if (added === 0) continue
      this.interval.push(interval)
      this.bucket.push(bucket)
      this.count.push(added)
      before[bucket] = counts[bucket]
    }
  }

  report(): SparseCounts {
    return { interval: Uint32Array.from(this.interval), bucket: Uint32Array.from(this.bucket), count: Float64Array.from(this.count) }
  }
}

/** The percentiles of each interval's own values, 0 where there were none; `valueAt` reads one out of a dense histogram. */
export function percentilesOverTime(
  parts: readonly SparseCounts[],
  intervals: number,
  buckets: number,
  percentiles: readonly number[],
  valueAt: (counts: Float64Array, percentile: number) => number,
): number[][] {
  const rows: [number, number][][] = Array.from({ length: intervals }, () => [])
  for (const { interval, bucket, count } of parts) {
    for (let i = 0; i < interval.length; i++) rows[interval[i]]?.push([bucket[i], count[i]])
  }
  const dense = new Float64Array(buckets)
  const table: number[][] = percentiles.map(() => [])
  for (const row of rows) {
    for (const [bucket, count] of row) dense[bucket] += count
    for (const [i, percentile] of percentiles.entries()) table[i].push(row.length > 0 ? valueAt(dense, percentile) : 0)
    for (const [bucket] of row) dense[bucket] = 0
  }
  return table
}
