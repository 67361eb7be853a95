// What a run looks like at a moment: one record, made from the board's numbers, that the page and the terminal both draw from.
import type { Resource } from '../cluster/resource.js'
import type { Running, RunProgress } from '../run/run.js'

export interface LiveResource {
  readonly name: string
  readonly scope: string
  readonly unit: string
  readonly capacity: number
  readonly used: number
}

export interface LiveView {
  readonly timeNs: number
  readonly durationNs: number
  readonly sent: number
  readonly delivered: number
  readonly dropped: number
  /** Of wall time, over the last moments. */
  readonly packetsPerSecond: number
  /** Of wall time until the end at the present pace; null while that cannot be said. */
  readonly leftSeconds: number | null
  readonly paused: boolean
  /** Fullest first. */
  readonly resources: readonly LiveResource[]
}

/** Moments that a pace is taken over: long enough to be steady, short enough to follow. */
const MOMENTS = 25

interface Moment {
  readonly wallMs: number
  readonly timeNs: number
  readonly sent: number
}

/** Turns progress into views; keeps the last moments, and leaves out the time that the run stood still. */
export class Watcher {
  private readonly moments: Moment[] = []
  private pausedMs = 0
  private pausedSince: number | null = null

  constructor(
    private readonly running: Running,
    private readonly now: () => number,
  ) {}

  view(progress: RunProgress): LiveView {
    const { timeNs, durationNs, sent, delivered, dropped } = progress
    const wallMs = this.runningMs()
    this.moments.push({ wallMs, timeNs, sent })
    if (this.moments.length > MOMENTS) this.moments.shift()
    const first = this.moments[0]
    const seconds = (wallMs - first.wallMs) / 1000
    const pace = seconds > 0 ? (timeNs - first.timeNs) / seconds : 0
    return {
      timeNs,
      durationNs,
      sent,
      delivered,
      dropped,
      packetsPerSecond: seconds > 0 ? (sent - first.sent) / seconds : 0,
      leftSeconds: pace > 0 ? (durationNs - timeNs) / pace : null,
      paused: this.running.paused,
      resources: this.resourcesAt(timeNs),
    }
  }

  /** Wall time that the run was not paused for, ms. */
  private runningMs(): number {
    const now = this.now()
    if (this.running.paused) this.pausedSince ??= now
    else if (this.pausedSince !== null) {
      this.pausedMs += now - this.pausedSince
      this.pausedSince = null
    }
    return (this.pausedSince ?? now) - this.pausedMs
  }

  private resourcesAt(timeNs: number): LiveResource[] {
    const rows = this.running.resources.filter(({ capacity }) => capacity > 0)
    const found = rows.map(row => ({ name: row.name, scope: row.scope, unit: row.unit, capacity: row.capacity, used: usedAt(row, timeNs) }))
    return found.sort((a, b) => b.used / b.capacity - a.used / a.capacity)
  }
}

/** The last level of a timeline that was reached. */
export function usedAt({ timeline, used }: Pick<Resource, 'timeline' | 'used'>, timeNs: number): number {
  let low = 0
  let high = timeline.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (timeline[middle][0] <= timeNs) low = middle + 1
    else high = middle
  }
  return low > 0 ? timeline[low - 1][1] : (timeline[0]?.[1] ?? used)
}
