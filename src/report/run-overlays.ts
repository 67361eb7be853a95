// Two runs drawn over each other: drops by reason, distributions of latency, resources as they fill up, and what happened over time.
import { decodeFromCompressedBase64 } from 'hdr-histogram-js'
import { count, duration, short } from '../base/units.js'
import { VERDICTS } from '../datapath/verdict.js'
import type { RunResult } from '../run/result.js'
import { barPairs } from './bars.js'
import { type Distribution, overlayFigure, picked } from './ecdf.js'
import { table, text } from './html.js'
import { plot } from './plot.js'
import { type TimeSeries, timeSeries } from './run-data.js'
import { linear, timeScale } from './scale.js'

export function dropPairs(a: RunResult, b: RunResult): string {
  const rows = VERDICTS.flatMap(({ name, sentence }) => {
    const [one, other] = [a, b].map(({ drops }) => drops.byReason[name] ?? 0)
    return one + other === 0 ? [] : [{ name, sentence, a: one, b: other }]
  }).sort((x, y) => Math.abs(y.b - y.a) - Math.abs(x.b - x.a))
  if (rows.length === 0) return ''
  const described = `Drops by reason: ${rows.map(row => `${row.name} ${count(row.a)} in A, ${count(row.b)} in B`).join('; ')}`
  const body = rows.map(row => [
    row.name,
    count(row.a),
    count(row.b),
    `${row.b > row.a ? '+' : row.b < row.a ? '−' : ''}${count(Math.abs(row.b - row.a))}`,
    row.sentence,
  ])
  return (
    `<figure><figcaption>Drops by reason <span>${count(a.drops.total)} packets in A, ${count(b.drops.total)} in B</span></figcaption>${barPairs(rows, described)}</figure>` +
    `<div class="scroll">${table([['', 'A', 'B', 'difference', ''], ...body], { words: [4] })}</div>`
  )
}

/** Shares at which distributions are read: every half a per cent, and the tail by nines. */
const SHARES = [...Array.from({ length: 200 }, (_, i) => i / 200), 0.999, 0.9999, 0.99999, 1]

/** Latency of packets, and of connecting where there were connections; that whose 99th percentile moved most first. */
export function latencyOverlays(a: RunResult, b: RunResult): string {
  const kinds = [
    {
      name: 'latency',
      note: 'of delivered datagrams of traffic entries',
      read: (run: RunResult) => distribution(run.histograms.latencyNs.encoded),
    },
    {
      name: 'time to connect',
      note: 'of connections that were established',
      read: (run: RunResult) => distribution(run.histograms.connectNs.encoded),
    },
  ]
  const figures = kinds.flatMap(({ name, note, read }) => {
    const [one, other] = [read(a), read(b)]
    if (one.length === 0 || other.length === 0) return []
    const shift = Math.abs(Math.log(Math.max(1, at(other, 0.99)) / Math.max(1, at(one, 0.99))))
    const marks = [0, 0.5, 0.9, 0.99, 0.999, 1].map(share => [`${share * 100} %`, duration(at(one, share)), duration(at(other, share))])
    return [
      {
        name,
        shift,
        html: overlayFigure({
          title: name,
          note: `share that took at most so long, ${note}`,
          label: 'time',
          format: duration,
          a: one,
          b: other,
          rows: [['', 'A', 'B'], ...marks],
        }),
      },
    ]
  })
  return picked(
    'latencies',
    'Shown',
    figures.sort((x, y) => y.shift - x.shift),
  )
}

function distribution(encoded: string): Distribution {
  const histogram = decodeFromCompressedBase64(encoded, 64, false)
  return histogram.totalCount === 0 ? [] : SHARES.map(share => [histogram.getValueAtPercentile(share * 100), share] as const)
}

const at = (points: Distribution, share: number): number => (points.find(([, upTo]) => upTo >= share) ?? points[points.length - 1])[0]

/** How the named resources filled up in both. */
export function limitCurves(a: RunResult, b: RunResult, names: readonly string[]): string {
  const endSeconds = Math.max(a.simulatedNs, b.simulatedNs) / 1e9
  const drawn = names.map(name => {
    const rows = [a, b].map(run => ({ row: run.resources.find(resource => resource.name === name), end: run.simulatedNs / 1e9 }))
    if (rows.every(({ row }) => (row?.timeline.length ?? 0) < 2)) return ''
    const lines = rows.flatMap(({ row, end }, i) => {
      if (row === undefined || row.timeline.length === 0) return []
      const points = row.timeline.map(([ns, used]) => [ns / 1e9, used] as const)
      return [{ name: i === 0 ? 'A' : 'B', colour: i, step: true, points: [...points, [end, points[points.length - 1][1]] as const] }]
    })
    const most = Math.max(...rows.map(({ row }) => row?.peak ?? 0))
    const bounds = rows.flatMap(({ row }, i) =>
      row !== undefined && row.capacity <= most * 4
        ? [
            {
              name: `capacity in ${i === 0 ? 'A' : 'B'}`,
              colour: i,
              dashed: true,
              points: [[0, row.capacity] as const, [endSeconds, row.capacity] as const],
            },
          ]
        : [],
    )
    const told = rows.map(
      ({ row }, i) =>
        `${i === 0 ? 'A' : 'B'} ${row === undefined ? 'none' : `${count(row.peak)} of ${count(row.capacity)} ${row.unit}, ${row.scope}`}`,
    )
    const drawing = plot({
      description: `${name} in use: ${told.join('; ')}`,
      x: { scale: timeScale(endSeconds), label: 'virtual time', format: value => (value === 0 ? '0' : duration(value * 1e9)) },
      y: { scale: linear(0, Math.max(most, ...bounds.map(({ points }) => points[0][1]))), label: '', format: short },
      lines: [...lines, ...bounds],
    })
    return `<figure><figcaption><bdi>${text(name)}</bdi> <span>${text(told.join('; '))}</span></figcaption>${drawing}</figure>`
  })
  return drawn.join('')
}

const OVERLAID = ['throughput', 'latency', 'drops', 'connections']

/** Families of A's and B's lines over one axis of time; where intervals differ, each has its own points. */
export function overlaidSeries(a: RunResult, b: RunResult): TimeSeries[] {
  const [one, other] = [timeSeries(a), timeSeries(b)]
  return OVERLAID.flatMap(id => {
    const [left, right] = [one, other].map(families => families.find(family => family.id === id))
    const known = left ?? right
    if (known === undefined) return []
    const x = [...new Set([...(left?.x ?? []), ...(right?.x ?? [])])].sort((p, q) => p - q)
    const names = [...new Set([left, right].flatMap(family => family?.lines.map(({ name }) => name) ?? []))]
    const lines = names.flatMap((name, place) =>
      [left, right].flatMap((family, i) => {
        const line = family?.lines.find(own => own.name === name)
        return line === undefined
          ? []
          : [
              {
                name: `${name}, ${i === 0 ? 'A' : 'B'}`,
                values: onto(x, family!.x, line.values),
                dashed: i === 1,
                joins: x.length !== family!.x.length,
                colour: place * 2 + i,
              },
            ]
      }),
    )
    return [{ ...known, id: `both-${id}`, isWide: (left?.isWide ?? false) || (right?.isWide ?? false), x, lines }]
  })
}

/** Values at the places of another axis; null where it has none. */
function onto(x: readonly number[], own: readonly number[], values: readonly (number | null)[]): (number | null)[] {
  const places = new Map(own.map((at, i) => [at, values[i]]))
  return x.map(at => places.get(at) ?? null)
}
