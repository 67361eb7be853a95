// The events of the open window, one logical process at a time. Because no process can reach another within a window, each one's
// handful is sorted and run by itself: its tables stay in cache, and no heap over all processes exists. Events that a process
// causes for itself within the window join through a small heap of rows, which is empty nearly always.
import { int32Of, reserve } from '../base/reserve.js'
import { type Buckets, Event } from './buckets.js'
import { isBefore } from './order.js'

const NONE = -1
const LP = 4
const NEXT = 7
/** Up to here, and in windows up to {@link LONG_NS}, a process's events are sorted by a network of exchanges. */
const FEW = 8
const FEW_BITS = 3
/** Most of them are not more than this. */
const FEWER = 4
/** Comes after every key. */
const LAST = 0x7fffffff
const LONG_NS = 2 ** (31 - FEW_BITS)
/** Up to here insertion sort is the quickest; a gateway's window can hold thousands. */
const SOME = 24

export interface Agenda {
  /** Processes with events in this window, in the order they were met; their order does not matter. */
  readonly busy: Int32Array
  /** Rows of all events of the window, process after process as in `busy`, each process's in order. */
  readonly rows: Int32Array
  /** Where each busy process's rows begin; one more entry ends the last. */
  readonly starts: Int32Array
  /** Splits the window's events by process and sorts each one's. Returns how many processes are busy. */
  open(window: number): number
  /** Events that the present process has added for itself and that have not run yet. */
  waiting(): number
  /** Adds an event of the present process and window. */
  add(row: number): void
  /** Whether the first of the added events comes before `row`. */
  addedComesBefore(row: number): boolean
  /** Takes the first of the added events out. */
  takeAdded(): number
}

/** Closures over columns that never change; see `datapath/express.ts` for why. */
export function createAgenda(buckets: Buckets, lpCount: number): Agenda {
  const { times, words, windowNs } = buckets
  /** Last event met of each process, whose next is the first one: they hang in a ring, in the order in which they were filed. */
  const tails = new Int32Array(lpCount).fill(NONE)
  const busy = new Int32Array(lpCount)
  const starts = new Int32Array(lpCount + 1)
  // As many as can be pending at all: address space, until a window has so many.
  const most = words.length / Event.WORDS
  const rows = int32Of(reserve(most * 4))
  const scratch = int32Of(reserve(most * 4))
  /** Moments and places of a process's first few events, and those; where there is none, {@link LAST}. */
  const keys = new Int32Array(FEW).fill(LAST)
  const few = new Int32Array(FEW)
  /** [0] where the window begins. */
  const startNs = new Float64Array(1)
  let busyCount = 0
  let heap = new Int32Array(64)
  let waiting = 0

  function visit(row: number): void {
    const w = (row << 3) | NEXT
    const lp = words[(row << 3) | LP]
    const tail = tails[lp]
    tails[lp] = row
    if (tail === NONE) {
      busy[busyCount++] = lp
      words[w] = row
    } else {
      words[w] = words[(tail << 3) | NEXT]
      words[(tail << 3) | NEXT] = row
    }
  }

  /** Lines up the events of a busy process from `from` on, in order; returns where they end. */
  function line(lp: number, from: number): number {
    const tail = tails[lp]
    tails[lp] = NONE
    let to = from
    for (let row = tail; ; ) {
      row = words[(row << 3) | NEXT]
      const place = (to - from) & (FEW - 1)
      // The place as the last bits: no two keys are equal.
      keys[place] = ((times[row << 2] - startNs[0]) << FEW_BITS) | place
      few[place] = row
      rows[to++] = row
      if (row === tail) break
    }
    const count = to - from
    if (count <= FEW && windowNs < LONG_NS) sortFew(from, count)
    else {
      keys.fill(LAST)
      if (count <= SOME) insertionSort(from, to)
      else mergeSort(from, to)
    }
    return to
  }

  /**
   * Sorts the few in `keys` by a network of exchanges: no branch that depends on a time. Those are as random as the traffic, and a
   * processor that guesses wrong loses more than the whole network costs.
   */
  function sortFew(from: number, count: number): void {
    if (count > 1) sortFour()
    if (count > FEWER) sortEight()
    let before = -1
    let same = 0
    for (let i = 0; i < count; i++) {
      const key = keys[i]
      keys[i] = LAST
      rows[from + i] = few[key & (FEW - 1)]
      const moment = key >> FEW_BITS
      same |= (moment - before - 1) >> 31
      before = moment
    }
    // Some of one moment: the rest of the order decides.
    if (same !== 0) insertionSort(from, from + count)
  }

  /** Puts two keys in order, without a branch. */
  function exchange(a: number, b: number): void {
    const first = keys[a]
    const second = keys[b]
    const back = (second - first) & ((second - first) >> 31)
    keys[a] = first + back
    keys[b] = second - back
  }

  // Batcher's odd-even merge networks (Knuth, TAOCP 3, 5.3.4), of 5 and 19 exchanges.
  function sortFour(): void {
    exchange(0, 1)
    exchange(2, 3)
    exchange(0, 2)
    exchange(1, 3)
    exchange(1, 2)
  }

  /** The other half, and both merged. */
  function sortEight(): void {
    exchange(4, 5)
    exchange(6, 7)
    exchange(4, 6)
    exchange(5, 7)
    exchange(5, 6)
    exchange(0, 4)
    exchange(1, 5)
    exchange(2, 6)
    exchange(3, 7)
    exchange(2, 4)
    exchange(3, 5)
    exchange(1, 2)
    exchange(3, 4)
    exchange(5, 6)
  }

  function insertionSort(from: number, to: number): void {
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
  function mergeSort(from: number, to: number): void {
    for (let i = from; i < to; i += SOME) insertionSort(i, Math.min(i + SOME, to))
    let source = rows
    let target = scratch
    for (let width = SOME; width < to - from; width *= 2) {
      for (let i = from; i < to; i += 2 * width) merge(source, target, i, Math.min(i + width, to), Math.min(i + 2 * width, to))
      const swap = source
      source = target
      target = swap
    }
    if (source !== rows) rows.set(source.subarray(from, to), from)
  }

  function merge(source: Int32Array, target: Int32Array, from: number, middle: number, end: number): void {
    let a = from
    let b = middle
    for (let k = from; k < end; k++) {
      const takeB = a >= middle || (b < end && isBefore(times, words, source[b], source[a]))
      target[k] = takeB ? source[b++] : source[a++]
    }
  }

  return {
    busy,
    rows,
    starts,
    open(window) {
      busyCount = 0
      buckets.open(window, visit)
      startNs[0] = window * windowNs
      let at = 0
      for (let i = 0; i < busyCount; i++) {
        starts[i] = at
        at = line(busy[i], at)
      }
      starts[busyCount] = at
      return busyCount
    },
    waiting: () => waiting,
    add(row) {
      if (waiting === heap.length) {
        const grown = new Int32Array(heap.length * 2)
        grown.set(heap)
        heap = grown
      }
      let i = waiting++
      while (i > 0) {
        const parent = (i - 1) >> 1
        if (!isBefore(times, words, row, heap[parent])) break
        heap[i] = heap[parent]
        i = parent
      }
      heap[i] = row
    },
    addedComesBefore: row => isBefore(times, words, heap[0], row),
    takeAdded() {
      const top = heap[0]
      const last = heap[--waiting]
      let i = 0
      for (;;) {
        let child = 2 * i + 1
        if (child >= waiting) break
        if (child + 1 < waiting && isBefore(times, words, heap[child + 1], heap[child])) child++
        if (!isBefore(times, words, heap[child], last)) break
        heap[i] = heap[child]
        i = child
      }
      heap[i] = last
      return top
    },
  }
}
