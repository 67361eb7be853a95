// A thread that dies of the points of some combinations, as if of too little memory: maxPods=13 ends the thread, maxPods=17 the whole
// process, and takes nothing else with it.
import { computeBatch } from '../../../dist/src/study/local.js'

export async function studyPoint(task) {
  const text = JSON.stringify(task.points)
  if (text.includes('maxPods=13')) process.exit(7)
  if (text.includes('maxPods=17')) process.kill(process.pid, 'SIGKILL')
  return { outcomes: await computeBatch(task), elapsedMs: 1 }
}
