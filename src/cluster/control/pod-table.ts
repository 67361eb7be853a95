// The pods of a cluster that changes, as rows of typed columns: 1,000,000 come and go without an object. A row belongs to one pod from its
// creation to its end; rows of ended pods are used again unless a data-plane run wants to know of them.
import { grown } from './event-queue.js'

const NONE = -1

export const PodState = {
  /** No pod has this row, or the pod of it has ended. */
  over: 0,
  /** Pending: no node has room. */
  waitsForNode: 1,
  /** ContainerCreating: it has a node, which has no address for it. */
  waitsForAddress: 2,
  running: 3,
  /** On a node that was lost; nobody has noticed yet. */
  lost: 4,
  /** It has its address, and is not ready yet (`workloads[].startup`). */
  starting: 5,
} as const

export class PodTable {
  count = 0
  workload = new Int32Array(1024)
  replica = new Int32Array(1024)
  /** How many pods of this name there were before. */
  life = new Int32Array(1024)
  node = new Int32Array(1024)
  address = new Int32Array(1024)
  state = new Uint8Array(1024)
  /** Tells this pod from the next one in the same row. */
  stamp = new Int32Array(1024)
  createdNs = new Float64Array(1024)
  /** When it was bound to its node; then when it got its address; then when it was ready. */
  startNs = new Float64Array(1024)
  stopNs = new Float64Array(1024)
  /** The list of its node's pods. */
  next = new Int32Array(1024)
  previous = new Int32Array(1024)
  /** The list of those who wait: for any node, or for an address of their node. */
  nextWaiting = new Int32Array(1024)
  previousWaiting = new Int32Array(1024)
  private free = new Int32Array(1024)
  private freeCount = 0

  constructor(private readonly keepsAll: boolean) {}

  create(workload: number, replica: number, life: number, nowNs: number): number {
    const row = this.freeCount > 0 ? this.free[--this.freeCount] : this.fresh()
    this.workload[row] = workload
    this.replica[row] = replica
    this.life[row] = life
    this.node[row] = NONE
    this.address[row] = 0
    this.state[row] = PodState.waitsForNode
    this.stamp[row]++
    this.createdNs[row] = nowNs
    this.startNs[row] = NONE
    this.stopNs[row] = Number.POSITIVE_INFINITY
    return row
  }

  /** The pod has ended; its row may be used again. */
  drop(row: number): void {
    const hasRun = this.startNs[row] >= 0
    this.state[row] = PodState.over
    this.stamp[row]++
    if (!this.keepsAll || !hasRun) this.free[this.freeCount++] = row
  }

  private fresh(): number {
    if (this.count === this.workload.length) this.widen(this.count * 2)
    return this.count++
  }

  private widen(size: number): void {
    const ints = (column: Int32Array) => grown(column, new Int32Array(size))
    const doubles = (column: Float64Array) => grown(column, new Float64Array(size))
    this.workload = ints(this.workload)
    this.replica = ints(this.replica)
    this.life = ints(this.life)
    this.node = ints(this.node)
    this.address = ints(this.address)
    this.state = grown(this.state, new Uint8Array(size))
    this.stamp = ints(this.stamp)
    this.createdNs = doubles(this.createdNs)
    this.startNs = doubles(this.startNs)
    this.stopNs = doubles(this.stopNs)
    this.next = ints(this.next)
    this.previous = ints(this.previous)
    this.nextWaiting = ints(this.nextWaiting)
    this.previousWaiting = ints(this.previousWaiting)
    this.free = ints(this.free)
  }
}

/** A list of rows through two columns of the table, first in, first out. The columns are given at each call: they grow. */
export class RowList {
  head = NONE
  private tail = NONE
  length = 0

  append(next: Int32Array, previous: Int32Array, row: number): void {
    next[row] = NONE
    previous[row] = this.tail
    if (this.tail === NONE) this.head = row
    else next[this.tail] = row
    this.tail = row
    this.length++
  }

  remove(next: Int32Array, previous: Int32Array, row: number): void {
    if (previous[row] === NONE) this.head = next[row]
    else next[previous[row]] = next[row]
    if (next[row] === NONE) this.tail = previous[row]
    else previous[next[row]] = previous[row]
    this.length--
  }
}
