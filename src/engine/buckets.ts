// Pending events by window. An event is 32 bytes in a chunk of 32; a bucket is a list of chunks, so filling and reading one is
// sequential. The 4,096 windows of the span that is open have a bucket each; whole later spans wait in one list apiece and are dealt
// out when they open. There is no heap: order is made per node and window, when the window opens (`agenda.ts`).
//
//   event, float64: 0 time     int32: 2 origin   3 sequence   4 logical process   5 kind | extra << 3   6 argument   7 next of the node

import { invariant } from '../base/invariant.js'
import { float64Of, int32Of, reserve } from '../base/reserve.js'
import { SpanHeap } from './span-heap.js'

const CHUNK_BITS = 5
const CHUNK = 1 << CHUNK_BITS
const SPAN_BITS = 12
const SPAN = 1 << SPAN_BITS

/** Size of an event. */
export const enum Event {
  WORDS = 8,
  DOUBLES = 4,
}

const NONE = -1
/** Events a shard has room for: two gibibytes of address space, of which those pending at a time ever become memory. */
const MOST_EVENTS = 2 ** 26

/** One list of chunks; all but the last are full. */
interface Pile {
  /** Least window of its events. */
  first: number
  head: number
  tail: number
  inTail: number
}

export class Buckets {
  readonly times: Float64Array
  readonly words: Int32Array
  private readonly chunkNext: Int32Array
  private freeChunk = NONE
  private chunks = 0
  private readonly heads = new Int32Array(SPAN).fill(NONE)
  /** Next free row of each window's last chunk; a multiple of CHUNK when that chunk is full, or there is none. */
  private readonly cursors = new Int32Array(SPAN)
  /** Bit per window of the open span. */
  private readonly occupied = new Int32Array(SPAN / 32)
  private readonly later = new Map<number, Pile>()
  /** The spans that are keys of it. */
  private readonly laterSpans = new SpanHeap()
  /** None is open before the first window is: what comes first waits in a list, too, and every way of filing has been gone once. */
  private span = -1
  /** Where the open span begins and ends, ns. */
  private spanStartNs = 0
  private spanEndNs = 0
  private readonly windowsPerNs: number

  constructor(
    readonly windowNs: number,
    mostEvents = MOST_EVENTS,
  ) {
    const block = reserve(mostEvents * Event.WORDS * 4)
    this.times = float64Of(block)
    this.words = int32Of(block)
    this.chunkNext = new Int32Array(Math.floor(this.words.length / (CHUNK * Event.WORDS)))
    this.windowsPerNs = 1 / windowNs
  }

  /** Files an event; its time is `at[index]`. Returns its row. */
  post(
    at: Float64Array,
    index: number,
    origin: number,
    sequence: number,
    lp: number,
    kind: number,
    extra: number,
    argument: number,
  ): number {
    const time = at[index]
    const row = time < this.spanEndNs ? this.rowInSpan(this.slotOf(time)) : this.rowLater(Math.floor(time / this.windowNs))
    this.times[row * Event.DOUBLES] = time
    const w = row * Event.WORDS
    const words = this.words
    words[w + 2] = origin
    words[w + 3] = sequence
    words[w + 4] = lp
    words[w + 5] = kind | (extra << 3)
    words[w + 6] = argument
    return row
  }

  /** Window of the open span that a time lies in. Multiplied by the reciprocal, which may miss by one at an edge, then set right: a division is dearer. */
  private slotOf(time: number): number {
    const since = time - this.spanStartNs
    const slot = (since * this.windowsPerNs) | 0
    if (since < slot * this.windowNs) return slot - 1
    return since >= (slot + 1) * this.windowNs ? slot + 1 : slot
  }

  private rowInSpan(slot: number): number {
    let row = this.cursors[slot]
    if ((row & (CHUNK - 1)) === 0) row = this.extend(slot, row)
    this.cursors[slot] = row + 1
    return row
  }

  /** Hangs a fresh chunk behind a window's last one, which ends at `cursor`; returns its first row. */
  private extend(slot: number, cursor: number): number {
    const chunk = this.takeChunk()
    if (this.heads[slot] === NONE) {
      this.heads[slot] = chunk
      this.occupied[slot >> 5] |= 1 << (slot & 31)
    } else this.chunkNext[cursor / CHUNK - 1] = chunk
    return chunk * CHUNK
  }

  private rowLater(window: number): number {
    const span = Math.floor(window / SPAN)
    let pile = this.later.get(span)
    if (!pile) {
      const chunk = this.takeChunk()
      pile = { first: window, head: chunk, tail: chunk, inTail: 0 }
      this.later.set(span, pile)
      this.laterSpans.add(span)
    } else if (pile.inTail === CHUNK) {
      const chunk = this.takeChunk()
      this.chunkNext[pile.tail] = chunk
      pile.tail = chunk
      pile.inTail = 0
    }
    if (window < pile.first) pile.first = window
    return pile.tail * CHUNK + pile.inTail++
  }

  /** The first window at or after `from` that has events, or Infinity. */
  nextWindow(from: number): number {
    const start = from - this.span * SPAN
    if (this.span >= 0 && start < SPAN) {
      let i = start >> 5
      let bits = this.occupied[i] & (-1 << (start & 31))
      for (;;) {
        if (bits !== 0) return this.span * SPAN + i * 32 + (31 - Math.clz32(bits & -bits))
        if (++i === SPAN / 32) break
        bits = this.occupied[i]
      }
    }
    return this.later.get(this.laterSpans.least)?.first ?? Number.POSITIVE_INFINITY
  }

  /**
   * Opens a window: the visitor sees the row of each of its events, and the rows stay valid until {@link close}. Later posts into the
   * same window are rows of their own, which the caller orders itself.
   */
  open(window: number, visitor: { visit(row: number): void }): void {
    const span = Math.floor(window / SPAN)
    if (span !== this.span) this.enter(span)
    const slot = window & (SPAN - 1)
    let chunk = this.heads[slot]
    if (chunk === NONE) return
    const last = (this.cursors[slot] - 1) >> CHUNK_BITS
    const inLast = ((this.cursors[slot] - 1) & (CHUNK - 1)) + 1
    for (;;) {
      const count = chunk === last ? inLast : CHUNK
      for (let i = 0; i < count; i++) visitor.visit(chunk * CHUNK + i)
      if (chunk === last) return
      chunk = this.chunkNext[chunk]
    }
  }

  /** Gives a window's chunks back. */
  close(window: number): void {
    const slot = window & (SPAN - 1)
    const head = this.heads[slot]
    if (head === NONE) return
    this.chunkNext[(this.cursors[slot] - 1) >> CHUNK_BITS] = this.freeChunk
    this.freeChunk = head
    this.heads[slot] = NONE
    this.cursors[slot] = 0
    this.occupied[slot >> 5] &= ~(1 << (slot & 31))
  }

  /** Deals the events of a span out to its windows. The span before is empty by then: windows open in order. */
  private enter(span: number): void {
    this.span = span
    this.spanStartNs = span * SPAN * this.windowNs
    this.spanEndNs = (span + 1) * SPAN * this.windowNs
    const pile = this.later.get(span)
    if (!pile) return
    this.later.delete(span)
    // Windows open in order: no later span comes before the one that is entered.
    this.laterSpans.remove()
    for (let chunk = pile.head; ; ) {
      const count = chunk === pile.tail ? pile.inTail : CHUNK
      for (let i = 0; i < count; i++) this.move(chunk * CHUNK + i)
      const next = this.chunkNext[chunk]
      const done = chunk === pile.tail
      this.chunkNext[chunk] = this.freeChunk
      this.freeChunk = chunk
      if (done) return
      chunk = next
    }
  }

  private move(from: number): void {
    const window = Math.floor(this.times[from * Event.DOUBLES] / this.windowNs)
    const to = this.rowInSpan(window & (SPAN - 1))
    for (let i = 0; i < Event.WORDS; i++) this.words[to * Event.WORDS + i] = this.words[from * Event.WORDS + i]
  }

  private takeChunk(): number {
    if (this.freeChunk !== NONE) {
      const chunk = this.freeChunk
      this.freeChunk = this.chunkNext[chunk]
      return chunk
    }
    invariant(
      this.chunks < this.chunkNext.length,
      'more events pending in one shard than its buckets have room for: more workers have more',
    )
    return this.chunks++
  }
}
