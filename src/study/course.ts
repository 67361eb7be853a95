// The course of a study: cells say which points they want, the journal answers those that are known, an executor computes the rest, and
// what it yields is on disk before any cell hears of it. An executor with room for more gets what searches may want later.
import { setImmediate } from 'node:timers/promises'
import { combinationAt, combinationCount } from './axes.js'
import { Cell, type CellPoint } from './cell.js'
import type { PointOutcome, PointSource, StudyExecutor } from './executor.js'
import type { FailedEntry, Journal, JournalEntry } from './journal.js'
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

/** Cells from..to - 1, counted as combinations times seeds, the seeds of a combination side by side. */
export interface CellRange {
  readonly from: number
  readonly to: number
}

export interface CourseOptions {
  /** All cells if absent. */
  readonly range?: CellRange | undefined
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

/** Combinations times seeds: each is one point, or one search. */
export const cellCount = ({ axes, seeds }: Study): number => combinationCount(axes) * seeds

/** Points resolved between two looks at what else happens in this thread. */
const BREATHE_EVERY = 16

export class Course implements PointSource {
  readonly cells: Cell[] = []
  private readonly range: CellRange
  private readonly context: PointContext
  private readonly underWay = new Map<string, UnderWay>()
  private readonly wishes: Wish[] = []
  /** Of what may be wanted later. None is ever left out: a search that comes to want one relies on its outcome. */
  private readonly foreseen: Wish[] = []
  private wake: () => void = () => {}
  private resolved = 0
  private progress = { cellsDone: 0, points: 0, reused: 0, failed: 0 }

  constructor(
    private readonly study: Study,
    private readonly options: CourseOptions,
  ) {
    this.range = options.range ?? { from: 0, to: cellCount(study) }
    this.context = { mode: study.mode, base: { value: study.base.value, folder: study.base.folder } }
    options.signal.addEventListener('abort', () => this.wake(), { once: true })
  }

  private get total(): number {
    return this.range.to - this.range.from
  }

  /** Every cell in order, each with its answer; fewer if it was interrupted. */
  async run(): Promise<readonly Cell[]> {
    const { executor, signal } = this.options
    for await (const outcomes of executor.execute(this.context, this, signal)) {
      this.record(outcomes)
      // What is still under way was looked at ahead, in vain.
      if (this.isComplete) break
    }
    return this.cells
  }

  get isComplete(): boolean {
    return this.progress.cellsDone === this.total
  }

  /**
   * Of the executor. Points that are known, or cannot even be read, are answered here and are not among what it gets. What is needed goes
   * first, then further cells; only if there is room for more, what searches may want later.
   */
  async take(most: number): Promise<readonly PointTask[]> {
    const tasks: PointTask[] = []
    while (tasks.length < most && !this.options.signal.aborted) {
      const wish = this.wishes.shift() ?? this.nextCell() ?? this.foreseen.shift() ?? this.foresee(most - tasks.length)
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
    const index = this.range.from + this.cells.length
    const combination = combinationAt(axes, Math.floor(index / seeds))
    const first = Number(
      [...this.study.set, ...combination].findLast(({ path }) => path === 'seed')?.value ?? (base.value as { seed?: unknown }).seed ?? 1,
    )
    const cell = new Cell(this.study, combination, seeds === 1 ? null : first + (index % seeds))
    this.cells.push(cell)
    this.wishes.push(...cell.begin().map(point => ({ cell, point })))
    return this.wishes.shift() ?? null
  }

  /** Asks cells that have not ended what they may want later, so much in all and each its share; the first of it, the rest waits in line. */
  private foresee(most: number): Wish | null {
    const room = Math.min(most, (this.options.executor.capacity?.() ?? 0) - this.underWay.size)
    const open = room > 0 ? this.cells.filter(cell => !cell.hasEnded) : []
    for (const [i, cell] of open.entries()) {
      const share = Math.ceil((room - this.foreseen.length) / (open.length - i))
      this.foreseen.push(...cell.foresee(share).map(point => ({ cell, point })))
    }
    return this.foreseen.shift() ?? null
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
        if (wish.cell.isAsked(wish.point)) this.progress.reused++
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
      return work === undefined ? [] : [this.entryOf(work, outcome)]
    })
    this.options.journal.append(entries)
    for (const outcome of outcomes) {
      const wishes = this.underWay.get(outcome.id)?.wishes ?? []
      this.underWay.delete(outcome.id)
      for (const wish of wishes) this.answer(wish, outcome)
    }
    this.wake()
  }

  private entryOf({ task, seed, wishes }: UnderWay, outcome: PointOutcome): JournalEntry | FailedEntry {
    const head = { id: outcome.id, kind: this.study.mode, seed, set: task.set }
    if (outcome.kind === 'failed') return { ...head, failed: outcome.reason }
    const isNeeded = wishes.some(({ cell, point }) => cell.isAsked(point))
    return { ...head, facts: outcome.facts, ...(!isNeeded && { speculative: true as const }) }
  }

  private answer({ cell, point }: Wish, outcome: PointOutcome): void {
    const { answered, failed, hasEnded } = cell
    if (outcome.kind === 'done') point.facts = outcome.facts
    else point.failure = outcome.reason
    this.wishes.push(...cell.settle(point).map(next => ({ cell, point: next })))
    this.progress.points += cell.answered - answered
    this.progress.failed += cell.failed - failed
    if (cell.hasEnded && !hasEnded) this.progress.cellsDone++
    this.options.onProgress?.({ cells: this.total, ...this.progress })
  }
}
