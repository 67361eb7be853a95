// What the five addressing modes promise, said again as plainly as possible: sets of addresses and counts. Slow, and nothing shared with
// what it judges but the ranges.
import type { AddressingMode } from '../../src/base/addressing-mode.js'
import type { Ipv4 } from '../../src/base/brand.js'
import type { AddressingSetting, ResourceUse } from '../../src/ipam/addressing.js'
import { type Cidr, contains, parseCidr, parseIpv4, sizeOf } from '../../src/wire/address.js'

const cidr = (text: string): Cidr => parseCidr(text)!

export const HELD = [parseIpv4('10.224.0.9')!, parseIpv4('10.224.0.10')!]

/** Small ranges, so that everything runs out. */
export const settingOf = (mode: AddressingMode, rest: Partial<AddressingSetting> = {}): AddressingSetting => ({
  mode,
  subnets: {
    nodes: cidr(mode === 'nodeSubnet' ? '10.224.0.0/24' : '10.224.0.0/28'),
    pods: cidr('10.225.0.0/24'),
    other: cidr('10.226.0.0/29'),
  },
  pools: [
    { nodeSubnet: 'nodes', podSubnet: 'pods', maxPods: 30 },
    { nodeSubnet: 'nodes', podSubnet: 'pods', maxPods: 12 },
  ],
  podCidr: mode === 'overlay' || mode === 'kubenet' ? cidr('10.244.8.0/21') : null,
  hasGateway: false,
  held: HELD,
  fixed: [],
  poolMonitor: 'v2',
  primaryAddress: 'within',
  subnetScarcity: false,
  ...rest,
})

interface Node {
  readonly pool: number
  readonly address: Ipv4
  readonly block: Cidr | null
  readonly pods: Set<Ipv4>
  /** Addresses held for pods, in the modes without blocks. */
  hold: number
}

export class AddressingModel {
  readonly nodes = new Map<number, Node>()
  readonly occupied: Record<string, number> = { nodes: 0, pods: 0, other: 0 }
  podCidr: Cidr | null

  constructor(readonly setting: AddressingSetting) {
    this.podCidr = setting.podCidr
  }

  get primary(): number {
    return this.setting.primaryAddress === 'within' ? 1 : 0
  }

  maxPods(pool: number): number {
    return this.setting.pools[pool].maxPods
  }

  /** Blocks of 16 that hold maxPods addresses and one more. */
  blocks(pool: number): number {
    let blocks = 0
    while (blocks * 16 < this.maxPods(pool) + 1) blocks++
    return blocks
  }

  /** The least whole number of batches with at least half a batch free, less the node's own where it is one of them. */
  v2(pool: number, used: number): number {
    const batch = Math.min(16, this.maxPods(pool))
    let total = 0
    while (total - used < batch / 2) total += batch
    return Math.max(used, Math.min(this.maxPods(pool), total - this.primary))
  }

  /** One batch more or less, in whole batches. */
  v1(pool: number, used: number, hold: number): number {
    const batch = Math.min(16, this.maxPods(pool))
    const total = hold + this.primary
    const steps = Array.from({ length: 40 }, (_, i) => i * batch)
    if (hold - used < Math.floor(batch / 2)) return Math.min(this.maxPods(pool), steps.find(step => step > total)! - this.primary)
    if (hold - used < Math.floor(batch / 2) + batch) return hold
    return Math.max(used, steps.findLast(step => step < total)! - this.primary)
  }

  monitor(pool: number, used: number, hold: number): number {
    return this.setting.poolMonitor === 'v1' && hold > 0 ? this.v1(pool, used, hold) : this.v2(pool, used)
  }

  /** What a new node of the pool takes of a subnet. */
  demand(pool: number, subnet: 'nodes' | 'pods'): number {
    const { mode } = this.setting
    if (subnet === 'nodes') return mode === 'nodeSubnet' ? 1 + this.maxPods(pool) : 1
    if (mode === 'podSubnetStatic') return this.blocks(pool)
    return mode === 'podSubnetDynamic' ? 1 + this.v2(pool, 0) : 0
  }

  used(subnet: 'nodes' | 'pods' | 'other'): number {
    let sum = this.occupied[subnet] + (subnet === 'nodes' ? HELD.length : 0)
    for (const { pool, hold } of this.nodes.values()) {
      if (subnet === 'nodes') sum += this.demand(pool, 'nodes')
      if (subnet === 'pods') sum += this.setting.mode === 'podSubnetDynamic' ? 1 + hold : this.demand(pool, 'pods')
    }
    return sum
  }

  capacity(subnet: 'nodes' | 'pods' | 'other'): number {
    const size = sizeOf(this.setting.subnets[subnet])
    return subnet === 'pods' && this.setting.mode === 'podSubnetStatic' ? size / 16 - 2 : size - 5
  }

  free(subnet: 'nodes' | 'pods' | 'other'): number {
    return this.capacity(subnet) - this.used(subnet)
  }

  freeBlocks(): number {
    return this.podCidr === null ? Number.POSITIVE_INFINITY : sizeOf(this.podCidr) / 256 - this.nodes.size
  }

  canAdd(pool: number): boolean {
    return this.free('nodes') >= this.demand(pool, 'nodes') && this.free('pods') >= this.demand(pool, 'pods') && this.freeBlocks() >= 1
  }

  /** Every rule that must hold at any moment, as a list of what is broken. */
  faults(usage: readonly ResourceUse[]): string[] {
    const all = [...this.nodes.values()].flatMap(({ address, pods }) => [address, ...pods])
    const faults = new Set([...all, ...HELD]).size === all.length + HELD.length ? [] : ['an address twice']
    const home = this.setting.mode === 'nodeSubnet' ? 'nodes' : 'pods'
    for (const { address, block, pods } of this.nodes.values()) {
      if (!contains(this.setting.subnets.nodes, address)) faults.push('a node outside its subnet')
      const range = block ?? this.setting.subnets[home]
      for (const pod of pods) if (!contains(range, pod)) faults.push('a pod outside its range')
      if (block !== null && !(this.podCidr && contains(this.podCidr, block.base))) faults.push('a block outside the pod CIDR')
    }
    const row = (name: ResourceUse['name'], scope: string) => usage.find(use => use.name === name && use.scope === scope)
    const compare = (name: ResourceUse['name'], scope: string, used: number, capacity: number): void => {
      const found = row(name, scope)
      if (found?.used !== used || found.capacity !== capacity)
        faults.push(`${name} ${scope} is ${found?.used} of ${found?.capacity}, not ${used} of ${capacity}`)
    }
    compare('nodeSubnet', 'nodes', this.used('nodes'), this.capacity('nodes'))
    compare('vnetAddresses', 'cluster', this.used('nodes') + this.used('pods') + this.occupied.other, 65_536)
    if (this.podCidr) compare('podCidr', 'cluster', this.nodes.size, sizeOf(this.podCidr) / 256)
    if (this.setting.mode === 'kubenet') compare('routeTable', 'cluster', this.nodes.size, 400)
    if (row('podSubnet', 'pods')) compare('podSubnet', 'pods', this.used('pods'), this.capacity('pods'))
    const stranded = row(this.setting.mode === 'nodeSubnet' ? 'nodeSubnet' : 'podSubnet', home)?.stranded
    const idle = [...this.nodes.values()].reduce((sum, { hold, pods }) => sum + hold - pods.size, 0)
    if (stranded !== undefined && stranded !== idle) faults.push(`${stranded} stranded, not ${idle}`)
    return faults
  }
}
