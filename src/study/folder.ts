// The folder of a study: its journal, the journals of its parts, and what was found. Files appear whole or not at all, and nothing that
// somebody else put there is touched.
import { existsSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toJson } from '../run/json.js'
import { OutputError } from '../run/run-error.js'
import type { Cell } from './cell.js'
import type { Study } from './model.js'
import type { StudySummary } from './summary.js'
import { pointColumns, toCsv, toParquet } from './table.js'

export const JOURNAL = 'points.jsonl'
const SUMMARY = 'summary.json'
const PART = /^points-.+\.jsonl$/

/** Files that a new file system brings along. */
const OF_THE_VOLUME = ['lost+found']

/** An empty folder, or one that holds a study's journal or journals of its parts. */
export function claimStudyFolder(folder: string): void {
  if (!existsSync(folder)) return
  if (!statSync(folder).isDirectory()) throw new OutputError(`${folder} is a file; name a folder for the results`)
  const names = readdirSync(folder).filter(name => !OF_THE_VOLUME.includes(name))
  if (names.length > 0 && !names.some(name => name === JOURNAL || PART.test(name)))
    throw new OutputError(`${folder} is not empty and holds no study; name another folder with --out`)
}

/** Journals of parts, by name. */
export function partJournals(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter(name => PART.test(name))
    .sort()
    .map(name => join(folder, name))
}

export function writeResults(folder: string, summary: StudySummary, loaded: Study, cells: readonly Cell[]): void {
  const columns = pointColumns(loaded, cells)
  writeWhole(join(folder, 'points.csv'), toCsv(columns))
  writeWhole(join(folder, 'points.parquet'), toParquet(columns))
  writeWhole(join(folder, SUMMARY), toJson(summary))
}

/** Into a file beside its place, then renamed: nobody sees half a file. */
function writeWhole(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(`${path}.part`, content)
    renameSync(`${path}.part`, path)
  } catch (error) {
    throw new OutputError(`cannot write ${path}: ${(error as Error).message}`)
  }
}
