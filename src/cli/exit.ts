// Exit codes, and the one place where an error becomes text on stderr. Mistakes in files and options have no stack; our faults do.
import { OutputError, RunError } from '../run/run-error.js'
import { ScenarioError } from '../scenario/error.js'

export const Exit = { done: 0, fault: 1, usage: 2, assertionFailed: 3, regression: 4, incomplete: 5, interrupted: 130 } as const

/** Says on stderr what went wrong; returns the exit code. */
export function report(error: unknown): number {
  if (error instanceof ScenarioError) return say(error.message, Exit.usage)
  if (error instanceof OutputError) return say(`vxlane: ${error.message}`, Exit.usage)
  if (error instanceof RunError) {
    const detail = process.env.VXLANE_DEBUG && error.detail ? `\n${error.detail}` : ''
    return say(
      `vxlane: the run failed: ${error.message}${detail}\nThis is a fault of vxlane. The same scenario and seed show it again; please report both.`,
      Exit.fault,
    )
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return say(`vxlane: a fault of ours: ${text}`, Exit.fault)
}

function say(text: string, code: number): number {
  process.stderr.write(`${text}\n`)
  return code
}
