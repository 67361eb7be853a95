// Translated source ports over time, out of the shards' rows: for the series file, and for the timelines of resources.

import type { ShardReport } from '../engine/report.js'
import { BY_DEVICE } from '../engine/snat-books.js'
import type { SeriesInterval } from '../observe/series.js'

export type Ports = Pick<SeriesInterval, 'portLp' | 'portBy' | 'portUsed' | 'portRefused'>

export const NO_PORTS: Ports = { portLp: [], portBy: [], portUsed: [], portRefused: [] }

type Row = readonly [lp: number, by: number, used: number, refused: number]

/** Rows of each interval by logical process and place. A process belongs to one shard, and so does the device: nothing needs adding up. */
export function portsByInterval(reports: readonly ShardReport[]): Map<number, Ports> {
  const found = new Map<number, Row[]>()
  for (const { rows } of reports.map(({ snat }) => snat)) {
    rows.interval.forEach((interval, i) => {
      const list = found.get(interval) ?? []
      list.push([rows.lp[i], rows.by[i], rows.used[i], rows.refused[i]])
      found.set(interval, list)
    })
  }
  return new Map([...found].map(([interval, rows]) => [interval, columnsOf(rows)]))
}

function columnsOf(rows: Row[]): Ports {
  rows.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const column = (i: number) => rows.map(row => row[i])
  return { portLp: column(0), portBy: column(1), portUsed: column(2), portRefused: column(3) }
}

/** Ports in use at the ends of intervals, where the number changed; of one logical process, or at the device of all together (-1). */
export function portLevels(reports: readonly ShardReport[], lp: number, by: number, intervalNs: number): [number, number][] {
  const levels = new Map<number, number>()
  let last = -1
  for (const { rows } of reports.map(({ snat }) => snat)) {
    rows.interval.forEach((interval, i) => {
      last = Math.max(last, interval)
      if (rows.by[i] === by && (rows.lp[i] === lp || (lp < 0 && by === BY_DEVICE))) {
        levels.set(interval, (levels.get(interval) ?? 0) + rows.used[i])
      }
    })
  }
  const timeline: [number, number][] = []
  for (let interval = 0; interval <= last; interval++) {
    const level = levels.get(interval) ?? 0
    if (timeline.length === 0 || timeline[timeline.length - 1][1] !== level) timeline.push([(interval + 1) * intervalNs, level])
  }
  return timeline
}
