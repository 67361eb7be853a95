// The events of the open window, one logical process at a time. Because no process can reach another within a window, each one's
// handful is sorted and run by itself: its tables stay in cache, and no heap over all processes exists. Events that a process
// causes for itself within the window join through a small heap of rows, which is empty nearly always.
import { int32Of, reserve } from '../base/reserve.js'
import { type Buckets, Event } from './buckets.js'
import { isBefore } from './order.js'

const NONE = -1
const LP = 4
const NEXT = 7
/** Up to here, and in windows up to {@link LONG_NS}, a process's events are sorted by {@link Agenda.few}. */
const FEW = 8
const FEW_BITS = 3
/** Most of them are not more than this. */
const FEWER = 4
/** Comes after every key. */
const LAST = 0x7fffffff
const LONG_NS = 2 ** (31 - FEW_BITS)
/** Up to here insertion sort is the quickest; a gateway's window can hold thousands. */
const SOME = 24

/** Puts two keys in order, without a branch. */
function exchange(keys: Int32Array, a: number, b: number): void {
  const first = keys[a]
  const second = keys[b]
  const back = (second - first) & ((second - first) >> 31)
  keys[a] = first + back
  keys[b] = second - back
}

/** Batcher's odd-even merge networks (Knuth, TAOCP 3, 5.3.4), of 5 and 19 exchanges. */
function sortFour(keys: Int32Array): void {
  exchange(keys, 0, 1)
  exchange(keys, 2, 3)
  exchange(keys, 0, 2)
  exchange(keys, 1, 3)
  exchange(keys, 1, 2)
}

function sortEight(keys: Int32Array): void {
  sortFour(keys)
  exchange(keys, 4, 5)
  exchange(keys, 6, 7)
  exchange(keys, 4, 6)
  exchange(keys, 5, 7)
  exchange(keys, 5, 6)
  exchange(keys, 0, 4)
  exchange(keys, 1, 5)
  exchange(keys, 2, 6)
  exchange(keys, 3, 7)
  exchange(keys, 2, 4)
  exchange(keys, 3, 5)
  exchange(keys, 1, 2)
  exchange(keys, 3, 4)
  exchange(keys, 5, 6)
}

export class Agenda {
  /** Last event met of each process, whose next is the first one: they hang in a ring, in the order in which they were filed. */
  private readonly tails: Int32Array
  /** Processes with events in this window, in the order they were met; their order does not matter. */
  readonly busy: Int32Array
  busyCount = 0
  /** Rows of all events of the window, process after process as in `busy`, each process's in order. */
  readonly rows: Int32Array
  /** Where each busy process's rows begin; one more entry ends the last. */
  readonly starts: Int32Array
  private readonly scratch: Int32Array
  private readonly keys = new Int32Array(FEW)
  /** [0] where the window begins. */
  private readonly startNs = new Float64Array(1)
  private heap = new Int32Array(64)
  /** Events that the present process has added for itself and that have not run yet. */
  waiting = 0

  constructor(
    private readonly buckets: Buckets,
    lpCount: number,
  ) {
    this.tails = new Int32Array(lpCount).fill(NONE)
    this.busy = new Int32Array(lpCount)
    this.starts = new Int32Array(lpCount + 1)
    // As many as can be pending at all: address space, until a window has so many.
    const most = buckets.words.length / Event.WORDS
    this.rows = int32Of(reserve(most * 4))
    this.scratch = int32Of(reserve(most * 4))
  }

  /** Splits the window's events by process and sorts each one's. */
  open(window: number): void {
    this.busyCount = 0
    this.buckets.open(window, this)
    this.startNs[0] = window * this.buckets.windowNs
    let at = 0
    for (let i = 0; i < this.busyCount; i++) {
      this.starts[i] = at
      at = this.line(this.busy[i], at)
    }
    this.starts[this.busyCount] = at
  }

  /** Called by {@link Buckets.open} for each event. */
  visit(row: number): void {
    const { words } = this.buckets
    const w = (row << 3) | NEXT
    const lp = words[(row << 3) | LP]
    const tail = this.tails[lp]
    this.tails[lp] = row
    if (tail === NONE) {
      this.busy[this.busyCount++] = lp
      words[w] = row
    } else {
      words[w] = words[(tail << 3) | NEXT]
      words[(tail << 3) | NEXT] = row
    }
  }

  /** Lines up the events of a busy process from `from` on, in order; returns where they end. */
  private line(lp: number, from: number): number {
    const { words } = this.buckets
    const { rows } = this
    const tail = this.tails[lp]
    this.tails[lp] = NONE
    let to = from
    for (let row = tail; ; ) {
      row = words[(row << 3) | NEXT]
      rows[to++] = row
      if (row === tail) break
    }
    const count = to - from
    if (count === 1) return to
    if (count <= FEW && this.buckets.windowNs < LONG_NS) this.few(from, count)
    else if (count <= SOME) this.insertionSort(from, to)
    else this.mergeSort(from, to)
    return to
  }

  /**
   * Sorts a few by a network of exchanges: no branch that depends on a time. Those are as random as the traffic, and a processor that
   * guesses wrong loses more than the whole network costs.
   */
  private few(from: number, count: number): void {
    const { rows, scratch, keys } = this
    const { times } = this.buckets
    const start = this.startNs[0]
    const places = count <= FEWER ? FEWER : FEW
    for (let i = count; i < places; i++) keys[i] = LAST
    for (let i = 0; i < count; i++) {
      const row = rows[from + i]
      scratch[i] = row
      // The place as the last bits: no two keys are equal.
      keys[i] = ((times[row << 2] - start) << FEW_BITS) | i
    }
    if (count <= FEWER) sortFour(keys)
    else sortEight(keys)
    let before = -1
    for (let i = 0; i < count; i++) {
      const key = keys[i]
      rows[from + i] = scratch[key & (FEW - 1)]
      if (key >> FEW_BITS === before) {
        // Of one moment: the rest of the order decides.
        for (let j = i + 1; j < count; j++) rows[from + j] = scratch[keys[j] & (FEW - 1)]
        this.insertionSort(from, from + count)
        return
      }
      before = key >> FEW_BITS
    }
  }

  /** Adds an event of the present process and window. */
  add(row: number): void {
    if (this.waiting === this.heap.length) {
      const grown = new Int32Array(this.heap.length * 2)
      grown.set(this.heap)
      this.heap = grown
    }
    const { times, words } = this.buckets
    let i = this.waiting++
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!isBefore(times, words, row, this.heap[parent])) break
      this.heap[i] = this.heap[parent]
      i = parent
    }
    this.heap[i] = row
  }

  /** Whether the first of the added events comes before `row`. */
  addedComesBefore(row: number): boolean {
    return isBefore(this.buckets.times, this.buckets.words, this.heap[0], row)
  }

  /** Takes the first of the added events out. */
  takeAdded(): number {
    const { times, words } = this.buckets
    const top = this.heap[0]
    const last = this.heap[--this.waiting]
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= this.waiting) break
      if (child + 1 < this.waiting && isBefore(times, words, this.heap[child + 1], this.heap[child])) child++
      if (!isBefore(times, words, this.heap[child], last)) break
      this.heap[i] = this.heap[child]
      i = child
    }
    this.heap[i] = last
    return top
  }

  private insertionSort(from: number, to: number): void {
    const { times, words } = this.buckets
    const { rows } = this
    for (let i = from + 1; i < to; i++) {
      const row = rows[i]
      const time = times[row * Event.DOUBLES]
      let j = i - 1
      for (; j >= from; j--) {
        const other = rows[j]
        const before = times[other * Event.DOUBLES]
        if (before < time || (before === time && isBefore(times, words, other, row))) break
        rows[j + 1] = other
      }
      rows[j + 1] = row
    }
  }

  /** Bottom-up merge sort over runs that insertion sort has made. */
  private mergeSort(from: number, to: number): void {
    for (let i = from; i < to; i += SOME) this.insertionSort(i, Math.min(i + SOME, to))
    let source = this.rows
    let target = this.scratch
    for (let width = SOME; width < to - from; width *= 2) {
      for (let i = from; i < to; i += 2 * width) this.merge(source, target, i, Math.min(i + width, to), Math.min(i + 2 * width, to))
      const swap = source
      source = target
      target = swap
    }
    if (source !== this.rows) this.rows.set(source.subarray(from, to), from)
  }

  private merge(source: Int32Array, target: Int32Array, from: number, middle: number, end: number): void {
    const { times, words } = this.buckets
    let a = from
    let b = middle
    for (let k = from; k < end; k++) {
      const takeB = a >= middle || (b < end && isBefore(times, words, source[b], source[a]))
      target[k] = takeB ? source[b++] : source[a++]
    }
  }
}
