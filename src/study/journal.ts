// points.jsonl: every finished point, one line each, appended and forced to disk in batches. A study that is killed loses at most what was
// being computed. The last line may be torn by the kill: it is cut off; a damaged line elsewhere is passed over, and its point computed anew.
// The journals of a study's parts are of the same form; whoever computes a part writes its own and reads those of others.
import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { whyUnread, whyUnwritten } from '../base/file-words.js'
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

/** A line of a part's journal: a point that could not be computed. A study that computes everything itself tries such points again. */
export type FailedEntry = Omit<JournalEntry, 'facts' | 'speculative'> & { readonly failed: string }

export interface Journal {
  /** The finished point of this id and kind, from whatever study wrote it. */
  find(id: string): PointFacts | null
  /** Why a part could not compute a point, as far as a journal says. */
  failure(id: string): string | null
  /** Of each journal that has one, its last line that says of which part it is. */
  readonly headers: ReadonlyMap<string, string>
  /** Appends what is new; on disk when it returns. */
  append(entries: readonly (JournalEntry | FailedEntry)[]): void
  close(): void
}

export interface JournalOptions {
  /** Further journals to read; nothing is written to them, and nothing cut off. */
  readonly others?: readonly string[] | undefined
  /** Makes this a part's journal: the line that says so is written unless it is there, and failures are kept. */
  readonly header?: string | undefined
}

/** How the line begins that says of which part a journal is. */
const HEADER = '{"kind":"part"'

/** Opens, or begins, the journal of a folder; without a file, points are kept in memory alone. */
export function openJournal(file: string | null, kind: StudyMode, { others = [], header }: JournalOptions = {}): Journal {
  const known = new Map<string, PointFacts>()
  const failures = new Map<string, string>()
  const handle = file === null ? null : openFile(file)
  const headers = new Map<string, string>()
  const learn = (line: string, from: string): void => {
    if (line.startsWith(HEADER)) headers.set(from, line)
    const entry = entryOf(line)
    if (entry?.kind !== kind) return
    if ('facts' in entry) known.set(entry.id, entry.facts)
    else failures.set(entry.id, entry.failed)
  }
  if (file !== null && handle !== null) for (const line of linesOf(readWhole(handle))) learn(line, file)
  for (const other of others) for (const line of linesOf(readOther(other))) learn(line, other)
  const write = (lines: readonly string[]): void => {
    if (handle === null || lines.length === 0) return
    writeFileSync(handle, lines.map(line => `${line}\n`).join(''))
    fsyncSync(handle)
  }
  if (file !== null && header !== undefined && headers.get(file) !== header) write([header])
  return {
    headers,
    find: id => known.get(id) ?? null,
    failure: id => failures.get(id) ?? null,
    append(entries) {
      const fresh = entries.filter(entry => !known.has(entry.id) && ('facts' in entry || header !== undefined))
      for (const entry of fresh) if ('facts' in entry) known.set(entry.id, entry.facts)
      write(fresh.map(entry => JSON.stringify(entry)))
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
    throw new OutputError(`cannot write ${file}: ${whyUnwritten(error)}`)
  }
}

const NEWLINE = 10

/** Reads what is whole and cuts off what is not; appending goes on behind it. */
function readWhole(handle: number): Buffer {
  const bytes = readFileSync(handle)
  const whole = bytes.lastIndexOf(NEWLINE) + 1
  if (whole < bytes.length) ftruncateSync(handle, whole)
  return bytes
}

function readOther(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new OutputError(`cannot read ${file}: ${whyUnread(error)}`)
  }
}

/** Whole lines, one at a time: all of them may be longer than the longest string. Behind the last line end somebody may be writing. */
function* linesOf(bytes: Buffer): Generator<string> {
  for (let from = 0, to = bytes.indexOf(NEWLINE); to >= 0; from = to + 1, to = bytes.indexOf(NEWLINE, from))
    yield bytes.toString('utf8', from, to)
}

/** Null for what is no line of a point, damaged or of another kind. */
function entryOf(line: string): JournalEntry | FailedEntry | null {
  try {
    const entry = JSON.parse(line) as Partial<JournalEntry & FailedEntry> | null
    if (typeof entry?.id !== 'string') return null
    const hasFacts = typeof entry.facts === 'object' && entry.facts !== null && Array.isArray(entry.facts.resources)
    return hasFacts || typeof entry.failed === 'string' ? (entry as JournalEntry | FailedEntry) : null
  } catch {
    return null
  }
}
