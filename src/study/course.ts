// The course of a study: cells say which points they want, the journal answers those that are known, an executor computes the rest, and
// what it yields is on disk before any cell hears of it.
import { setImmediate } from 'node:timers/promises'
import { combinationAt, combinationCount } from './axes.js'
import { Cell, type CellPoint } from './cell.js'
import type { PointOutcome, PointSource, StudyExecutor } from './executor.js'
import type { Journal } from './journal.js'
import { reasonOf } from './local.js'
import type { Study } from './model.js'
import { loadPoint, type PointContext, type PointTask, pointId, readPoint } from './point.js'

/** How far a study has come. */
export interface StudyProgress {
  /** Combinations times seeds: each is one point, or one search. */
  readonly cells: number
  readonly cellsDone: number
  /** Points with an outcome; of those, how many the journal knew, and how many failed. */
  readonly points: number
  readonly reused: number
  readonly failed: number
}

export interface CourseOptions {
  readonly journal: Journal
  readonly executor: StudyExecutor
  readonly signal: AbortSignal
  readonly onProgress?: ((progress: StudyProgress) => void) | undefined
}

interface Wish {
  readonly cell: Cell
  readonly point: CellPoint
}

interface UnderWay {
  readonly task: PointTask
  readonly seed: number
  readonly wishes: Wish[]
}

/** Points resolved between two looks at what else happens in this thread. */
const BREATHE_EVERY = 16

export class Course implements PointSource {
  readonly cells: Cell[] = []
  private readonly total: number
  private readonly context: PointContext
  private readonly underWay = new Map<string, UnderWay>()
  private readonly wishes: Wish[] = []
  private wake: () => void = () => {}
  private resolved = 0
  private progress = { cellsDone: 0, points: 0, reused: 0, failed: 0 }

  constructor(
    private readonly study: Study,
    private readonly options: CourseOptions,
  ) {
    this.total = combinationCount(study.axes) * study.seeds
    this.context = { mode: study.mode, base: { value: study.base.value, folder: study.base.folder } }
    options.signal.addEventListener('abort', () => this.wake(), { once: true })
  }

  /** Every cell in order, each with its answer; fewer if it was interrupted. */
  async run(): Promise<readonly Cell[]> {
    const { executor, signal } = this.options
    for await (const outcomes of executor.execute(this.context, this, signal)) this.record(outcomes)
    return this.cells
  }

  get isComplete(): boolean {
    return this.progress.cellsDone === this.total
  }

  /** Of the executor. Points that are known, or cannot even be read, are answered here and are not among what it gets. */
  async take(most: number): Promise<readonly PointTask[]> {
    const tasks: PointTask[] = []
    while (tasks.length < most && !this.options.signal.aborted) {
      const wish = this.wishes.shift() ?? this.nextCell()
      if (wish === null) {
        if (tasks.length > 0 || this.isComplete) break
        await new Promise<void>(resolve => {
          this.wake = resolve
        })
        continue
      }
      const task = this.resolve(wish)
      if (task) tasks.push(task)
      if (++this.resolved % BREATHE_EVERY === 0) await setImmediate()
    }
    return tasks
  }

  /** The first wish of the next cell; its others wait in line. */
  private nextCell(): Wish | null {
    if (this.cells.length === this.total) return null
    const { axes, seeds, base } = this.study
    const index = this.cells.length
    const combination = combinationAt(axes, Math.floor(index / seeds))
    const first = Number(
      [...this.study.set, ...combination].findLast(({ path }) => path === 'seed')?.value ?? (base.value as { seed?: unknown }).seed ?? 1,
    )
    const cell = new Cell(this.study, combination, seeds === 1 ? null : first + (index % seeds))
    this.cells.push(cell)
    this.wishes.push(...cell.begin().map(point => ({ cell, point })))
    return this.wishes.shift() ?? null
  }

  /** The task that answers a wish; null if it needs none, or if another wish for the same point has one already. */
  private resolve(wish: Wish): PointTask | null {
    const { set } = wish.point
    try {
      const loaded = loadPoint(this.context, set)
      const id = pointId(loaded)
      wish.point.id = id
      const facts = this.options.journal.find(id)
      if (facts) {
        this.progress.reused++
        this.answer(wish, { id, kind: 'done', facts })
        return null
      }
      const same = this.underWay.get(id)
      if (same) {
        same.wishes.push(wish)
        return null
      }
      const task = { id, set, ...(this.study.mode === 'plan' && { read: readPoint(loaded) }) }
      this.underWay.set(id, { task, seed: loaded.scenario.seed, wishes: [wish] })
      return task
    } catch (error) {
      this.answer(wish, { id: '', kind: 'failed', reason: reasonOf(error) })
      return null
    }
  }

  private record(outcomes: readonly PointOutcome[]): void {
    const entries = outcomes.flatMap(outcome => {
      const work = this.underWay.get(outcome.id)
      return work && outcome.kind === 'done'
        ? [{ id: outcome.id, kind: this.study.mode, seed: work.seed, set: work.task.set, facts: outcome.facts }]
        : []
    })
    this.options.journal.append(entries)
    for (const outcome of outcomes) {
      const wishes = this.underWay.get(outcome.id)?.wishes ?? []
      this.underWay.delete(outcome.id)
      for (const wish of wishes) this.answer(wish, outcome)
    }
    this.wake()
  }

  private answer({ cell, point }: Wish, outcome: PointOutcome): void {
    if (outcome.kind === 'done') point.facts = outcome.facts
    else {
      point.failure = outcome.reason
      this.progress.failed++
    }
    this.progress.points++
    this.wishes.push(...cell.settle(point).map(next => ({ cell, point: next })))
    if (cell.hasEnded) this.progress.cellsDone++
    this.options.onProgress?.({ cells: this.total, ...this.progress })
  }
}
