// What a page that follows a run looks at while it goes on: a row of numbers for each logical process, written by the shard that owns it at
// the end of every statistics interval, read by the main thread at its leisure. A number that is read while it is written shows the
// interval before or after, and either will do.

/** Sums since the beginning, and two levels at the end of the last interval. */
export const LIVE_COLUMNS = ['delivered', 'dropped', 'queuePeak', 'conntrack'] as const
export type LiveColumn = (typeof LIVE_COLUMNS)[number]

const WIDTH = LIVE_COLUMNS.length

export const createLiveSheet = (lpCount: number): SharedArrayBuffer => new SharedArrayBuffer(lpCount * WIDTH * 8)

export class LiveSheet {
  private readonly rows: Float64Array

  constructor(buffer: SharedArrayBuffer) {
    this.rows = new Float64Array(buffer)
  }

  /** Adds an interval's counts of a logical process, and sets its levels. */
  write(lp: number, delivered: number, dropped: number, queuePeak: number, conntrack: number): void {
    const r = lp * WIDTH
    this.rows[r] += delivered
    this.rows[r + 1] += dropped
    this.rows[r + 2] = queuePeak
    this.rows[r + 3] = conntrack
  }

  /** A column of all logical processes. */
  read(column: LiveColumn): number[] {
    const at = LIVE_COLUMNS.indexOf(column)
    return Array.from({ length: this.rows.length / WIDTH }, (_, lp) => this.rows[lp * WIDTH + at])
  }
}
