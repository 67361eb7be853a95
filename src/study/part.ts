// Computes a part of a study, with a journal of its own. Parts are the same however they are cut and wherever they are computed: when all
// of them lie in one folder, the study finds every point known and only sums up, to the same bytes as if it had computed everything.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Course, cellCount, type StudyProgress } from './course.js'
import { claimStudyFolder, JOURNAL } from './folder.js'
import { openJournal } from './journal.js'
import { loadStudy } from './load.js'
import type { Study } from './model.js'
import { headerOf, type PartChoice, partName, rangeOf } from './parts.js'
import { executorFor, isStudy, StudyInterrupted, type StudyOptions } from './study.js'
import { type FailedPoint, failedPoints } from './summary.js'

export interface StudyPartOptions extends Omit<StudyOptions, 'mergeOnly'> {
  /** Folder that the parts share, or that they are brought to later. */
  readonly out: string
  readonly part: PartChoice
}

/** What came of a part. */
export interface StudyPart {
  readonly schemaVersion: 1
  readonly kind: 'studyPart'
  readonly name: string
  /** The journal, within the folder. */
  readonly file: string
  /** Points, or searches, from..to - 1 of so many. */
  readonly from: number
  readonly to: number
  readonly of: number
  /** `known`: those that had been computed before. */
  readonly points: { readonly total: number; readonly known: number; readonly failed: number }
  readonly failed: readonly FailedPoint[]
}

/**
 * Computes a part of a study. Goes on where an earlier call for the same part ended. Points that fail are written down, too, so that
 * merging alone can tell of them. Throws as `study` does, and a StudyError for a part that there is not.
 */
export async function studyPart(input: Study | string | object, options: StudyPartOptions): Promise<StudyPart> {
  const loaded = isStudy(input) ? input : loadStudy(input, options.baseDir)
  const range = rangeOf(options.part, loaded)
  const folder = resolve(options.out)
  claimStudyFolder(folder)
  const file = partName(options.part)
  const whole = join(folder, JOURNAL)
  const header = headerOf(loaded, range)
  const journal = openJournal(join(folder, file), loaded.mode, { others: existsSync(whole) ? [whole] : [], header })
  const signal = options.signal ?? new AbortController().signal
  let progress: StudyProgress | null = null
  const onProgress = (now: StudyProgress): void => {
    progress = now
    options.onProgress?.(now)
  }
  const count = range.to - range.from
  const executor = options.executor ?? executorFor(loaded, Math.max(1, count), options.workers)
  const course = new Course(loaded, { journal, executor, signal, onProgress, range })
  try {
    const cells = await course.run()
    if (!course.isComplete) throw new StudyInterrupted(progress, folder)
    const failed = failedPoints(loaded, cells)
    const { points, reused } = (progress as StudyProgress | null) ?? { points: 0, reused: 0 }
    return {
      schemaVersion: 1,
      kind: 'studyPart',
      name: loaded.name,
      file,
      ...range,
      of: cellCount(loaded),
      points: { total: points, known: reused, failed: failed.length },
      failed,
    }
  } finally {
    journal.close()
  }
}
