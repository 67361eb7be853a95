// points.jsonl: every finished point, one line each, appended and forced to disk in batches. A study that is killed loses at most what was
// being computed. The last line may be torn by the kill: it is cut off; a damaged line elsewhere is passed over, and its point computed anew.
import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { OutputError } from '../run/run-error.js'
import type { PointFacts } from './facts.js'
import type { StudyMode } from './model.js'

/** A line of the journal. */
export interface JournalEntry {
  readonly id: string
  readonly kind: StudyMode
  readonly seed: number
  /** What was set, for people who read the file. */
  readonly set: readonly string[]
  readonly facts: PointFacts
  /** Computed before a search asked for it, which it may never have done. */
  readonly speculative?: true
}

export interface Journal {
  /** The finished point of this id and kind, from whatever study wrote it. */
  find(id: string): PointFacts | null
  /** Appends what is new; on disk when it returns. */
  append(entries: readonly JournalEntry[]): void
  close(): void
}

/** Opens, or begins, the journal of a folder; without a file, points are kept in memory alone. */
export function openJournal(file: string | null, kind: StudyMode): Journal {
  const known = new Map<string, PointFacts>()
  const handle = file === null ? null : openFile(file)
  if (handle !== null) for (const entry of readEntries(handle)) if (entry.kind === kind) known.set(entry.id, entry.facts)
  return {
    find: id => known.get(id) ?? null,
    append(entries) {
      const fresh = entries.filter(({ id }) => !known.has(id))
      for (const { id, facts } of fresh) known.set(id, facts)
      if (handle === null || fresh.length === 0) return
      writeFileSync(handle, fresh.map(entry => `${JSON.stringify(entry)}\n`).join(''))
      fsyncSync(handle)
    },
    close() {
      if (handle !== null) closeSync(handle)
    },
  }
}

function openFile(file: string): number {
  try {
    mkdirSync(dirname(file), { recursive: true })
    return openSync(file, 'a+')
  } catch (error) {
    throw new OutputError(`cannot write ${file}: ${(error as Error).message}`)
  }
}

const NEWLINE = 10

/** Reads what is whole and cuts off what is not; appending goes on behind it. */
function readEntries(handle: number): JournalEntry[] {
  const bytes = readFileSync(handle)
  const whole = bytes.lastIndexOf(NEWLINE) + 1
  if (whole < bytes.length) ftruncateSync(handle, whole)
  return bytes.subarray(0, whole).toString('utf8').split('\n').flatMap(entryOf)
}

function entryOf(line: string): JournalEntry[] {
  if (line === '') return []
  try {
    const entry = JSON.parse(line) as JournalEntry
    const isWhole =
      typeof entry.id === 'string' && typeof entry.facts === 'object' && entry.facts !== null && Array.isArray(entry.facts.resources)
    return isWhole ? [entry] : []
  } catch {
    return []
  }
}
