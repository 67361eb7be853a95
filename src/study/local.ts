// The executor of one machine: threads of a piscina pool, or this very thread. Points travel in batches, small enough that each takes a
// fraction of a second, so that cheap points do not cost a message each and nothing much is lost when the study is killed.
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { PointOutcome, PointSource, StudyExecutor } from './executor.js'
import { computePoint, type PointContext, type PointTask } from './point.js'

/** What a thread is asked, and what it answers. */
export interface BatchTask {
  readonly context: PointContext
  readonly points: readonly PointTask[]
}
export interface BatchAnswer {
  readonly outcomes: readonly PointOutcome[]
  readonly elapsedMs: number
}

/** Time a batch should take, ms, and the most points in one. */
const BATCH_MS = 150
const MOST_IN_BATCH = 32
/** Batches of a thread: one it computes and one that waits for it. */
const AHEAD = 2
/** How long threads may take to finish what they have after an interruption, ms. */
const GRACE = 1500

/** Computes the points of a batch, one after the other; a point that fails is an outcome. */
export async function computeBatch({ context, points }: BatchTask): Promise<PointOutcome[]> {
  const outcomes: PointOutcome[] = []
  for (const point of points) {
    const { id } = point
    try {
      outcomes.push({ id, kind: 'done', facts: await computePoint(context, point) })
    } catch (error) {
      outcomes.push({ id, kind: 'failed', reason: reasonOf(error) })
    }
  }
  return outcomes
}

/** One line. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n').join(' | ')

/** In this thread: for a handful of points, and where no threads are wanted. */
export const soloExecutor: StudyExecutor = {
  async *execute(context, source, signal) {
    for (let points = await source.take(1); points.length > 0 && !signal.aborted; points = await source.take(1)) {
      yield await computeBatch({ context, points })
    }
  },
}

/** On so many threads. `entry`: for tests of what happens when threads die. */
export const threadExecutor = (threads: number, entry?: URL): StudyExecutor => ({
  capacity: () => threads,
  async *execute(context, source, signal) {
    const pool = new Piscina<BatchTask, BatchAnswer>({
      filename: fileURLToPath(entry ?? new URL('../../workers/study-point.js', import.meta.url)),
      name: 'studyPoint',
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      atomics: 'disabled',
      recordTiming: false,
    })
    // Threads that die are reported by the promise of their batch; the pool replaces them.
    pool.on('error', () => {})
    try {
      yield* new Crew(pool, context, source, signal, threads).outcomes()
    } finally {
      await pool.destroy()
    }
  },
})

/** Keeps the threads busy: takes points when there is room, passes on whichever batch is finished first. */
class Crew {
  private readonly underWay = new Set<Promise<readonly PointOutcome[]>>()
  private batch = 1
  private msPerPoint = 0

  constructor(
    private readonly pool: Piscina<BatchTask, BatchAnswer>,
    private readonly context: PointContext,
    private readonly source: PointSource,
    private readonly signal: AbortSignal,
    private readonly threads: number,
  ) {}

  async *outcomes(): AsyncGenerator<readonly PointOutcome[]> {
    const aborted = new Promise<null>(resolve => {
      if (this.signal.aborted) resolve(null)
      this.signal.addEventListener('abort', () => setTimeout(resolve, GRACE, null), { once: true })
    })
    let next: Promise<readonly PointTask[]> | null = null
    let hasEnded = false
    while (true) {
      if (next === null && !hasEnded && !this.signal.aborted && this.underWay.size < this.threads * AHEAD)
        next = this.source.take(this.batch)
      if (next === null && this.underWay.size === 0) return
      const waiting: Promise<unknown>[] = [...this.underWay, aborted]
      const taken = next?.then(points => ({ points }))
      const first = await Promise.race(taken ? [...waiting, taken] : waiting)
      if (first === null) return
      if (isTaken(first)) {
        next = null
        if (first.points.length === 0) hasEnded = true
        else this.share(first.points)
      } else yield first as readonly PointOutcome[]
    }
  }

  /** Among the threads that have nothing to do, if there are any. */
  private share(points: readonly PointTask[]): void {
    const size = Math.ceil(points.length / Math.max(1, this.threads - this.underWay.size))
    for (let from = 0; from < points.length; from += size) this.start(points.slice(from, from + size))
  }

  private start(points: readonly PointTask[]): void {
    const done = this.compute(points).then(outcomes => {
      this.underWay.delete(done)
      return outcomes
    })
    this.underWay.add(done)
  }

  /** A batch whose thread dies is computed again point by point, so that only the point that kills it fails. */
  private async compute(points: readonly PointTask[]): Promise<readonly PointOutcome[]> {
    try {
      const { outcomes, elapsedMs } = await this.pool.run({ context: this.context, points })
      this.msPerPoint = this.msPerPoint === 0 ? elapsedMs / points.length : (this.msPerPoint + elapsedMs / points.length) / 2
      this.batch = Math.max(1, Math.min(MOST_IN_BATCH, Math.round(BATCH_MS / Math.max(this.msPerPoint, 0.01))))
      return outcomes
    } catch (error) {
      if (this.signal.aborted) return []
      if (points.length === 1) return [{ id: points[0].id, kind: 'failed', reason: `the thread ended: ${reasonOf(error)}` }]
      const alone: PointOutcome[] = []
      for (const point of points) alone.push(...(await this.compute([point])))
      return alone
    }
  }
}

const isTaken = (first: unknown): first is { points: readonly PointTask[] } =>
  typeof first === 'object' && first !== null && 'points' in first
