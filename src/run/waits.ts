// How long pods waited, and nodes that were NotReady, as the result states it: percentiles, and the whole distribution as an HdrHistogram in milliseconds.
import type { Waiting } from '../cluster/control/outcome.js'
import type { Plan } from '../cluster/plan.js'
import { valueAt } from '../observe/histogram.js'
import { encodeLatency } from './latency.js'

/** Waits of one kind, ns. */
export interface WaitResult {
  /** Who got what they asked for, and of those still without it at the end: how many, and for how long the first of them. */
  readonly count: number
  readonly stillWaiting: number
  readonly longestStillWaitingNs: number
  readonly meanNs: number
  /** To the millisecond, and to three digits. */
  readonly p50Ns: number
  readonly p99Ns: number
  readonly maxNs: number
  /** Null if nobody waited. */
  readonly histogram: { readonly unit: 'ms'; readonly encoded: string } | null
}

const NS_PER_MS = 1e6

/** Of pods for a node, for an address and until they were ready; of nodes for a range for their pods. */
export type WaitResults = Readonly<Record<'node' | 'address' | 'start' | 'range', WaitResult>>

export const waitsOf = ({ waits }: Plan): WaitResults | null =>
  waits === null
    ? null
    : { node: waitOf(waits.forNode), address: waitOf(waits.forAddress), start: waitOf(waits.forStart), range: waitOf(waits.forRange) }

function waitOf({ count, still, stillNs, meanNs, maxNs, counts }: Waiting): WaitResult {
  const percentile = (percent: number): number => (counts === null ? 0 : Math.min(maxNs, valueAt(counts, percent) * NS_PER_MS))
  const rest = { count, stillWaiting: still, longestStillWaitingNs: stillNs, meanNs, p50Ns: percentile(50), p99Ns: percentile(99), maxNs }
  return { ...rest, histogram: counts === null ? null : { unit: 'ms', encoded: encodeLatency(counts) } }
}
