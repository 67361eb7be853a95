// What AKS says about an engine for NetworkPolicies, and what a reader should know about it before a run: who enforces nothing, who is too
// small for the cluster, which rules an engine never applies. From Microsoft's pages "Secure traffic between pods by using network policies"
// and "Configure Azure CNI Powered by Cilium".
import { type Issue, issue, warning } from '../scenario/issue.js'
import type { Scenario } from '../scenario/model.js'
import type { NetworkPolicy } from '../scenario/model-policy.js'
import { type Cidr, contains, formatCidr } from '../wire/address.js'
import { wantedOf } from './plan-pods.js'
import { nodeSubnetOf } from './topology.js'

/** Azure NPM on Linux: more are not supported. */
const NPM_NODES = 250
const NPM_PODS = 20_000
/** Identities of a Cilium cluster: 16 bits. */
const CILIUM_IDENTITIES = 65_535

const PROFILE = ['cluster', 'networkProfile'] as const

export function admitPolicies(scenario: Scenario): Issue[] {
  const { networkPolicy: engine, facts } = scenario.cluster.networkProfile
  return [
    ...admitDataplane(engine, facts?.networkDataplane),
    ...(engine === 'none' ? admitNobody(scenario) : []),
    ...(engine === 'azure' ? admitNpm(scenario) : []),
    ...(engine === 'cilium' ? admitCilium(scenario) : []),
  ]
}

function admitDataplane(engine: string, dataplane: unknown): Issue[] {
  if (dataplane === undefined || (dataplane === 'cilium') === (engine === 'cilium')) return []
  const hint = dataplane === 'cilium' ? 'use networkPolicy cilium' : 'use networkDataplane cilium'
  return [
    issue(
      [...PROFILE, 'networkPolicy'],
      'UnsupportedNetworkPolicy',
      `networkPolicy ${engine} does not run with networkDataplane ${dataplane}`,
      hint,
    ),
  ]
}

/** AKS takes the objects without an engine and does nothing with them. */
function admitNobody({ networkPolicies, timeline }: Scenario): Issue[] {
  const count = networkPolicies.length
  const isApplied = timeline.some(({ kind }) => kind === 'applyPolicies')
  if (count === 0 && !isApplied) return []
  const what = count === 1 ? 'the NetworkPolicy is' : 'the NetworkPolicies are'
  const message = `${what} not enforced: the cluster has no engine (networkPolicy: none), so every pod can reach every pod, as in AKS`
  return [warning([...PROFILE, 'networkPolicy'], 'PoliciesNotEnforced', message, 'set networkPolicy to cilium, calico or azure')]
}

function admitNpm({ cluster, workloads }: Scenario): Issue[] {
  const nodes = cluster.agentPoolProfiles.reduce((sum, { count }) => sum + count, 0)
  const pods = workloads.reduce((sum, workload) => sum + wantedOf(workload), 0)
  const over = [...(nodes > NPM_NODES ? [`${nodes} nodes`] : []), ...(pods > NPM_PODS ? [`${pods} pods`] : [])]
  if (over.length === 0) return []
  const message = `Azure NPM supports ${NPM_NODES} nodes and ${NPM_PODS} pods; this cluster has ${over.join(' and ')}`
  return [warning([...PROFILE, 'networkPolicy'], 'InvalidNodeCountForNPM', message, 'use cilium; NPM on Linux retires on 2028-09-30')]
}

function admitCilium(scenario: Scenario): Issue[] {
  const { podCidr } = scenario.cluster.networkProfile
  const inside = [...(podCidr === null ? [] : [podCidr]), nodeSubnetOf(scenario)]
  const isInside = (block: Cidr): boolean => inside.some(range => block.prefix >= range.prefix && contains(range, block.base))
  const blocks = scenario.networkPolicies.flatMap((policy, i) =>
    blocksOf(policy)
      .filter(isInside)
      .map(block => {
        const message = `Cilium never applies an ipBlock to pods or nodes, and ${formatCidr(block)} holds nothing else`
        const path = ['networkPolicies', i, 'spec']
        return warning(path, 'IpBlockMatchesNothing', `${policy.namespace}/${policy.name}: ${message}`, 'select the pods by their labels')
      }),
  )
  const identities = distinctLabels(scenario)
  if (identities <= CILIUM_IDENTITIES) return blocks
  const message = `the pods have ${identities} different sets of labels; Cilium has ${CILIUM_IDENTITIES} identities`
  return [...blocks, warning([...PROFILE, 'networkPolicy'], 'TooManyIdentities', message, "leave the pods' own labels out of identities")]
}

const blocksOf = ({ ingress, egress }: NetworkPolicy): Cidr[] =>
  [...(ingress ?? []), ...(egress ?? [])].flatMap(({ peers }) =>
    (peers ?? []).flatMap(peer => (peer.kind === 'block' && peer.cidr !== null ? [peer.cidr] : [])),
  )

function distinctLabels({ workloads }: Scenario): number {
  const seen = new Set<string>()
  for (const { namespace, labels, pods } of workloads) {
    seen.add(JSON.stringify([namespace, labels]))
    for (const pod of pods) if (pod.labels !== labels) seen.add(JSON.stringify([namespace, pod.labels]))
  }
  return seen.size
}
