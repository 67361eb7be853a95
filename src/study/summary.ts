// What a study found: one row for each combination, and the answer in words. A function of the study alone: no times, nothing about this
// machine, the same bytes however often the study was interrupted.
import { limitBinds, limitWords } from '../limits/limit-words.js'
import { VERSION } from '../run/version.js'
import type { Value } from '../scenario/expression.js'
import { asOption, type Combination, combinationAt, combinationCount, labelsAt } from './axes.js'
import type { Cell } from './cell.js'
import { type Interval, intervalOf, mostFrequent } from './interval.js'
import { limitOf, measureOf } from './measures.js'
import type { Axis, Measure, Search, Study } from './model.js'
import { writtenNumber } from './number-text.js'

export interface CombinationResult {
  /** What the axes set, by path. */
  readonly values: Readonly<Record<string, unknown>>
  /** What people call it, axis by axis. */
  readonly labels: readonly string[]
  /** What computes it alone; of a search, with the value that was found. */
  readonly command: string
  /** With one seed the values; with several the means, the most frequent words, and of a limit the one that holds for every seed. */
  readonly measures: Readonly<Record<string, Value>>
  /** Of numbers, where there are several seeds. */
  readonly intervals?: Readonly<Record<string, Interval>>
  readonly search?: {
    /** For each seed. */
    readonly limits: readonly (number | string | null)[]
    /** "limit", or why there is none: the condition holds for every value, or for none. */
    readonly outcome: 'limit' | 'allHold' | 'noneHolds' | 'failed'
    /** What binds just beyond the limit. */
    readonly bindingResource: string | null
    /** Whether all that was looked at agrees with there being one limit; otherwise the values that do not. */
    readonly monotone: boolean
    readonly exceptions: readonly (number | string | null)[]
    /** For each seed, in the order in which they were asked for: the values that were looked at. Summaries of earlier versions have none. */
    readonly looked?: readonly (readonly LookedAt[])[]
  }
}

export interface LookedAt {
  readonly value: number | string | null
  /** Null: the point failed. */
  readonly holds: boolean | null
}

export interface FailedPoint {
  readonly set: readonly string[]
  readonly reason: string
  /** What computes this point alone. */
  readonly command: string
}

export interface StudySummary {
  readonly schemaVersion: 1
  readonly kind: 'study'
  readonly name: string
  readonly description: string
  readonly mode: Study['mode']
  /** The scenario file as the study names it; null for one inside the study. */
  readonly base: string | null
  /** What the study sets for every point, as `--set` takes it. */
  readonly set: readonly string[]
  readonly engine: { readonly version: string }
  readonly axes: readonly { readonly name: string | null; readonly paths: readonly string[]; readonly steps: number }[]
  readonly find: {
    readonly path: string
    readonly want: 'largest' | 'smallest'
    readonly condition: string
    readonly between: readonly [number | string, number | string]
  } | null
  readonly seeds: number
  readonly measure: readonly string[]
  /** In words. */
  readonly answer: readonly string[]
  readonly combinations: readonly CombinationResult[]
  readonly points: { readonly total: number; readonly failed: number }
  readonly failed: readonly FailedPoint[]
}

export function summarize(study: Study, cells: readonly Cell[]): StudySummary {
  const { seeds, search, axes } = study
  const combinations = Array.from({ length: combinationCount(axes) }, (_, i) => resultOf(study, i, cells.slice(i * seeds, (i + 1) * seeds)))
  const total = cells.reduce((sum, { points }) => sum + points.size, 0)
  const failed = failedPoints(study, cells)
  return {
    schemaVersion: 1,
    kind: 'study',
    name: study.name,
    description: study.description,
    mode: study.mode,
    base: study.base.given,
    set: study.set.map(asOption),
    engine: { version: VERSION },
    axes: axes.map(({ name, paths, steps }) => ({ name, paths, steps: steps.length })),
    find: search && { path: search.path, want: search.want, condition: search.conditionText, between: endsOf(search) },
    seeds,
    measure: study.measures.map(({ text }) => text),
    answer: answerOf(study, combinations),
    combinations,
    points: { total, failed: failed.length },
    failed,
  }
}

/** Those of some cells, in order. */
export const failedPoints = (study: Study, cells: readonly Cell[]): FailedPoint[] =>
  cells.flatMap(({ points }) =>
    [...points.values()].flatMap(({ set, failure }) =>
      failure === null ? [] : [{ set, reason: failure, command: commandOf(study, set) }],
    ),
  )

/** The command that computes a point alone. A scenario inside the study has no name; it stands for itself. */
const commandOf = ({ mode, base }: Study, set: readonly string[]): string =>
  ['vxlane', mode, base.given ?? 'SCENARIO', ...set.flatMap(option => ['--set', quoted(option)])].join(' ')

const quoted = (word: string): string => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

const endsOf = ({ from, step, count, unit }: Search): [number | string, number | string] => [
  writtenNumber(from, unit),
  writtenNumber(from + step * (count - 1), unit),
]

function resultOf(study: Study, index: number, cells: readonly Cell[]): CombinationResult {
  const combination = combinationAt(study.axes, index)
  const columns = study.measures.map(measure => columnOf(measure, cells))
  const found = study.search && cells.length > 0 ? foundBy(study.search, cells) : []
  const intervals = columns.flatMap(({ text, interval }) => (interval ? [[text, interval] as const] : []))
  return {
    values: Object.fromEntries(combination.map(({ path, value }) => [path, value ?? null])),
    labels: labelsAt(study.axes, index),
    command: commandOf(study, [...study.set, ...combination, ...found].map(asOption)),
    measures: Object.fromEntries(columns.map(({ text, value }) => [text, value])),
    ...(intervals.length > 0 && { intervals: Object.fromEntries(intervals) }),
    ...(study.search && { search: searchOf(cells, study.search.count) }),
  }
}

/** The value that a search found, as an assignment; none where there is no limit. */
function foundBy(search: Search, cells: readonly Cell[]): Combination {
  const limit = safest(cells)
  return limit === null ? [] : [{ path: search.path, value: limit }]
}

function columnOf(measure: Measure, cells: readonly Cell[]): { text: string; value: Value; interval: Interval | null } {
  const values = cells.map(cell => measureOf(cell, measure))
  const interval = intervalOf(values)
  if (cells.length === 1) return { text: measure.text, value: values[0], interval: null }
  if (measure.text === 'limit') return { text: measure.text, value: safest(cells), interval }
  return { text: measure.text, value: interval ? interval.mean : mostFrequent(values), interval }
}

/** The limit that holds whatever the seed: of largest values the smallest, and the other way round. */
function safest(cells: readonly Cell[]): number | string | null {
  const positions = cells.map(cell => cell.found?.position ?? null)
  if (positions.some(position => position === null)) return null
  return cells[0].valueAt(Math.min(...positions.map(position => position ?? 0)))
}

function searchOf(cells: readonly Cell[], count: number): NonNullable<CombinationResult['search']> {
  const ended = cells.filter(({ found }) => found !== null)
  const outcome =
    ended.length < cells.length
      ? 'failed'
      : ended.some(({ found }) => found?.position === null)
        ? 'noneHolds'
        : ended.every(({ found }) => found?.position === count - 1)
          ? 'allHold'
          : 'limit'
  const exceptions = ended.flatMap(cell => cell.found?.exceptions.map(position => cell.valueAt(position)) ?? [])
  return {
    limits: cells.map(limitOf),
    outcome,
    bindingResource: mostFrequent(cells.map(cell => measureOf(cell, BINDING)).filter(value => typeof value === 'string')),
    monotone: ended.every(({ found }) => found?.monotone),
    exceptions: [...new Set(exceptions)],
    looked: cells.map(({ points }) => [...points.values()].map(({ value, holds }) => ({ value, holds }))),
  }
}

const BINDING: Measure = { text: 'bindingResource', expression: { kind: 'path', steps: ['bindingResource'] } }

/** Longer lists of answers are cut; the table has them all. */
const MOST_ANSWERS = 24

function answerOf(study: Study, combinations: readonly CombinationResult[]): string[] {
  const lines = study.search ? combinations.map(one => limitAnswer(study, one)) : bindingAnswer(combinations)
  if (lines.length <= MOST_ANSWERS) return lines
  return [...lines.slice(0, MOST_ANSWERS), `and ${lines.length - MOST_ANSWERS} more combinations`]
}

/** What the searched values are called: nodes, pods, or the key itself. */
function nounOf({ search, base }: Study): (value: number | string) => string {
  const path = search?.path ?? ''
  const key = path.split('.').at(-1) ?? path
  const { agentPoolProfiles = [] } = (base.value as { cluster?: { agentPoolProfiles?: unknown[] } }).cluster ?? {}
  if (path.includes('agentPoolProfiles') && key === 'count')
    return value => (agentPoolProfiles.length > 1 ? `${value} nodes in ${path.split('.').at(-2)}` : `${value} nodes`)
  if (key === 'replicas') return value => `${value} replicas`
  if (key === 'maxPods') return value => `${value} pods a node`
  return value => `${key} ${value}`
}

/** A bare number does not say what it is of. */
const headOf = ({ name, paths }: Axis, label: string): string =>
  /^[\d.]+$/.test(label) ? `${name ?? paths[0].split('.').at(-1)} ${label}` : label

function limitAnswer(study: Study, { labels, search: found, measures }: CombinationResult): string {
  const { search, seeds, axes } = study
  if (!search || !found) return ''
  const head = axes.length > 0 ? `${labels.map((label, i) => headOf(axes[i], label)).join(', ')}: ` : ''
  const noun = nounOf(study)
  const limit =
    'limit' in measures
      ? measures.limit
      : found.limits.length === 1
        ? found.limits[0]
        : (found.limits.find(value => value !== null) ?? null)
  const binds = found.bindingResource === null ? '' : `; ${limitBinds(found.bindingResource)} first`
  const doubt = found.monotone ? '' : `; not one limit: ${exceptionWords(found.exceptions)}`
  const repeats = seeds > 1 ? ` with every one of ${seeds} seeds` : ''
  switch (found.outcome) {
    case 'failed':
      return `${head}no answer, because a point failed`
    case 'noneHolds':
      return `${head}no value was found that holds${binds}`
    case 'allHold':
      return `${head}${noun(String(limit))} hold${repeats}, the end of the range${doubt}`
    default:
      if (search.want === 'smallest') {
        const less = found.bindingResource === null ? '' : `; with less ${limitBinds(found.bindingResource)}`
        return `${head}${noun(String(limit))} is the least that holds${repeats}${less}${doubt}`
      }
      return `${head}${noun(String(limit))} is the limit${repeats}${binds}${doubt}`
  }
}

const exceptionWords = (exceptions: readonly (number | string | null)[]): string =>
  `${exceptions.slice(0, 5).join(', ')}${exceptions.length > 5 ? ', …' : ''} ${exceptions.length === 1 ? 'contradicts' : 'contradict'} it`

/** Without a search: how often what binds. */
function bindingAnswer(combinations: readonly CombinationResult[]): string[] {
  const binding = combinations.map(({ measures }) => measures.bindingResource).filter(value => typeof value === 'string')
  if (binding.length === 0) return []
  const counts = new Map<string, number>()
  for (const name of binding) counts.set(name, (counts.get(name) ?? 0) + 1)
  const parts = [...counts].sort(([, a], [, b]) => b - a).map(([name, count]) => `${limitWords(name)} in ${count}`)
  if (combinations.length === 1) return [`what binds first is ${limitWords(binding[0])}`]
  return [`of ${combinations.length} combinations, what binds first is ${parts.join(', ')}`]
}
