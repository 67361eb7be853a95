// Limits of AKS on pools, nodes and pods, and the range of Service addresses.
import { AZURE } from '../ipam/azure-limits.js'
import { formatCidr, sizeOf } from '../wire/address.js'
import { nodesIn, poolNodes, sum } from './demand.js'
import type { PlanInput } from './input.js'
import { many, type Rule, type RuleMaker } from './rule.js'
import { costTerms, nodeTerms } from './words.js'

const POOLS = ['cluster', 'agentPoolProfiles'] as const
const QUOTAS = 'Quotas, virtual machine size restrictions, and region availability in AKS'

const atMost = (what: string, code: string, available: number, path: readonly (string | number)[]): Rule['refusal'] => {
  return needed => ({ code, message: `${many(needed)} ${what}; AKS takes ${many(available)} at most`, path })
}

export const nodeRules: RuleMaker = input => {
  const { pools } = input
  const counts = pools.map(({ count }) => count)
  return [
    {
      resource: 'nodesPerCluster',
      scope: 'cluster',
      unit: 'nodes',
      enforced: 'admission',
      rule: `nodes + surge <= ${many(AZURE.nodesPerCluster)}`,
      source: QUOTAS,
      available: AZURE.nodesPerCluster,
      needed: nodesIn,
      arithmetic: nodeTerms,
      used: sum(counts),
      limitsNodes: true,
      refusal: atMost('nodes', 'TooManyNodes', AZURE.nodesPerCluster, POOLS),
    },
    ...(input.isOnePoolForAll ? [poolsNeeded(counts)] : poolRules(input)),
  ]
}

/** Flags give a number of nodes; they make as many pools as they have to. */
const poolsNeeded = (counts: readonly number[]): Rule => ({
  resource: 'agentPools',
  scope: 'cluster',
  unit: 'pools',
  enforced: 'admission',
  rule: `ceil(nodes / ${many(AZURE.nodesPerPool)}) <= ${AZURE.poolsPerCluster} pools`,
  source: QUOTAS,
  available: AZURE.poolsPerCluster,
  needed: demand => Math.ceil(nodesIn(demand) / AZURE.nodesPerPool),
  arithmetic: demand => `ceil(${many(nodesIn(demand))} / ${many(AZURE.nodesPerPool)}) = ${Math.ceil(nodesIn(demand) / AZURE.nodesPerPool)}`,
  used: Math.ceil(sum(counts) / AZURE.nodesPerPool),
  limitsNodes: true,
  refusal: atMost('node pools', 'TooManyAgentPools', AZURE.poolsPerCluster, POOLS),
})

function poolRules({ pools }: PlanInput): Rule[] {
  const largest = pools.reduce((best, { most }, i) => (most > pools[best].most ? i : best), 0)
  return [
    {
      resource: 'nodesPerPool',
      scope: pools[largest]?.name ?? 'none',
      unit: 'nodes',
      enforced: 'admission',
      rule: `nodes + surge of each pool <= ${many(AZURE.nodesPerPool)}`,
      source: QUOTAS,
      available: AZURE.nodesPerPool,
      needed: demand => Math.max(0, ...pools.map((_, i) => poolNodes(demand, i))),
      arithmetic: demand => nodeTerms({ counts: [demand.counts[largest] ?? 0], surges: [demand.surges[largest] ?? 0] }),
      used: pools[largest]?.count ?? 0,
      limitsNodes: true,
      refusal: atMost(`nodes in pool ${pools[largest]?.name}`, 'TooManyNodesInPool', AZURE.nodesPerPool, [...POOLS, largest, 'count']),
    },
    {
      resource: 'agentPools',
      scope: 'cluster',
      unit: 'pools',
      enforced: 'admission',
      rule: `node pools <= ${AZURE.poolsPerCluster}`,
      source: QUOTAS,
      available: AZURE.poolsPerCluster,
      needed: () => pools.length,
      arithmetic: () => String(pools.length),
      used: pools.length,
      limitsNodes: false,
      refusal: atMost('node pools', 'TooManyAgentPools', AZURE.poolsPerCluster, POOLS),
    },
  ]
}

export const podRules: RuleMaker = input => {
  const { pools, pods, mode, options } = input
  const largest = pools.reduce((best, { maxPods }, i) => (maxPods > pools[best].maxPods ? i : best), 0)
  const most = pools[largest]?.maxPods ?? 0
  const counts = pools.map(({ most: nodes }) => nodes)
  const places = sum(pools.map(({ maxPods }, i) => maxPods * counts[i]))
  const costs = pools.map(({ maxPods }) => maxPods)
  const block = mode === 'overlay' || mode === 'kubenet'
  return [
    {
      resource: 'maxPods',
      scope: 'cluster',
      unit: 'pods',
      enforced: 'use',
      rule: 'wanted pods <= nodes x maxPods',
      source: 'IP address planning for AKS clusters',
      available: places,
      needed: () => pods,
      arithmetic: () => `${many(pods)} of ${costTerms({ counts, surges: counts.map(() => 0) }, costs, costs.map(String))}`,
      used: Math.min(pods, places),
      limitsNodes: false,
      pods: places,
      refusal: needed => ({
        code: 'PodsPending',
        message: `${many(needed)} pods want to run, the nodes take ${many(places)} (maxPods x nodes); ${many(needed - places)} stay Pending: Too many pods`,
        path: ['workloads'],
      }),
    },
    {
      resource: 'podsPerNode',
      scope: pools[largest]?.name ?? 'none',
      unit: 'pods',
      enforced: 'admission',
      rule: `maxPods <= ${AZURE.podsPerNode}`,
      source: 'IP address planning for AKS clusters',
      available: AZURE.podsPerNode,
      needed: () => most,
      arithmetic: () => String(most),
      used: most,
      limitsNodes: false,
      refusal: needed => ({
        code: 'InvalidMaxPods',
        message: `maxPods is ${needed}; AKS takes ${AZURE.leastMaxPods} to ${AZURE.podsPerNode}`,
        path: [...POOLS, largest, 'maxPods'],
      }),
    },
    ...(block
      ? [
          podAddresses(
            most,
            pools[largest]?.name ?? 'none',
            mode === 'kubenet' ? 'Use kubenet networking in AKS' : 'Azure CNI Overlay networking in AKS',
          ),
        ]
      : []),
    {
      resource: 'podsPerCluster',
      scope: 'cluster',
      unit: 'pods',
      enforced: 'advice',
      rule: `wanted pods <= ${many(options.podsPerCluster)}, as far as Microsoft supports it; the pages disagree: 200,000 and 250,000`,
      source:
        options.podsPerCluster === AZURE.podsPerCluster
          ? 'Best practices for performance and scaling for large workloads in AKS'
          : 'Plan pod networking in AKS',
      available: options.podsPerCluster,
      needed: () => pods,
      arithmetic: () => many(pods),
      used: pods,
      limitsNodes: false,
      pods: options.podsPerCluster,
      refusal: atMost('pods', 'TooManyPods', options.podsPerCluster, ['workloads']),
    },
  ]
}

const podAddresses = (maxPods: number, scope: string, source: string): Rule => ({
  resource: 'podIps',
  scope: `each node of ${scope}`,
  unit: 'addresses',
  enforced: 'use',
  rule: `maxPods <= ${AZURE.blockSize} addresses of the node's /24`,
  source,
  available: AZURE.blockSize,
  needed: () => maxPods,
  arithmetic: () => `${maxPods} of 2^(32 - ${AZURE.blockPrefix}) = ${AZURE.blockSize}`,
  used: maxPods,
  limitsNodes: false,
  refusal: needed => ({ code: 'InvalidMaxPods', message: `maxPods is ${needed}; a block has ${AZURE.blockSize} addresses`, path: POOLS }),
})

/** `kubernetes` and the DNS have an address from the start. */
const OWN_SERVICES = 2

export const serviceRules: RuleMaker = ({ serviceCidr, services }) => {
  const available = Math.max(0, sizeOf(serviceCidr) - 2)
  return [
    {
      resource: 'serviceCidr',
      scope: 'cluster',
      unit: 'service addresses',
      enforced: 'use',
      rule: 'Services + 2 <= addresses of the service CIDR - 2',
      source: 'IP address planning for AKS clusters',
      available,
      needed: () => services + OWN_SERVICES,
      arithmetic: () =>
        `${many(services)} + 2 = ${many(services + OWN_SERVICES)}; ${formatCidr(serviceCidr)}: 2^${32 - serviceCidr.prefix} - 2 = ${many(available)}`,
      used: services + OWN_SERVICES,
      limitsNodes: false,
      refusal: needed => ({
        code: 'ServiceCidrFull',
        message: `${many(needed)} Services want an address; ${formatCidr(serviceCidr)} has ${many(available)}`,
        path: ['cluster', 'networkProfile', 'serviceCidr'],
      }),
    },
  ]
}
