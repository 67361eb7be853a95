// What a run's page shows, collected out of result and series: series over time and sums per node.
import type { Series } from '../observe/series.js'
import type { RunResult } from '../run/result.js'
import type { CellMetric, Flagged } from './node-map.js'
import { notReadyMetric, stillNotReady } from './not-ready.js'

/** A family of lines over virtual time in seconds. */
export interface TimeSeries {
  readonly id: string
  readonly title: string
  readonly note: string
  readonly unit: 'packets' | 'bits' | 'ns' | 'count'
  /** Shown by powers of ten: the least would not be seen beside the greatest. */
  readonly isWide?: boolean
  readonly x: readonly number[]
  readonly lines: readonly SeriesLine[]
}

export interface SeriesLine {
  readonly name: string
  /** Null where there was nothing to measure. */
  readonly values: readonly (number | null)[]
  readonly dashed?: boolean
  /** Its nulls are only other lines' places: the line goes on over them. */
  readonly joins?: boolean
  /** Number of its colour; without one its place among the lines. */
  readonly colour?: number
}

export interface NodeMap {
  readonly names: readonly string[]
  readonly metrics: readonly CellMetric[]
  /** Cells with an outline of their own. */
  readonly flagged?: Flagged | undefined
}

const WIDE = 30

/** Whether positive values lie so far apart that the least are not seen beside the greatest. */
function isWide(values: readonly number[]): boolean {
  const positive = values.filter(value => value > 0)
  return Math.max(...positive, 0) > WIDE * Math.min(...positive, Number.POSITIVE_INFINITY)
}

/** Seconds at which the intervals of a run begin. */
const starts = (intervalNs: number, count: number): number[] => Array.from({ length: count }, (_, i) => (i * intervalNs) / 1e9)

export function timeSeries(result: RunResult): TimeSeries[] {
  const { throughput, overTime, connections } = result
  // The last interval may be cut by the end of the run.
  const lengthNs = (i: number) => Math.max(1, Math.min(throughput.intervalNs, result.simulatedNs - i * throughput.intervalNs))
  const rate = (counts: readonly number[]) => counts.map((value, i) => (value * 1e9) / lengthNs(i))
  const x = starts(throughput.intervalNs, throughput.packets.length)
  const orNothing = (values: readonly number[]) => values.map(value => (value > 0 ? value : null))
  const reasons = Object.entries(overTime.dropped)
  const series: TimeSeries[] = [
    {
      id: 'throughput',
      title: 'Delivered',
      note: 'packets a second of virtual time',
      unit: 'packets',
      x,
      lines: [{ name: 'delivered', values: rate(throughput.packets) }],
    },
    {
      id: 'bits',
      title: 'Throughput',
      note: 'IP lengths of what was delivered',
      unit: 'bits',
      x,
      lines: [{ name: 'delivered', values: rate(throughput.bits) }],
    },
    {
      id: 'latency',
      isWide: isWide([...overTime.latencyNs.p50, ...overTime.latencyNs.p99]),
      title: 'Latency over time',
      note: 'of what was delivered in each interval',
      unit: 'ns',
      x,
      lines: [
        { name: 'p50', values: orNothing(overTime.latencyNs.p50) },
        { name: 'p99', values: orNothing(overTime.latencyNs.p99) },
      ],
    },
    {
      id: 'drops',
      title: 'Drops over time',
      note: 'packets a second of virtual time, by reason',
      unit: 'packets',
      x,
      lines: reasons.map(([name, counts]) => ({ name, values: rate(counts ?? []) })),
    },
  ]
  if (connections.attempts > 0) {
    const { attempts, established, failed } = connections.overTime
    series.push({
      id: 'connections',
      title: 'Connections over time',
      note: 'a second of virtual time',
      unit: 'count',
      x,
      lines: [
        { name: 'attempts', values: rate(attempts) },
        { name: 'established', values: rate(established) },
        { name: 'failed', values: rate(failed) },
      ],
    })
  }
  return series.filter(({ lines }) => lines.some(({ values }) => values.some(value => value !== null && value > 0)))
}

const SUMS = ['sent', 'delivered', 'dropped'] as const
const PEAKS = ['queuePeak', 'conntrack'] as const

/** Sums and peaks of every node, appliance and endpoint, in their order; null without a series. What no node has is left out. */
export function nodeMap(result: RunResult, series: Series | null): NodeMap | null {
  if (series === null || series.header.names.length === 0) return null
  const { names } = series.header
  const fresh = (): number[] => new Array<number>(names.length).fill(0)
  const columns = perNode([...SUMS, ...PEAKS, 'podAddresses', 'device', 'masquerade'] as const, fresh)
  for (const interval of series.intervals) {
    interval.lp.forEach((lp, row) => {
      for (const name of SUMS) columns[name][lp] += interval[name][row]
      for (const name of PEAKS) columns[name][lp] = Math.max(columns[name][lp], interval[name][row])
      columns.podAddresses[lp] = Math.max(columns.podAddresses[lp], interval.podAddresses?.[row] ?? 0)
    })
    interval.portLp.forEach((lp, row) => {
      const column = interval.portBy[row] === 1 ? columns.device : columns.masquerade
      column[lp] = Math.max(column[lp], interval.portUsed[row])
    })
  }
  const metrics = Object.entries(columns).map(([name, values]) => ({ name: TITLES[name] ?? name, unit: '', values }))
  const shown = metrics.filter(({ values }, i) => i < SUMS.length || values.some(value => value > 0))
  const waited = notReadyMetric(result, names)
  return { names, metrics: waited === null ? shown : [...shown, waited], flagged: stillNotReady(result, names) }
}

const perNode = <Name extends string>(names: readonly Name[], fresh: () => number[]): Record<Name, number[]> =>
  Object.fromEntries(names.map(name => [name, fresh()])) as Record<Name, number[]>

const TITLES: Readonly<Record<string, string>> = {
  queuePeak: 'NIC queue, peak',
  conntrack: 'connections tracked, peak',
  podAddresses: 'pod addresses, peak',
  device: 'SNAT ports at the device, peak',
  masquerade: 'SNAT ports of its own, peak',
}

/** The nodes at which a reason dropped most: name and count, most first. */
export function worstFor(series: Series | null, reason: string, most: number): (readonly [string, number])[] {
  if (series === null) return []
  const index = series.header.reasons.indexOf(reason)
  const counts = new Map<number, number>()
  for (const { dropLp, dropReason, dropCount } of series.intervals) {
    dropReason.forEach((at, row) => {
      if (at === index) counts.set(dropLp[row], (counts.get(dropLp[row]) ?? 0) + dropCount[row])
    })
  }
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])
  return sorted.slice(0, most).map(([lp, count]) => [series.header.names[lp], count])
}
