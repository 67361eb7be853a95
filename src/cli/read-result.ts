// Reads results that somebody names: what is no result of this version is said in sentences that say how to go on, never shown as numbers,
// and never in the words of the system or of a parser.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { whyUnread } from '../base/file-words.js'
import type { RunResult } from '../run/result.js'
import { resultSchema } from '../run/result-schema.js'
import { type LocatedIssue, ScenarioError } from '../scenario/error.js'
import { formatPath } from '../scenario/override.js'
import { issuesOf } from '../scenario/shape.js'

export class UnreadableResult extends Error {
  override name = 'UnreadableResult'
}

/** What a command takes: the names under which a folder holds it, and who writes it. */
export interface Wanted {
  readonly names: readonly string[]
  readonly hint: string
}

/** The file that is meant: a folder stands for what is in it. */
export function fileAt(argument: string, { names, hint }: Wanted): string {
  if (!isFolder(argument)) return argument
  const inside = names.map(name => join(argument, name)).find(file => existsSync(file))
  if (inside !== undefined) return inside
  const none = names.length === 1 ? `no ${names[0]}` : `neither ${names.join(' nor ')}`
  const isOfStudy = existsSync(join(argument, 'summary.json'))
  throw new UnreadableResult(`the folder ${argument} holds ${none}${isOfStudy ? ', but the summary of a study' : ''}; ${hint}`)
}

/** False also of what cannot be looked at: reading it says why. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

const textOf = (file: string): string => readFileSync(file, 'utf8')

/** The JSON of a file, whatever it is. */
export function readJson(file: string, hint: string, read = textOf): unknown {
  const text = readText(file, read)
  try {
    return JSON.parse(text)
  } catch {
    const isEmpty = text.trim() === ''
    const isBegun = /^\s*[{[]/.test(text)
    throw new UnreadableResult(
      `${file} is ${isEmpty ? 'empty' : isBegun ? 'damaged: its JSON breaks off or has a mistake' : 'not JSON'}; ${hint}`,
    )
  }
}

/** Windows begins a file with a mark that JSON does not know. */
function readText(file: string, read: (file: string) => string): string {
  try {
    return read(file).replace(/^\ufeff/, '')
  } catch (error) {
    throw new UnreadableResult(`cannot read ${file || '""'}: ${whyUnread(error)}; check the path, it counts from the current folder`)
  }
}

/** Two sides; or what is wrong with either of them, at once. */
export function readBoth<T>(sides: readonly [string, string], read: (side: string) => T): [T, T] {
  const sentences: string[] = []
  const issues: LocatedIssue[] = []
  const found = [...new Set(sides)].map(side => {
    try {
      return [read(side)]
    } catch (error) {
      if (error instanceof UnreadableResult) sentences.push(error.message)
      else if (error instanceof ScenarioError) issues.push(...error.issues)
      else throw error
      return []
    }
  })
  if (sentences.length > 0) throw new UnreadableResult(sentences.join('\nvxlane: '))
  if (issues.length > 0) throw new ScenarioError(issues)
  const [a, b = a] = found.flat()
  return [a, b]
}

export const kindOf = (value: unknown): unknown => (typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined)

/** What else vxlane writes, and people mistake for what they want. */
const OTHERS: Readonly<Record<string, string>> = {
  run: 'the result of a run',
  bench: 'a saved benchmark',
  study: 'the summary of a study',
  comparison: 'a comparison',
  plan: 'a plan',
  trace: 'a trace',
  journey: "a packet's journey",
  manifest: "the list of a folder's files",
}

/** ` but a plan`, where it is known what a value is. */
export function butKnown(value: unknown): string {
  const kind = kindOf(value)
  return typeof kind === 'string' && Object.hasOwn(OTHERS, kind) ? ` but ${OTHERS[kind]}` : ''
}

/** Checks that a value is the result of a run. */
export function runIn(value: unknown, file: string): RunResult {
  const checked = resultSchema.safeParse(value)
  if (checked.success) return value as RunResult
  const [{ path, message }] = issuesOf(checked.error, { schema: resultSchema, value })
  throw new UnreadableResult(
    `${file} is no result that this version writes: ${formatPath(path)}: ${message}; run its scenario again with vxlane run --out`,
  )
}
