// What a run's page shows, collected out of result and series: series over time and sums per node.
import type { Series, SeriesColumn } from '../observe/series.js'
import type { RunResult } from '../run/result.js'

/** A family of lines over virtual time in seconds. */
export interface TimeSeries {
  readonly id: string
  readonly title: string
  readonly note: string
  readonly unit: 'packets' | 'bits' | 'ns' | 'count'
  readonly x: readonly number[]
  readonly lines: readonly { readonly name: string; readonly values: readonly (number | null)[] }[]
}

export interface NodeMetric {
  readonly name: string
  readonly unit: string
  readonly values: readonly number[]
}

export interface NodeMap {
  readonly names: readonly string[]
  readonly metrics: readonly NodeMetric[]
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

const SUMS: readonly SeriesColumn[] = ['sent', 'delivered', 'dropped']
const PEAKS: readonly SeriesColumn[] = ['queuePeak', 'conntrack']
const NAMES: Readonly<Partial<Record<SeriesColumn, string>>> = { queuePeak: 'NIC queue, peak', conntrack: 'connections tracked, peak' }

/** Sums and peaks of every node, appliance and endpoint, in their order; null without a series. */
export function nodeMap(series: Series | null): NodeMap | null {
  if (series === null || series.header.names.length === 0) return null
  const { names } = series.header
  const metrics = [...SUMS, ...PEAKS].map(column => {
    const values = new Array<number>(names.length).fill(0)
    const isSum = SUMS.includes(column)
    for (const interval of series.intervals) {
      interval.lp.forEach((lp, row) => {
        const value = interval[column][row]
        values[lp] = isSum ? values[lp] + value : Math.max(values[lp], value)
      })
    }
    return { name: NAMES[column] ?? column, unit: '', values }
  })
  return { names, metrics: metrics.filter(({ values }, i) => i < SUMS.length || values.some(value => value > 0)) }
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
