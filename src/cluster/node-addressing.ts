// From a scenario to its addressing mode: the subnets, what other hosts have of them, and what imported nodes and pods are known to have.

import { isFlat } from '../base/addressing-mode.js'
import type { Ipv4 } from '../base/brand.js'
import { invariant } from '../base/invariant.js'
import { type Addressing, createAddressing, type FixedParts } from '../ipam/addressing.js'
import { SubnetPool } from '../ipam/vnet.js'
import type { Scenario } from '../scenario/model.js'
import type { Cidr } from '../wire/address.js'
import { nodeFinder, vmssName } from './node-names.js'
import { hasAppliance } from './outbound.js'

/** A node that is wanted: its pool, its index there, and its name. */
export interface WantedNode {
  readonly name: string
  readonly pool: number
  readonly index: number
}

/** All nodes of all pools, in order. */
export const wantedNodes = (scenario: Scenario): WantedNode[] =>
  scenario.cluster.agentPoolProfiles.flatMap(({ name, count, nodes }, pool) =>
    Array.from({ length: count }, (_, index) => ({ name: nodes[index]?.name ?? vmssName(name, index), pool, index })),
  )

/** What is fixed about each of these nodes; undefined where nothing is. */
export function fixedParts(scenario: Scenario, wanted: readonly WantedNode[]): (FixedParts | undefined)[] {
  const pods = fixedPods(scenario, wanted)
  return wanted.map(({ pool, index }, i) => {
    const fixed = scenario.cluster.agentPoolProfiles[pool].nodes[index]
    const own = pods.get(i)
    if (own === undefined && (fixed === undefined || (fixed.address === null && fixed.podCidr === null))) return undefined
    return { address: fixed?.address ?? null, block: fixed?.podCidr ?? null, ...(own === undefined ? {} : { pods: own }) }
  })
}

/** Addresses of the pods that are known to run on a node, by its number; only where they are the VNet's: a block says it all otherwise. */
function fixedPods(scenario: Scenario, wanted: readonly WantedNode[]): ReadonlyMap<number, readonly Ipv4[]> {
  const found = new Map<number, Ipv4[]>()
  if (!isFlat(scenario.cluster.networkProfile.addressing)) return found
  const finder = nodeFinder(scenario, wanted)
  for (const { pods, hostNetwork } of scenario.workloads) {
    if (hostNetwork) continue
    for (const { node, address } of pods) {
      const home = node === null || address === null ? -1 : finder(node)
      if (home < 0) continue
      const own = found.get(home) ?? []
      // More than maxPods cannot run there; those that are left over wait.
      if (own.length < scenario.cluster.agentPoolProfiles[wanted[home].pool].maxPods) found.set(home, [...own, address as Ipv4])
    }
  }
  return found
}

/** The range of the nodes' blocks, where the mode has one. */
export function podCidrOf({ cluster }: Scenario): Cidr {
  const { podCidr, addressing } = cluster.networkProfile
  invariant(podCidr !== null, `the mode ${addressing} has no pod CIDR`)
  return podCidr
}

/** Addresses of the VNet that belong to no node and no pod: endpoints, the appliance, what others occupy from the start. */
export function heldAddresses(scenario: Scenario): Ipv4[] {
  const named = [
    ...scenario.endpoints.filter(({ location }) => location === 'vnet').map(({ address }) => address),
    ...(hasAppliance(scenario) ? [scenario.fabric.appliance.address] : []),
  ]
  return [...named, ...occupiedAddresses(scenario, named)]
}

/** Nobody knows which addresses others have: the first that neither a host with a name nor a fixed node or pod has. */
function occupiedAddresses(scenario: Scenario, named: readonly Ipv4[]): Ipv4[] {
  const subnets = Object.values(scenario.vnet.subnets).filter(({ occupied }) => occupied !== undefined)
  if (subnets.length === 0) return []
  const nodes = scenario.cluster.agentPoolProfiles.flatMap(pool => pool.nodes)
  const pods = scenario.workloads.flatMap(workload => (workload.hostNetwork ? [] : workload.pods))
  const known = [...named, ...[...nodes, ...pods].flatMap(({ address }) => address ?? [])]
  return subnets.flatMap(({ cidr, occupied = 0 }) => {
    const pool = new SubnetPool(cidr)
    for (const address of known) pool.take(address)
    const count = Math.min(occupied, pool.capacity - pool.used)
    return Array.from({ length: count }, () => pool.allocate() as Ipv4)
  })
}

/** The scenario's addressing at the start, without any node. `fixed` is put aside for the nodes that bring it. */
export function addressingFor(scenario: Scenario, fixed: readonly FixedParts[]): Addressing {
  const { vnet, fabric, cluster } = scenario
  const { addressing, podCidr } = cluster.networkProfile
  return createAddressing({
    mode: addressing,
    subnets: Object.fromEntries(Object.entries(vnet.subnets).map(([name, { cidr }]) => [name, cidr])),
    pools: cluster.agentPoolProfiles.map(({ vnetSubnet, podSubnet, maxPods }) => ({ nodeSubnet: vnetSubnet, podSubnet, maxPods })),
    podCidr,
    hasGateway: fabric.podInterface === 'gateway',
    held: heldAddresses(scenario),
    fixed,
    poolMonitor: fabric.ipam.poolMonitor,
    primaryAddress: fabric.ipam.primaryAddress,
    subnetScarcity: fabric.ipam.subnetScarcity,
  })
}
