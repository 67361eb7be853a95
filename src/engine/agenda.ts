// The events of the open window, one logical process at a time. Because no process can reach another within a window, each one's
// handful is sorted and run by itself: its tables stay in cache, and no heap over all processes exists. Events that a process
// causes for itself within the window join through a small heap of rows, which is empty nearly always.
import { int32Of, reserve } from '../base/reserve.js'
import { type Buckets, Event } from './buckets.js'
import { isBefore } from './order.js'

const NONE = -1
const LP = 4
const NEXT = 7
/** Up to here insertion sort is the quickest; a gateway's window can hold thousands. */
const FEW = 24

export class Agenda {
  /** Last event met of each process; the others hang behind it. */
  private readonly heads: Int32Array
  /** Processes with events in this window, in the order they were met; their order does not matter. */
  readonly busy: Int32Array
  busyCount = 0
  /** Rows of all events of the window, process after process as in `busy`, each process's in order. */
  readonly rows: Int32Array
  /** Where each busy process's rows begin; one more entry ends the last. */
  readonly starts: Int32Array
  private readonly scratch: Int32Array
  private heap = new Int32Array(64)
  /** Events that the present process has added for itself and that have not run yet. */
  waiting = 0

  constructor(
    private readonly buckets: Buckets,
    lpCount: number,
  ) {
    this.heads = new Int32Array(lpCount).fill(NONE)
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
    let at = 0
    for (let i = 0; i < this.busyCount; i++) at = this.line(i, at)
    this.starts[this.busyCount] = at
  }

  /** Called by {@link Buckets.open} for each event. */
  visit(row: number): void {
    const { words } = this.buckets
    const w = row * Event.WORDS
    const lp = words[w + LP]
    const head = this.heads[lp]
    if (head === NONE) this.busy[this.busyCount++] = lp
    words[w + NEXT] = head
    this.heads[lp] = row
  }

  /** Lines up the events of a busy process from `from` on; returns where they end. */
  private line(index: number, from: number): number {
    const { words } = this.buckets
    const { rows } = this
    const lp = this.busy[index]
    let to = from
    for (let row = this.heads[lp]; row !== NONE; row = words[row * Event.WORDS + NEXT]) rows[to++] = row
    this.heads[lp] = NONE
    this.starts[index] = from
    if (to - from > FEW) this.mergeSort(from, to)
    else if (to - from > 1) this.insertionSort(from, to)
    return to
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
    for (let i = from; i < to; i += FEW) this.insertionSort(i, Math.min(i + FEW, to))
    let source = this.rows
    let target = this.scratch
    for (let width = FEW; width < to - from; width *= 2) {
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
