// An addressing mode under watch: every call is repeated on a naive model (sets of addresses), which knows nothing of pools and batches. It
// throws at the first address that two have, that nobody gave, or that is given back twice.
import type { Addressing, FixedParts } from '../../../src/ipam/addressing.js'
import { isShortage } from '../../../src/ipam/addressing.js'

export class CheckedAddressing implements Addressing {
  readonly mode
  /** Who has each address: a pod or a node. */
  readonly owners = new Map<number, string>()
  readonly pods = new Map<number, Set<number>>()
  readonly nodes = new Map<number, number>()
  /** Nodes that have nothing for pods. */
  readonly bare = new Set<number>()

  constructor(private readonly inner: Addressing) {
    this.mode = inner.mode
  }

  private give(address: number, owner: string): void {
    const other = this.owners.get(address)
    if (other !== undefined) throw new Error(`${address >>> 0} is given to ${owner}, but ${other} has it`)
    this.owners.set(address, owner)
  }

  private take(address: number, owner: string): void {
    if (this.owners.get(address) !== owner) throw new Error(`${address >>> 0} is given back by ${owner}, which does not have it`)
    this.owners.delete(address)
  }

  addNode(node: number, pool: number, fixed?: FixedParts) {
    return this.joined(node, this.inner.addNode(node, pool, fixed))
  }

  addBareNode(node: number, pool: number) {
    const joined = this.joined(node, this.inner.addBareNode(node, pool))
    if (isShortage(joined)) return joined
    if (joined.block !== null) throw new Error(`the bare node ${node} has a block`)
    if (this.inner.addPod(node) !== null) throw new Error(`the bare node ${node} has an address for a pod`)
    this.bare.add(node)
    return joined
  }

  equip(node: number) {
    if (!this.bare.has(node)) throw new Error(`node ${node} has what it needs`)
    const joined = this.inner.equip(node)
    if (isShortage(joined)) {
      if (joined.available >= joined.needed) throw new Error(`node ${node} is refused what there is: ${JSON.stringify(joined)}`)
      return joined
    }
    if (joined.address !== this.nodes.get(node)) throw new Error(`node ${node} has another address now`)
    this.bare.delete(node)
    return joined
  }

  private joined(node: number, joined: ReturnType<Addressing['addNode']>) {
    if (isShortage(joined)) return joined
    if (this.nodes.has(node)) throw new Error(`node ${node} joins twice`)
    this.nodes.set(node, joined.address)
    this.pods.set(node, new Set())
    this.give(joined.address, `node ${node}`)
    return joined
  }

  removeNode(node: number): void {
    if ((this.pods.get(node)?.size ?? 1) > 0) throw new Error(`node ${node} goes with pods on it`)
    this.take(this.nodes.get(node) ?? 0, `node ${node}`)
    this.nodes.delete(node)
    this.pods.delete(node)
    this.bare.delete(node)
    this.inner.removeNode(node)
  }

  addPod(node: number) {
    const address = this.inner.addPod(node)
    if (address !== null && this.bare.has(node)) throw new Error(`a pod of the bare node ${node} has an address`)
    if (address !== null) {
      this.give(address, `a pod of ${node}`)
      this.pods.get(node)?.add(address)
    }
    return address
  }

  takePod(node: number, address: Parameters<Addressing['takePod']>[1]) {
    const taken = this.inner.takePod(node, address)
    if (taken === 'ok') {
      this.give(address, `a pod of ${node}`)
      this.pods.get(node)?.add(address)
    }
    return taken
  }

  removePod(node: number, address: Parameters<Addressing['removePod']>[1]): void {
    this.take(address, `a pod of ${node}`)
    this.pods.get(node)?.delete(address)
    this.inner.removePod(node, address)
  }

  reconcile = (node: number) => this.inner.reconcile(node)
  expand = (...range: Parameters<Addressing['expand']>) => this.inner.expand(...range)
  occupy = (subnet: string, count: number) => this.inner.occupy(subnet, count)
  vacate = (subnet: string, count: number) => this.inner.vacate(subnet, count)
  usage = () => this.inner.usage()
}
