// Nodes of the modes in which pods have addresses of the VNet: each with its own address and the ones it holds for its pods.
import type { Ipv4 } from '../base/brand.js'
import { invariant } from '../base/invariant.js'
import type { ResourceUse } from './addressing.js'
import type { PodIps } from './pod-ips.js'
import type { Taken } from './pool.js'

export interface FlatNode {
  readonly pool: number
  readonly address: Ipv4
  readonly pods: PodIps
}

export class FlatNodes<Node extends FlatNode> {
  /** By number; a hole where there is none. */
  private readonly nodes: (Node | undefined)[] = []

  add(node: number, state: Node): void {
    invariant(this.nodes[node] === undefined, `node ${node} is there already`)
    this.nodes[node] = state
  }

  at(node: number): Node {
    const state = this.nodes[node]
    invariant(state !== undefined, `there is no node ${node}`)
    return state
  }

  /** The same node with more to it. */
  replace(node: number, state: Node): void {
    this.remove(node)
    this.add(node, state)
  }

  remove(node: number): Node {
    const state = this.at(node)
    this.nodes[node] = undefined
    return state
  }

  /** A node of its own that holds the address takes it; what nobody here holds is the caller's to find. */
  takePod(node: number, address: Ipv4): Taken {
    const { pods } = this.at(node)
    const state = pods.stateOf(address)
    if (state === 'free') pods.take(address)
    return state === 'free' ? 'ok' : state === 'used' ? 'taken' : 'outside'
  }

  /** Addresses that nodes of these pools hold for pods and that no pod has. */
  stranded(matches: (pool: number) => boolean): number {
    let sum = 0
    for (const node of this.nodes) if (node && matches(node.pool)) sum += node.pods.free
    return sum
  }

  /** The row of the node whose addresses are used up most; none without nodes. `most`: how many a node may have, where that is not what it holds. */
  podRow(most: (node: Node) => number = ({ pods }) => pods.count): ResourceUse[] {
    let best = -1
    let highest = -1
    this.nodes.forEach((node, i) => {
      if (!node) return
      const capacity = most(node)
      // A bare node holds nothing yet: it is not full.
      if (capacity === 0) return
      const share = node.pods.used / capacity
      if (share <= highest) return
      highest = share
      best = i
    })
    if (best < 0) return []
    const node = this.at(best)
    return [{ name: 'podIps', scope: '', node: best, unit: 'addresses', capacity: most(node), used: node.pods.used }]
  }
}
