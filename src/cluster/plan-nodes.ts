// Nodes: names, addresses of the node subnet, blocks of the pod CIDR. Fixed ones first, then the lowest free one for each node in pool
// order. Addresses that VNet endpoints or the appliance hold are taken before any node gets one.
import type { Ipv4 } from '../base/brand.js'
import { invariant } from '../base/invariant.js'
import { AZURE } from '../ipam/azure-limits.js'
import { BlockPool } from '../ipam/overlay.js'
import { SubnetPool } from '../ipam/vnet.js'
import type { AgentPool, Scenario } from '../scenario/model.js'
import { type Cidr, networkOf } from '../wire/address.js'
import { vmssName } from './node-names.js'
import { gatewayKindOf } from './outbound.js'
import type { PlannedNode } from './planned.js'

export interface NodePlan {
  readonly nodes: readonly PlannedNode[]
  /** What each node that could not be made lacked. */
  readonly refused: readonly ('nodeSubnet' | 'podCidr')[]
  /** Pools of the node subnets, by name, and of the pod CIDR. */
  readonly subnets: ReadonlyMap<string, SubnetPool>
  readonly blocks: BlockPool
}

/** Pools of the subnets that agent pools use, with what endpoints, the appliance and fixed nodes hold already taken. */
export function subnetPools(scenario: Scenario): Map<string, SubnetPool> {
  const pools = new Map<string, SubnetPool>()
  for (const { vnetSubnet } of scenario.cluster.agentPoolProfiles) {
    const subnet = scenario.vnet.subnets[vnetSubnet]
    if (subnet && !pools.has(vnetSubnet)) pools.set(vnetSubnet, new SubnetPool(subnet.cidr))
  }
  for (const pool of pools.values()) {
    for (const endpoint of scenario.endpoints) if (endpoint.location === 'vnet') pool.take(endpoint.address)
    if (hasAppliance(scenario)) pool.take(scenario.fabric.appliance.address)
  }
  return pools
}

/** The outbound appliance exists only where a user-defined route leads to it. */
export const hasAppliance = (scenario: Scenario): boolean => gatewayKindOf(scenario) === 'appliance'

/** The range of the nodes' blocks, where the mode has one. */
export function podCidrOf({ cluster }: Scenario): Cidr {
  const { podCidr, addressing } = cluster.networkProfile
  invariant(podCidr !== null, `the mode ${addressing} has no pod CIDR`)
  return podCidr
}

export function planNodes(scenario: Scenario): NodePlan {
  const subnets = subnetPools(scenario)
  const blocks = new BlockPool(podCidrOf(scenario))
  const pools = scenario.cluster.agentPoolProfiles
  for (const pool of pools) {
    for (const node of pool.nodes) {
      if (node.address !== null) subnets.get(pool.vnetSubnet)?.take(node.address)
      if (node.podCidr !== null) blocks.takeBlock(node.podCidr)
    }
  }
  const nodes: PlannedNode[] = []
  const refused: ('nodeSubnet' | 'podCidr')[] = []
  pools.forEach((pool, poolIndex) => {
    const subnet = subnets.get(pool.vnetSubnet)
    for (let index = 0; index < pool.count; index++) {
      const node = subnet ? makeNode(pool, poolIndex, index, subnet, blocks) : 'nodeSubnet'
      if (typeof node === 'string') refused.push(node)
      else nodes.push(node)
    }
  })
  return { nodes, refused, subnets, blocks }
}

function makeNode(pool: AgentPool, poolIndex: number, index: number, subnet: SubnetPool, blocks: BlockPool) {
  const fixed = pool.nodes[index]
  const address: Ipv4 | null = fixed?.address ?? subnet.allocate()
  if (address === null) return 'nodeSubnet'
  const base = fixed?.podCidr ? fixed.podCidr.base : blocks.allocate()
  if (base === null) return 'podCidr'
  const block = networkOf(fixed?.podCidr ?? { base, prefix: AZURE.blockPrefix })
  return { name: fixed?.name ?? vmssName(pool.name, index), pool: poolIndex, index, address, block, maxPods: pool.maxPods }
}
