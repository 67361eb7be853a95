// How long pods waited for a node and for an address: counts in the buckets of an HdrHistogram, in milliseconds, so that years fit.
import { BUCKETS, bucketOf } from '../../observe/histogram.js'

const NS_PER_MS = 1e6

/** One kind of waiting. */
export class Waits {
  /** Made with the first pod that waited: a cluster in which nobody does needs none. */
  private buckets: Float64Array | null = null
  private atOnce = 0
  private waited = 0
  sumMs = 0
  /** The longest wait of all, ns: exact. */
  longestNs = 0

  /** So many pods that did not wait. */
  none(count: number): void {
    this.atOnce += count
  }

  add(waitNs: number): void {
    if (waitNs <= 0) {
      this.atOnce++
      return
    }
    this.buckets ??= new Float64Array(BUCKETS)
    const ms = Math.max(1, Math.round(waitNs / NS_PER_MS))
    this.buckets[bucketOf(ms)]++
    this.sumMs += ms
    this.waited++
    if (waitNs > this.longestNs) this.longestNs = waitNs
  }

  /** Of all pods; null if nobody waited. */
  get counts(): Float64Array | null {
    if (this.buckets === null) return null
    const counts = Float64Array.from(this.buckets)
    counts[0] += this.atOnce
    return counts
  }

  get count(): number {
    return this.atOnce + this.waited
  }
}
