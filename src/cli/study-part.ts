// `vxlane study --shard` and `--points`: one part of a study, with a journal of its own, for machines that share nothing but a folder.
import { InvalidArgumentError } from '@commander-js/extra-typings'
import { count, counted } from '../base/units.js'
import { toJson } from '../run/json.js'
import type { StudyProgress } from '../study/course.js'
import type { StudyExecutor } from '../study/executor.js'
import type { Study } from '../study/model.js'
import { type StudyPart, studyPart } from '../study/part.js'
import type { PartChoice } from '../study/parts.js'
import { Exit } from './exit.js'
import { failuresText } from './study-text.js'

export function parseShard(text: string): PartChoice {
  const [, index, of] = /^(\d{1,9})\/(\d{1,9})$/.exec(text) ?? []
  if (index === undefined || Number(of) === 0) throw new InvalidArgumentError('write INDEX/COUNT, counted from 0, as in 0/16')
  if (Number(index) >= Number(of)) throw new InvalidArgumentError(`shards are counted from 0: the last of ${of} is ${Number(of) - 1}/${of}`)
  return { kind: 'shard', index: Number(index), of: Number(of) }
}

export function parsePoints(text: string): PartChoice {
  const [, first, last = first] = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(text) ?? []
  if (first === undefined || Number(last) < Number(first))
    throw new InvalidArgumentError('write FROM..TO, counted from 0 and both included, as in 0..99')
  return { kind: 'range', first: Number(first), last: Number(last) }
}

export interface PartRun {
  readonly part: PartChoice
  readonly out: string
  readonly workers?: number | 'solo' | undefined
  readonly executor?: StudyExecutor | undefined
  readonly signal: AbortSignal
  /** A command of the study as it is typed in this folder. */
  readonly here: (command: string) => string
  readonly onProgress: (progress: StudyProgress) => void
}

/** Computes the part; says what was done, and what is to be done when all parts are there. */
export async function partCommand(loaded: Study, file: string, run: PartRun, flags: { json?: true; quiet?: true }): Promise<number> {
  const done = await studyPart(loaded, run)
  process.stderr.write(failuresText(done.failed, run.here))
  if (flags.json) process.stdout.write(toJson(done))
  else if (!flags.quiet)
    process.stdout.write(`${partText(done, run.out)}\nWhen all parts are there: vxlane study ${file} --out ${run.out}\n`)
  // Failed points are in the part, and whoever puts the parts together reports them; the part itself is complete.
  return Exit.done
}

function partText({ name, file, from, to, of, points }: StudyPart, out: string): string {
  if (to === from) return `${name}: nothing is in this part; the study has no more than ${counted(of, 'point')}`
  const known = points.known > 0 ? `, ${count(points.known)} known before` : ''
  const failed = points.failed > 0 ? `, ${count(points.failed)} failed` : ''
  return `${name}: ${from}..${to - 1} of ${count(of)} done, ${counted(points.total, 'point')}${known}${failed}; in ${out}: ${file}`
}
