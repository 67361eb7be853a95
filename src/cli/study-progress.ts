// How a long study is doing, on stderr: combinations done, points, what the journal knew, and when it should end.

import { count, counted, duration } from '../base/units.js'
import type { StudyProgress } from '../study/course.js'

/** Quiet until then, and between lines where nothing can change in place, ms. */
const FIRST_AFTER = 1000
const LINE_EVERY = 10_000
/** In place, a few times a second. */
const REDRAW_EVERY = 200
const ERASE_LINE = '\r\u001b[2K'

export interface StudyProgressLine {
  show(progress: StudyProgress): void
  clear(): void
}

/** `inPlace`: the stream is a terminal that can erase a line. */
export function studyProgressLine(
  stream: { write(text: string): unknown },
  inPlace: boolean,
  now: () => number = performance.now.bind(performance),
): StudyProgressLine {
  const started = now()
  let next = started + FIRST_AFTER
  let drawn = false
  return {
    show(progress) {
      const at = now()
      if (at < next) return
      next = at + (inPlace ? REDRAW_EVERY : LINE_EVERY)
      const text = describe(progress, at - started)
      stream.write(inPlace ? ERASE_LINE + text : `${text}\n`)
      drawn = inPlace
    },
    clear() {
      if (drawn) stream.write(ERASE_LINE)
      drawn = false
    },
  }
}

/** What the journal knew costs next to nothing, so only computed points say how long the rest will take. */
function describe({ cells, cellsDone, points, reused, failed }: StudyProgress, elapsedMs: number): string {
  const computed = points - reused
  const perCell = cellsDone > 0 ? points / cellsDone : 0
  // The first few points tell of the threads' start rather than of the rest.
  const isTelling = cellsDone > 0 && (computed >= 10 || cellsDone * 10 >= cells)
  const left = isTelling && computed > 0 ? duration(((elapsedMs * 1e6) / computed) * perCell * (cells - cellsDone)) : 'unknown'
  const parts = [
    `${count(cellsDone)} of ${count(cells)} (${Math.floor((cellsDone / cells) * 100)} %)`,
    counted(points, 'point'),
    ...(reused > 0 ? [`${count(reused)} known before`] : []),
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
    `ETA ${left}`,
  ]
  return parts.join(', ')
}
