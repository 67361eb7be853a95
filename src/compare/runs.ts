// Two runs side by side: is it the same work, and if not, what changed and where did it begin. Digests are taken at the end of every
// interval and never agree again once they differ, so the first interval that differs is found by halving.
import type { Series } from '../observe/series.js'
import type { RunResult } from '../run/result.js'
import type { Span } from '../run/witness.js'
import type { FirstEvent } from './first-event.js'
import { type Metric, metricsOf, type Unit } from './metrics.js'

export interface Change {
  readonly name: string
  readonly unit: Unit
  /** Null: absent, or it never came to it. */
  readonly a: number | null
  readonly b: number | null
}

/** The interval in which two runs part. */
export interface Parting {
  readonly interval: number
  readonly fromNs: number
  readonly toNs: number
  /** Nodes, gateways and endpoints whose numbers differ in it; empty without both series. */
  readonly nodes: readonly NodeChange[]
}

export interface NodeChange {
  readonly node: string
  readonly column: string
  readonly a: number
  readonly b: number
}

export interface RunComparison {
  readonly schemaVersion: 1
  readonly kind: 'comparison'
  readonly of: 'runs'
  /**
   * `equal`: everything that happened is the same. `changed`: the same scenario and seed came out otherwise, which a change of the engine
   * must explain. `different`: another scenario or seed, hence other work.
   */
  readonly verdict: 'equal' | 'changed' | 'different'
  readonly a: Side
  readonly b: Side
  readonly metrics: { readonly compared: number; readonly changed: readonly Change[] }
  readonly firstDifference: Parting | null
  /** The first packet that ended otherwise; null where both were not repeated. */
  readonly firstEvent: FirstEvent | null
  /** Of wall time. One run each says nothing about the difference: that is what benchmarks are for. */
  readonly packetsPerSecond: { readonly a: number; readonly b: number }
}

export interface Side {
  readonly scenario: string
  readonly hash: string
  readonly seed: number
  readonly digest: string
  readonly engine: string
}

/** A finished run, with its series if it is there. */
export interface ComparedRun {
  readonly result: RunResult
  readonly series: Series | null
}

export function compareRuns(a: ComparedRun, b: ComparedRun): RunComparison {
  const isSameWork = a.result.scenario.hash === b.result.scenario.hash && a.result.seed === b.result.seed
  const isSame = a.result.digest === b.result.digest && a.result.simulatedNs === b.result.simulatedNs
  const before = metricsOf(a.result)
  const changed = changes(before, metricsOf(b.result))
  return {
    schemaVersion: 1,
    kind: 'comparison',
    of: 'runs',
    verdict: !isSameWork ? 'different' : isSame && changed.length === 0 ? 'equal' : 'changed',
    a: sideOf(a.result),
    b: sideOf(b.result),
    metrics: { compared: before.length, changed },
    firstDifference: isSame ? null : parting(a, b),
    firstEvent: null,
    packetsPerSecond: { a: a.result.performance.packetsPerSecond, b: b.result.performance.packetsPerSecond },
  }
}

const sideOf = ({ scenario, seed, digest, engine }: RunResult): Side => ({
  scenario: scenario.name,
  hash: scenario.hash,
  seed,
  digest,
  engine: engine.version,
})

/** Metrics that differ, in the order of the first run, then what only the second has. */
function changes(a: readonly Metric[], b: readonly Metric[]): Change[] {
  const after = new Map(b.map(metric => [metric.name, metric]))
  const known = new Set(a.map(({ name }) => name))
  const both = a.map(({ name, unit, value }) => ({ name, unit, a: value, b: after.get(name)?.value ?? null }))
  const fresh = b.filter(({ name }) => !known.has(name)).map(({ name, unit, value }) => ({ name, unit, a: null, b: value }))
  // A reason that never occurred is absent, which is the same as none.
  const isSame = (change: Change) => change.a === change.b || (change.unit === 'count' && (change.a ?? 0) === (change.b ?? 0))
  return [...both, ...fresh].filter(change => !isSame(change))
}

/** What has to be repeated to find the first packet that ended otherwise: the interval in which they part, or all that both ran. */
export function spanToRepeat(a: RunResult, b: RunResult, { firstDifference: found }: RunComparison): Span | null {
  if (a.digest === b.digest && a.simulatedNs === b.simulatedNs) return null
  return found === null ? { fromNs: 0, toNs: Math.min(a.simulatedNs, b.simulatedNs) } : { fromNs: found.fromNs, toNs: found.toNs }
}

function parting(a: ComparedRun, b: ComparedRun): Parting | null {
  const { intervalNs } = a.result.throughput
  if (intervalNs !== b.result.throughput.intervalNs) return null
  const interval = firstDifference(a.result.checkpoints, b.result.checkpoints)
  if (interval === null) return null
  return { interval, fromNs: interval * intervalNs, toNs: (interval + 1) * intervalNs, nodes: nodeChanges(a.series, b.series, interval) }
}

/** The first position at which two lists of digests differ, where all after it differ too; null if one is the other's beginning. */
export function firstDifference(a: readonly string[], b: readonly string[]): number | null {
  let low = 0
  let high = Math.min(a.length, b.length)
  if (high === 0 || a[high - 1] === b[high - 1]) return null
  while (low < high) {
    const middle = (low + high) >>> 1
    if (a[middle] === b[middle]) low = middle + 1
    else high = middle
  }
  return low
}

const COLUMNS = ['sent', 'delivered', 'dropped', 'bytesDelivered', 'queuePeak', 'conntrack'] as const
const MOST_NODES = 20

function nodeChanges(a: Series | null, b: Series | null, interval: number): NodeChange[] {
  if (a === null || b === null) return []
  const before = rowsOf(a, interval)
  const after = rowsOf(b, interval)
  const found: NodeChange[] = []
  for (const node of new Set([...before.keys(), ...after.keys()])) {
    for (const column of COLUMNS) {
      const one = before.get(node)?.[column] ?? 0
      const other = after.get(node)?.[column] ?? 0
      if (one !== other) found.push({ node, column, a: one, b: other })
    }
  }
  return found.slice(0, MOST_NODES)
}

/** What each node did in an interval, by name. */
function rowsOf({ header, intervals }: Series, interval: number): Map<string, Record<(typeof COLUMNS)[number], number>> {
  const record = intervals.find(candidate => candidate.interval === interval)
  const rows = new Map<string, Record<(typeof COLUMNS)[number], number>>()
  record?.lp.forEach((lp, row) => {
    const numbers = Object.fromEntries(COLUMNS.map(column => [column, record[column][row]]))
    rows.set(header.names[lp], numbers as Record<(typeof COLUMNS)[number], number>)
  })
  return rows
}
