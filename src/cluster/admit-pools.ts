// Limits of AKS on nodes and pods, and whether the node subnet and the pod CIDR have room for all nodes: the capacity checks that
// Azure makes before it creates, scales or upgrades.
import { AZURE } from '../ipam/azure-limits.js'
import { type Issue, issue, warning } from '../scenario/issue.js'
import type { AgentPool, Scenario } from '../scenario/model.js'
import { changesOverTime } from './control/changes-over-time.js'
import { wantedOf } from './plan-pods.js'

const POOLS = ['cluster', 'agentPoolProfiles'] as const
/** What passes a limit of AKS is refused as Azure does, unless the scenario says that it goes beyond. */
const beyond = ({ cluster }: Scenario): typeof issue => (cluster.limits === 'warn' ? warning : issue)
const hintOf = ({ cluster }: Scenario): string =>
  cluster.limits === 'warn'
    ? 'Azure makes no such cluster'
    : 'use fewer nodes, or write cluster.limits: warn to emulate what Azure does not make'
const many = (count: number): string => count.toLocaleString('en-US')

export function admitPools(scenario: Scenario): Issue[] {
  const pools = scenario.cluster.agentPoolProfiles
  const tooMany = beyond(scenario)
  const issues: Issue[] = []
  if (pools.length === 0)
    issues.push(issue(POOLS, 'NoAgentPool', 'the cluster has no node pool', 'give one, such as { name: nodepool1, count: 3 }'))
  if (pools.length > AZURE.poolsPerCluster) {
    const message = `${pools.length} node pools; a cluster has ${AZURE.poolsPerCluster} at most`
    issues.push(tooMany(POOLS, 'TooManyAgentPools', message, 'use fewer, larger pools'))
  }
  const nodes = pools.reduce((sum, pool) => sum + pool.count, 0)
  if (nodes > AZURE.nodesPerCluster) {
    const message = `${many(nodes)} nodes in all pools; a cluster has ${many(AZURE.nodesPerCluster)} at most`
    issues.push(tooMany(POOLS, 'TooManyNodes', message, hintOf(scenario)))
  }
  pools.forEach((pool, i) => {
    issues.push(...admitPool(pool, i, tooMany))
  })
  return [...issues, ...admitPods(scenario)]
}

function admitPool({ name, count, maxPods }: AgentPool, i: number, tooMany: typeof issue): Issue[] {
  const issues: Issue[] = []
  if (count > AZURE.nodesPerPool) {
    const message = `pool ${name} has ${many(count)} nodes; a pool has ${many(AZURE.nodesPerPool)} at most`
    issues.push(tooMany([...POOLS, i, 'count'], 'TooManyNodesInPool', message, 'split it into several pools'))
  }
  const path = [...POOLS, i, 'maxPods']
  if (maxPods < AZURE.leastMaxPods || maxPods > AZURE.podsPerNode) {
    issues.push(
      issue(
        path,
        'InvalidMaxPods',
        `maxPods is ${maxPods}; AKS takes ${AZURE.leastMaxPods} to ${AZURE.podsPerNode}`,
        'choose a value in that range',
      ),
    )
  } else if (count > 0 && count * maxPods < AZURE.leastPoolPods) {
    const message = `pool ${name} holds ${count} x ${maxPods} = ${count * maxPods} pods; a pool must be able to hold ${AZURE.leastPoolPods}`
    const hint = `use at least ${Math.ceil(AZURE.leastPoolPods / maxPods)} nodes or a maxPods of ${Math.ceil(AZURE.leastPoolPods / count)}`
    issues.push(issue(path, 'InsufficientAgentPoolMaxPodsPerAgentPool', message, hint))
  }
  return issues
}

/** More pods than AKS supports still run here: the documents name 200,000 in one place and 250,000 in another, and Azure counts neither. */
function admitPods(scenario: Scenario): Issue[] {
  const { workloads, cluster } = scenario
  const issues: Issue[] = []
  const wanted = workloads.reduce((sum, workload) => sum + wantedOf(workload), 0)
  const slots = cluster.agentPoolProfiles.reduce((sum, pool) => sum + pool.count * pool.maxPods, 0)
  if (wanted > AZURE.podsPerCluster) {
    const message = `${many(wanted)} pods; AKS supports ${many(AZURE.podsPerCluster)} in a cluster`
    issues.push(warning(['workloads'], 'TooManyPods', message, 'use fewer replicas to stay within what Azure supports'))
  }
  // How many wait in a cluster that changes, and for how long, is what its plan is for.
  if (wanted > slots && !changesOverTime(scenario)) {
    const message = `${many(wanted)} pods want to run, the nodes take ${many(slots)} (maxPods x nodes); ${many(wanted - slots)} stay Pending: Too many pods`
    issues.push(warning(['workloads'], 'PodsPending', message, 'add nodes, raise maxPods or use fewer replicas'))
  }
  return issues
}
