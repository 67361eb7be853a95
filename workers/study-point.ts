// Entry point of a thread that computes points of a study, a batch at a time.
import { type BatchAnswer, type BatchTask, computeBatch } from '../src/study/local.js'

/** The task that `study/local.ts` gives to its pool. */
export async function studyPoint(task: BatchTask): Promise<BatchAnswer> {
  const started = performance.now()
  const outcomes = await computeBatch(task)
  return { outcomes, elapsedMs: performance.now() - started }
}
