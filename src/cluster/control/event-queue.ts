// What is going to happen in the control plane, in order of time; of the same moment, in the order in which it was asked for. A binary heap
// of rows over typed columns: a year of churn keeps hundreds of thousands of ends in it.

/** What an event is about; `a` and `b` of an event say which one. */
export const ControlEvent = {
  /** Entry `a` of the timeline. */
  timeline: 0,
  /** The curve of workload `a` reaches its next value. */
  growth: 1,
  /** The lifetime of pod `a` is over, if it is still the one stamped `b`. */
  podEnds: 2,
  /** Pods on node `a` that wait for an address ask again. */
  retry: 3,
  /** The pool monitor of node `a` looks at its addresses. */
  reconcile: 4,
  /** Node `a` takes pods from now on, if it is still wanted. */
  nodeReady: 5,
  /** The autoscaler gives node `a` up: it took too long. */
  nodeLate: 6,
  /** The pods of the lost node `a` are replaced. */
  evict: 7,
  /** The drain of node `a` is over; it leaves. */
  drained: 8,
  /** The autoscaler looks around. */
  scan: 9,
  /** Node `a`, which is NotReady, asks for a range for its pods again. */
  range: 10,
  /** The upgrade that waits for the surge node `a` gives it up. */
  surgeLate: 11,
  /** Pod `a` is ready, if it is still the one stamped `b`. */
  podReady: 12,
} as const

export class EventQueue {
  private times = new Float64Array(1024)
  /** sequence, kind, a, b */
  private words = new Int32Array(1024 * 4)
  private heap = new Int32Array(1024)
  private free = new Int32Array(1024)
  private freeCount = 0
  private rows = 0
  private sequence = 0
  size = 0
  /** The event that {@link next} took out. */
  timeNs = 0
  kind = 0
  a = 0
  b = 0

  post(timeNs: number, kind: number, a = 0, b = 0): void {
    const row = this.freeCount > 0 ? this.free[--this.freeCount] : this.fresh()
    this.times[row] = timeNs
    const w = row * 4
    this.words[w] = this.sequence++ | 0
    this.words[w + 1] = kind
    this.words[w + 2] = a
    this.words[w + 3] = b
    this.rise(this.size++, row)
  }

  /** Moment of the first event; Infinity without one. */
  get firstNs(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.times[this.heap[0]]
  }

  /** Takes the first event out; false if there is none. */
  next(): boolean {
    if (this.size === 0) return false
    const row = this.heap[0]
    const w = row * 4
    this.timeNs = this.times[row]
    this.kind = this.words[w + 1]
    this.a = this.words[w + 2]
    this.b = this.words[w + 3]
    this.free[this.freeCount++] = row
    const last = this.heap[--this.size]
    if (this.size > 0) this.sink(last)
    return true
  }

  private isBefore(one: number, other: number): boolean {
    const before = this.times[one] - this.times[other]
    return before < 0 || (before === 0 && ((this.words[one * 4] - this.words[other * 4]) | 0) < 0)
  }

  private rise(from: number, row: number): void {
    let i = from
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!this.isBefore(row, this.heap[parent])) break
      this.heap[i] = this.heap[parent]
      i = parent
    }
    this.heap[i] = row
  }

  private sink(row: number): void {
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= this.size) break
      if (child + 1 < this.size && this.isBefore(this.heap[child + 1], this.heap[child])) child++
      if (!this.isBefore(this.heap[child], row)) break
      this.heap[i] = this.heap[child]
      i = child
    }
    this.heap[i] = row
  }

  private fresh(): number {
    if (this.rows === this.times.length) {
      this.times = grown(this.times, new Float64Array(this.rows * 2))
      this.words = grown(this.words, new Int32Array(this.rows * 8))
      this.heap = grown(this.heap, new Int32Array(this.rows * 2))
      this.free = grown(this.free, new Int32Array(this.rows * 2))
    }
    return this.rows++
  }
}

/** The larger array, beginning with what was in the smaller one. */
export function grown<Column extends Int32Array | Float64Array | Uint8Array>(column: ArrayLike<number>, larger: Column): Column {
  larger.set(column)
  return larger
}
