// The events of the open window, one logical process at a time. Because no process can reach another within a window, each one's
// handful is sorted and run by itself: its tables stay in cache, and no heap over all processes exists. Events that a process
// causes for itself within the window join through a small heap of rows, which is empty nearly always.
import { type Buckets, EVENT_DOUBLES, EVENT_WORDS } from './buckets.js'
import { isBefore } from './order.js'

const NONE = -1
const LP = 4
const NEXT = 7
/** Up to here insertion sort is the quickest; a gateway's window can hold thousands. */
const FEW = 24

export class Agenda {
  private readonly heads: Int32Array
  /** Processes with events in this window, in the order they were met; their order does not matter. */
  readonly busy: Int32Array
  busyCount = 0
  private sorted = new Int32Array(256)
  private scratch = new Int32Array(256)
  private sortedCount = 0
  private cursor = 0
  private heap = new Int32Array(64)
  private heapSize = 0

  constructor(
    private readonly buckets: Buckets,
    lpCount: number,
  ) {
    this.heads = new Int32Array(lpCount).fill(NONE)
    this.busy = new Int32Array(lpCount)
  }

  /** Splits the window's events by process. */
  open(window: number): void {
    this.busyCount = 0
    this.buckets.open(window, this)
  }

  /** Called by {@link Buckets.open} for each event. */
  visit(row: number): void {
    const { words } = this.buckets
    const w = row * EVENT_WORDS
    const lp = words[w + LP]
    const head = this.heads[lp]
    if (head === NONE) this.busy[this.busyCount++] = lp
    words[w + NEXT] = head
    this.heads[lp] = row
  }

  /** Makes `lp` the process whose events {@link next} returns. */
  begin(lp: number): void {
    const { words } = this.buckets
    let count = 0
    for (let row = this.heads[lp]; row !== NONE; row = words[row * EVENT_WORDS + NEXT]) {
      if (count === this.sorted.length) this.widen()
      this.sorted[count++] = row
    }
    this.heads[lp] = NONE
    this.sortedCount = count
    this.cursor = 0
    if (count > FEW) this.mergeSort(count)
    else if (count > 1) this.insertionSort(0, count)
  }

  /** The process's next event, or -1. */
  next(): number {
    if (this.heapSize === 0) return this.cursor < this.sortedCount ? this.sorted[this.cursor++] : NONE
    if (this.cursor < this.sortedCount) {
      const row = this.sorted[this.cursor]
      if (isBefore(this.buckets.times, this.buckets.words, row, this.heap[0])) {
        this.cursor++
        return row
      }
    }
    return this.pop()
  }

  /** Adds an event of the present process and window. */
  add(row: number): void {
    if (this.heapSize === this.heap.length) {
      const grown = new Int32Array(this.heap.length * 2)
      grown.set(this.heap)
      this.heap = grown
    }
    const { times, words } = this.buckets
    let i = this.heapSize++
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!isBefore(times, words, row, this.heap[parent])) break
      this.heap[i] = this.heap[parent]
      i = parent
    }
    this.heap[i] = row
  }

  private pop(): number {
    const { times, words } = this.buckets
    const top = this.heap[0]
    const last = this.heap[--this.heapSize]
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= this.heapSize) break
      if (child + 1 < this.heapSize && isBefore(times, words, this.heap[child + 1], this.heap[child])) child++
      if (!isBefore(times, words, this.heap[child], last)) break
      this.heap[i] = this.heap[child]
      i = child
    }
    if (this.heapSize > 0) this.heap[i] = last
    return top
  }

  private insertionSort(from: number, to: number): void {
    const { times, words } = this.buckets
    const rows = this.sorted
    for (let i = from + 1; i < to; i++) {
      const row = rows[i]
      let j = i - 1
      while (j >= from && isBefore(times, words, row, rows[j])) {
        rows[j + 1] = rows[j]
        j--
      }
      rows[j + 1] = row
    }
  }

  /** Bottom-up merge sort over runs that insertion sort has made. */
  private mergeSort(count: number): void {
    for (let from = 0; from < count; from += FEW) this.insertionSort(from, Math.min(from + FEW, count))
    const { times, words } = this.buckets
    for (let width = FEW; width < count; width *= 2) {
      const source = this.sorted
      const target = this.scratch
      for (let from = 0; from < count; from += 2 * width) {
        const middle = Math.min(from + width, count)
        const end = Math.min(from + 2 * width, count)
        let a = from
        let b = middle
        for (let k = from; k < end; k++) {
          const takeB = a >= middle || (b < end && isBefore(times, words, source[b], source[a]))
          target[k] = takeB ? source[b++] : source[a++]
        }
      }
      this.sorted = target
      this.scratch = source
    }
  }

  private widen(): void {
    const grown = new Int32Array(this.sorted.length * 2)
    grown.set(this.sorted)
    this.sorted = grown
    this.scratch = new Int32Array(grown.length)
  }
}

/** Index of a row's time in `buckets.times`. */
export const timeOf = (row: number): number => row * EVENT_DOUBLES
