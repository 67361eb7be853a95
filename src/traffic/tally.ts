// What became of the connections of each traffic entry, by interval of the run, and how long they took. Every attempt ends in one of:
// completed, failed for one reason, stopped with its pod; what is left is still open.
import type { Params } from '../image/params.js'
import { BUCKETS, bucketOf } from '../observe/histogram.js'

/** Why a connection failed. The names are the result's. */
export const Failure = {
  /** The last SYN was not answered in time. */
  connectTimeout: 0,
  /** A RST answered the SYN, or for UDP a port unreachable the request. */
  refused: 1,
  /** An ICMP error answered the SYN. */
  unreachable: 2,
  /** A RST came later. */
  reset: 3,
  /** Data was repeated as often as the kernel does, and never acknowledged. */
  dataTimeout: 4,
  /** UDP: no response, asked twice. */
  noAnswer: 5,
  /** Every port of `fabric.ephemeralPorts` is in use towards this address and port. */
  ephemeralPortsExhausted: 6,
  /** Nobody to connect to: no target lives just now. */
  noTarget: 7,
} as const
export const FAILURES = Object.keys(Failure) as (keyof typeof Failure)[]

/** Columns of counts; those of {@link Failure} follow. */
export const enum Count {
  attempts = 0,
  established = 1,
  completed = 2,
  stopped = 3,
  retransmissions = 4,
  requests = 5,
  responses = 6,
  failedRequests = 7,
}
export const FAILED = 8
export const COUNTS = FAILED + FAILURES.length

/** Times that are kept of an entry, each in buckets of `observe/histogram.ts`. */
export const enum Took {
  connect = 0,
  response = 1,
}
const TIMES = 2

export class Tally {
  /** By interval, entry and column. */
  readonly counts: Float64Array
  /** Buckets of each entry's times, made when the first comes. */
  readonly took: (Float64Array | null)[]
  /** Sums of those times, ns. */
  readonly sums: Float64Array
  private readonly intervalsPerNs: number
  private readonly last: number

  constructor(
    private readonly params: Params,
    private readonly entries: number,
    private readonly clock: Float64Array,
  ) {
    const intervals = Math.max(1, Math.ceil(params.durationNs / params.intervalNs))
    this.last = intervals - 1
    this.intervalsPerNs = 1 / params.intervalNs
    this.counts = new Float64Array(intervals * entries * COUNTS)
    this.took = new Array<Float64Array | null>(entries * TIMES).fill(null)
    this.sums = new Float64Array(entries * TIMES)
  }

  count(entry: number, column: number): void {
    const now = this.clock[0]
    let interval = (now * this.intervalsPerNs) | 0
    // The reciprocal may miss by one at an edge.
    if (now < interval * this.params.intervalNs) interval--
    else if (now >= (interval + 1) * this.params.intervalNs) interval++
    this.counts[(Math.min(interval, this.last) * this.entries + entry) * COUNTS + column]++
  }

  /** Notes the time since `since[at]`. */
  time(entry: number, which: number, since: Float64Array, at: number): void {
    const row = entry * TIMES + which
    const ns = this.clock[0] - since[at]
    this.took[row] ??= new Float64Array(BUCKETS)
    this.took[row][bucketOf(ns)]++
    this.sums[row] += ns
  }
}
