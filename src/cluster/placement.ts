// Which node a pod starts on: spread, one pod to each node in turn, skipping nodes that have maxPods already. The turn goes on from
// workload to workload, so that the whole cluster fills evenly. No randomness, O(pods + nodes).

/** Nodes in a ring; full ones drop out. */
export class Placement {
  private readonly next: Int32Array
  private previous: number
  private open: number
  /** Pods that each node has. */
  readonly taken: Int32Array

  constructor(private readonly slots: ArrayLike<number>) {
    const count = slots.length
    this.taken = new Int32Array(count)
    this.next = Int32Array.from({ length: count }, (_, node) => (node + 1) % count)
    this.previous = count - 1
    this.open = count
  }

  /** Takes a slot of this very node, for a fixed pod; false if the node is full. */
  takeSlot(node: number): boolean {
    if (this.taken[node] >= this.slots[node]) return false
    this.taken[node]++
    return true
  }

  /** The next node in turn with a free slot, now taken; -1 when every node is full. */
  place(): number {
    while (this.open > 0) {
      const node = this.next[this.previous]
      if (this.takeSlot(node)) {
        this.previous = node
        return node
      }
      this.next[this.previous] = this.next[node]
      this.open--
    }
    return -1
  }
}
