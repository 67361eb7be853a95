// The words and numbers of comparisons, the same in the terminal and in Markdown.
import { count, duration } from '../base/units.js'
import type { BenchComparison, BenchVerdict, TimeComparison, WorkloadComparison } from '../compare/benches.js'
import { BENCH_VERDICTS } from '../compare/benches.js'
import type { Change, RunComparison } from '../compare/runs.js'

export const VERDICT_WORDS: Readonly<Record<BenchVerdict, string>> = {
  regressed: 'regressed',
  improved: 'improved',
  changed: 'changed',
  equal: 'equal',
  inconclusive: 'inconclusive',
  different: 'different work',
  onlyInA: 'only in A',
  onlyInB: 'only in B',
}

/** What each word means, for the reader of a table. */
export const VERDICT_SENTENCES: Readonly<Record<BenchVerdict, string>> = {
  regressed: 'B is slower, by the floor or more',
  improved: 'B is faster, by the floor or more',
  changed: 'a real difference, too small to call',
  equal: 'a difference as large as the floor is ruled out',
  inconclusive: 'the times differ too much among themselves to say; measure more rounds, or on a calmer machine',
  different: 'the exact counters differ, so this is another benchmark: times are not judged',
  onlyInA: 'B does not have it',
  onlyInB: 'A does not have it',
}

export const RUN_VERDICTS: Readonly<Record<RunComparison['verdict'], readonly [string, string]>> = {
  equal: ['EQUAL', 'the same scenario and seed, and everything that happened is the same'],
  changed: ['CHANGED', 'the same scenario and seed came out otherwise'],
  different: ['DIFFERENT WORK', 'another scenario or seed: what changed is the difference between them'],
}

/** 2 regressed, 5 equal */
export const tally = ({ counts }: BenchComparison): string => {
  const parts = BENCH_VERDICTS.filter(verdict => counts[verdict] > 0).map(verdict => `${counts[verdict]} ${VERDICT_WORDS[verdict]}`)
  return parts.length === 0 ? 'no workloads' : parts.join(', ')
}

/** +10.2 % */
export const percent = (value: number): string => `${value < 0 ? '-' : '+'}${(Math.abs(value) * 100).toFixed(1)} %`

export const intervalWords = ({ interval: [low, high] }: TimeComparison): string => `${percent(low)} to ${percent(high)}`

export const noiseWords = ({ noise }: TimeComparison): string => (noise === null ? '-' : `${(noise * 100).toFixed(1)} %`)

export const probability = (p: number): string => (p < 0.0001 ? '< 0.0001' : p.toFixed(4))

/** Units are counted in the plural: packets, lookups, points. */
export const unitName = (unit: string): string => unit.replace(/s$/, '')

/** Time for one unit of work, as the workload counts it: what people compare across sizes. */
export const perUnit = (ns: number, units: number | null): string => (units === null || units <= 1 ? duration(ns) : duration(ns / units))

export const methodWords = ({ method, options }: BenchComparison, family: number): string =>
  `${
    method === 'paired'
      ? "builds took turns (A B B A), Wilcoxon's signed ranks over pairs"
      : 'builds measured apart, Mann-Whitney over calibrated times'
  }; p after Holm over ${family} ${family === 1 ? 'workload' : 'workloads'}, at most ${options.alpha}; floor ${Number((options.floor * 100).toPrecision(3))} %`

export const isTimed = (workload: WorkloadComparison): workload is WorkloadComparison & { readonly time: TimeComparison } =>
  workload.time !== null

export const exactValue = (value: number | string | null): string =>
  value === null ? '-' : typeof value === 'number' && Number.isInteger(value) ? count(value) : String(value)

/** A metric of a run, in its unit. */
export const shown = ({ unit }: Pick<Change, 'unit'>, value: number): string =>
  unit === 'ns' ? `${value < 0 ? '-' : ''}${duration(Math.abs(value))}` : count(value)
