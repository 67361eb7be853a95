// Who of a set of peers is there at a moment, in a cluster that changes: a flow's target is drawn among those alive when the flow begins.
// At rest everybody always is, and nothing here is asked.
import type { PeerSet } from './peers.js'
import type { Plan } from './plan.js'

/** A moment of a peer's life in a plan: pods by their own, hosts by their node's; endpoints and bare addresses are always there. */
export function beginOf({ pods, nodes }: Plan, peers: PeerSet, at: number): number {
  if (peers.named[at] >= 0) return pods.startNs[peers.named[at]]
  return nodes[peers.lp[at]]?.joinNs ?? 0
}

export function endOf({ pods, nodes }: Plan, peers: PeerSet, at: number): number {
  if (peers.named[at] >= 0) return pods.stopNs[peers.named[at]]
  return nodes[peers.lp[at]]?.leaveNs ?? Number.POSITIVE_INFINITY
}

export class Lifetimes {
  private readonly begins: Float64Array
  private readonly ends: Float64Array
  private readonly sortedBegins: Float64Array
  private readonly sortedEnds: Float64Array

  constructor(plan: Plan, peers: PeerSet) {
    this.begins = Float64Array.from({ length: peers.count }, (_, at) => beginOf(plan, peers, at))
    this.ends = Float64Array.from({ length: peers.count }, (_, at) => endOf(plan, peers, at))
    this.sortedBegins = this.begins.slice().sort()
    this.sortedEnds = this.ends.slice().sort()
  }

  isAlive(at: number, momentNs: number): boolean {
    return this.begins[at] <= momentNs && momentNs < this.ends[at]
  }

  /** How many are there at a moment; nobody ends before he begins. */
  countAt(momentNs: number): number {
    return upTo(this.sortedBegins, momentNs) - upTo(this.sortedEnds, momentNs)
  }

  /** The n-th of those who are there at a moment, in order. */
  nthAt(n: number, momentNs: number): number {
    let left = n
    for (let at = 0; at < this.begins.length; at++) if (this.isAlive(at, momentNs) && left-- === 0) return at
    return -1
  }
}

/** How many values of a sorted column are at most `value`. */
function upTo(sorted: Float64Array, value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle] <= value) low = middle + 1
    else high = middle
  }
  return low
}
