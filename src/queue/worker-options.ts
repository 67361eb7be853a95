// How a worker is told to work, and what it says it did.
import { count } from '../base/units.js'

export interface WorkerOptions {
  readonly url: string
  readonly threads: number
  /** How long a point is kept from others without a sign of life, ms: until then nobody takes over what a dead worker had. */
  readonly lockMs: number
  /** Ends after so long without a point, ms; null: never. */
  readonly idleMs: number | null
  /** Points under way when it shall end get so long, ms; then they go back to the queue. */
  readonly graceMs: number
  /** Aborted: it ends as soon as what is under way is done. */
  readonly stop: AbortSignal
  /** Aborted: it ends now; what is under way goes back to the queue. */
  readonly quit: AbortSignal
  /** Told what happens, in sentences. */
  readonly say: (sentence: string) => void
  /** Redis is there, and points are taken. */
  readonly onReady?: (() => void) | undefined
  /** Of the threads: for tests of what happens when they die. */
  readonly entry?: URL | undefined
}

/** Points computed, those of them that failed, and those that went back to the queue. */
export interface WorkerTally {
  computed: number
  failed: number
  returned: number
}

/** "1,204 points computed, 2 of them failed" */
export function tallyText({ computed, failed, returned }: Readonly<WorkerTally>): string {
  const points = `${count(computed)} ${computed === 1 ? 'point' : 'points'} computed`
  return [
    points,
    ...(failed > 0 ? [`${count(failed)} of them failed`] : []),
    ...(returned > 0 ? [`${count(returned)} given back`] : []),
  ].join(', ')
}
