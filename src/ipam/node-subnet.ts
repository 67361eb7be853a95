// Azure CNI node subnet: a node takes maxPods + 1 addresses of its subnet the moment it is created, whatever runs on it ("Upgrade capacity
// and cost planning"). The node's own comes first, those of its pods follow.
import type { Ipv4 } from '../base/brand.js'
import type { Addressing, AddressingSetting, FixedParts, JoinedNode, ResourceUse, Shortage } from './addressing.js'
import { FlatNodes } from './flat-nodes.js'
import { PodIps } from './pod-ips.js'
import type { Taken } from './pool.js'
import { distinct, subnetShortage, VnetSubnets } from './vnet-subnets.js'

export class NodeSubnetAddressing implements Addressing {
  readonly mode = 'nodeSubnet'
  private readonly nodes = new FlatNodes()
  private readonly vnet: VnetSubnets

  constructor(private readonly setting: AddressingSetting) {
    this.vnet = new VnetSubnets(setting)
    for (const { pods = [] } of setting.fixed) for (const address of pods) this.vnet.keep(address)
  }

  addNode(node: number, pool: number, fixed?: FixedParts): JoinedNode | Shortage {
    const { nodeSubnet, maxPods } = this.setting.pools[pool]
    const subnet = this.vnet.of(nodeSubnet)
    const known = fixed?.pods ?? []
    const needed = 1 + Math.max(maxPods, known.length)
    const kept = this.vnet.countKept(fixed?.address ? [fixed.address, ...known] : known)
    if (subnet.capacity - subnet.used < needed - kept) return subnetShortage('nodeSubnet', nodeSubnet, needed, subnet)
    const shortage = this.vnet.vnetShortage(needed)
    if (shortage) return shortage
    const address = this.vnet.take(nodeSubnet, fixed?.address ?? null)
    if (address === null) return subnetShortage('nodeSubnet', nodeSubnet, needed, subnet)
    const pods = new PodIps()
    for (const own of known) pods.hold(this.vnet.take(nodeSubnet, own) ?? (this.vnet.take(nodeSubnet) as Ipv4))
    while (pods.count < needed - 1) pods.hold(this.vnet.take(nodeSubnet) as Ipv4)
    this.nodes.add(node, { pool, address, pods })
    return { address, block: null }
  }

  /** The addresses of the pods are the network interface's own: without them there is no machine. */
  addBareNode(node: number, pool: number): JoinedNode | Shortage {
    return this.addNode(node, pool)
  }

  equip(node: number): JoinedNode {
    return { address: this.nodes.at(node).address, block: null }
  }

  removeNode(node: number): void {
    const { pool, address, pods } = this.nodes.remove(node)
    const { nodeSubnet } = this.setting.pools[pool]
    for (let i = 0; i < pods.count; i++) this.vnet.release(nodeSubnet, pods.at(i))
    this.vnet.release(nodeSubnet, address)
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

  occupy(subnet: string, count: number): boolean {
    return this.vnet.occupy(subnet, count)
  }

  vacate(subnet: string, count: number): void {
    this.vnet.vacate(subnet, count)
  }

  usage(): readonly ResourceUse[] {
    const { pools } = this.setting
    const rows = this.vnet.rows('nodeSubnet', distinct(pools.map(({ nodeSubnet }) => nodeSubnet))).map(row => {
      const members = pools.filter(({ nodeSubnet }) => nodeSubnet === row.scope)
      const step = Math.min(...members.map(({ maxPods }) => maxPods + 1))
      const free = row.capacity - row.used
      return { ...row, stranded: this.nodes.stranded(pool => pools[pool].nodeSubnet === row.scope), remainder: free < step ? free : 0 }
    })
    return [...rows, ...this.nodes.podRow(), this.vnet.vnetRow()]
  }
}
