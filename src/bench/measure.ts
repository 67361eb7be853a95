// Takes all samples: round after round, in each round every benchmark, each sample in a process of its own. One build is measured alone; two
// take turns, A B B A for each benchmark in each round, so that what the machine does for longer than a moment falls on both. The first round
// is a warm-up (files come into memory, the clock rate settles) and is not kept.
import { isDeepStrictEqual } from 'node:util'
import { InvariantError } from '../base/invariant.js'
import type { Bench, Exact, Size } from './bench.js'
import type { Build } from './build.js'
import { askChild, ChildError, Interrupted } from './child-process.js'
import { machineHere } from './machine.js'
import { type Answer, answerSchema, PROTOCOL } from './protocol.js'
import type { BenchSample, BenchWorkload, SavedBench } from './saved.js'

/**
 * Samples of each of two builds where nobody says how many. Where single times of one build differ by a tenth, so many find a tenth more than
 * nine times in ten (`test/compare/false-alarms.test.ts`).
 */
export const PAIRED_RUNS = 24

export interface MeasureOptions {
  readonly benches: readonly Bench[]
  /** One build alone, or two that take turns. */
  readonly builds: readonly [Build] | readonly [Build, Build]
  /** Samples of each benchmark and build. Of two builds an even number is taken. */
  readonly runs: number
  readonly size: Size
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: MeasureProgress) => void) | undefined
}

export interface MeasureProgress {
  /** Samples taken, the warm-up's too, and how many there will be. */
  readonly done: number
  readonly total: number
  /** What comes next. */
  readonly name: string
  /** Milliseconds that the rest will take; null as long as nobody knows. */
  readonly leftMs: number | null
}

export interface Measured {
  /** What each build took, in the order of `builds`. After an interruption what was finished. */
  readonly saved: readonly SavedBench[]
  readonly interrupted: boolean
}

/** One sample to take: which build, which benchmark; round -1 is the warm-up. */
interface Turn {
  readonly build: number
  readonly bench: Bench
  readonly round: number
}

/** Throws a {@link ChildError} when a process fails, an InvariantError when one build counts differently twice. */
export async function measure(options: MeasureOptions): Promise<Measured> {
  const { builds, size, signal } = options
  const turns = turnsOf(options)
  const books = builds.map(() => new Map<string, Book>())
  const pace = new Pace()
  for (const [done, turn] of turns.entries()) {
    const { build, bench } = turn
    options.onProgress?.({ done, total: turns.length, name: bench.name, leftMs: pace.left(turns.slice(done)) })
    const started = performance.now()
    try {
      const answer = await sampleOf(builds[build], bench.name, size, signal)
      enter(books[build], turn, answer, done)
    } catch (error) {
      if (error instanceof Interrupted) return { saved: savedOf(options, books), interrupted: true }
      throw error
    }
    pace.took(turn, performance.now() - started)
  }
  return { saved: savedOf(options, books), interrupted: false }
}

function turnsOf({ benches, builds, runs }: MeasureOptions): Turn[] {
  const isPaired = builds.length === 2
  const rounds = isPaired ? Math.ceil(runs / 2) : runs
  const order = isPaired ? [0, 1, 1, 0] : [0]
  const round = (number: number, sides: readonly number[]): Turn[] =>
    benches.flatMap(bench =>
      sides.filter(side => builds[side].about.names.includes(bench.name)).map(build => ({ build, bench, round: number })),
    )
  return [...round(-1, isPaired ? [0, 1] : [0]), ...Array.from({ length: rounds }, (_, i) => round(i, order)).flat()]
}

async function sampleOf(build: Build, name: string, size: Size, signal: AbortSignal | undefined): Promise<Answer> {
  const where = build.folder === null ? '' : ` of ${build.folder}`
  try {
    const answer = answerSchema.safeParse(await askChild(build.entry, { protocol: PROTOCOL, ask: 'sample', size, name }, signal))
    if (answer.success) return answer.data
    throw new ChildError(`the process answered something else than a sample: ${answer.error.issues[0].message}`)
  } catch (error) {
    if (error instanceof ChildError) throw new ChildError(`benchmark ${name}${where}: ${error.message}`)
    throw error
  }
}

/** What one build has counted and taken for one benchmark. */
interface Book {
  readonly units: number
  readonly exact: Exact
  readonly samples: BenchSample[]
}

function enter(books: Map<string, Book>, { bench, round }: Turn, answer: Answer, turn: number): void {
  const { units, exact, ns, wallNs, calibrationNs } = answer
  const book = books.get(bench.name) ?? { units, exact, samples: [] }
  books.set(bench.name, book)
  if (!isDeepStrictEqual([book.units, book.exact], [units, exact])) throw new InvariantError(otherwise(bench.name, book, answer))
  if (round >= 0) book.samples.push({ round, ns, calibrationNs, wallNs, turn })
}

/** The first counter that two runs of one build do not agree about. */
function otherwise(name: string, book: Book, answer: Answer): string {
  const [before, after]: Exact[] = [book, answer].map(({ units, exact }) => ({ units, ...exact }))
  const key = [...Object.keys(before), ...Object.keys(after)].find(counter => before[counter] !== after[counter]) ?? 'units'
  return `benchmark ${name}: two runs of the same build counted differently: ${key} was ${before[key]}, then ${after[key]}`
}

function savedOf({ benches, builds }: MeasureOptions, books: readonly Map<string, Book>[]): SavedBench[] {
  return builds.map(({ about }, side) => {
    const workloads = benches.flatMap(({ name, kind, unit }): BenchWorkload[] => {
      const book = books[side].get(name)
      return book === undefined || book.samples.length === 0 ? [] : [{ name, kind, unit, ...book }]
    })
    const other = builds.length === 2 ? builds[1 - side].about.engine.build : undefined
    const { suite, engine } = about
    const order = other === undefined ? 'alone' : 'ABBA'
    return { schemaVersion: 1, kind: 'bench', suite, engine, machine: machineHere(), workloads, order, ...(other && { pairedWith: other }) }
  })
}

/** How long the rest will take, by what each benchmark took last; those not seen yet count as the mean of the others. */
class Pace {
  private readonly last = new Map<string, number>()

  took({ bench }: Turn, milliseconds: number): void {
    this.last.set(bench.name, milliseconds)
  }

  left(turns: readonly Turn[]): number | null {
    if (this.last.size === 0) return null
    const known = [...this.last.values()]
    const mean = known.reduce((total, value) => total + value, 0) / known.length
    return turns.reduce((total, { bench }) => total + (this.last.get(bench.name) ?? mean), 0)
  }
}
