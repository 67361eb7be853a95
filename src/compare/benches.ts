// Two saved benchmarks side by side. Exact counters come first: builds that did other work cannot be slower or faster at it. Then times.
// JSON, table, Markdown and page all show the object that comes of it.
import type { BenchSample, BenchWorkload, SavedBench } from '../bench/saved.js'
import { exactDifferences, notesOn, tookTurns } from './same-work.js'
import { holm } from './statistics.js'
import { compareTimes, type LogTimes, type Method, medianNs } from './times.js'
import { verdictOf } from './verdict.js'

/**
 * What is said of one workload.
 * `equal`: the same work, and a difference as large as the floor is ruled out. `changed`: the same work, and a difference that is real but
 * below the floor. `regressed`, `improved`: B is slower, faster, by the floor or more. `inconclusive`: the times differ too much among
 * themselves to say either. `different`: other work, so times are not judged. `onlyInA`, `onlyInB`: nothing to compare with.
 */
export const BENCH_VERDICTS = ['regressed', 'different', 'onlyInA', 'onlyInB', 'inconclusive', 'improved', 'changed', 'equal'] as const
export type BenchVerdict = (typeof BENCH_VERDICTS)[number]

export interface BenchComparison {
  readonly schemaVersion: 1
  readonly kind: 'comparison'
  readonly of: 'benches'
  /** The first of {@link BENCH_VERDICTS} that any workload has. */
  readonly verdict: BenchVerdict
  /** Workloads by verdict; each verdict is there. */
  readonly counts: Readonly<Record<BenchVerdict, number>>
  readonly a: BenchSide
  readonly b: BenchSide
  /** `paired`: builds took turns, and each sample of A is compared with the one of B beside it. `apart`: one after the other, or on other days. */
  readonly method: Method
  /** What a reader must know before believing the times: other machine, other Node.js, few samples. Sentences. */
  readonly notes: readonly string[]
  readonly options: BenchOptions
  /** In the order of A, then what only B has. */
  readonly workloads: readonly WorkloadComparison[]
}

export interface BenchOptions {
  /** A difference below this share of A's time is not worth a word: 0.03. */
  readonly floor: number
  /** How often all workloads together may be called different when they are not: 0.05. */
  readonly alpha: number
  /** Of the resampling: the same files and seed give the same numbers. */
  readonly seed: number
  /** Resamples behind each interval; fewer where there are hundreds of samples. */
  readonly resamples: number
}

/** Where the samples come from. */
export interface BenchSide {
  readonly suite: string
  readonly engine: { readonly version: string; readonly node: string; readonly build: string }
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryBytes: number; readonly os: string }
  readonly order: 'alone' | 'ABBA'
}

export interface WorkloadComparison {
  readonly name: string
  readonly kind: 'workload' | 'kernel'
  /** What `units` counts. */
  readonly unit: string
  /** Null: not in this benchmark. */
  readonly units: { readonly a: number | null; readonly b: number | null }
  readonly verdict: BenchVerdict
  /** Exact counters that differ; empty where the work is the same. */
  readonly exact: readonly ExactDifference[]
  /** Null where the work is not the same. */
  readonly time: TimeComparison | null
}

export interface ExactDifference {
  readonly name: string
  /** Null: not counted there. */
  readonly a: number | string | null
  readonly b: number | string | null
}

export interface TimeComparison {
  readonly a: TimeSide
  readonly b: TimeSide
  /** Hodges-Lehmann estimate of B's time over A's, less 1: 0.1 is 10 % slower. */
  readonly shift: number
  /** 95 % bootstrap interval of `shift`. */
  readonly interval: readonly [number, number]
  /** Of the hypothesis that both take the same time, two-sided. */
  readonly p: number
  /** After Holm, over all workloads that were compared. */
  readonly pCorrected: number
  readonly test: 'signedRank' | 'rankSum'
  /** What a build shows against itself: 95 % of such shifts are smaller than this. Null where there are too few samples to say. */
  readonly noise: number | null
  /** How much of the calibration kernel's time was taken out: 0 none, 1 all of it. */
  readonly calibration: number
}

export interface TimeSide {
  /** Of the times as they were taken, ns for all units. */
  readonly medianNs: number
  readonly samples: readonly number[]
}

/** The defaults of {@link BenchOptions}. */
export const BENCH_OPTIONS: BenchOptions = { floor: 0.03, alpha: 0.05, seed: 1, resamples: 2000 }

/** Compares two benchmarks; A is what was, B is what is to be judged. */
export function compareBenches(a: SavedBench, b: SavedBench, chosen: Partial<BenchOptions> = {}): BenchComparison {
  const options = { ...BENCH_OPTIONS, ...chosen }
  const method: Method = tookTurns(a, b) ? 'paired' : 'apart'
  const names = [...new Set([...a.workloads, ...b.workloads].map(({ name }) => name))]
  const drafts = names.map(name => draft(workloadOf(a, name), workloadOf(b, name), { method, isOneSuite: a.suite === b.suite, options }))
  const timed = drafts.flatMap(({ times }) => (times === null ? [] : [times]))
  const corrected = holm(timed.map(({ p }) => p))
  const workloads = drafts.map(({ comparison, times }) =>
    times === null ? comparison : judged(comparison, times, { pCorrected: corrected[timed.indexOf(times)], method, options }),
  )
  const counts = countsOf(workloads)
  return {
    schemaVersion: 1,
    kind: 'comparison',
    of: 'benches',
    verdict: BENCH_VERDICTS.find(verdict => counts[verdict] > 0) ?? 'equal',
    counts,
    a: sideOf(a),
    b: sideOf(b),
    method,
    notes: notesOn(a, b, { method, timed, alpha: options.alpha }),
    options,
    workloads,
  }
}

const workloadOf = ({ workloads }: SavedBench, name: string): BenchWorkload | null =>
  workloads.find(workload => workload.name === name) ?? null

const sideOf = ({ suite, engine, machine, order }: SavedBench): BenchSide => ({ suite, engine, machine, order })

function countsOf(workloads: readonly WorkloadComparison[]): Record<BenchVerdict, number> {
  const counts = Object.fromEntries(BENCH_VERDICTS.map(verdict => [verdict, 0])) as Record<BenchVerdict, number>
  for (const { verdict } of workloads) counts[verdict]++
  return counts
}

/** A workload before its p is corrected; `times` is null where they are not judged. */
interface Draft {
  readonly comparison: WorkloadComparison
  readonly times: LogTimes | null
}

function draft(
  a: BenchWorkload | null,
  b: BenchWorkload | null,
  { method, isOneSuite, options }: { method: Method; isOneSuite: boolean; options: BenchOptions },
): Draft {
  const { name, kind, unit } = (a ?? b) as BenchWorkload
  const exact = a === null || b === null ? [] : exactDifferences(a, b)
  const isSameWork = isOneSuite && exact.length === 0 && a !== null && b !== null
  const verdict = a === null ? 'onlyInB' : b === null ? 'onlyInA' : 'different'
  const comparison = { name, kind, unit, units: { a: a?.units ?? null, b: b?.units ?? null }, verdict, exact, time: null } as const
  if (!isSameWork) return { comparison, times: null }
  const { seed, resamples } = options
  const times = compareTimes(a.samples, b.samples, { method, name, seed, resamples })
  const time = { a: timeSide(a.samples), b: timeSide(b.samples), ...shown(times), pCorrected: 1, test: TESTS[method] }
  return { comparison: { ...comparison, time }, times }
}

const TESTS = { paired: 'signedRank', apart: 'rankSum' } as const

const timeSide = (samples: readonly BenchSample[]): TimeSide => ({ medianNs: medianNs(samples), samples: samples.map(({ ns }) => ns) })

/** From logarithms to shares: 0.0953 is 10 % more. */
const shown = ({ shift, interval, p, noise, calibration }: LogTimes) => ({
  shift: Math.expm1(shift),
  interval: [Math.expm1(interval[0]), Math.expm1(interval[1])] as const,
  p,
  noise: noise === null ? null : Math.expm1(noise),
  calibration,
})

function judged(
  comparison: WorkloadComparison,
  times: LogTimes,
  { pCorrected, method, options }: { pCorrected: number; method: Method; options: BenchOptions },
): WorkloadComparison {
  const time = comparison.time === null ? null : { ...comparison.time, pCorrected }
  return { ...comparison, time, verdict: verdictOf(times, { pCorrected, method, ...options }) }
}
