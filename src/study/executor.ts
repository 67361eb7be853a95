// Who computes points. The course of a study hands out points and takes outcomes in any order; whether they come from threads of this
// machine, from a queue or from jobs elsewhere is the executor's affair. A point is named by its id, so computing one twice does no harm.
import type { PointFacts } from './facts.js'
import type { PointContext, PointTask } from './point.js'

export type PointOutcome =
  | { readonly id: string; readonly kind: 'done'; readonly facts: PointFacts }
  /** The point could not be computed; the others can. */
  | { readonly id: string; readonly kind: 'failed'; readonly reason: string }

/** Where an executor gets its points. */
export interface PointSource {
  /** Up to `most` points as soon as there is one; none at all when the study has no more. What is taken must be answered. */
  take(most: number): Promise<readonly PointTask[]>
}

export interface StudyExecutor {
  /**
   * Points that it can compute at the same moment. A search asks for one point after another; where there is room for more, `take` hands
   * out what the search may ask for next. Absent: only what is needed for certain.
   */
  readonly capacity?: (() => number) | undefined
  /**
   * Computes what the source has until it ends and yields outcomes, one or many at a time; what is yielded together is written to disk
   * together. When `signal` is aborted it ends soon, with or without what was under way; when the caller takes no more outcomes, at once.
   */
  execute(context: PointContext, source: PointSource, signal: AbortSignal): AsyncIterable<readonly PointOutcome[]>
}
