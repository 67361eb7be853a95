// Two saved benchmarks side by side. Exact counters come first: builds that did other work cannot be slower or faster at it. Then times.
// This file says what a comparison is; JSON, table, Markdown and page all show the same object.

/**
 * What is said of one workload.
 * `equal`: the same work, and a difference as large as the floor is ruled out. `changed`: the same work, and a difference that is real but
 * below the floor. `regressed`, `improved`: B is slower, faster, by the floor or more. `inconclusive`: the times differ too much among
 * themselves to say either. `different`: other work, so times are not judged. `onlyInA`, `onlyInB`: nothing to compare with.
 */
const BENCH_VERDICTS = ['regressed', 'different', 'onlyInA', 'onlyInB', 'inconclusive', 'improved', 'changed', 'equal'] as const
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
  readonly method: 'paired' | 'apart'
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
  /** Resamples behind each interval. */
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
  /** What a build shows against itself: 95 % of such shifts are smaller than this. */
  readonly noise: number
  /** How much of the calibration kernel's time was taken out: 0 none, 1 all of it. */
  readonly calibration: number
}

export interface TimeSide {
  /** Of the times as they were taken, ns for all units. */
  readonly medianNs: number
  readonly samples: readonly number[]
}
