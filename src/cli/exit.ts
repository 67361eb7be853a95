// Exit codes, and the one place where an error becomes text on stderr. Mistakes in files and options have no stack; our faults do.
import { LabError } from '../lab/lab-error.js'
import { QueueError } from '../queue/queue-error.js'
import { MemoryError, OutputError, RunError } from '../run/run-error.js'
import { ScenarioError } from '../scenario/error.js'
import { PointsMissing, StudyError } from '../study/study-error.js'
import { UnreadableResult } from './read-result.js'

export const Exit = { done: 0, fault: 1, usage: 2, assertionFailed: 3, regression: 4, incomplete: 5, interrupted: 130 } as const

/** Says on stderr what went wrong; returns the exit code. */
export function report(error: unknown): number {
  if (error instanceof ScenarioError) return say(error.message, Exit.usage)
  if (error instanceof PointsMissing) return say(`vxlane: ${error.message}`, Exit.incomplete)
  const ofUsage = [StudyError, OutputError, MemoryError, LabError, QueueError, UnreadableResult]
  if (error instanceof Error && ofUsage.some(kind => error instanceof kind)) return say(`vxlane: ${error.message}`, Exit.usage)
  if (error instanceof RunError) {
    return say(`vxlane: the run failed: ${error.message}${stackOf(error.detail)}\n${PLEASE}`, Exit.fault)
  }
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  return say(`vxlane: ${name}: ${message}${stackOf(stack ?? '')}\n${PLEASE}`, Exit.fault)
}

const PLEASE = 'This is a fault of vxlane, not of your scenario; --debug shows where. Please report it with the scenario and the seed.'

/** People who asked for it get the stack. */
const stackOf = (stack: string): string => (process.env.VXLANE_DEBUG && stack ? `\n${stack}` : '')

function say(text: string, code: number): number {
  process.stderr.write(`${text}\n`)
  return code
}
