// Adds the shards' reports up. Everything here is a sum, or a list put into an order that does not mention shards, so the outcome is
// the same for any number of them; and the sums must balance: what was sent was delivered, dropped, or is in flight.
import { invariant } from '../base/invariant.js'
import { FIRST_DROP } from '../datapath/verdict.js'
import type { CapturedFrame, ShardReport } from '../engine/report.js'
import { addCounts } from '../observe/histogram.js'

type Totals = ShardReport['totals']

/** Connections that a logical process tracked. */
export interface ConntrackRow {
  readonly lp: number
  readonly peak: number
  readonly used: number
  readonly refused: number
}

/** Frames of one capture point, in time order. */
export interface Captured {
  readonly tap: number
  readonly frames: readonly CapturedFrame[]
  /** Frames beyond the point's limit. */
  readonly missed: number
}

export interface Merged {
  readonly endNs: number
  readonly totals: Totals
  readonly verdicts: Float64Array
  readonly latency: Float64Array
  readonly latencySum: number
  readonly throughputPackets: Float64Array
  readonly throughputBytes: Float64Array
  readonly traffic: Float64Array
  readonly digest: string
  readonly checkpoints: readonly string[]
  readonly conntrack: readonly ConntrackRow[]
  /** Null where the scenario has no connections. */
  readonly connections: ShardReport['connections']
  readonly captures: readonly Captured[]
  /** `runSeconds` is the slowest shard's. */
  readonly effort: { readonly events: number; readonly barrierShare: number; readonly runSeconds: number }
}

/** All shards' reports as one. Throws an InvariantError when the packets do not add up. */
export function merge(reports: readonly ShardReport[], seed: number): Merged {
  const endNs = reports[0].endNs
  invariant(
    reports.every(report => report.endNs === endNs),
    'shards stopped at different virtual times',
    { seed, timeNs: endNs },
  )
  const checkpoints = sumLanes(reports.map(report => report.checkpoints))
  const merged = {
    endNs,
    totals: sumTotals(reports),
    verdicts: sumOf(reports.map(report => report.verdicts)),
    latency: sumOf(reports.map(report => report.latency)),
    latencySum: reports.reduce((sum, report) => sum + report.latencySum, 0),
    throughputPackets: sumOf(reports.map(report => report.throughputPackets)),
    throughputBytes: sumOf(reports.map(report => report.throughputBytes)),
    traffic: sumOf(reports.map(report => report.traffic)),
    digest: hexOf(sumLanes(reports.map(report => report.digest)), 0),
    checkpoints: Array.from({ length: checkpoints.length / 4 }, (_, row) => hexOf(checkpoints, row * 4)),
    conntrack: reports.flatMap(conntrackRows).sort((a, b) => a.lp - b.lp),
    connections: connections(reports.flatMap(report => report.connections ?? [])),
    captures: captures(reports),
    effort: effort(reports),
  }
  checkConservation(merged, seed)
  return merged
}

/** Sent = delivered + dropped + in flight, and the drops by reason add up to the drops. */
function checkConservation({ totals, verdicts, endNs }: Pick<Merged, 'totals' | 'verdicts' | 'endNs'>, seed: number): void {
  const { sent, delivered, dropped, inFlight } = totals
  const where = { seed, timeNs: endNs }
  const sums = `sent ${sent}, delivered ${delivered}, dropped ${dropped}, in flight ${inFlight}`
  invariant(sent === delivered + dropped + inFlight, `packets do not add up: ${sums}`, where)
  let byReason = 0
  for (let verdict = FIRST_DROP; verdict < verdicts.length; verdict++) byReason += verdicts[verdict]
  invariant(byReason === dropped, `drops by reason are ${byReason}, but ${sums}`, where)
}

function sumTotals(reports: readonly ShardReport[]): Totals {
  const sum = (name: keyof Totals) => reports.reduce((total, report) => total + report.totals[name], 0)
  return {
    sent: sum('sent'),
    delivered: sum('delivered'),
    dropped: sum('dropped'),
    inFlight: sum('inFlight'),
    bytesDelivered: sum('bytesDelivered'),
    encapsulated: sum('encapsulated'),
    decapsulated: sum('decapsulated'),
    masqueraded: sum('masqueraded'),
  }
}

function sumOf(arrays: readonly Float64Array[]): Float64Array {
  const total = Float64Array.from(arrays[0])
  for (const array of arrays.slice(1)) {
    invariant(array.length === total.length, 'shards report arrays of different lengths')
    addCounts(total, array)
  }
  return total
}

/** Digests are sums over nodes modulo 2^32 in each lane, so those of shards add up the same way. */
function sumLanes(arrays: readonly Int32Array[]): Int32Array {
  const total = Int32Array.from(arrays[0])
  for (const array of arrays.slice(1)) {
    invariant(array.length === total.length, 'shards report different numbers of checkpoints')
    for (let i = 0; i < total.length; i++) total[i] += array[i]
  }
  return total
}

/** Four lanes from `at` on as 32 hexadecimal digits. */
function hexOf(lanes: Int32Array, at: number): string {
  return Array.from(lanes.subarray(at, at + 4), lane => (lane >>> 0).toString(16).padStart(8, '0')).join('')
}

function connections(parts: readonly NonNullable<ShardReport['connections']>[]): ShardReport['connections'] {
  if (parts.length === 0) return null
  const took = parts[0].took.map((_, i) => {
    const made = parts.flatMap(part => part.took[i] ?? [])
    return made.length > 0 ? sumOf(made) : null
  })
  const portsInUse = parts.reduce((sum, part) => sum + part.portsInUse, 0)
  return { counts: sumOf(parts.map(({ counts }) => counts)), took, sums: sumOf(parts.map(({ sums }) => sums)), portsInUse }
}

function conntrackRows({ conntrack }: ShardReport): ConntrackRow[] {
  return Array.from({ length: conntrack.length / 4 }, (_, row) => {
    const [lp, peak, used, refused] = conntrack.subarray(row * 4, row * 4 + 4)
    return { lp, peak, used, refused }
  })
}

/** By capture point; a point belongs to one logical process, hence to one shard. */
function captures(reports: readonly ShardReport[]): Captured[] {
  return reports.flatMap(report => [...report.captures]).sort((a, b) => a.tap - b.tap)
}

function effort(reports: readonly ShardReport[]): Merged['effort'] {
  const sum = (name: keyof ShardReport['effort']) => reports.reduce((total, report) => total + report.effort[name], 0)
  const running = sum('runSeconds')
  const runSeconds = Math.max(...reports.map(report => report.effort.runSeconds))
  return { events: sum('events'), barrierShare: running > 0 ? sum('barrierSeconds') / running : 0, runSeconds }
}
