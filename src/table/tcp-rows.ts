// Where the windows of TCP connections that talk lie: rows of 16 words, one for every 32 records of the table, 1,024 at most unless there are
// too many that cannot be packed. Whoever speaks after a silence takes the row of the one that took its own longest ago (`tcp-open.ts`).
// So a record stays small, and those that talk share few cachelines.
import { PACKED_WORDS } from './tcp-pack.js'
import { TcpKind } from './tcp-state.js'
import { type Segment, type SegmentInHand, TcpRow } from './tcp-window.js'

export const NOBODY = -1
const FIRST_ROWS = 16
/** From so many on, rows grow by a quarter. */
const MANY_ROWS = 512

export class TcpRows implements SegmentInHand {
  words = new Int32Array(FIRST_ROWS * TcpRow.WORDS)
  /** By row: its record, or NOBODY. */
  owners = new Int32Array(FIRST_ROWS).fill(NOBODY)
  readonly segment: Segment = {
    flags: 0,
    kind: TcpKind.none,
    sequence: 0,
    acknowledgment: 0,
    window: 0,
    end: 0,
    hasOptions: false,
    scale: -1,
    permitsSack: false,
    sack: 0,
  }
  /** Where the row of the connection in hand begins in `words`. */
  at = 0
  /** Rows ever used, and the one to be taken next. */
  count = 0
  hand = 0
  /** Rows of connections that are over, each naming the next in its first word. */
  freeHead = NOBODY
  readonly packed = new Int32Array(PACKED_WORDS)

  release(row: number): void {
    this.owners[row] = NOBODY
    this.words[row * TcpRow.WORDS] = this.freeHead
    this.freeHead = row
  }

  /** One more row. */
  add(): number {
    if (this.count === this.owners.length) {
      const rows = this.count < MANY_ROWS ? this.count * 2 : Math.ceil(this.count * 1.25)
      const words = new Int32Array(rows * TcpRow.WORDS)
      const owners = new Int32Array(rows).fill(NOBODY)
      words.set(this.words)
      owners.set(this.owners)
      this.words = words
      this.owners = owners
    }
    return this.count++
  }
}
