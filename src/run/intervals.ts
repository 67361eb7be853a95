// The shards' per-node rows as the records of a series file, in an order that does not mention shards, and what can be read off them:
// how the connection tables filled.
import type { Resource } from '../cluster/resource.js'
import type { ShardReport } from '../engine/report.js'
import type { SeriesInterval } from '../observe/series.js'
import type { ConntrackRow, Merged } from './merge.js'

interface Row {
  readonly shard: number
  readonly at: number
}

/** One record per interval in which anything happened, rows in order of logical processes. */
export function seriesIntervals(reports: readonly ShardReport[], checkpoints: readonly string[]): SeriesInterval[] {
  const rows = new Map<number, Row[]>()
  reports.forEach(({ series }, shard) => {
    series.interval.forEach((interval, at) => {
      const found = rows.get(interval)
      if (found) found.push({ shard, at })
      else rows.set(interval, [{ shard, at }])
    })
  })
  return [...rows].sort(([a], [b]) => a - b).map(([interval, found]) => record(reports, interval, found, checkpoints[interval] ?? null))
}

function record(reports: readonly ShardReport[], interval: number, rows: Row[], digest: string | null): SeriesInterval {
  rows.sort((a, b) => reports[a.shard].series.lp[a.at] - reports[b.shard].series.lp[b.at])
  const column = (name: Exclude<keyof ShardReport['series'], 'interval'>) => rows.map(({ shard, at }) => reports[shard].series[name][at])
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
  const timeline = levels(reports, lp, intervalNs)
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
