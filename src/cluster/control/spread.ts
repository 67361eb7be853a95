// Which node a pod goes to once things change: the one with the fewest pods, of those the one that has been waiting longest. Nodes lie in
// lists by their number of pods, so taking, giving back and finding cost a few steps, whatever the size of the cluster. At rest, on nodes
// that fill evenly, this is the turn of `placement.ts`.
import { grown } from './event-queue.js'

const NONE = -1
/** No node has more pods than this, whatever a scenario's maxPods says. */
const MOST = 1024

export class Spread {
  private readonly heads = new Int32Array(MOST + 1).fill(NONE)
  private readonly tails = new Int32Array(MOST + 1).fill(NONE)
  private next = new Int32Array(256)
  private previous = new Int32Array(256)
  /** 1: takes pods, hence lies in a list if it has room. */
  private open = new Uint8Array(256)
  /** Pods bound to each node. */
  pods = new Int32Array(256)
  slots = new Int32Array(256)
  private least = MOST
  /** Of the nodes that take pods: places in all, and places free. */
  openSlots = 0
  freeSlots = 0

  /** Room for node numbers below `count`. */
  private reach(count: number): void {
    if (count <= this.pods.length) return
    const size = Math.max(count, this.pods.length * 2)
    this.next = grown(this.next, new Int32Array(size))
    this.previous = grown(this.previous, new Int32Array(size))
    this.open = grown(this.open, new Uint8Array(size))
    this.pods = grown(this.pods, new Int32Array(size))
    this.slots = grown(this.slots, new Int32Array(size))
  }

  /** A new node, closed at first. */
  add(node: number, slots: number, pods = 0): void {
    this.reach(node + 1)
    this.slots[node] = Math.min(slots, MOST)
    this.pods[node] = pods
    this.open[node] = 0
  }

  /** From now on the node takes pods. */
  openNode(node: number): void {
    if (this.open[node] === 1) return
    this.open[node] = 1
    this.openSlots += this.slots[node]
    this.freeSlots += this.slots[node] - this.pods[node]
    this.link(node)
  }

  /** From now on it takes none: cordoned, or gone. */
  closeNode(node: number): void {
    if (this.open[node] === 0) return
    this.unlink(node)
    this.open[node] = 0
    this.openSlots -= this.slots[node]
    this.freeSlots -= this.slots[node] - this.pods[node]
  }

  isOpen(node: number): boolean {
    return this.open[node] === 1
  }

  /** A node with room, one place of it now taken; -1 when there is none. */
  place(): number {
    if (this.freeSlots <= 0) return NONE
    while (this.heads[this.least] === NONE) this.least++
    const node = this.heads[this.least]
    this.unlink(node)
    this.pods[node]++
    this.freeSlots--
    this.link(node)
    return node
  }

  /** Gives a place back. */
  leave(node: number): void {
    if (this.open[node] === 1) {
      this.unlink(node)
      this.freeSlots++
    }
    this.pods[node]--
    if (this.open[node] === 1) this.link(node)
  }

  /** The open nodes with fewer than `count` pods, emptiest first. */
  *below(count: number): Generator<number> {
    for (let level = 0; level < Math.min(count, MOST); level++) {
      for (let node = this.heads[level]; node !== NONE; node = this.next[node]) yield node
    }
  }

  private link(node: number): void {
    const level = this.pods[node]
    if (level >= this.slots[node]) return
    const tail = this.tails[level]
    this.previous[node] = tail
    this.next[node] = NONE
    if (tail === NONE) this.heads[level] = node
    else this.next[tail] = node
    this.tails[level] = node
    if (level < this.least) this.least = level
  }

  private unlink(node: number): void {
    const level = this.pods[node]
    if (level >= this.slots[node]) return
    const before = this.previous[node]
    const after = this.next[node]
    if (before === NONE) this.heads[level] = after
    else this.next[before] = after
    if (after === NONE) this.tails[level] = before
    else this.previous[after] = before
  }
}
