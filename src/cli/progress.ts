// How a long run is doing where nothing can change in place (a file, a log, CI): a line every ten seconds. Short runs say nothing.

import { duration, short } from '../base/units.js'
import type { RunProgress } from '../run/run.js'

/** Quiet until then, ms. */
const FIRST_AFTER = 1000
/** Between lines, ms. */
const LINE_EVERY = 10_000

export interface ProgressLine {
  show(progress: RunProgress): void
}

/** Virtual time, speed and what is left, for a run that begins now. */
export function progressLine(
  stream: { write(text: string): unknown },
  now: () => number = performance.now.bind(performance),
): ProgressLine {
  const started = now()
  let next = started + FIRST_AFTER
  return {
    show(progress) {
      const at = now()
      if (at < next) return
      next = at + LINE_EVERY
      stream.write(`${describe(progress, at - started)}\n`)
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
