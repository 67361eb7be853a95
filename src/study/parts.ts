// Parts of a study: which cells are in which, what a part's journal says about itself, and whether parts fit the study that they are to be
// put together for. Whether a single point fits is decided by its id alone, which holds the engine's version and the whole scenario.
import { basename } from 'node:path'
import { VERSION } from '../run/version.js'
import { canonicalJson, sha256 } from '../scenario/canonical.js'
import type { Cell } from './cell.js'
import { type CellRange, cellCount } from './course.js'
import type { StudyExecutor } from './executor.js'
import type { Journal } from './journal.js'
import type { Study } from './model.js'
import { PointsMissing, StudyError } from './study-error.js'

/** Which part of a study. */
export type PartChoice =
  /** One of so many parts of equal size, counted from 0 as Kubernetes counts the indexes of a Job. */
  | { readonly kind: 'shard'; readonly index: number; readonly of: number }
  /** Cells as `--dry-run` counts them, from 0, both included. */
  | { readonly kind: 'range'; readonly first: number; readonly last: number }

/** The cells of a part. Shards are neighbours in the order of the study, and their sizes differ by one at most. */
export function rangeOf(choice: PartChoice, study: Study): CellRange {
  const cells = cellCount(study)
  if (choice.kind === 'shard') {
    const { index, of } = choice
    if (index < of) return { from: Math.floor((index * cells) / of), to: Math.floor(((index + 1) * cells) / of) }
    throw new StudyError(`there is no shard ${index} of ${of}: they are counted from 0, so that the last is ${of - 1}/${of}`)
  }
  const { first, last } = choice
  if (first <= last && last < cells) return { from: first, to: last + 1 }
  throw new StudyError(`there are no points ${first}..${last}: this study has ${cells}, counted from 0; --dry-run lists them`)
}

export const partName = (choice: PartChoice): string =>
  choice.kind === 'shard' ? `points-${choice.index}-of-${choice.of}.jsonl` : `points-from-${choice.first}-to-${choice.last}.jsonl`

/** What is said in a part's journal about it. */
interface PartHeader {
  readonly kind: 'part'
  /** Hash of everything that decides which points a study has. */
  readonly study: string
  readonly engine: string
  /** Cells from..to - 1 of so many. */
  readonly from: number
  readonly to: number
  readonly of: number
}

export function headerOf(study: Study, { from, to }: CellRange): string {
  return JSON.stringify({ kind: 'part', study: studyHash(study), engine: VERSION, from, to, of: cellCount(study) } satisfies PartHeader)
}

/** Names and measures do not count: they change no point. Neither do files that the scenario names: they count in each point's own hash. */
function studyHash({ mode, base, set, axes, search, seeds }: Study): string {
  const points = axes.map(({ paths, steps }) => ({ paths, steps }))
  const find = search && { ...search, condition: undefined }
  return sha256(canonicalJson({ mode, base: base.value, set, axes: points, find, seeds }))
}

/**
 * Throws a StudyError for parts that another version of vxlane computed: none of their points would count, and all of it would silently
 * be computed again. `strictly`: for parts of another study, too.
 */
export function checkParts({ headers }: Journal, study: Study, strictly: boolean): void {
  const hash = studyHash(study)
  for (const [file, line] of headers) {
    const header = readHeader(line)
    const name = basename(file)
    if (header === null) continue
    if (header.engine !== VERSION)
      throw new StudyError(
        `${name} was computed by vxlane ${header.engine}, and this is ${VERSION}: use the same version, or remove the file`,
      )
    if (strictly && header.study !== hash)
      throw new StudyError(
        `${name} is a part of another study, or of this one before it was changed: remove the file, or compute the part again`,
      )
  }
}

/** Null for a damaged one: the points of that part speak for themselves. */
function readHeader(line: string): PartHeader | null {
  try {
    return JSON.parse(line) as PartHeader
  } catch {
    return null
  }
}

const MISSING = 'in no part'

/** Computes nothing: what no journal knows has failed as a part says, or is missing. */
export const recordedOnly = (journal: Journal): StudyExecutor => ({
  async *execute(_context, source) {
    for (let tasks = await source.take(BATCH); tasks.length > 0; tasks = await source.take(BATCH))
      yield tasks.map(({ id }) => ({ id, kind: 'failed', reason: journal.failure(id) ?? MISSING }))
  },
})

const BATCH = 64

/** Throws a {@link PointsMissing} if cells lack points. */
export function refuseMissing(cells: readonly Cell[]): void {
  const missing = cells.flatMap(({ points }, index) => ([...points.values()].some(({ failure }) => failure === MISSING) ? [index] : []))
  if (missing.length === 0) return
  const ranges = rangesOf(missing)
  const shown = `${ranges.slice(0, MOST_RANGES).join(', ')}${ranges.length > MOST_RANGES ? ', …' : ''}`
  const hint = `compute them with --points ${ranges[0]}, or merge without --merge-only`
  throw new PointsMissing(`of ${cells.length} points or searches, these are in no part: ${shown}; ${hint}`, missing)
}

const MOST_RANGES = 8

/** As `--points` takes them. */
function rangesOf(sorted: readonly number[]): string[] {
  const ranges: { first: number; last: number }[] = []
  for (const index of sorted) {
    const open = ranges.at(-1)
    if (open?.last === index - 1) open.last = index
    else ranges.push({ first: index, last: index })
  }
  return ranges.map(({ first, last }) => `${first}..${last}`)
}
