// The threads of a run: one piscina task per shard, all at once, on a pool that is made for this run and destroyed with it.
// Shards meet at barriers, so a pool with fewer threads than shards would wait for ever, and a shard that dies would leave the
// others waiting: the first failure therefore aborts the board, and the run ends within two seconds whatever the rest does.
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { ShardReport } from '../engine/report.js'
import type { ShardSetup } from '../engine/rounds.js'
import { type Board, openBoard, type Progress } from '../shm/board.js'
import { failureOf, type ShardAnswer, type ShardFailure } from './messages.js'
import { inSeconds, RunError } from './run-error.js'

/** How long the surviving shards may take to leave after an abort, ms. */
const GRACE = 1000
/** Between two looks at the board, ms. */
const PROGRESS_EVERY = 200

/** What the caller of a run may do while it goes on. */
export interface Control {
  /** Aborted: finish the current window, report what there is. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** For tests of what happens when threads die. */
export interface CrewInternals {
  readonly entry?: URL
  readonly resourceLimits?: { readonly maxOldGenerationSizeMb: number }
}

type Fail = (shard: number | null, failure: ShardFailure) => void

/** Runs every shard on a thread of its own; reports in order of shards. Throws {@link RunError} when a shard fails. */
export async function runCrew(setups: readonly ShardSetup[], control: Control = {}, internals: CrewInternals = {}): Promise<ShardReport[]> {
  const board = openBoard(setups[0].mesh.board)
  const pool = startPool(setups.length, internals)
  const stop = () => board.requestStop()
  control.signal?.addEventListener('abort', stop)
  if (control.signal?.aborted) stop()
  // What the caller's own callback throws is the caller's again, once the threads have left.
  const thrown: unknown[] = []
  const ticker = setInterval(() => {
    try {
      control.onProgress?.(board.progress())
    } catch (error) {
      thrown.push(error)
      board.requestStop()
    }
  }, PROGRESS_EVERY)
  try {
    const reports = await allOrNothing(pool, setups, board)
    if (thrown.length > 0) throw thrown[0]
    return reports
  } finally {
    clearInterval(ticker)
    control.signal?.removeEventListener('abort', stop)
    await pool.destroy()
  }
}

function startPool(threads: number, { entry, resourceLimits }: CrewInternals): Piscina<ShardSetup, ShardAnswer> {
  return new Piscina({
    filename: fileURLToPath(entry ?? new URL('../../workers/shard.js', import.meta.url)),
    name: 'shard',
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    atomics: 'disabled',
    recordTiming: false,
    ...(resourceLimits && { resourceLimits }),
  })
}

/** All reports, or the first failure: then the others get {@link GRACE} to leave by themselves. */
function allOrNothing(pool: Piscina<ShardSetup, ShardAnswer>, setups: readonly ShardSetup[], board: Board): Promise<ShardReport[]> {
  return new Promise((resolve, reject) => {
    let first: RunError | null = null
    let grace: NodeJS.Timeout | undefined
    const fail: Fail = (shard, failure) => {
      if (first !== null) return
      board.abort()
      const error = runErrorOf(shard, failure, setups[0].image.params.seed, board.progress().timeNs)
      first = error
      grace = setTimeout(() => reject(error), GRACE)
    }
    pool.on('error', (error: unknown) => fail(null, failureOf(error)))
    Promise.all(setups.map(setup => reportOf(pool, setup, fail))).then(reports => {
      clearTimeout(grace)
      const whole = reports.filter(report => report !== null)
      if (first === null && whole.length < setups.length) fail(null, failureOf(new Error('left without a report')))
      if (first !== null) reject(first)
      else resolve(whole)
    })
  })
}

/** One shard's report, or null after its failure or another's. */
async function reportOf(pool: Piscina<ShardSetup, ShardAnswer>, setup: ShardSetup, fail: Fail): Promise<ShardReport | null> {
  try {
    const answer = await pool.run(setup)
    if (answer.kind === 'report') return answer.report
    if (answer.kind === 'failed') fail(setup.shard, answer)
    // Only after a failure that another thread reports, perhaps a moment later, does a shard leave without one of its own.
  } catch (error) {
    fail(setup.shard, failureOf(error))
  }
  return null
}

function runErrorOf(shard: number | null, failure: ShardFailure, seed: number, reachedNs: number): RunError {
  const timeNs = failure.timeNs ?? reachedNs
  const who = shard === null ? 'a shard' : `shard ${shard}`
  return new RunError(
    `${who} ${verbOf(failure)} at ${inSeconds(timeNs)} of virtual time, seed ${seed}`,
    { seed, shard, timeNs },
    failure.stack,
  )
}

/** What a thread did: ended for lack of memory, ended, or threw. The first two are piscina's and Node's words. */
function verbOf({ cause, code }: ShardFailure): string {
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return 'ran out of memory (heap of its thread)'
  const exit = /worker exited with code: (-?\d+)/.exec(cause)
  return exit ? `exited with code ${exit[1]}` : `threw ${cause}`
}
