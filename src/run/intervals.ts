// The shards' per-node rows as the records of a series file, in an order that does not mention shards, and what can be read off them:
// how the connection tables filled.
import type { Resource } from '../cluster/resource.js'
import type { ShardReport } from '../engine/report.js'
import type { SeriesInterval } from '../observe/series.js'
import type { ConntrackRow, Merged } from './merge.js'
import { NO_PORTS, type Ports, portsByInterval } from './snat-series.js'

type Rows = ShardReport['series']

/** All shards' rows in one set of columns, shard after shard. */
function joined(reports: readonly ShardReport[]): Rows {
  const ints = (name: Exclude<keyof Rows, 'bytesDelivered'>) =>
    concat(
      reports.map(({ series }) => series[name]),
      Uint32Array,
    )
  return {
    interval: ints('interval'),
    lp: ints('lp'),
    sent: ints('sent'),
    delivered: ints('delivered'),
    dropped: ints('dropped'),
    bytesDelivered: concat(
      reports.map(({ series }) => series.bytesDelivered),
      Float64Array,
    ),
    queuePeak: ints('queuePeak'),
    conntrack: ints('conntrack'),
  }
}

function concat<Column extends Uint32Array | Float64Array>(parts: readonly Column[], Kind: new (length: number) => Column): Column {
  const whole = new Kind(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** One record per interval in which anything happened, rows in order of logical processes. One at a time: there may be millions of rows. */
export function* seriesIntervals(reports: readonly ShardReport[], checkpoints: readonly string[]): Generator<SeriesInterval> {
  const rows = joined(reports)
  const drops = dropsByInterval(reports)
  const ports = portsByInterval(reports)
  const { order, first } = byInterval(rows.interval)
  for (let interval = 0; interval + 1 < first.length; interval++) {
    const positions = order.subarray(first[interval], first[interval + 1])
    if (positions.length > 0)
      yield {
        ...record(rows, interval, positions, checkpoints[interval] ?? null),
        ...(drops.get(interval) ?? NO_DROPS),
        ...(ports.get(interval) ?? NO_PORTS),
      }
  }
}

/** Row numbers grouped by interval (a counting sort), and where each group begins, with one more entry for the end. */
function byInterval(intervals: Uint32Array): { order: Uint32Array; first: Uint32Array } {
  const last = intervals.reduce((most, interval) => Math.max(most, interval), 0)
  const first = new Uint32Array(last + 2)
  for (const interval of intervals) first[interval + 1]++
  for (let interval = 0; interval <= last; interval++) first[interval + 1] += first[interval]
  const order = new Uint32Array(intervals.length)
  const next = first.slice()
  for (let row = 0; row < intervals.length; row++) order[next[intervals[row]]++] = row
  return { order, first }
}

type Drops = Pick<SeriesInterval, 'dropLp' | 'dropReason' | 'dropCount'>

const NO_DROPS: Drops = { dropLp: [], dropReason: [], dropCount: [] }

/** Drops of each interval, by logical process and reason. A process belongs to one shard, so rows need no adding up. */
function dropsByInterval(reports: readonly ShardReport[]): Map<number, Drops> {
  const found = new Map<number, [number, number, number][]>()
  for (const { drops } of reports) {
    drops.interval.forEach((interval, row) => {
      const rows = found.get(interval) ?? []
      rows.push([drops.lp[row], drops.verdict[row], drops.count[row]])
      found.set(interval, rows)
    })
  }
  const columns = (rows: [number, number, number][]): Drops => {
    rows.sort((a, b) => a[0] - b[0] || a[1] - b[1])
    return { dropLp: rows.map(([lp]) => lp), dropReason: rows.map(([, reason]) => reason), dropCount: rows.map(([, , count]) => count) }
  }
  return new Map([...found].map(([interval, rows]) => [interval, columns(rows)]))
}

function record(
  rows: Rows,
  interval: number,
  unordered: Uint32Array,
  digest: string | null,
): Omit<SeriesInterval, keyof Drops | keyof Ports> {
  const positions = Array.from(unordered).sort((a, b) => rows.lp[a] - rows.lp[b])
  const column = (name: keyof Rows) => positions.map(at => rows[name][at])
  return {
    version: 1,
    kind: 'interval',
    interval,
    digest,
    lp: column('lp'),
    sent: column('sent'),
    delivered: column('delivered'),
    dropped: column('dropped'),
    bytesDelivered: column('bytesDelivered'),
    queuePeak: column('queuePeak'),
    conntrack: column('conntrack'),
  }
}

const NOTHING_TRACKED = { lp: -1, peak: 0, used: 0, refused: 0 }

/** The connection table that came nearest to its limit, as a resource row. Failures are those of all tables. */
export function conntrackResource(
  merged: Merged,
  reports: readonly ShardReport[],
  capacity: number,
  intervalNs: number,
  nameOf: (lp: number) => string,
): Resource {
  // Of tables equally full, the one that refused more; of those, the first.
  const fuller = (best: ConntrackRow, row: ConntrackRow) =>
    row.peak > best.peak || (row.peak === best.peak && row.refused > best.refused) ? row : best
  const { lp, peak, used } = merged.conntrack.reduce(fuller, NOTHING_TRACKED)
  const failures = merged.conntrack.reduce((sum, row) => sum + row.refused, 0)
  const seen = levels(reports, lp, intervalNs)
  // A process that only passes packets on has no rows of its own: then the end is all that is known.
  const timeline: [number, number][] = seen.length > 0 || peak === 0 ? seen : [[merged.endNs, used]]
  const full = failures > 0 ? timeline.find(([, level]) => level >= capacity) : undefined
  return {
    name: 'conntrack',
    scope: lp < 0 ? 'cluster' : nameOf(lp),
    unit: 'connections',
    capacity,
    used,
    peak,
    exhausted: failures > 0,
    exhaustedAtNs: full ? full[0] : null,
    failures,
    timeline,
  }
}

/** Connections of one logical process at the ends of intervals, where the number changed. */
function levels(reports: readonly ShardReport[], lp: number, intervalNs: number): [number, number][] {
  const found: [number, number][] = []
  for (const { series } of reports) {
    series.lp.forEach((row, at) => {
      if (row === lp) found.push([(series.interval[at] + 1) * intervalNs, series.conntrack[at]])
    })
  }
  found.sort((a, b) => a[0] - b[0])
  return found.filter(([, used], i) => i === 0 || used !== found[i - 1][1])
}
