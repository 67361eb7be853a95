// A thread that computes points as usual, but ends at once when a batch holds a scenario called "kill".
import { computeBatch } from '../../../dist/src/study/local.js'

export async function studyPoint(task) {
  if (task.points.some(({ set }) => set.includes('name=kill'))) process.exit(1)
  return { outcomes: await computeBatch(task), elapsedMs: 1 }
}
