// The charts of a run: series over time, the percentile curve, resources filling up.
import { decodeFromCompressedBase64, type Histogram } from 'hdr-histogram-js'
import { bitRate, count, duration, short } from '../base/units.js'
import type { RunResult } from '../run/result.js'
import { numbersBehind, text } from './html.js'
import { type Axis, type Moment, plot } from './plot.js'
import type { TimeSeries } from './run-data.js'
import { exact, linear, logarithmic, type Scale, timeScale } from './scale.js'

type Resource = RunResult['resources'][number]

const FORMATS: Readonly<Record<TimeSeries['unit'], (value: number) => string>> = {
  packets: short,
  count: short,
  bits: bitRate,
  ns: duration,
}

const seconds = (value: number): string => (value === 0 ? '0' : duration(value * 1e9))

export function timeFigure(series: TimeSeries, endSeconds: number, moments: readonly Moment[]): string {
  const format = FORMATS[series.unit]
  const values = series.lines.flatMap(line => line.values.filter(value => value !== null))
  const greatest = Math.max(...values)
  const least = Math.min(...values)
  const drawing = plot({
    description: `${series.title}: ${series.lines.map(({ name }) => name).join(', ')}, up to ${format(greatest)} (${series.note})`,
    x: { scale: timeScale(endSeconds), label: 'virtual time', format: seconds },
    y: { scale: series.isWide ? logarithmic(least, greatest) : linear(0, greatest), label: '', format },
    lines: series.lines.map(({ name, values: line, ...looks }) => ({
      name,
      ...looks,
      // Where there was nothing to measure the line is interrupted.
      points: line.flatMap((value, i) =>
        value === null ? (looks.joins ? [] : [[series.x[i], Number.NaN] as const]) : [[series.x[i], value] as const],
      ),
    })),
    moments,
  })
  const head = ['from', ...series.lines.map(({ name }) => name)]
  const rows = series.x.map((x, i) => [seconds(x), ...series.lines.map(({ values: line }) => (line[i] === null ? '' : format(line[i])))])
  return (
    `<figure><figcaption><bdi>${text(series.title)}</bdi> <span>${text(series.note)}</span></figcaption>` +
    `<div class="chart" data-series="${series.id}">${drawing}</div>${numbersBehind([head, ...rows])}</figure>`
  )
}

/** Latency against the share of packets that were slower, both by powers of ten: where the tail is. */
export function percentileFigure({ histograms, latencyNs }: RunResult): string {
  if (latencyNs.count === 0) return ''
  const histogram = decodeFromCompressedBase64(histograms.latencyNs.encoded, 64, false)
  const points = percentilePoints(histogram, latencyNs.count)
  const y: Axis = {
    // Between pods of one node a packet takes no time at all, which has no place on such an axis.
    scale: logarithmic(Math.max(Math.min(1000, latencyNs.max), latencyNs.min, 1), Math.max(latencyNs.max, latencyNs.min * 1.5, 10)),
    label: '',
    format: duration,
  }
  const drawing = plot({
    description: `Latency by percentile: median ${duration(latencyNs.p50)}, 99th ${duration(latencyNs.p99)}, longest ${duration(latencyNs.max)}`,
    x: { scale: wholeNumbers(points[points.length - 1][0]), label: 'percentile', format: nines },
    y,
    lines: [{ name: 'latency', points, step: true }],
  })
  const marks: readonly (readonly [string, number])[] = [
    ['0 %', latencyNs.min],
    ['50 %', latencyNs.p50],
    ['90 %', latencyNs.p90],
    ['99 %', latencyNs.p99],
    ['99.9 %', latencyNs.p999],
    ['100 %', latencyNs.max],
  ]
  return (
    '<figure><figcaption>Latency by percentile <span>of delivered datagrams of traffic entries; both axes by powers of ten</span></figcaption>' +
    `${drawing}${numbersBehind([['percentile', 'latency'], ...marks.map(([name, value]) => [name, duration(value)])])}</figure>`
  )
}

/** Pairs of log10(1 / share that is slower) and latency: 0 is the fastest packet, 2 the 99th percentile, 3 the 99.9th. */
function percentilePoints(histogram: Histogram, total: number): (readonly [number, number])[] {
  const last = Math.max(1, Math.log10(total))
  return Array.from({ length: 101 }, (_, i) => {
    const x = (last * i) / 100
    return [x, histogram.getValueAtPercentile((1 - 10 ** -x) * 100)] as const
  })
}

/** A mark at every nine. */
function wholeNumbers(high: number): Scale {
  return { ...exact(0, high), ticks: Array.from({ length: Math.floor(high) + 1 }, (_, i) => i) }
}

const nines = (x: number): string => `${Number(((1 - 10 ** -x) * 100).toPrecision(Math.max(2, Math.ceil(x) + 1)))} %`

/** Use against capacity over time. */
export function resourceFigure(resource: Resource, endSeconds: number): string {
  const { name, scope, unit, capacity, peak, timeline, exhaustedAtNs, failures } = resource
  const points = timeline.map(([ns, used]) => [ns / 1e9, used] as const)
  const last = points[points.length - 1]
  const drawn = last && last[0] < endSeconds ? [...points, [endSeconds, last[1]] as const] : points
  const isNear = capacity <= peak * 8
  const told = failures > 0 ? `; ${count(failures)} refused` : ''
  const drawing = plot({
    description: `${name} of ${scope}: at most ${count(peak)} of ${count(capacity)} ${unit} in use${told}`,
    x: { scale: timeScale(endSeconds), label: 'virtual time', format: seconds },
    y: { scale: linear(0, isNear ? Math.max(capacity, peak) : peak), label: '', format: short },
    lines: [
      { name: 'in use', points: drawn, step: true },
      ...(isNear ? [{ name: 'capacity', points: [[0, capacity] as const, [endSeconds, capacity] as const], dashed: true }] : []),
    ],
    moments: exhaustedAtNs === null ? [] : [{ at: exhaustedAtNs / 1e9, name: `exhausted at ${duration(exhaustedAtNs)}`, mark: null }],
  })
  const rows = timeline.map(([ns, used]) => [duration(ns), count(used)])
  return (
    `<figure><figcaption><bdi>${text(name)}</bdi> <span>${text(scope)}: ${count(peak)} of ${count(capacity)} ${text(unit)} at most${text(told)}</span></figcaption>` +
    `${drawing}${numbersBehind([['at', 'in use'], ...rows])}</figure>`
  )
}
