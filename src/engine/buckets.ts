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
/** Longest window (4.6 minutes) for which the reciprocal will do: 0.5 / 2^38 is twice what a product of 4,096 windows can be off, 2^-40. */
const QUICK_WINDOW_NS = 2 ** 38
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

export interface Buckets {
  readonly windowNs: number
  readonly times: Float64Array
  readonly words: Int32Array
  /** Files an event; its time is `at[index]`. Returns its row. */
  post(at: Float64Array, index: number, origin: number, sequence: number, lp: number, kind: number, extra: number, argument: number): number
  /** The first window at or after `from` that has events, or Infinity. */
  nextWindow(from: number): number
  /**
   * Opens a window: the visitor sees the row of each of its events, and the rows stay valid until {@link close}. Later posts into the
   * same window are rows of their own, which the caller orders itself.
   */
  open(window: number, visit: (row: number) => void): void
  /** Gives a window's chunks back. */
  close(window: number): void
}

// Where the open span begins and ends, ns: doubles in a vector, since closures' own would be boxed.
const BEGIN = 0
const END = 1

/** Closures over columns that never change; see `datapath/express.ts` for why. */
export function createBuckets(windowNs: number, mostEvents = MOST_EVENTS): Buckets {
  const block = reserve(mostEvents * Event.WORDS * 4)
  const times = float64Of(block)
  const words = int32Of(block)
  const mostChunks = Math.floor(words.length / (CHUNK * Event.WORDS))
  const chunkNext = int32Of(reserve(mostChunks * 4))
  let freeChunk = NONE
  let chunks = 0
  const heads = new Int32Array(SPAN).fill(NONE)
  /** Next free row of each window's last chunk; a multiple of CHUNK when that chunk is full, or there is none. */
  const cursors = new Int32Array(SPAN)
  /** Bit per window of the open span. */
  const occupied = new Int32Array(SPAN / 32)
  const later = new Map<number, Pile>()
  /** The spans that are keys of it. */
  const laterSpans = new SpanHeap()
  /** None is open before the first window is: what comes first waits in a list, too, and every way of filing has been gone once. */
  let span = -1
  const open = new Float64Array(2)
  const windowsPerNs = 1 / windowNs

  /**
   * Window of the open span that a time lies in. A division is dearer than the reciprocal, which is exact here: times are whole, so that the
   * half keeps quotients 0.5 / windowNs away from the edges, farther than products of up to 4,096 windows can be off.
   */
  const quickly = (time: number): number => ((time - open[BEGIN] + 0.5) * windowsPerNs) | 0
  const slotOf = windowNs <= QUICK_WINDOW_NS ? quickly : (time: number): number => Math.floor(time / windowNs) & (SPAN - 1)

  function rowInSpan(slot: number): number {
    let row = cursors[slot]
    if ((row & (CHUNK - 1)) === 0) row = extend(slot, row)
    cursors[slot] = row + 1
    return row
  }

  /** Hangs a fresh chunk behind a window's last one, which ends at `cursor`; returns its first row. */
  function extend(slot: number, cursor: number): number {
    const chunk = takeChunk()
    if (heads[slot] === NONE) {
      heads[slot] = chunk
      occupied[slot >> 5] |= 1 << (slot & 31)
    } else chunkNext[cursor / CHUNK - 1] = chunk
    return chunk * CHUNK
  }

  function rowLater(window: number): number {
    const at = Math.floor(window / SPAN)
    let pile = later.get(at)
    if (!pile) {
      const chunk = takeChunk()
      pile = { first: window, head: chunk, tail: chunk, inTail: 0 }
      later.set(at, pile)
      laterSpans.add(at)
    } else if (pile.inTail === CHUNK) {
      const chunk = takeChunk()
      chunkNext[pile.tail] = chunk
      pile.tail = chunk
      pile.inTail = 0
    }
    if (window < pile.first) pile.first = window
    return pile.tail * CHUNK + pile.inTail++
  }

  /** Deals the events of a span out to its windows. The span before is empty by then: windows open in order. */
  function enter(next: number): void {
    span = next
    open[BEGIN] = span * SPAN * windowNs
    open[END] = (span + 1) * SPAN * windowNs
    const pile = later.get(span)
    if (!pile) return
    later.delete(span)
    // Windows open in order: no later span comes before the one that is entered.
    laterSpans.remove()
    for (let chunk = pile.head; ; ) {
      const count = chunk === pile.tail ? pile.inTail : CHUNK
      for (let i = 0; i < count; i++) move(chunk * CHUNK + i)
      const following = chunkNext[chunk]
      const done = chunk === pile.tail
      chunkNext[chunk] = freeChunk
      freeChunk = chunk
      if (done) return
      chunk = following
    }
  }

  function move(from: number): void {
    const window = Math.floor(times[from * Event.DOUBLES] / windowNs)
    const to = rowInSpan(window & (SPAN - 1))
    for (let i = 0; i < Event.WORDS; i++) words[to * Event.WORDS + i] = words[from * Event.WORDS + i]
  }

  function takeChunk(): number {
    if (freeChunk !== NONE) {
      const chunk = freeChunk
      freeChunk = chunkNext[chunk]
      return chunk
    }
    invariant(chunks < mostChunks, 'more events pending in one shard than its buckets have room for: more workers have more')
    return chunks++
  }

  return {
    windowNs,
    times,
    words,
    post(at, index, origin, sequence, lp, kind, extra, argument) {
      const time = at[index]
      const row = time < open[END] ? rowInSpan(slotOf(time)) : rowLater(Math.floor(time / windowNs))
      times[row * Event.DOUBLES] = time
      const w = row * Event.WORDS
      words[w + 2] = origin
      words[w + 3] = sequence
      words[w + 4] = lp
      words[w + 5] = kind | (extra << 3)
      words[w + 6] = argument
      return row
    },
    nextWindow(from) {
      const start = from - span * SPAN
      if (span >= 0 && start < SPAN) {
        let i = start >> 5
        let bits = occupied[i] & (-1 << (start & 31))
        for (;;) {
          if (bits !== 0) return span * SPAN + i * 32 + (31 - Math.clz32(bits & -bits))
          if (++i === SPAN / 32) break
          bits = occupied[i]
        }
      }
      return later.get(laterSpans.least)?.first ?? Number.POSITIVE_INFINITY
    },
    open(window, visit) {
      const at = Math.floor(window / SPAN)
      if (at !== span) enter(at)
      const slot = window & (SPAN - 1)
      let chunk = heads[slot]
      if (chunk === NONE) return
      const last = (cursors[slot] - 1) >> CHUNK_BITS
      const inLast = ((cursors[slot] - 1) & (CHUNK - 1)) + 1
      for (;;) {
        const count = chunk === last ? inLast : CHUNK
        for (let i = 0; i < count; i++) visit(chunk * CHUNK + i)
        if (chunk === last) return
        chunk = chunkNext[chunk]
      }
    },
    close(window) {
      const slot = window & (SPAN - 1)
      const head = heads[slot]
      if (head === NONE) return
      chunkNext[(cursors[slot] - 1) >> CHUNK_BITS] = freeChunk
      freeChunk = head
      heads[slot] = NONE
      cursors[slot] = 0
      occupied[slot >> 5] &= ~(1 << (slot & 31))
    },
  }
}
