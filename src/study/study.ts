// What the library calls `study`: read, compute what is not known yet, sum up, write.
import { existsSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { toJson } from '../run/json.js'
import { OutputError } from '../run/run-error.js'
import { workersFor } from '../run/workers.js'
import { combinationCount } from './axes.js'
import type { Cell } from './cell.js'
import { Course, type StudyProgress } from './course.js'
import type { StudyExecutor } from './executor.js'
import { openJournal } from './journal.js'
import { loadStudy } from './load.js'
import { soloExecutor, threadExecutor } from './local.js'
import type { Study } from './model.js'
import { type StudySummary, summarize } from './summary.js'
import { pointColumns, toCsv, toParquet } from './table.js'

export interface StudyOptions {
  /** Threads; the number of cores if absent. 0 or 'solo': none, everything happens in the calling thread. */
  readonly workers?: number | 'solo' | undefined
  /** Folder of the journal and the results. With one, a study goes on where an earlier one ended; without, nothing is written. */
  readonly out?: string | undefined
  /** Aborted: the study ends soon and throws a {@link StudyInterrupted}; what was finished is in the journal. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: StudyProgress) => void) | undefined
  /** Where file names of a study that is an object count from. */
  readonly baseDir?: string | undefined
  /** Computes the points instead of the threads of this machine. */
  readonly executor?: StudyExecutor | undefined
}

/** A study was stopped before its end. Finished points are kept where there is a folder. */
export class StudyInterrupted extends Error {
  override name = 'StudyInterrupted'
  constructor(
    readonly progress: StudyProgress | null,
    readonly out: string | null,
  ) {
    super('the study was interrupted')
  }
}

const JOURNAL = 'points.jsonl'
const SUMMARY = 'summary.json'

/**
 * Makes a study: the path of a file, an object of the same form, or what `loadStudy` returned. Throws a ScenarioError for mistakes in it.
 * Points that fail are listed in the summary and do not stop the others.
 */
export async function study(input: Study | string | object, options: StudyOptions = {}): Promise<StudySummary> {
  const loaded = isStudy(input) ? input : loadStudy(input, options.baseDir)
  const folder = options.out === undefined ? null : resolve(options.out)
  if (folder !== null) claimStudyFolder(folder)
  const journal = openJournal(folder === null ? null : join(folder, JOURNAL), loaded.mode)
  const signal = options.signal ?? new AbortController().signal
  let progress: StudyProgress | null = null
  const onProgress = (now: StudyProgress): void => {
    progress = now
    options.onProgress?.(now)
  }
  const course = new Course(loaded, { journal, executor: options.executor ?? executorFor(loaded, options.workers), signal, onProgress })
  try {
    const cells = await course.run()
    if (!course.isComplete) throw new StudyInterrupted(progress, folder)
    const summary = summarize(loaded, cells)
    if (folder !== null) writeResults(folder, summary, loaded, cells)
    return summary
  } finally {
    journal.close()
  }
}

const isStudy = (input: Study | string | object): input is Study => typeof input === 'object' && 'axes' in input && 'measures' in input

/** Threads for as many points as there are; a few cheap ones are done before a thread has started. */
function executorFor(loaded: Study, workers: number | 'solo' | undefined): StudyExecutor {
  const cells = combinationCount(loaded.axes) * loaded.seeds
  const isSmall = workers === undefined && loaded.mode === 'plan' && cells * (loaded.search ? FEW : 1) <= FEW
  const threads = isSmall ? 0 : workersFor(workers, loaded.search ? cells * SEARCH_WIDTH : cells)
  return threads === 0 ? soloExecutor : threadExecutor(threads)
}

const FEW = 16

/** Threads that a search can make use of: three levels of its halving at once. Each further level would need as many again, and one more. */
const SEARCH_WIDTH = 7

/** An empty folder, or one that holds a study's journal: nothing that somebody else put there is touched. */
function claimStudyFolder(folder: string): void {
  if (!existsSync(folder)) return
  if (!statSync(folder).isDirectory()) throw new OutputError(`${folder} is a file; name a folder for the results`)
  const names = readdirSync(folder)
  if (names.length > 0 && !names.includes(JOURNAL))
    throw new OutputError(`${folder} is not empty and holds no study; name another folder with --out`)
}

function writeResults(folder: string, summary: StudySummary, loaded: Study, cells: readonly Cell[]): void {
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
