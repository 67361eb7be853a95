// The subnets of one VNet and who took what of them: nodes, other hosts, and consumers that come and go (VMs, private endpoints). Also the
// sum over all of them, which Azure limits to 65,536 for a VNet.
import type { Ipv4 } from '../base/brand.js'
import { invariant } from '../base/invariant.js'
import { type Cidr, contains } from '../wire/address.js'
import type { AddressingSetting, AddressResource, ResourceUse, Shortage } from './addressing.js'
import { AZURE } from './azure-limits.js'
import { SubnetPool } from './vnet.js'

const LIMIT = AZURE.addressesPerVnet

export class VnetSubnets {
  private readonly pools = new Map<string, SubnetPool>()
  /** What other consumers took, by subnet, the last one last. */
  private readonly occupied = new Map<string, Ipv4[]>()
  /** Kept for fixed nodes until they join. */
  private readonly kept = new Set<number>()
  /** What counts against the VNet's limit. */
  used = 0

  constructor(private readonly setting: Pick<AddressingSetting, 'subnets' | 'held' | 'fixed'>) {
    for (const address of setting.held) {
      this.find(address)?.take(address)
      this.used++
    }
    for (const { address } of setting.fixed) if (address !== null) this.keep(address)
  }

  /** Puts a fixed address aside until its node joins. */
  keep(address: Ipv4): void {
    if (this.find(address)?.take(address) === 'ok') this.kept.add(address)
  }

  /** How many of these are put aside. */
  countKept(addresses: readonly Ipv4[]): number {
    return addresses.reduce((sum, address) => sum + (this.kept.has(address) ? 1 : 0), 0)
  }

  /** The addresses of a subnet. They are made when somebody asks: a /8 has 16 million. */
  of(name: string): SubnetPool {
    const found = this.pools.get(name)
    if (found) return found
    const cidr: Cidr | undefined = this.setting.subnets[name]
    invariant(cidr !== undefined, `there is no subnet ${name}`)
    const pool = new SubnetPool(cidr)
    this.pools.set(name, pool)
    return pool
  }

  /** Room for `count` more addresses of the VNet? */
  vnetShortage(count: number): Shortage | null {
    const available = Math.max(0, LIMIT - this.used)
    return count <= available ? null : { resource: 'vnetAddresses', scope: 'cluster', needed: count, available }
  }

  /** The next address of a subnet, or this fixed one; null where there is none, or another has it. */
  take(name: string, fixed: Ipv4 | null = null): Ipv4 | null {
    const pool = this.of(name)
    const isMine = fixed !== null && (this.kept.delete(fixed) || pool.take(fixed) === 'ok')
    const address = isMine ? fixed : fixed === null ? pool.allocate() : null
    if (address !== null) this.used++
    return address
  }

  /** The own address of a node of this subnet, or what there is too little of. */
  takeForNode(name: string): Ipv4 | Shortage {
    const shortage = this.vnetShortage(1)
    if (shortage) return shortage
    return this.take(name) ?? subnetShortage('nodeSubnet', name, 1, this.of(name))
  }

  release(name: string, address: Ipv4): void {
    if (this.of(name).release(address)) this.used--
  }

  occupy(name: string, count: number): boolean {
    const pool = this.of(name)
    if (pool.capacity - pool.used < count || this.used + count > LIMIT) return false
    const taken = this.occupied.get(name) ?? []
    for (let i = 0; i < count; i++) taken.push(pool.allocate() as Ipv4)
    this.occupied.set(name, taken)
    this.used += count
    return true
  }

  vacate(name: string, count: number): void {
    const taken = this.occupied.get(name) ?? []
    for (const address of taken.splice(Math.max(0, taken.length - count))) this.release(name, address)
  }

  /** Rows of these subnets, then that of the VNet. */
  rows(name: AddressResource, subnets: readonly string[]): ResourceUse[] {
    return subnets.map(scope => {
      const { capacity, used } = this.of(scope)
      return { name, scope, node: -1, unit: 'addresses', capacity, used }
    })
  }

  vnetRow(): ResourceUse {
    return { name: 'vnetAddresses', scope: 'cluster', node: -1, unit: 'addresses', capacity: LIMIT, used: this.used }
  }

  private find(address: Ipv4): SubnetPool | null {
    const name = Object.keys(this.setting.subnets).find(subnet => contains(this.setting.subnets[subnet], address))
    return name === undefined ? null : this.of(name)
  }
}

/** A subnet has fewer addresses left than wanted. */
export const subnetShortage = (resource: AddressResource, scope: string, needed: number, pool: SubnetPool): Shortage => ({
  resource,
  scope,
  needed,
  available: pool.capacity - pool.used,
})

/** Each name once, in order. */
export const distinct = (names: readonly string[]): string[] => [...new Set(names)]
