// Azure CNI pod subnet, static: a node takes whole blocks of 16 addresses (/28) of the pod subnet when it is created, as many as its maxPods
// and one address for itself need. A block counts once against the VNet's limit (ARM reference, podIPAllocationMode).
import type { Ipv4 } from '../base/brand.js'
import { addressAt, type Cidr, networkOf, sizeOf } from '../wire/address.js'
import type { Addressing, AddressingSetting, FixedParts, JoinedNode, ResourceUse, Shortage } from './addressing.js'
import { AZURE } from './azure-limits.js'
import { type FlatNode, FlatNodes } from './flat-nodes.js'
import { PodIps } from './pod-ips.js'
import { AddressRange, type Taken } from './pool.js'
import { distinct, subnetShortage, VnetSubnets } from './vnet-subnets.js'

const { podBlockSize, podBlockPrefix, reservedPerStaticNode } = AZURE

/** Blocks of a node: ceil((maxPods + 1) / 16). */
export const staticBlocksOf = (maxPods: number): number => Math.ceil((maxPods + reservedPerStaticNode) / podBlockSize)

/** The /28s of a subnet, lowest first. The first and the last one hold reserved addresses, so that nobody can have them whole. */
export class StaticBlockPool extends AddressRange {
  constructor(readonly cidr: Cidr) {
    const size = cidr.prefix > podBlockPrefix ? 0 : sizeOf(cidr) / podBlockSize
    super({ unit: podBlockSize, base: networkOf(cidr).base, size, reserved: size > 0 ? [0, size - 1] : [] })
  }
}

interface Node extends FlatNode {
  readonly subnet: string
  /** First addresses of its blocks, none of a bare node; the very first address is the node's. */
  readonly blocks: readonly Ipv4[]
}

export class StaticAddressing implements Addressing {
  readonly mode = 'podSubnetStatic'
  private readonly nodes = new FlatNodes<Node>()
  private readonly vnet: VnetSubnets
  private readonly pools = new Map<string, StaticBlockPool>()
  /** Blocks that fixed nodes will bring. */
  private readonly kept = new Set<number>()
  private readonly occupied = new Map<string, Ipv4[]>()

  constructor(private readonly setting: AddressingSetting) {
    this.vnet = new VnetSubnets(setting)
    for (const name of distinct(setting.pools.map((_, pool) => this.subnetOf(pool)))) {
      const pool = new StaticBlockPool(setting.subnets[name])
      for (const address of setting.held) pool.take(address)
      this.pools.set(name, pool)
      for (const { pods = [] } of setting.fixed) {
        for (const address of pods) if (pool.take(address) === 'ok') this.kept.add(blockOf(address))
      }
    }
  }

  addNode(node: number, pool: number, fixed?: FixedParts): JoinedNode | Shortage {
    const { nodeSubnet, maxPods } = this.setting.pools[pool]
    const subnet = this.subnetOf(pool)
    const room = this.blocksOf(subnet)
    const known = distinct((fixed?.pods ?? []).map(address => String(blockOf(address)))).map(text => Number(text) as Ipv4)
    const needed = Math.max(staticBlocksOf(maxPods), known.length)
    const kept = known.filter(block => this.kept.has(block)).length
    if (room.capacity - room.used < needed - kept) {
      const available = (room.capacity - room.used) * podBlockSize
      return { resource: 'podSubnet', scope: subnet, needed: needed * podBlockSize, available }
    }
    const shortage = this.vnet.vnetShortage(1 + needed)
    if (shortage) return shortage
    const address = this.vnet.take(nodeSubnet, fixed?.address ?? null)
    if (address === null) return subnetShortage('nodeSubnet', nodeSubnet, 1, this.vnet.of(nodeSubnet))
    const blocks = known.filter(block => this.kept.delete(block) || room.take(block) === 'ok')
    while (blocks.length < needed) blocks.push(room.allocate() as Ipv4)
    this.vnet.used += needed
    this.nodes.add(node, { pool, address, pods: podsOf(blocks, fixed?.pods ?? []), subnet, blocks })
    return { address, block: null }
  }

  addBareNode(node: number, pool: number): JoinedNode | Shortage {
    const address = this.vnet.takeForNode(this.setting.pools[pool].nodeSubnet)
    if (typeof address !== 'number') return address
    this.nodes.add(node, { pool, address, pods: new PodIps(), subnet: this.subnetOf(pool), blocks: [] })
    return { address, block: null }
  }

  equip(node: number): JoinedNode | Shortage {
    const bare = this.nodes.at(node)
    const room = this.blocksOf(bare.subnet)
    const needed = staticBlocksOf(this.setting.pools[bare.pool].maxPods)
    const free = room.capacity - room.used
    if (free < needed) return { resource: 'podSubnet', scope: bare.subnet, needed: needed * podBlockSize, available: free * podBlockSize }
    const shortage = this.vnet.vnetShortage(needed)
    if (shortage) return shortage
    const blocks = Array.from({ length: needed }, () => room.allocate() as Ipv4)
    this.vnet.used += needed
    this.nodes.replace(node, { ...bare, pods: podsOf(blocks, []), blocks })
    return { address: bare.address, block: null }
  }

  removeNode(node: number): void {
    const { pool, address, subnet, blocks } = this.nodes.remove(node)
    const room = this.blocksOf(subnet)
    for (const block of blocks) room.release(block)
    this.vnet.used -= blocks.length
    this.vnet.release(this.setting.pools[pool].nodeSubnet, address)
  }

  addPod(node: number): Ipv4 | null {
    return this.nodes.at(node).pods.allocate()
  }

  takePod(node: number, address: Ipv4): Taken {
    return this.nodes.takePod(node, address)
  }

  removePod(node: number, address: Ipv4): void {
    this.nodes.at(node).pods.release(address)
  }

  reconcile(): boolean {
    return false
  }

  expand(): Shortage {
    return { resource: 'podCidr', scope: 'cluster', needed: 1, available: 0 }
  }

  /** In a pod subnet, others break blocks: as many as their addresses fill. */
  occupy(subnet: string, count: number): boolean {
    const room = this.pools.get(subnet)
    if (!room) return this.vnet.occupy(subnet, count)
    const blocks = Math.ceil(count / podBlockSize)
    if (room.capacity - room.used < blocks || this.vnet.vnetShortage(blocks)) return false
    const taken = this.occupied.get(subnet) ?? []
    for (let i = 0; i < blocks; i++) taken.push(room.allocate() as Ipv4)
    this.occupied.set(subnet, taken)
    this.vnet.used += blocks
    return true
  }

  vacate(subnet: string, count: number): void {
    const room = this.pools.get(subnet)
    if (!room) {
      this.vnet.vacate(subnet, count)
      return
    }
    const taken = this.occupied.get(subnet) ?? []
    for (const block of taken.splice(Math.max(0, taken.length - Math.ceil(count / podBlockSize)))) {
      room.release(block)
      this.vnet.used--
    }
  }

  usage(): readonly ResourceUse[] {
    const { pools } = this.setting
    const rows = [...this.pools].map(([scope, room]) => {
      const members = pools.filter((_, pool) => this.subnetOf(pool) === scope)
      const least = Math.min(...members.map(({ maxPods }) => staticBlocksOf(maxPods)))
      const free = room.capacity - room.used
      return {
        ...{ name: 'podSubnet' as const, scope, node: -1, unit: 'blocks of 16 addresses', capacity: room.capacity, used: room.used },
        stranded: this.nodes.stranded(pool => this.subnetOf(pool) === scope),
        remainder: free < least ? free : 0,
      }
    })
    return [
      ...this.vnet.rows('nodeSubnet', distinct(pools.map(({ nodeSubnet }) => nodeSubnet))),
      ...rows,
      ...this.nodes.podRow(),
      this.vnet.vnetRow(),
    ]
  }

  private blocksOf(subnet: string): StaticBlockPool {
    return this.pools.get(subnet) as StaticBlockPool
  }

  private subnetOf(pool: number): string {
    return this.setting.pools[pool].podSubnet ?? ''
  }
}

const blockOf = (address: Ipv4): Ipv4 => networkOf({ base: address, prefix: podBlockPrefix }).base

/** All addresses of the blocks but one, which is the node's: the first that no fixed pod has. */
function podsOf(blocks: readonly Ipv4[], fixed: readonly Ipv4[]): PodIps {
  const pods = new PodIps()
  let isOwn = false
  for (const base of blocks) {
    for (let i = 0; i < podBlockSize; i++) {
      const address = addressAt({ base, prefix: 32 }, i)
      if (isOwn || fixed.includes(address)) pods.hold(address)
      else isOwn = true
    }
  }
  return pods
}
