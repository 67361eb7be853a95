// What became of connections, out of the shards' tallies: counts over the run and over its intervals, by traffic entry and in all, and how
// long connecting and being answered took.
import { addCounts, BUCKETS } from '../observe/histogram.js'
import type { Scenario } from '../scenario/model.js'
import { COUNTS, Count, FAILED, FAILURES, Failure, Took } from '../traffic/tally.js'
import { type Latency, latencyOf } from './latency.js'
import type { Merged } from './merge.js'

export type FailureName = (typeof FAILURES)[number]

/** attempts = completed + failed + stopped + open. */
interface Outcomes {
  readonly attempts: number
  /** Handshake done; for UDP, first answer there. */
  readonly established: number
  /** Closed by the client after its response. */
  readonly completed: number
  readonly failed: number
  /** Ended with their pod. */
  readonly stopped: number
  /** Not at an end when the run was. */
  readonly open: number
  readonly failedByReason: Readonly<Partial<Record<FailureName, number>>>
  /** SYNs, data and FINs sent again, by either end. */
  readonly retransmissions: number
  readonly requests: { readonly made: number; readonly answered: number; readonly failed: number }
  /** From the first SYN until the connection is established; `failed` never were. */
  readonly connectNs: Latency & { readonly failed: number }
  /** From when a connection was opened for a request, or took it up, until the response is whole. */
  readonly responseNs: Latency
}

export interface EntryConnections extends Outcomes {
  readonly name: string
  readonly protocol: 'tcp' | 'udp'
}

export interface ConnectionsResult extends Outcomes {
  /** Ephemeral ports of clients in use when the run ended, TIME_WAIT included. */
  readonly portsInUse: number
  readonly traffic: readonly EntryConnections[]
  /** In each interval of `throughput`. */
  readonly overTime: {
    readonly attempts: readonly number[]
    readonly established: readonly number[]
    readonly completed: readonly number[]
    readonly failed: readonly number[]
    readonly failedByReason: Readonly<Partial<Record<FailureName, readonly number[]>>>
  }
}

/** Reasons that a connection can have before it is established. */
const BEFORE: readonly number[] = [
  Failure.connectTimeout,
  Failure.refused,
  Failure.unreachable,
  Failure.noAnswer,
  Failure.ephemeralPortsExhausted,
  Failure.noTarget,
]

/** Counts by bucket of all times of one kind. */
export function tookOf({ connections }: Merged, which: number): Float64Array {
  const all = new Float64Array(BUCKETS)
  connections?.took.forEach((counts, i) => {
    if (counts !== null && (i & 1) === which) addCounts(all, counts)
  })
  return all
}

/** `reached` is how many intervals the run has come to. */
export function connectionsOf(scenario: Scenario, merged: Merged, reached: number): ConnectionsResult {
  const entries = scenario.traffic.length
  const { connections } = merged
  const rows = connections ? rowsOf(connections.counts, entries, reached) : []
  const columnsOver = (pick: (counts: Float64Array) => number): number[] => rows.map(row => pick(row))
  const nothing = new Float64Array(COUNTS)
  const all = sum(rows, nothing)
  const sumOf = (which: number): number => Array.from(connections?.sums ?? []).reduce((s, ns, i) => ((i & 1) === which ? s + ns : s), 0)
  return {
    ...outcomes(all, tookOf(merged, Took.connect), sumOf(Took.connect), tookOf(merged, Took.response), sumOf(Took.response)),
    portsInUse: connections?.portsInUse ?? 0,
    traffic: scenario.traffic.flatMap((entry, i) => (entry.kind === 'connections' ? [entryOf(merged, entry, i, entries, reached)] : [])),
    overTime: {
      attempts: columnsOver(row => row[Count.attempts]),
      established: columnsOver(row => row[Count.established]),
      completed: columnsOver(row => row[Count.completed]),
      failed: columnsOver(failedOf),
      failedByReason: Object.fromEntries(
        FAILURES.flatMap(name => {
          const column = FAILED + Failure[name]
          return all[column] > 0 ? [[name, columnsOver(row => row[column])]] : []
        }),
      ),
    },
  }
}

/** Clients there are none: no pod of the sources runs. */
const NONE: NonNullable<Merged['connections']> = { counts: new Float64Array(0), took: [], sums: new Float64Array(0), portsInUse: 0 }

function entryOf(
  { connections }: Merged,
  { name, protocol }: { readonly name: string; readonly protocol: 'tcp' | 'udp' },
  entry: number,
  entries: number,
  reached: number,
): EntryConnections {
  const nothing = new Float64Array(BUCKETS)
  const { counts, took, sums } = connections ?? NONE
  const rows = Array.from({ length: connections ? reached : 0 }, (_, interval) =>
    counts.subarray((interval * entries + entry) * COUNTS).subarray(0, COUNTS),
  )
  const connect = entry * 2 + Took.connect
  const response = entry * 2 + Took.response
  const all = sum(rows, new Float64Array(COUNTS))
  return { name, protocol, ...outcomes(all, took[connect] ?? nothing, sums[connect] ?? 0, took[response] ?? nothing, sums[response] ?? 0) }
}

const failedOf = (counts: Float64Array): number => counts.subarray(FAILED).reduce((total, count) => total + count, 0)

function outcomes(counts: Float64Array, connect: Float64Array, connectSum: number, response: Float64Array, responseSum: number): Outcomes {
  const failed = failedOf(counts)
  const ended = counts[Count.completed] + failed + counts[Count.stopped]
  return {
    attempts: counts[Count.attempts],
    established: counts[Count.established],
    completed: counts[Count.completed],
    failed,
    stopped: counts[Count.stopped],
    open: counts[Count.attempts] - ended,
    failedByReason: Object.fromEntries(
      FAILURES.flatMap(name => (counts[FAILED + Failure[name]] > 0 ? [[name, counts[FAILED + Failure[name]]]] : [])),
    ),
    retransmissions: counts[Count.retransmissions],
    requests: { made: counts[Count.requests], answered: counts[Count.responses], failed: counts[Count.failedRequests] },
    connectNs: { ...latencyOf(connect, connectSum), failed: BEFORE.reduce((total, reason) => total + counts[FAILED + reason], 0) },
    responseNs: latencyOf(response, responseSum),
  }
}

/** One row of counts for each interval, all entries together. */
function rowsOf(counts: Float64Array, entries: number, reached: number): Float64Array[] {
  return Array.from({ length: reached }, (_, interval) => {
    const first = interval * entries * COUNTS
    const parts = Array.from({ length: entries }, (_, entry) => counts.subarray(first + entry * COUNTS, first + (entry + 1) * COUNTS))
    return sum(parts, new Float64Array(COUNTS))
  })
}

function sum(rows: readonly Float64Array[], into: Float64Array): Float64Array {
  for (const row of rows) addCounts(into, row)
  return into
}
