// How a long run is doing, on stderr: one line that changes in place on a terminal, a new line every ten seconds elsewhere. Short
// runs say nothing.

import { duration, short } from '../base/units.js'
import type { RunProgress } from '../run/run.js'

/** Quiet until then, ms. */
const FIRST_AFTER = 1000
/** Between lines where nothing can change in place, ms. */
const LINE_EVERY = 10_000
const ERASE_LINE = '\r\u001b[2K'

export interface ProgressLine {
  show(progress: RunProgress): void
  /** Leaves the terminal as it was. */
  clear(): void
}

/** Virtual time, speed and what is left, for a run that begins now. `inPlace`: the stream is a terminal that can erase a line. */
export function progressLine(
  stream: { write(text: string): unknown },
  inPlace: boolean,
  now: () => number = performance.now.bind(performance),
): ProgressLine {
  const started = now()
  let next = started + FIRST_AFTER
  let drawn = false
  return {
    show(progress) {
      const at = now()
      if (at < next) return
      if (!inPlace) next = at + LINE_EVERY
      stream.write(inPlace ? ERASE_LINE + describe(progress, at - started) : `${describe(progress, at - started)}\n`)
      drawn = inPlace
    },
    clear() {
      if (drawn) stream.write(ERASE_LINE)
      drawn = false
    },
  }
}

function describe({ timeNs, durationNs, sent, dropped }: RunProgress, elapsedMs: number): string {
  const share = durationNs > 0 ? timeNs / durationNs : 1
  const left = share > 0 ? duration((elapsedMs * 1e6 * (1 - share)) / share) : 'unknown'
  const done = `${duration(timeNs)} of ${duration(durationNs)} (${Math.floor(share * 100)} %)`
  return `${done}, ${short((sent * 1000) / elapsedMs)} packets/s, ${short(dropped)} dropped, ETA ${left}`
}

/** Whether a stream can show a line that changes: a terminal, and nobody asked for plain text. */
export const isAnimated = (stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean =>
  stream.isTTY === true && env.TERM !== 'dumb' && !env.CI
