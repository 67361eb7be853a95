// What a shard knows when it stops: plain numbers and typed arrays that survive structured cloning. `run/result.ts` adds the
// shards' reports up; nothing in here depends on how many shards there were, except the parts under `effort`.

import type { SparseCounts } from '../observe/sparse.js'
import type { SnatReport } from './snat-books.js'

/** A captured frame. `direction` as pcapng's epb_flags: 1 inbound, 2 outbound. */
export interface CapturedFrame {
  readonly timeNs: number
  readonly direction: 1 | 2
  readonly bytes: Uint8Array
  /** Why the packet ended here, if it did. */
  readonly comment: string | null
}

/** Rows of the per-node time series: one per (interval, logical process) in which anything happened. */
export interface SeriesRows {
  readonly interval: Uint32Array
  readonly lp: Uint32Array
  readonly sent: Uint32Array
  readonly delivered: Uint32Array
  readonly dropped: Uint32Array
  readonly bytesDelivered: Float64Array
  readonly queuePeak: Uint32Array
  readonly conntrack: Uint32Array
}

/** Drops per interval, logical process and reason; verdicts as numbers of `datapath/verdict.ts`. */
export interface DropRows {
  readonly interval: Uint32Array
  readonly lp: Uint32Array
  readonly verdict: Uint32Array
  readonly count: Uint32Array
}

/** A frame that was dropped, as it was then. */
export interface DropSample {
  readonly verdict: number
  readonly timeNs: number
  readonly lp: number
  /** Bytes of the whole frame; `bytes` may be fewer. */
  readonly length: number
  readonly bytes: Uint8Array
}

export interface ShardReport {
  readonly shard: number
  /** Everything before this virtual time has happened; equal on all shards. */
  readonly endNs: number
  readonly totals: {
    readonly sent: number
    readonly delivered: number
    readonly dropped: number
    readonly inFlight: number
    readonly bytesDelivered: number
    readonly encapsulated: number
    readonly decapsulated: number
    readonly masqueraded: number
  }
  /** Packets by verdict number (`datapath/verdict.ts`). */
  readonly verdicts: Float64Array
  /** Counts by bucket of `observe/histogram.ts`, latency of delivered datagrams of traffic entries in ns. */
  readonly latency: Float64Array
  /** Sum of those latencies, ns; for the exact mean. */
  readonly latencySum: number
  /** Delivered per statistics interval. */
  readonly throughputPackets: Float64Array
  readonly throughputBytes: Float64Array
  /** Delivered, dropped, answered per traffic entry: rows of [sent, delivered, dropped, bytesDelivered]. */
  readonly traffic: Float64Array
  /** Order-independent sum over nodes of each node's order-dependent digest: four 32-bit lanes. */
  readonly digest: Int32Array
  /** The same at the end of each statistics interval: 4 lanes a row. */
  readonly checkpoints: Int32Array
  readonly series: SeriesRows
  readonly drops: DropRows
  readonly dropSamples: readonly DropSample[]
  readonly snat: SnatReport
  /** What each interval added to `latency`. */
  readonly latencyGrowth: SparseCounts
  /** Highest number of tracked connections of each logical process of this shard: pairs (lp, peak, used at the end, refused). */
  readonly conntrack: Float64Array
  /** Connections by interval, entry and column (`traffic/tally.ts`), and how long they took; null without any in the scenario. */
  readonly connections: {
    readonly counts: Float64Array
    readonly took: readonly (Float64Array | null)[]
    readonly sums: Float64Array
    /** Clients' ends at the end of the run. */
    readonly portsInUse: number
  } | null
  /** Captures of this shard: index into `Params.taps`, frames in time order. */
  readonly captures: readonly { readonly tap: number; readonly frames: readonly CapturedFrame[]; readonly missed: number }[]
  readonly effort: {
    readonly events: number
    readonly windows: number
    readonly barrierSeconds: number
    readonly runSeconds: number
  }
}
