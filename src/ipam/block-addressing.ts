// Azure CNI Overlay and kubenet: a node takes one address of its subnet and one /24 of the pod CIDR. Kubenet needs a route for each block
// as well, and its bridge holds the first address of the block; an overlay can have its pod CIDR expanded.
import type { Ipv4 } from '../base/brand.js'
import { invariant } from '../base/invariant.js'
import { type Cidr, contains, networkOf, sizeOf } from '../wire/address.js'
import type { Addressing, AddressingSetting, FixedParts, JoinedNode, ResourceUse, Shortage } from './addressing.js'
import { AZURE } from './azure-limits.js'
import { BlockPool, PodAddressPool } from './overlay.js'
import type { Taken } from './pool.js'
import { distinct, subnetShortage, VnetSubnets } from './vnet-subnets.js'

interface Node {
  readonly pool: number
  readonly address: Ipv4
  /** Null of a bare node. */
  readonly block: Cidr | null
  readonly pods: PodAddressPool | null
}

export class BlockAddressing implements Addressing {
  readonly mode: 'overlay' | 'kubenet'
  private readonly nodes: (Node | undefined)[] = []
  private readonly vnet: VnetSubnets
  private blocks: BlockPool
  /** Blocks of fixed nodes that have not joined. */
  private readonly kept = new Map<number, Cidr>()
  /** Nodes, and those of them that have a block (in kubenet: a route). */
  private count = 0
  private withBlock = 0

  constructor(private readonly setting: AddressingSetting) {
    invariant(setting.podCidr !== null, 'a mode of blocks needs a pod CIDR')
    this.mode = setting.mode === 'kubenet' ? 'kubenet' : 'overlay'
    this.vnet = new VnetSubnets(setting)
    this.blocks = new BlockPool(setting.podCidr)
    for (const { block } of setting.fixed) if (block !== null) this.keep(block)
  }

  addNode(node: number, pool: number, fixed?: FixedParts): JoinedNode | Shortage {
    invariant(this.nodes[node] === undefined, `node ${node} is there already`)
    if (this.mode === 'kubenet' && this.count >= AZURE.kubenetNodes)
      return { resource: 'routeTable', scope: 'cluster', needed: this.count + 1, available: AZURE.kubenetNodes }
    const { nodeSubnet } = this.setting.pools[pool]
    const shortage = this.vnet.vnetShortage(1)
    if (shortage) return shortage
    const address = this.vnet.take(nodeSubnet, fixed?.address ?? null)
    if (address === null) return subnetShortage('nodeSubnet', nodeSubnet, 1, this.vnet.of(nodeSubnet))
    const block = this.takeBlock(fixed?.block ?? null)
    if (block === null) {
      this.vnet.release(nodeSubnet, address)
      return { resource: 'podCidr', scope: 'cluster', needed: 1, available: 0 }
    }
    this.nodes[node] = { pool, address, block, pods: this.podsOf(block) }
    this.count++
    this.withBlock++
    return { address, block }
  }

  addBareNode(node: number, pool: number): JoinedNode | Shortage {
    invariant(this.nodes[node] === undefined, `node ${node} is there already`)
    if (this.mode === 'kubenet' && this.count >= AZURE.kubenetNodes)
      return { resource: 'routeTable', scope: 'cluster', needed: this.count + 1, available: AZURE.kubenetNodes }
    const address = this.vnet.takeForNode(this.setting.pools[pool].nodeSubnet)
    if (typeof address !== 'number') return address
    this.nodes[node] = { pool, address, block: null, pods: null }
    this.count++
    return { address, block: null }
  }

  equip(node: number): JoinedNode | Shortage {
    const bare = this.at(node)
    const block = this.takeBlock(null)
    if (block === null) return { resource: 'podCidr', scope: 'cluster', needed: 1, available: 0 }
    this.nodes[node] = { ...bare, block, pods: this.podsOf(block) }
    this.withBlock++
    return { address: bare.address, block }
  }

  removeNode(node: number): void {
    const { pool, address, block } = this.at(node)
    this.vnet.release(this.setting.pools[pool].nodeSubnet, address)
    if (block !== null) {
      this.blocks.releaseBlock(block)
      this.withBlock--
    }
    this.nodes[node] = undefined
    this.count--
  }

  addPod(node: number): Ipv4 | null {
    return this.at(node).pods?.allocate() ?? null
  }

  takePod(node: number, address: Ipv4): Taken {
    return this.at(node).pods?.take(address) ?? 'outside'
  }

  removePod(node: number, address: Ipv4): void {
    this.at(node).pods?.release(address)
  }

  reconcile(): boolean {
    return false
  }

  expand(podCidr: Cidr): Shortage | null {
    const old = this.blocks.podCidr
    const isLarger = podCidr.prefix <= old.prefix && contains(podCidr, old.base)
    if (this.mode === 'kubenet' || !isLarger) return { resource: 'podCidr', scope: 'cluster', needed: sizeOf(old), available: 0 }
    const blocks = new BlockPool(podCidr)
    for (const node of this.nodes) if (node?.block) blocks.takeBlock(node.block)
    for (const block of this.kept.values()) blocks.takeBlock(block)
    this.blocks = blocks
    return null
  }

  occupy(subnet: string, count: number): boolean {
    return this.vnet.occupy(subnet, count)
  }

  vacate(subnet: string, count: number): void {
    this.vnet.vacate(subnet, count)
  }

  usage(): readonly ResourceUse[] {
    const rows = this.vnet.rows('nodeSubnet', distinct(this.setting.pools.map(({ nodeSubnet }) => nodeSubnet)))
    const { capacity, used } = this.blocks
    const row = { scope: 'cluster', node: -1 }
    const routes = { name: 'routeTable', unit: 'routes', capacity: AZURE.kubenetNodes, used: this.withBlock, ...row } as const
    return [
      ...rows,
      { name: 'podCidr', unit: 'node blocks', capacity, used, ...row },
      ...(this.mode === 'kubenet' ? [routes] : []),
      ...this.fullest(),
      this.vnet.vnetRow(),
    ]
  }

  private at(node: number): Node {
    const found = this.nodes[node]
    invariant(found !== undefined, `there is no node ${node}`)
    return found
  }

  private podsOf(block: Cidr): PodAddressPool {
    return new PodAddressPool(block, this.mode === 'kubenet' ? 'bridge' : this.setting.hasGateway ? 'gateway' : 'vtep')
  }

  private keep(block: Cidr): void {
    this.kept.set(networkOf(block).base, block)
    this.blocks.takeBlock(block)
  }

  private takeBlock(fixed: Cidr | null): Cidr | null {
    if (fixed !== null) {
      const block = networkOf(fixed)
      if (!this.kept.delete(block.base)) this.blocks.takeBlock(block)
      return block
    }
    const base = this.blocks.allocate()
    return base === null ? null : { base, prefix: AZURE.blockPrefix }
  }

  private fullest(): ResourceUse[] {
    let best = -1
    let most = -1
    this.nodes.forEach((node, i) => {
      if (!node?.pods) return
      const share = node.pods.capacity === 0 ? 1 : node.pods.used / node.pods.capacity
      if (share <= most) return
      most = share
      best = i
    })
    if (best < 0) return []
    const pods = this.nodes[best]?.pods
    return pods ? [{ name: 'podIps', scope: '', node: best, unit: 'addresses', capacity: pods.capacity, used: pods.used }] : []
  }
}
