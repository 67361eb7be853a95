// What the five addressing modes have in common: nodes come and go, pods come and go, and somewhere something finite runs out. One
// interface, so that the plan at rest, growth over months and the tests know no mode. Everything is deterministic: the same calls give
// the same addresses.
import type { AddressingMode } from '../base/addressing-mode.js'
import type { Ipv4 } from '../base/brand.js'
import type { Cidr } from '../wire/address.js'
import { BlockAddressing } from './block-addressing.js'
import { DynamicAddressing } from './dynamic-addressing.js'
import { NodeSubnetAddressing } from './node-subnet.js'
import type { Taken } from './pool.js'
import { StaticAddressing } from './static-addressing.js'

/** Names of finite things, as results call them. */
export type AddressResource = 'nodeSubnet' | 'podSubnet' | 'podCidr' | 'podIps' | 'routeTable' | 'vnetAddresses'

/** Something was asked for and there was not enough of it. */
export interface Shortage {
  readonly resource: AddressResource
  /** The subnet's name, or `cluster`. */
  readonly scope: string
  readonly needed: number
  readonly available: number
}

/** One finite thing at this moment. */
export interface ResourceUse {
  readonly name: AddressResource
  /** The subnet's name, or `cluster`; for addresses of pods that is empty, and `node` says whose they are. */
  readonly scope: string
  readonly node: number
  readonly unit: string
  readonly capacity: number
  readonly used: number
  /** Of `used`: held by a node, but neither by a pod nor for the node itself. */
  readonly stranded?: number
  /** Of what is free: too little for one more node or batch. */
  readonly remainder?: number
}

/** What a node has from the moment it joins. */
export interface JoinedNode {
  readonly address: Ipv4
  /** Its block of pod addresses, in the modes that have such. */
  readonly block: Cidr | null
}

/** What an imported node is known to have. */
export interface FixedParts {
  readonly address: Ipv4 | null
  readonly block: Cidr | null
  /** Addresses of pods that run on it. */
  readonly pods?: readonly Ipv4[]
}

/** What a mode gives nodes and pods. Nodes are numbered by the caller; a number may be used again once its node is removed. */
export interface Addressing {
  readonly mode: AddressingMode
  /** A node of the pool joins: its own address, and what the mode gives it up front. Nothing is kept when there is a shortage. */
  addNode(node: number, pool: number, fixed?: FixedParts): JoinedNode | Shortage
  /**
   * A node of which only the machine is there: its own address, nothing for pods yet. A shortage where that address is short, or where the
   * machine cannot be made without those of its pods (node subnet).
   */
  addBareNode(node: number, pool: number): JoinedNode | Shortage
  /** Gives a bare node what {@link addNode} would have given it. A shortage, and nothing is kept, while there is too little. */
  equip(node: number): JoinedNode | Shortage
  /** A node goes, with all that it had. */
  removeNode(node: number): void
  /** An address for a pod; null when the node has none free just now (dynamic mode: a batch may be on its way). */
  addPod(node: number): Ipv4 | null
  /** This very address for a pod. */
  takePod(node: number, address: Ipv4): Taken
  removePod(node: number, address: Ipv4): void
  /** One pass of the node's pool monitor: asks for addresses or gives some back. True if anything changed; only the dynamic mode has one. */
  reconcile(node: number): boolean
  /** Puts a larger range that holds the old one in the place of the pod CIDR; a shortage if this mode or this range does not allow it. */
  expand(podCidr: Cidr): Shortage | null
  /** Other consumers of a subnet take the first free addresses; false, and nothing is taken, when there are not so many. */
  occupy(subnet: string, count: number): boolean
  /** They give back what they took last; more than they have is all they have. */
  vacate(subnet: string, count: number): void
  /** Every finite thing of this mode; of the addresses of pods, those of the fullest node. */
  usage(): readonly ResourceUse[]
}

export interface AddressingPool {
  /** Names of subnets. */
  readonly nodeSubnet: string
  readonly podSubnet: string | null
  readonly maxPods: number
}

export interface AddressingSetting {
  readonly mode: AddressingMode
  readonly subnets: Readonly<Record<string, Cidr>>
  readonly pools: readonly AddressingPool[]
  readonly podCidr: Cidr | null
  /** Whether the first address of a block is the pods' default gateway. */
  readonly hasGateway: boolean
  /** Addresses of the VNet that other hosts have. */
  readonly held: readonly Ipv4[]
  /** What fixed nodes will bring: nobody else gets it. */
  readonly fixed: readonly FixedParts[]
  readonly poolMonitor: 'v1' | 'v2'
  readonly primaryAddress: 'within' | 'beside'
  readonly subnetScarcity: boolean
}

export const isShortage = (answer: JoinedNode | Shortage): answer is Shortage => 'resource' in answer

export function createAddressing(setting: AddressingSetting): Addressing {
  switch (setting.mode) {
    case 'overlay':
    case 'kubenet':
      return new BlockAddressing(setting)
    case 'nodeSubnet':
      return new NodeSubnetAddressing(setting)
    case 'podSubnetDynamic':
      return new DynamicAddressing(setting)
    case 'podSubnetStatic':
      return new StaticAddressing(setting)
  }
}
