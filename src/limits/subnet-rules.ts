// What nodes and pods take of the VNet: the nodes' subnet, the pods' subnet, and the VNet as a whole.
import { hasPodSubnet } from '../base/addressing-mode.js'
import { AZURE } from '../ipam/azure-limits.js'
import { usableOf } from '../ipam/vnet.js'
import { formatCidr } from '../wire/address.js'
import { type Demand, poolNodes, sum } from './demand.js'
import type { PlanInput } from './input.js'
import { many, type Rule, type RuleMaker } from './rule.js'
import { costTerms } from './words.js'

const POOLS = ['cluster', 'agentPoolProfiles'] as const

/** Addresses of the node subnet that a node takes when it is made: with flat addressing those of all its pods too. */
const nodeCost = ({ mode }: PlanInput, maxPods: number): number => (mode === 'nodeSubnet' ? maxPods + 1 : 1)

/** The part of a demand that falls on some of the pools. */
const part = ({ counts, surges }: Demand, pools: readonly number[]): Demand => ({
  counts: pools.map(i => counts[i]),
  surges: pools.map(i => surges[i]),
})

const usableWords = (prefix: number, occupied: number): string =>
  `2^${32 - prefix} - ${AZURE.reservedPerSubnet}${occupied > 0 ? ` - ${many(occupied)} taken` : ''} = ${many(2 ** (32 - prefix) - AZURE.reservedPerSubnet - occupied)}`

/** The longest prefix whose subnet has room. */
export const smallestSubnet = (needed: number): string | null => {
  for (let prefix: number = AZURE.smallestSubnetPrefix; prefix >= AZURE.largestSubnetPrefix; prefix--)
    if (2 ** (32 - prefix) - AZURE.reservedPerSubnet >= needed) return `/${prefix}`
  return null
}

const insufficient = (needed: number, available: number, range: string, name: string): string =>
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
    const available = Math.max(0, usableOf(subnet.cidr) - subnet.occupied)
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
          `${costTerms(part(demand, pools), costs, costWords)}; ${formatCidr(subnet.cidr)}: ${usableWords(subnet.cidr.prefix, subnet.occupied)}`,
        used: sum(pools.map((i, k) => input.pools[i].count * costs[k])),
        limitsNodes: true,
        smallest: needed => smallestSubnet(needed + subnet.occupied),
        refusal: needed => ({
          code: 'InsufficientSubnetSize',
          message: insufficient(needed, available, formatCidr(subnet.cidr), name),
          path: [...POOLS, pools[pools.length - 1], 'count'],
        }),
      } satisfies Rule,
    ]
  })
}

/** Addresses of /28 blocks that a node with static blocks takes, all at once. */
export const staticBlocks = (maxPods: number): number => Math.ceil((maxPods + AZURE.reservedPerStaticNode) / AZURE.podBlockSize)

/** Addresses that a node with so many pods holds in dynamic mode: batches, with half of one to spare, and never more than a node can use. */
export const dynamicTarget = (pods: number): number =>
  Math.min(AZURE.podBatch * Math.ceil(AZURE.podBuffer + pods / AZURE.podBatch), AZURE.podsPerNode)

export const podSubnetRules: RuleMaker = input => {
  if (!hasPodSubnet(input.mode)) return []
  const names = [...new Set(input.pools.flatMap(({ podSubnet }) => podSubnet ?? []))]
  return names.flatMap(name => (input.mode === 'podSubnetStatic' ? staticRules(input, name) : dynamicRules(input, name)))
}

interface PodSubnet {
  readonly available: number
  readonly pools: readonly number[]
  readonly range: string
  readonly usable: string
}

function podSubnetOf(input: PlanInput, name: string): PodSubnet | null {
  const subnet = input.subnets.get(name)
  if (!subnet) return null
  return {
    available: Math.max(0, usableOf(subnet.cidr) - subnet.occupied),
    pools: input.pools.flatMap((pool, i) => (pool.podSubnet === name ? [i] : [])),
    range: formatCidr(subnet.cidr),
    usable: `${formatCidr(subnet.cidr)}: ${usableWords(subnet.cidr.prefix, subnet.occupied)}`,
  }
}

/** A rule of the form "nodes of these pools, times what each takes". */
function perNode(
  name: string,
  subnet: PodSubnet,
  costs: readonly number[],
  words: readonly string[],
  rest: Pick<Rule, 'enforced' | 'rule' | 'source' | 'used'> & Partial<Rule>,
): Rule {
  const { pools, available, range, usable } = subnet
  return {
    resource: 'podSubnet',
    scope: name,
    unit: 'addresses',
    available,
    needed: demand => sum(pools.map((i, k) => poolNodes(demand, i) * costs[k])),
    arithmetic: demand => `${costTerms(part(demand, pools), costs, words)}; ${usable}`,
    limitsNodes: true,
    smallest: smallestSubnet,
    refusal: needed => ({
      code: 'InsufficientSubnetSize',
      message: insufficient(needed, available, range, name),
      path: [...POOLS, pools[pools.length - 1], 'count'],
    }),
    ...rest,
  }
}

/** Dynamic: sixteen addresses for every node that starts; later batches as pods come, until the subnet is empty. */
function dynamicRules(input: PlanInput, name: string): Rule[] {
  const subnet = podSubnetOf(input, name)
  if (!subnet) return []
  const { pools, available, usable } = subnet
  const extra = input.options.primaryAddress === 'beside' ? 1 : 0
  const first = AZURE.podBatch + extra
  const podsHere = shareOfPods(input, pools)
  const nodes = sum(pools.map(i => input.pools[i].count))
  const perNodePods = nodes === 0 ? 0 : Math.ceil(podsHere / nodes)
  const source = 'Azure CNI pod subnet, dynamic IP allocation; azure-container-networking: ipammath'
  const atRest = nodes * (dynamicTarget(perNodePods) + extra)
  const start = perNode(
    name,
    subnet,
    pools.map(() => first),
    pools.map(() => String(first)),
    {
      enforced: 'use',
      rule: `(nodes + surge) x ${first} <= usable addresses: a batch of 16 for each node at its start${extra ? ', and its primary address' : ''}`,
      source,
      used: atRest,
      pods: Math.floor(available / first) * AZURE.podBatch,
    },
  )
  const isAsked = input.pods > 0
  const full = pools.map(
    i => (isAsked ? dynamicTarget(Math.min(perNodePods, input.pools[i].maxPods)) : dynamicTarget(input.pools[i].maxPods)) + extra,
  )
  const filled: Rule = {
    ...perNode(name, subnet, full, full.map(String), {
      enforced: isAsked ? 'use' : 'advice',
      rule: isAsked
        ? 'nodes x 16 x ceil(0.5 + pods of a node / 16) <= usable addresses, when all wanted pods run'
        : 'nodes x 16 x ceil(0.5 + maxPods / 16), 250 at most, <= usable addresses, if every node fills up',
      source,
      used: atRest,
    }),
    needed: demand => sum(pools.map((i, k) => demand.counts[i] * full[k])),
    arithmetic: ({ counts }) =>
      `${costTerms({ counts: pools.map(i => counts[i]), surges: pools.map(() => 0) }, full, full.map(String))}; ${usable}`,
    limitsNodes: false,
    pods: isAsked ? Math.floor(available / first) * AZURE.podBatch : null,
  }
  return [start, filled]
}

/** Static: all blocks of a node when it is made, enough for maxPods and one reserved address. */
function staticRules(input: PlanInput, name: string): Rule[] {
  const subnet = podSubnetOf(input, name)
  if (!subnet) return []
  const { pools } = subnet
  const blocks = pools.map(i => staticBlocks(input.pools[i].maxPods))
  const costs = blocks.map(count => count * AZURE.podBlockSize)
  const used = sum(pools.map((i, k) => input.pools[i].count * costs[k]))
  const all = perNode(
    name,
    subnet,
    costs,
    blocks.map(count => `${count} x 16`),
    {
      enforced: input.options.staticCheck === 'allBlocks' ? 'admission' : 'use',
      rule: '(nodes + surge) x ceil((maxPods + 1) / 16) blocks x 16 <= usable addresses',
      source: 'Azure CNI pod subnet, static block allocation',
      used,
    },
  )
  if (input.options.staticCheck === 'allBlocks') return [all]
  const check = perNode(
    name,
    subnet,
    pools.map(() => AZURE.podBlockSize),
    pools.map(() => '16'),
    {
      enforced: 'admission',
      rule: "(nodes + surge) x 16 <= usable addresses: Azure's check counts one block a node",
      source: 'Observed InsufficientSubnetSize of a cluster with static blocks; Azure CNI pod subnet, static block allocation',
      used,
    },
  )
  return [check, all]
}

/** Pods that fall on these pools when all are spread by what nodes can take. */
function shareOfPods({ pools, pods }: PlanInput, members: readonly number[]): number {
  const places = sum(pools.map(({ count, maxPods }) => count * maxPods))
  const here = sum(members.map(i => pools[i].count * pools[i].maxPods))
  return places === 0 ? 0 : Math.ceil((pods * here) / places)
}

/** Private addresses of one VNet, all subnets together; a static block is one assignment, not sixteen. */
export const vnetRules: RuleMaker = input => {
  const costs = input.pools.map(({ maxPods }) => nodeCost(input, maxPods) + podAssignments(input, maxPods))
  const occupied = sum([...input.subnets.values()].map(subnet => subnet.occupied))
  const words = costs.map(String)
  const rule = (resource: 'vnetAddresses' | 'peeredVnetAddresses', available: number, what: string): Rule => ({
    resource,
    scope: 'cluster',
    unit: 'addresses',
    enforced: 'use',
    rule: `private addresses of this cluster <= ${many(available)} ${what}`,
    source: 'Azure networking limits',
    available,
    needed: demand => sum(input.pools.map((_, i) => poolNodes(demand, i) * costs[i])) + occupied,
    arithmetic: demand => `${costTerms(demand, costs, words)}${occupied > 0 ? `, and ${many(occupied)} of others` : ''}`,
    used: sum(input.pools.map(({ count }, i) => count * costs[i])) + occupied,
    limitsNodes: true,
    refusal: needed => ({
      code: 'VnetAddressLimit',
      message: `${many(needed)} private addresses; ${many(available)} are the most ${what}`,
      path: POOLS,
    }),
  })
  const own = rule('vnetAddresses', AZURE.addressesPerVnet, 'in a virtual network')
  return input.hasPeerings ? [own, rule('peeredVnetAddresses', AZURE.addressesPerPeeredVnets, 'in peered virtual networks')] : [own]
}

const podAssignments = ({ mode }: PlanInput, maxPods: number): number =>
  mode === 'podSubnetDynamic' ? AZURE.podBatch : mode === 'podSubnetStatic' ? staticBlocks(maxPods) : 0
