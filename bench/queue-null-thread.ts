// A thread for the bench of the queue: it answers at once and computes nothing.
import type { BatchAnswer, BatchTask } from '../src/study/local.js'

export async function studyPoint({ points }: BatchTask): Promise<BatchAnswer> {
  const facts = { kind: 'plan', refused: null, resources: [] } as unknown as Extract<
    BatchAnswer['outcomes'][number],
    { kind: 'done' }
  >['facts']
  return { outcomes: points.map(({ id }) => ({ id, kind: 'done', facts })), elapsedMs: 0 }
}
