// The pods' own subnet: batches that nodes ask for as pods come, or blocks that they take when they are made.
import { hasPodSubnet } from '../base/addressing-mode.js'
import { AZURE } from '../ipam/azure-limits.js'
import { heldWith, initialAddresses } from '../ipam/pool-monitor.js'
import { StaticBlockPool, staticBlocksOf } from '../ipam/static-addressing.js'
import { usableOf } from '../ipam/vnet.js'
import { formatCidr } from '../wire/address.js'
import { poolNodes, sum } from './demand.js'
import type { PlanInput, PlanSubnet } from './input.js'
import { many, type Rule, type RuleMaker } from './rule.js'
import { insufficient, POOLS, part, smallestSubnet, usableWords } from './subnet-rules.js'
import { costTerms } from './words.js'

export const podSubnetRules: RuleMaker = input => {
  if (!hasPodSubnet(input.mode)) return []
  const names = [...new Set(input.pools.flatMap(({ podSubnet }) => podSubnet ?? []))]
  return names.flatMap(name => (input.mode === 'podSubnetStatic' ? staticRules(input, name) : dynamicRules(input, name)))
}

interface PodSubnet extends PlanSubnet {
  readonly available: number
  readonly pools: readonly number[]
  readonly range: string
  readonly usable: string
}

function podSubnetOf(input: PlanInput, name: string): PodSubnet | null {
  const subnet = input.subnets.get(name)
  if (!subnet) return null
  return {
    ...subnet,
    available: Math.max(0, usableOf(subnet.cidr) - subnet.held.length),
    pools: input.pools.flatMap((pool, i) => (pool.podSubnet === name ? [i] : [])),
    range: formatCidr(subnet.cidr),
    usable: `${formatCidr(subnet.cidr)}: ${usableWords(subnet.cidr.prefix, subnet.held.length)}`,
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

/** Dynamic: a batch of sixteen addresses for every node that starts; later ones as pods come, until the subnet is empty. */
function dynamicRules(input: PlanInput, name: string): Rule[] {
  const subnet = podSubnetOf(input, name)
  if (!subnet) return []
  const { pools, available, usable } = subnet
  const { primaryAddress } = input.options
  const isBeside = primaryAddress === 'beside'
  const nodes = sum(pools.map(i => input.pools[i].count))
  const perNodePods = nodes === 0 ? 0 : Math.ceil(shareOfPods(input, pools) / nodes)
  const source = 'Azure CNI pod subnet, dynamic IP allocation; azure-container-networking: ipammath'
  const first = pools.map(i => initialAddresses(input.pools[i].maxPods, primaryAddress))
  const held = pools.map(i => heldWith(Math.min(perNodePods, input.pools[i].maxPods), input.pools[i].maxPods, primaryAddress))
  const atRest = sum(pools.map((i, k) => input.pools[i].count * held[k]))
  // Every node keeps one address for itself; batches are handed out whole.
  const batches = Math.floor((available - (isBeside ? nodes : 0)) / AZURE.podBatch)
  const pods = Math.max(0, batches * AZURE.podBatch - (isBeside ? 0 : nodes))
  const start = perNode(name, subnet, first, first.map(String), {
    enforced: 'admission',
    rule: `(nodes + surge) x 16${isBeside ? ' and its own address' : ''} <= usable addresses: each node begins with a batch of 16`,
    source,
    used: atRest,
    pods,
  })
  const isAsked = input.pods > 0
  const full = isAsked ? held : pools.map(i => heldWith(input.pools[i].maxPods, input.pools[i].maxPods, primaryAddress))
  const filled: Rule = {
    ...perNode(name, subnet, full, full.map(String), {
      enforced: isAsked ? 'use' : 'advice',
      rule: isAsked
        ? 'nodes x 16 x ceil(0.5 + pods of a node / 16) <= usable addresses, when all wanted pods run'
        : 'nodes x 16 x ceil(0.5 + maxPods / 16), maxPods and one at most, <= usable addresses, if every node fills up',
      source,
      used: atRest,
    }),
    needed: demand => sum(pools.map((i, k) => demand.counts[i] * full[k])),
    arithmetic: ({ counts }) => {
      const demand = { counts: pools.map(i => counts[i]), surges: pools.map(() => 0) }
      return `${costTerms(demand, full, full.map(String))}; ${usable}`
    },
    limitsNodes: false,
    pods: isAsked ? pods : null,
  }
  return [start, filled]
}

/** Static: all blocks of a node when it is made, enough for maxPods and one reserved address. */
function staticRules(input: PlanInput, name: string): Rule[] {
  const subnet = podSubnetOf(input, name)
  if (!subnet) return []
  const { pools } = subnet
  const blocks = pools.map(i => staticBlocksOf(input.pools[i].maxPods))
  const counted = input.options.staticCheck === 'allBlocks' ? blocks : pools.map(() => 1)
  const costs = counted.map(count => count * AZURE.podBlockSize)
  const source = 'Azure CNI pod subnet, static block allocation'
  const check = perNode(
    name,
    subnet,
    costs,
    counted.map(count => (count === 1 ? '16' : `${count} x 16`)),
    {
      enforced: 'admission',
      rule:
        input.options.staticCheck === 'allBlocks'
          ? '(nodes + surge) x ceil((maxPods + 1) / 16) blocks x 16 <= usable addresses'
          : "(nodes + surge) x 16 <= usable addresses: Azure's check counts one block a node",
      source: input.options.staticCheck === 'allBlocks' ? source : `${source}; InsufficientSubnetSize as observed`,
      used: sum(pools.map((i, k) => input.pools[i].count * blocks[k] * AZURE.podBlockSize)),
    },
  )
  return [check, staticBlockRule(input, name, subnet, blocks)]
}

/** What passes the check and then finds no block: nodes that never become ready. */
function staticBlockRule(input: PlanInput, name: string, { pools, range, cidr, held }: PodSubnet, blocks: readonly number[]): Rule {
  const room = new StaticBlockPool(cidr)
  for (const address of held) room.take(address)
  const available = room.capacity - room.used
  return {
    resource: 'podSubnet',
    scope: name,
    unit: 'blocks of 16',
    enforced: 'use',
    rule: '(nodes + surge) x ceil((maxPods + 1) / 16) <= whole blocks; the first and the last one hold addresses that Azure keeps',
    source: 'Azure CNI pod subnet, static block allocation',
    available,
    needed: demand => sum(pools.map((i, k) => poolNodes(demand, i) * blocks[k])),
    arithmetic: demand => `${costTerms(part(demand, pools), blocks, blocks.map(String))} of ${many(available)} in ${range}`,
    used: sum(pools.map((i, k) => input.pools[i].count * blocks[k])),
    limitsNodes: true,
    smallest: smallestForBlocks,
    refusal: needed => ({
      code: 'SubnetIsFull',
      message: `the subnet ${name} ${range} doesn't have enough capacity for IP addresses: the nodes need ${needed} blocks of ${AZURE.podBlockSize}, ${available} are free`,
      path: [...POOLS, pools[pools.length - 1], 'count'],
    }),
  }
}

/** The longest prefix with so many whole blocks between its first and its last. */
function smallestForBlocks(blocks: number): string | null {
  for (let prefix = 32 - Math.log2(AZURE.podBlockSize); prefix >= AZURE.largestSubnetPrefix; prefix--) {
    if (2 ** (32 - prefix) / AZURE.podBlockSize - 2 >= blocks) return `/${prefix}`
  }
  return null
}

/** Pods that fall on these pools when all are spread by what nodes can take. */
function shareOfPods({ pools, pods }: PlanInput, members: readonly number[]): number {
  const places = sum(pools.map(({ count, maxPods }) => count * maxPods))
  const here = sum(members.map(i => pools[i].count * pools[i].maxPods))
  return places === 0 ? 0 : Math.ceil((pods * here) / places)
}
