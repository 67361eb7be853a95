// What `vxlane study` prints for people: the answer in words, then the combinations as a table. Two axes and one measure make a map.

import { count, counted, duration } from '../base/units.js'
import type { Value } from '../scenario/expression.js'
import type { CombinationResult, FailedPoint, StudySummary } from '../study/summary.js'
import { alignRows } from './table.js'

/** Longer tables are cut; the files have them whole. */
const MOST_ROWS = 60

/** More than these are not printed; the summary lists them all. */
const MOST_FAILURES = 10

/** What failed and what repeats it, for stderr; `here`: a command as it is typed in this folder. */
export function failuresText(failed: readonly FailedPoint[], here: (command: string) => string): string {
  const lines = failed.slice(0, MOST_FAILURES).map(({ reason, command }) => `a point failed: ${reason}\n  repeat it: ${here(command)}\n`)
  const more = failed.length - MOST_FAILURES
  return `${lines.join('')}${more > 0 ? `and ${more} more failed ${more === 1 ? 'point' : 'points'}\n` : ''}`
}

export function studyText(summary: StudySummary, title: (text: string) => string): string {
  const { points, seeds, combinations } = summary
  const failed = points.failed > 0 ? `, ${count(points.failed)} of them failed` : ''
  const repeats = seeds > 1 ? ` with ${seeds} seeds` : ''
  const head = `${summary.name}: ${counted(combinations.length, 'combination')}${repeats}, ${counted(points.total, 'point')}${failed}`
  return [title(head), ...summary.answer, '', ...tableOf(summary)].join('\n')
}

function tableOf({ axes, measure, combinations, seeds }: StudySummary): string[] {
  const paths = axes.flatMap(axis => axis.paths)
  const short = shortOf(paths)
  const heads = axes.map(({ name, paths: own }) => name ?? own.map(short).join(', '))
  const rows = combinations.slice(0, MOST_ROWS).map(one => [...one.labels, ...measure.map(name => cellOf(name, one, seeds))])
  const lines = alignRows([[...heads, ...measure], ...rows], [...heads.map(() => 'left' as const), ...measure.map(() => 'right' as const)])
  return combinations.length > MOST_ROWS
    ? [...lines, `… ${count(combinations.length - MOST_ROWS)} more in summary.json and points.csv`]
    : lines
}

/** The last word of a path where that is enough to tell the columns apart. */
const shortOf = (paths: readonly string[]) => {
  const last = (path: string): string => path.split('.').at(-1) ?? path
  return (path: string): string => (paths.filter(other => last(other) === last(path)).length === 1 ? last(path) : path)
}

function cellOf(name: string, { measures, intervals, search }: CombinationResult, seeds: number): string {
  if (search?.outcome === 'failed') return '-'
  const value = measures[name]
  const interval = intervals?.[name]
  if (seeds > 1 && interval) return `${numberOf(name, interval.mean)} ± ${numberOf(name, (interval.high - interval.low) / 2)}`
  return typeof value === 'number' ? numberOf(name, value) : name === 'timeToExhaustion' && value === null ? 'never' : wordOf(value)
}

const wordOf = (value: Value): string => (value === null ? '-' : String(value))

function numberOf(name: string, value: number): string {
  if (/(timeToExhaustion|Ns)$|^latencyNs\./.test(name)) return days(value)
  return Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(4)))
}

const DAY_NS = 86_400e9
const days = (ns: number): string => (Math.abs(ns) >= DAY_NS ? `${Number((ns / DAY_NS).toPrecision(4))} d` : duration(ns))
