// Room for the nodes: the checks that Azure makes before it creates, scales or upgrades, with its own code and words, and what would fail
// after them. Of an autoscaled pool Azure counts the most nodes that it may have.
import { AZURE } from '../ipam/azure-limits.js'
import { BlockPool } from '../ipam/overlay.js'
import { initialAddresses } from '../ipam/pool-monitor.js'
import { StaticBlockPool, staticBlocksOf } from '../ipam/static-addressing.js'
import { SubnetPool } from '../ipam/vnet.js'
import { type Issue, issue } from '../scenario/issue.js'
import type { AgentPool, Scenario } from '../scenario/model.js'
import { formatCidr, sizeOf } from '../wire/address.js'
import { heldAddresses } from './node-addressing.js'

const POOLS = ['cluster', 'agentPoolProfiles'] as const
const many = (count: number): string => count.toLocaleString('en-US')

/** Nodes of a pool that are counted: of an autoscaled one the most it may have, unless the scenario wants to see what really runs out. */
const counted = ({ fabric }: Scenario, { count, autoScaling }: AgentPool): number =>
  Math.max(count, fabric.controlPlane.preCheck ? (autoScaling?.maxCount ?? 0) : 0)

/** Addresses that one node takes the moment it is created. */
interface Demand {
  /** Of the node subnet, of the pod subnet as Azure's check counts it, and of all the VNet. */
  readonly node: number
  readonly pods: number
  readonly vnet: number
}

function demandOf({ fabric, cluster }: Scenario, { maxPods }: AgentPool): Demand {
  switch (cluster.networkProfile.addressing) {
    case 'overlay':
    case 'kubenet':
      return { node: 1, pods: 0, vnet: 1 }
    case 'nodeSubnet':
      return { node: maxPods + 1, pods: 0, vnet: maxPods + 1 }
    case 'podSubnetDynamic': {
      const first = initialAddresses(maxPods, fabric.ipam.primaryAddress)
      return { node: 1, pods: first, vnet: 1 + first }
    }
    case 'podSubnetStatic': {
      const blocks = staticBlocksOf(maxPods)
      return { node: 1, pods: AZURE.podBlockSize * (fabric.ipam.staticCheck === 'allBlocks' ? blocks : 1), vnet: 1 + blocks }
    }
  }
}

/** Room for every node that there is at the beginning, to be ready. */
export function admitCapacity(scenario: Scenario): Issue[] {
  const { addressing } = scenario.cluster.networkProfile
  // A subnet of a size that no VNet has is a mistake of its own.
  if (Object.values(scenario.vnet.subnets).some(({ cidr }) => cidr.prefix < AZURE.largestSubnetPrefix)) return []
  return [
    ...admitOccupied(scenario),
    ...checkedByAzure(scenario),
    ...(addressing === 'podSubnetStatic' ? admitStaticBlocks(scenario) : []),
    ...(addressing === 'kubenet' ? admitPodCidr(scenario) : []),
  ]
}

/**
 * What Azure checks before it creates, scales or upgrades anything. Of kubenet's pod CIDR nothing is known to be checked (Azure/AKS#848: the
 * node for which there is no /24 is made, and stays NotReady); of static blocks it counts one for each node.
 */
export function checkedByAzure(scenario: Scenario): Issue[] {
  const pools = scenario.cluster.agentPoolProfiles
  return [
    ...admitSubnets(
      scenario,
      pools.map(({ vnetSubnet }) => vnetSubnet),
      demand => demand.node,
    ),
    ...admitSubnets(
      scenario,
      pools.map(({ podSubnet }) => podSubnet),
      demand => demand.pods,
    ),
    ...(scenario.cluster.networkProfile.addressing === 'overlay' ? admitPodCidr(scenario) : []),
    ...admitVnet(scenario),
  ]
}

/** Others cannot have more than there is. */
const admitOccupied = ({ vnet }: Scenario): Issue[] =>
  Object.entries(vnet.subnets).flatMap(([name, { cidr, occupied = 0 }]) => {
    const usable = Math.max(0, sizeOf(cidr) - AZURE.reservedPerSubnet)
    if (occupied <= usable) return []
    const message = `${many(occupied)} addresses of ${formatCidr(cidr)} are occupied; it has ${many(usable)}`
    return [issue(['vnet', 'subnets', name, 'occupied'], 'OutOfRange', message, `write at most ${usable}`)]
  })

/** What the nodes of these subnets need up front, against what Azure and other hosts leave of them. `names`: the subnet of each pool. */
function admitSubnets(scenario: Scenario, names: readonly (string | null)[], part: (demand: Demand) => number): Issue[] {
  const pools = scenario.cluster.agentPoolProfiles
  return [...new Set(names)].flatMap(name => {
    const cidr = name === null ? undefined : scenario.vnet.subnets[name]?.cidr
    if (name === null || cidr === undefined) return []
    const room = new SubnetPool(cidr)
    for (const address of heldAddresses(scenario)) room.take(address)
    const members = [...pools.keys()].filter(pool => names[pool] === name)
    const need = members.reduce((sum, pool) => sum + counted(scenario, pools[pool]) * part(demandOf(scenario, pools[pool])), 0)
    const have = room.capacity - room.used
    if (need <= have) return []
    const perNode = Math.min(...members.map(pool => part(demandOf(scenario, pools[pool]))))
    const prefix = 32 - Math.ceil(Math.log2(need + room.used + AZURE.reservedPerSubnet))
    const larger = prefix < AZURE.largestSubnetPrefix ? 'use fewer nodes' : `use a subnet of /${prefix} or larger, or fewer nodes`
    const hint = perNode > 1 ? `${larger}: ${many(Math.floor(have / perNode))} fit, at ${perNode} addresses each` : larger
    return [insufficient([...POOLS, members[members.length - 1], 'count'], need, have, formatCidr(cidr), name, hint)]
  })
}

/**
 * What Azure's check counts of a resource for so many nodes of each pool, in the resource's own unit; null for one that it does not look at.
 * Beside the actual use it shows why something is refused that would fit, or fails that was let pass.
 */
export function preChecked(scenario: Scenario, name: string, scope: string, nodes: readonly number[]): number | null {
  const pools = scenario.cluster.agentPoolProfiles.map((pool, i) => ({ ...pool, count: nodes[i] }))
  const sum = (part: (pool: AgentPool) => number): number => pools.reduce((total, pool) => total + counted(scenario, pool) * part(pool), 0)
  if (name === 'nodeSubnet') return sum(pool => (pool.vnetSubnet === scope ? demandOf(scenario, pool).node : 0))
  if (name === 'podSubnet') return sum(pool => (pool.podSubnet === scope ? demandOf(scenario, pool).pods : 0))
  return name === 'podCidr' ? sum(() => 1) : null
}

/** What passes Azure's check and then finds no block: the nodes are made, but never become ready. */
function admitStaticBlocks(scenario: Scenario): Issue[] {
  const pools = scenario.cluster.agentPoolProfiles
  return [...new Set(pools.map(({ podSubnet }) => podSubnet))].flatMap(name => {
    const cidr = name === null ? undefined : scenario.vnet.subnets[name]?.cidr
    if (name === null || cidr === undefined) return []
    const room = new StaticBlockPool(cidr)
    for (const address of heldAddresses(scenario)) room.take(address)
    const members = [...pools.entries()].filter(([, { podSubnet }]) => podSubnet === name)
    const need = members.reduce((sum, [, pool]) => sum + pool.count * staticBlocksOf(pool.maxPods), 0)
    const have = room.capacity - room.used
    if (need <= have) return []
    const message = `the subnet ${name} ${formatCidr(cidr)} doesn't have enough capacity for IP addresses: the nodes need ${need} blocks of ${AZURE.podBlockSize}, ${have} are free`
    const hint = 'use a larger pod subnet, fewer nodes or a smaller maxPods; the first and last block hold addresses that Azure keeps'
    return [issue([...POOLS, members[members.length - 1][0], 'count'], 'SubnetIsFull', message, hint)]
  })
}

/** A /24 for each node, whatever maxPods is, and no five addresses less. A fixed block of another size counts with every /24 that it touches. */
function admitPodCidr(scenario: Scenario): Issue[] {
  const { podCidr, addressing } = scenario.cluster.networkProfile
  if (podCidr === null) return []
  const pools = scenario.cluster.agentPoolProfiles
  const blocks = new BlockPool(podCidr)
  for (const pool of pools) for (const node of pool.nodes) if (node.podCidr) blocks.takeBlock(node.podCidr)
  const fixed = pools.reduce((sum, pool) => sum + pool.nodes.filter(node => node.podCidr !== null).length, 0)
  const buffer = addressing === 'overlay' ? pools.length * scenario.fabric.ipam.upgradeBuffer : 0
  const nodes = pools.reduce((sum, pool) => sum + counted(scenario, pool), buffer)
  const need = blocks.used + nodes - fixed
  if (need <= blocks.capacity || nodes === fixed) return []
  const prefix = AZURE.blockPrefix - Math.ceil(Math.log2(need))
  const hint = `use a pod CIDR of /${prefix} or larger, or at most ${blocks.capacity} nodes`
  const path = ['cluster', 'networkProfile', 'podCidr']
  return [insufficient(path, need * AZURE.blockSize, sizeOf(podCidr), formatCidr(podCidr), 'networkProfile.podCIDR', hint)]
}

/** Azure has no more than 65,536 private addresses in one VNet; a block counts as one. */
function admitVnet(scenario: Scenario): Issue[] {
  const pools = scenario.cluster.agentPoolProfiles
  const held = heldAddresses(scenario).length
  const need = pools.reduce((sum, pool) => sum + counted(scenario, pool) * demandOf(scenario, pool).vnet, held)
  if (need <= AZURE.addressesPerVnet) return []
  const message = `the nodes take ${many(need)} addresses of the VNet; a VNet has ${many(AZURE.addressesPerVnet)} at most`
  const hint = 'use fewer nodes, a smaller maxPods, or an overlay, whose pods take none'
  return [issue(POOLS, 'TooManyVnetAddresses', message, hint)]
}

function insufficient(path: Issue['path'], need: number, have: number, cidr: string, name: string, hint: string): Issue {
  const message = `Pre-allocated IPs ${need} exceeds IPs available ${have} in Subnet Cidr ${cidr}, Subnet Name ${name}`
  return issue(path, 'InsufficientSubnetSize', message, hint)
}
