// How a benchmark is doing, on stderr: which sample is being taken, and when it should end.
import { duration } from '../base/units.js'
import type { MeasureProgress } from '../bench/measure.js'

/** Between lines where nothing can change in place, ms: twice as long each time, so that short measurements are heard of, too. */
const FIRST_PAUSE = 1000
const LONGEST_PAUSE = 10_000
const ERASE_LINE = '\r\u001b[2K'

export interface BenchProgress {
  show(progress: MeasureProgress): void
  clear(): void
}

/** `inPlace`: the stream is a terminal that can erase a line. */
export function benchProgress(
  stream: { write(text: string): unknown },
  inPlace: boolean,
  now: () => number = performance.now.bind(performance),
): BenchProgress {
  let next = 0
  let pause = FIRST_PAUSE
  let drawn = false
  return {
    show({ done, total, name, leftMs }) {
      const at = now()
      if (at < next) return
      next = inPlace ? 0 : at + pause
      pause = Math.min(pause * 2, LONGEST_PAUSE)
      const text = `sample ${done + 1} of ${total}, ${name}, ETA ${leftMs === null ? 'unknown' : duration(leftMs * 1e6)}`
      stream.write(inPlace ? ERASE_LINE + text : `${text}\n`)
      drawn = inPlace
    },
    clear() {
      if (drawn) stream.write(ERASE_LINE)
      drawn = false
    },
  }
}
