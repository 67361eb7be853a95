// Reads a result that somebody names: what is no result of this version is said in a sentence, never shown as numbers.
import type { RunResult } from '../run/result.js'
import { resultSchema } from '../run/result-schema.js'

export class UnreadableResult extends Error {
  override name = 'UnreadableResult'
}

/** The JSON of a file, whatever it is. */
export function readJson(file: string, read: (file: string) => string): unknown {
  try {
    return JSON.parse(read(file))
  } catch (error) {
    throw new UnreadableResult(`cannot read ${file}: ${(error as Error).message}`)
  }
}

export const kindOf = (value: unknown): unknown => (typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined)

/** Checks that a value is the result of a run. */
export function runIn(value: unknown, file: string): RunResult {
  if (kindOf(value) !== 'run') throw new UnreadableResult(`${file} is no result of a run`)
  const checked = resultSchema.safeParse(value)
  if (checked.success) return value as RunResult
  const [{ path, message }] = checked.error.issues
  throw new UnreadableResult(`${file} is no result that this version writes: ${path.join('.')}: ${message}`)
}

export const readRun = (file: string, read: (file: string) => string): RunResult => runIn(readJson(file, read), file)
