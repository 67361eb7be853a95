// Which connections are over: by blocks of 64 records, each with a time before which none of its connections ends. A deadline that moves out
// leaves that time as it is, one that moves in lowers it; a block whose time has come is looked through and gets a new one. That takes an
// eighth of a byte a connection, where lists by deadline took twelve, and reads memory in order where those jumped from record to record.

/** Records of a block: 2 to this power. */
const SHIFT = 6
const BLOCK = 1 << SHIFT

export class DueBlocks {
  /** By block, in ns; Infinity where nothing lives. */
  times: Float64Array

  /** `records` is a multiple of 64. */
  constructor(records: number) {
    this.times = new Float64Array(records >>> SHIFT).fill(Number.POSITIVE_INFINITY)
  }

  grow(records: number): void {
    const grown = new Float64Array(records >>> SHIFT).fill(Number.POSITIVE_INFINITY)
    grown.set(this.times)
    this.times = grown
  }

  /** The connection of this record ends at clock[0] + lifeNs, unless that moves out. */
  note(record: number, clock: Float64Array, lifeNs: number): void {
    const deadline = clock[0] + lifeNs
    if (deadline < this.times[record >>> SHIFT]) this.times[record >>> SHIFT] = deadline
  }

  /**
   * Looks through the blocks in which a connection may have ended before `nowNs`. `settle` is given the first record of a block and the one
   * behind its last; it ends what is over, and says when the next one of the block ends.
   */
  sweep(nowNs: number, settle: (first: number, end: number, nowNs: number) => number): void {
    for (let block = 0; block < this.times.length; block++)
      if (this.times[block] < nowNs) this.times[block] = settle(block << SHIFT, (block << SHIFT) + BLOCK, nowNs)
  }
}
