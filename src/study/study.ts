// What the library calls `study`: read, compute what is not known yet, sum up, write.
import { join, resolve } from 'node:path'
import { workersFor } from '../run/workers.js'
import { Course, cellCount, type StudyProgress } from './course.js'
import type { StudyExecutor } from './executor.js'
import { claimStudyFolder, JOURNAL, partJournals, writeResults } from './folder.js'
import { openJournal } from './journal.js'
import { loadStudy } from './load.js'
import { soloExecutor, threadExecutor } from './local.js'
import type { Study } from './model.js'
import { checkParts, recordedOnly, refuseMissing } from './parts.js'
import { StudyError } from './study-error.js'
import { type StudySummary, summarize } from './summary.js'

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
  /**
   * Computes nothing: everything must be in the folder already, in the journals of parts. Throws a {@link PointsMissing} if it is not.
   * Points that a part could not compute count as failed; without this they are tried again.
   */
  readonly mergeOnly?: boolean | undefined
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

/**
 * Makes a study: the path of a file, an object of the same form, or what `loadStudy` returned. Throws a ScenarioError for mistakes in it.
 * Points that fail are listed in the summary and do not stop the others.
 */
export async function study(input: Study | string | object, options: StudyOptions = {}): Promise<StudySummary> {
  const loaded = isStudy(input) ? input : loadStudy(input, options.baseDir)
  const folder = options.out === undefined ? null : resolve(options.out)
  const { mergeOnly = false } = options
  if (mergeOnly && folder === null) throw new StudyError('without a folder there is nothing to merge; name one with "out"')
  if (folder !== null) claimStudyFolder(folder)
  const journal = openJournal(folder === null ? null : join(folder, JOURNAL), loaded.mode, {
    others: folder === null ? [] : partJournals(folder),
  })
  const signal = options.signal ?? new AbortController().signal
  let progress: StudyProgress | null = null
  const onProgress = (now: StudyProgress): void => {
    progress = now
    options.onProgress?.(now)
  }
  const executor = mergeOnly ? recordedOnly(journal) : (options.executor ?? executorFor(loaded, cellCount(loaded), options.workers))
  const course = new Course(loaded, { journal, executor, signal, onProgress })
  try {
    checkParts(journal, loaded, mergeOnly)
    const cells = await course.run()
    if (!course.isComplete) throw new StudyInterrupted(progress, folder)
    if (mergeOnly) refuseMissing(cells)
    const summary = summarize(loaded, cells)
    if (folder !== null) writeResults(folder, summary, loaded, cells)
    return summary
  } finally {
    journal.close()
  }
}

export const isStudy = (input: Study | string | object): input is Study =>
  typeof input === 'object' && 'axes' in input && 'measures' in input

/** Threads for so many cells; a few cheap points are done before a thread has started. */
export function executorFor(loaded: Study, cells: number, workers: number | 'solo' | undefined): StudyExecutor {
  const isSmall = workers === undefined && loaded.mode === 'plan' && cells * (loaded.search ? FEW : 1) <= FEW
  const threads = isSmall ? 0 : workersFor(workers, loaded.search ? cells * SEARCH_WIDTH : cells)
  return threads === 0 ? soloExecutor : threadExecutor(threads)
}

const FEW = 16

/** Threads that a search can make use of: three levels of its halving at once. Each further level would need as many again, and one more. */
const SEARCH_WIDTH = 7
