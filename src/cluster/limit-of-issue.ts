// Which of admission's refusals are answers to "does it fit": too little of something. Everything else that admission refuses (ranges that
// overlap, a reserved one) is a mistake in the question.
import type { Issue } from '../scenario/issue.js'
import type { Scenario } from '../scenario/model.js'
import type { ResourceName } from './resource.js'

/** Resources of results, and the limits of a cluster that are no resource. */
export type LimitName =
  | ResourceName
  | 'peeredVnetAddresses'
  | 'nodesPerCluster'
  | 'nodesPerPool'
  | 'agentPools'
  | 'podsPerNode'
  | 'podsPerCluster'

const ANSWERS: Readonly<Record<string, LimitName>> = {
  TooManyNodes: 'nodesPerCluster',
  TooManyNodesInPool: 'nodesPerPool',
  TooManyAgentPools: 'agentPools',
  InvalidMaxPods: 'podsPerNode',
  InsufficientAgentPoolMaxPodsPerAgentPool: 'maxPods',
  InvalidLoadBalancerProfileAllocatedOutboundPorts: 'outboundSnatPorts',
  SubnetIsFull: 'podSubnet',
  TooManyVnetAddresses: 'vnetAddresses',
}

/** What Azure calls the range that has too few addresses. */
const SUBNET_NAME = /Subnet Name (\S+)$/

/** The limit that an issue says is passed; null if it says something else. */
export function limitOfIssue({ code, message, severity }: Issue, { cluster }: Scenario): LimitName | null {
  if (severity !== 'error') return null
  // Kubenet's limit of nodes is that of its routes, unless it is that of all clusters.
  if (code === 'TooManyNodes' && message.includes('route')) return 'routeTable'
  if (Object.hasOwn(ANSWERS, code)) return ANSWERS[code]
  if (code !== 'InsufficientSubnetSize') return null
  const name = SUBNET_NAME.exec(message)?.[1]
  if (name === 'networkProfile.podCIDR') return 'podCidr'
  return cluster.agentPoolProfiles.some(({ podSubnet }) => podSubnet === name) ? 'podSubnet' : 'nodeSubnet'
}
