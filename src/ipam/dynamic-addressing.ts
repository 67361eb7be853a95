// Azure CNI pod subnet, dynamic: a node asks for addresses of the pod subnet in batches as its pods need them, and gives batches back. How
// many it asks for is reckoned by the pool monitor of its CNS; both ways that one does it are here (azure-container-networking,
// cns/ipampool/monitor.go and cns/ipampool/v2/monitor.go). A request is granted whole or not at all.
import type { Ipv4 } from '../base/brand.js'
import type { Addressing, AddressingSetting, FixedParts, JoinedNode, ResourceUse, Shortage } from './addressing.js'
import { AZURE } from './azure-limits.js'
import { type FlatNode, FlatNodes } from './flat-nodes.js'
import { PodIps } from './pod-ips.js'
import type { Taken } from './pool.js'
import { nextRequest, type Scaler } from './pool-monitor.js'
import { distinct, subnetShortage, VnetSubnets } from './vnet-subnets.js'

interface Node extends FlatNode {
  readonly subnet: string
  /** The address of its network container, which no pod gets; null: a bare node, which has none. */
  readonly primary: Ipv4 | null
}

export class DynamicAddressing implements Addressing {
  readonly mode = 'podSubnetDynamic'
  private readonly nodes = new FlatNodes<Node>()
  private readonly vnet: VnetSubnets
  /** Pod subnets in which a request failed, until every node could have a batch again. */
  private readonly exhausted = new Set<string>()
  private readonly within: number
  /** Nodes of each pod subnet. */
  private readonly counts = new Map<string, number>()

  constructor(private readonly setting: AddressingSetting) {
    this.vnet = new VnetSubnets(setting)
    this.within = setting.primaryAddress === 'within' ? 1 : 0
    for (const { pods = [] } of setting.fixed) for (const address of pods) this.vnet.keep(address)
  }

  addNode(node: number, pool: number, fixed?: FixedParts): JoinedNode | Shortage {
    const { nodeSubnet } = this.setting.pools[pool]
    const subnet = this.subnetOf(pool)
    const known = fixed?.pods ?? []
    const wanted = Math.max(known.length, this.wanted(pool, subnet, 0, 0))
    const room = this.vnet.of(subnet)
    const needed = 1 + wanted
    const shortage = this.vnet.vnetShortage(needed + 1)
    if (shortage) return shortage
    if (room.capacity - room.used < needed - this.vnet.countKept(known)) {
      this.exhausted.add(subnet)
      return subnetShortage('podSubnet', subnet, needed, room)
    }
    const address = this.vnet.take(nodeSubnet, fixed?.address ?? null)
    if (address === null) return subnetShortage('nodeSubnet', nodeSubnet, 1, this.vnet.of(nodeSubnet))
    const pods = new PodIps()
    for (const own of known) pods.hold(this.vnet.take(subnet, own) ?? (this.vnet.take(subnet) as Ipv4))
    const primary = this.vnet.take(subnet) as Ipv4
    while (pods.count < wanted) pods.hold(this.vnet.take(subnet) as Ipv4)
    this.nodes.add(node, { pool, address, pods, subnet, primary })
    this.counts.set(subnet, (this.counts.get(subnet) ?? 0) + 1)
    return { address, block: null }
  }

  addBareNode(node: number, pool: number): JoinedNode | Shortage {
    const address = this.vnet.takeForNode(this.setting.pools[pool].nodeSubnet)
    if (typeof address !== 'number') return address
    this.nodes.add(node, { pool, address, pods: new PodIps(), subnet: this.subnetOf(pool), primary: null })
    return { address, block: null }
  }

  equip(node: number): JoinedNode | Shortage {
    const bare = this.nodes.at(node)
    const { pool, subnet, address, pods } = bare
    const room = this.vnet.of(subnet)
    const wanted = this.wanted(pool, subnet, 0, 0)
    if (room.capacity - room.used < 1 + wanted) {
      this.exhausted.add(subnet)
      return subnetShortage('podSubnet', subnet, 1 + wanted, room)
    }
    const shortage = this.vnet.vnetShortage(1 + wanted)
    if (shortage) return shortage
    const primary = this.vnet.take(subnet) as Ipv4
    while (pods.count < wanted) pods.hold(this.vnet.take(subnet) as Ipv4)
    this.nodes.replace(node, { ...bare, primary })
    this.counts.set(subnet, (this.counts.get(subnet) ?? 0) + 1)
    return { address, block: null }
  }

  removeNode(node: number): void {
    const { pool, address, pods, subnet, primary } = this.nodes.remove(node)
    for (let i = 0; i < pods.count; i++) this.vnet.release(subnet, pods.at(i))
    if (primary !== null) {
      this.vnet.release(subnet, primary)
      this.counts.set(subnet, (this.counts.get(subnet) ?? 0) - 1)
    }
    this.vnet.release(this.setting.pools[pool].nodeSubnet, address)
    this.recover(subnet)
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

  reconcile(node: number): boolean {
    const { pool, pods, subnet, primary } = this.nodes.at(node)
    if (primary === null) return false
    const delta = this.wanted(pool, subnet, pods.used, pods.count) - pods.count
    if (delta === 0) return false
    if (delta < 0) {
      for (let i = 0; i < -delta; i++) this.vnet.release(subnet, pods.letGo() as Ipv4)
      this.recover(subnet)
      return true
    }
    const room = this.vnet.of(subnet)
    if (room.capacity - room.used < delta || this.vnet.vnetShortage(delta)) {
      const isNews = this.setting.subnetScarcity && !this.exhausted.has(subnet)
      this.exhausted.add(subnet)
      return isNews
    }
    for (let i = 0; i < delta; i++) pods.hold(this.vnet.take(subnet) as Ipv4)
    return true
  }

  expand(): Shortage {
    return { resource: 'podCidr', scope: 'cluster', needed: 1, available: 0 }
  }

  occupy(subnet: string, count: number): boolean {
    return this.vnet.occupy(subnet, count)
  }

  vacate(subnet: string, count: number): void {
    this.vnet.vacate(subnet, count)
    this.recover(subnet)
  }

  usage(): readonly ResourceUse[] {
    const { pools } = this.setting
    const podSubnets = distinct(pools.map((_, pool) => this.subnetOf(pool)))
    return [
      ...this.vnet.rows('nodeSubnet', distinct(pools.map(({ nodeSubnet }) => nodeSubnet))),
      ...this.vnet.rows('podSubnet', podSubnets).map(row => {
        const free = row.capacity - row.used
        const least = Math.min(
          ...pools.flatMap((_, pool) => (this.subnetOf(pool) === row.scope ? 1 + this.wanted(pool, row.scope, 0, 0) : [])),
        )
        return { ...row, stranded: this.nodes.stranded(pool => this.subnetOf(pool) === row.scope), remainder: free < least ? free : 0 }
      }),
      // What a node holds goes up and down; what it may hold is the limit.
      ...this.nodes.podRow(({ pool }) => this.mostOf(pool)),
      this.vnet.vnetRow(),
    ]
  }

  /** Addresses for pods that the monitor of a node wants to hold, which has `used` of `held` in use. */
  private wanted(pool: number, subnet: string, used: number, held: number): number {
    const max = this.mostOf(pool)
    const isScarce = this.setting.subnetScarcity && this.exhausted.has(subnet)
    const scaler: Scaler = isScarce ? { batch: 1, buffer: 1, max } : { batch: Math.min(AZURE.podBatch, max), buffer: AZURE.podBuffer, max }
    return nextRequest(this.setting.poolMonitor, scaler, isScarce, used, held, this.within)
  }

  private mostOf(pool: number): number {
    return Math.min(this.setting.pools[pool].maxPods, AZURE.podsPerNode)
  }

  private subnetOf(pool: number): string {
    return this.setting.pools[pool].podSubnet ?? ''
  }

  private recover(subnet: string): void {
    if (!this.exhausted.has(subnet)) return
    const { capacity, used } = this.vnet.of(subnet)
    if (capacity - used >= AZURE.podBatch * (this.counts.get(subnet) ?? 0)) this.exhausted.delete(subnet)
  }
}
