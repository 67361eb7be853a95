// What limits and modes are called in sentences.
import type { AddressingMode } from '../base/addressing-mode.js'
import type { LimitName } from '../cluster/limit-of-issue.js'

const WORDS: Readonly<Record<LimitName, string>> = {
  nodeSubnet: 'the node subnet',
  podSubnet: 'the pod subnet',
  podCidr: 'the pod CIDR',
  podIps: 'the number of pod addresses on a node',
  maxPods: 'maxPods of the nodes',
  routeTable: 'the route table',
  vnetAddresses: 'the limit of addresses in a VNet',
  peeredVnetAddresses: 'the limit of addresses in peered VNets',
  nodeSnatPorts: "the node's own SNAT ports",
  conntrack: "the node's conntrack table",
  outboundSnatPorts: 'the outbound SNAT ports',
  serviceCidr: 'the service CIDR',
  nodesPerCluster: 'the limit of nodes in a cluster',
  nodesPerPool: 'the limit of nodes in a pool',
  agentPools: 'the limit of node pools',
  podsPerNode: 'the limit of pods on a node',
  podsPerCluster: 'the supported number of pods in a cluster',
}

/** Also for resources that only a run has, such as conntrack. */
export const limitWords = (name: string): string => (Object.hasOwn(WORDS, name) ? WORDS[name as LimitName] : name)

const PLURAL: ReadonlySet<string> = new Set(['nodeSnatPorts', 'outboundSnatPorts'])

/** "the pod CIDR binds". */
export const limitBinds = (name: string): string => `${limitWords(name)} ${PLURAL.has(name) ? 'bind' : 'binds'}`

export const MODE_WORDS: Readonly<Record<AddressingMode, string>> = {
  overlay: 'overlay',
  nodeSubnet: 'node subnet',
  podSubnetDynamic: 'pod subnet, dynamic',
  podSubnetStatic: 'pod subnet, static blocks',
  kubenet: 'kubenet',
}
