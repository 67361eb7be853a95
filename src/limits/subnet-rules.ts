// What nodes and pods take of the VNet: the nodes' subnet, the pods' subnet, and the VNet as a whole.
import { AZURE } from '../ipam/azure-limits.js'
import { initialAddresses } from '../ipam/pool-monitor.js'
import { staticBlocksOf } from '../ipam/static-addressing.js'
import { usableOf } from '../ipam/vnet.js'
import { formatCidr } from '../wire/address.js'
import { type Demand, poolNodes, sum } from './demand.js'
import type { PlanInput } from './input.js'
import { many, type Rule, type RuleMaker } from './rule.js'
import { costTerms } from './words.js'

export const POOLS = ['cluster', 'agentPoolProfiles'] as const

/** Addresses of the node subnet that a node takes when it is made: with flat addressing those of all its pods too. */
const nodeCost = ({ mode }: PlanInput, maxPods: number): number => (mode === 'nodeSubnet' ? maxPods + 1 : 1)

/** The part of a demand that falls on some of the pools. */
export const part = ({ counts, surges }: Demand, pools: readonly number[]): Demand => ({
  counts: pools.map(i => counts[i]),
  surges: pools.map(i => surges[i]),
})

export const usableWords = (prefix: number, occupied: number): string =>
  `2^${32 - prefix} - ${AZURE.reservedPerSubnet}${occupied > 0 ? ` - ${many(occupied)} taken` : ''} = ${many(2 ** (32 - prefix) - AZURE.reservedPerSubnet - occupied)}`

/** The longest prefix whose subnet has room. */
export const smallestSubnet = (needed: number): string | null => {
  for (let prefix: number = AZURE.smallestSubnetPrefix; prefix >= AZURE.largestSubnetPrefix; prefix--)
    if (2 ** (32 - prefix) - AZURE.reservedPerSubnet >= needed) return `/${prefix}`
  return null
}

export const insufficient = (needed: number, available: number, range: string, name: string): string =>
  `Pre-allocated IPs ${needed} exceeds IPs available ${available} in Subnet Cidr ${range}, Subnet Name ${name}`

/** One rule for each subnet that nodes live in. */
export const nodeSubnetRules: RuleMaker = input => {
  const names = [...new Set(input.pools.map(({ subnet }) => subnet))]
  return names.flatMap(name => {
    const subnet = input.subnets.get(name)
    if (!subnet) return []
    const pools = input.pools.flatMap((pool, i) => (pool.subnet === name ? [i] : []))
    const costs = pools.map(i => nodeCost(input, input.pools[i].maxPods))
    const isFlat = input.mode === 'nodeSubnet'
    const costWords = pools.map(i => (isFlat ? `(${input.pools[i].maxPods} + 1)` : '1'))
    const available = Math.max(0, usableOf(subnet.cidr) - subnet.held.length)
    return [
      {
        resource: 'nodeSubnet',
        scope: name,
        unit: 'addresses',
        enforced: 'admission',
        rule: isFlat ? '(nodes + surge) x (maxPods + 1) <= usable addresses' : 'nodes + surge <= usable addresses',
        source: isFlat
          ? 'Upgrade capacity and cost planning for AKS; IP address planning for AKS clusters'
          : 'Azure CNI Overlay networking in AKS',
        available,
        needed: demand => sum(pools.map((i, k) => poolNodes(demand, i) * costs[k])),
        arithmetic: demand =>
          `${costTerms(part(demand, pools), costs, costWords)}; ${formatCidr(subnet.cidr)}: ${usableWords(subnet.cidr.prefix, subnet.held.length)}`,
        used: sum(pools.map((i, k) => input.pools[i].count * costs[k])),
        limitsNodes: true,
        smallest: needed => smallestSubnet(needed + subnet.held.length),
        refusal: needed => ({
          code: 'InsufficientSubnetSize',
          message: insufficient(needed, available, formatCidr(subnet.cidr), name),
          path: [...POOLS, pools[pools.length - 1], 'count'],
        }),
      } satisfies Rule,
    ]
  })
}

/** Private addresses of one VNet, all subnets together; a static block is one assignment, not sixteen. */
export const vnetRules: RuleMaker = input => {
  const costs = input.pools.map(({ maxPods }) => nodeCost(input, maxPods) + podAssignments(input, maxPods))
  const occupied = sum([...input.subnets.values()].map(({ held }) => held.length))
  const words = costs.map(String)
  const rule = (resource: 'vnetAddresses' | 'peeredVnetAddresses', available: number, what: string): Rule => ({
    resource,
    scope: 'cluster',
    unit: 'addresses',
    enforced: resource === 'vnetAddresses' ? 'admission' : 'use',
    rule: `private addresses of this cluster <= ${many(available)} ${what}`,
    source: 'Azure networking limits',
    available,
    needed: demand => sum(input.pools.map((_, i) => poolNodes(demand, i) * costs[i])) + occupied,
    arithmetic: demand => `${costTerms(demand, costs, words)}${occupied > 0 ? `, and ${many(occupied)} of others` : ''}`,
    used: sum(input.pools.map(({ count }, i) => count * costs[i])) + occupied,
    limitsNodes: true,
    refusal: needed => ({
      code: 'TooManyVnetAddresses',
      message: `${many(needed)} private addresses; ${many(available)} are the most ${what}`,
      path: POOLS,
    }),
  })
  const own = rule('vnetAddresses', AZURE.addressesPerVnet, 'in a virtual network')
  return input.hasPeerings ? [own, rule('peeredVnetAddresses', AZURE.addressesPerPeeredVnets, 'in peered virtual networks')] : [own]
}

function podAssignments({ mode, options }: PlanInput, maxPods: number): number {
  if (mode === 'podSubnetDynamic') return initialAddresses(maxPods, options.primaryAddress)
  return mode === 'podSubnetStatic' ? staticBlocksOf(maxPods) : 0
}
