// Explains what NetworkPolicies and security groups said of a packet, by its addresses: which policies were asked, the rule that let it pass,
// or what would have. For traces; the decisions themselves are the data plane's.
import type { Scenario } from '../scenario/model.js'
import { formatIpv4 } from '../wire/address.js'
import { guardedSubnets, prefixReader, rulesOf } from './nsg-rules.js'
import type { Plan } from './plan.js'
import { policiesAt } from './policy-epochs.js'
import { askPolicies, namespaceLabels, type PolicyAnswer, type PolicyPod, type PolicyQuestion } from './policy-world.js'

/** A packet as the step sees it: inside the tunnel, Services already translated. */
export interface PacketFacts {
  readonly source: number
  readonly target: number
  /** IP protocol number. */
  readonly protocol: number
  readonly sourcePort: number
  readonly port: number
}

export interface Explainer {
  /** What the policies of the pod that sends (`egress`) or gets (`ingress`) the packet say of it; null where no pod is asked. */
  policies(packet: PacketFacts, direction: PolicyQuestion['direction']): PolicyAnswer | null
  /** What the group of a NIC (by its address) says of a packet as the VNet sees it; null without one. */
  group(packet: PacketFacts, nic: number, direction: 'Inbound' | 'Outbound'): GroupAnswer | null
}

export interface GroupAnswer {
  readonly allowed: boolean
  readonly group: string
  readonly rule: string
  readonly priority: number
  readonly sentence: string
}

/** Looks everything up once, for many packets at one moment. A node's tunnel address stands for the node, as in the data plane. */
export function explainerOf(scenario: Scenario, plan: Plan, atNs: number): Explainer {
  const engine = scenario.cluster.networkProfile.networkPolicy
  const world = { engine, policies: policiesAt(scenario, atNs), namespaceLabels: namespaceLabels(scenario) }
  const podAt = podsByAddress(scenario, plan, atNs)
  const nodes = nodesByAddress(scenario, plan)
  const isEnforced = engine !== 'none' && scenario.networkPolicies.length + scenario.timeline.length > 0
  const peerOf = (address: number): PolicyQuestion['peer'] => {
    const pod = podAt(address)
    const node = pod === null ? nodes.get(address) : undefined
    return { pod, address: node ?? address, isNode: node !== undefined }
  }
  return {
    policies({ source, target, protocol, port }, direction) {
      const [own, other] = direction === 'egress' ? [source, target] : [target, source]
      const pod = isEnforced ? podAt(own) : null
      return pod === null ? null : askPolicies(world, { direction, pod, peer: peerOf(other), protocol, port })
    },
    group: groupExplainer(scenario, plan),
  }
}

/** The pod that has an address at a moment; one with the node's network is the node. */
function podsByAddress({ workloads }: Scenario, { pods }: Plan, atNs: number): (address: number) => PolicyPod | null {
  const byAddress = new Map<number, number>()
  for (let pod = 0; pod < pods.count; pod++) {
    if (pods.startNs[pod] <= atNs && atNs < pods.stopNs[pod] && !workloads[pods.workload[pod]].hostNetwork)
      byAddress.set(pods.address[pod], pod)
  }
  return address => {
    const pod = byAddress.get(address)
    if (pod === undefined) return null
    const { namespace, labels, ports, pods: fixed } = workloads[pods.workload[pod]]
    const own = fixed[pods.replica[pod]]
    return { namespace, labels: own?.labels ?? labels, ports: own?.ports ?? ports }
  }
}

/** The address of each node by it and by its tunnel's. */
function nodesByAddress({ fabric }: Scenario, { nodes }: Plan): Map<number, number> {
  const known = new Map<number, number>()
  for (const { address, block } of nodes) {
    known.set(address, address)
    if (fabric.encapsulation === 'vxlan' && block !== null) known.set(block.base, address)
  }
  return known
}

function groupExplainer(scenario: Scenario, plan: Plan): Explainer['group'] {
  const guarded = guardedSubnets(scenario)
  const read = guarded.length > 0 ? prefixReader(scenario) : () => []
  const subnetOfNode = new Map(
    plan.nodes.map(({ address, pool }) => [address as number, scenario.cluster.agentPoolProfiles[pool].vnetSubnet]),
  )
  const near = new Set(scenario.endpoints.flatMap(({ address, location }) => (location === 'vnet' ? [address as number] : [])))
  const isIn = (ranges: readonly (readonly [number, number])[], value: number): boolean =>
    ranges.some(([first, last]) => first <= value && value <= last)
  return (packet, nic, direction) => {
    const subnet = subnetOfNode.get(nic)
    const found = guarded.find(item =>
      subnet !== undefined ? item.subnet === subnet : near.has(nic) && isIn(read([item.cidr]), nic >>> 0),
    )
    if (!found) return null
    const inPorts = (ranges: readonly { first: number; last: number }[], port: number): boolean =>
      ranges.some(({ first, last }) => first <= port && port <= last)
    const rule = rulesOf(found.group, direction).find(
      candidate =>
        (candidate.protocol === null || candidate.protocol === packet.protocol) &&
        isIn(read(candidate.sources), packet.source >>> 0) &&
        isIn(read(candidate.targets), packet.target >>> 0) &&
        inPorts(candidate.sourcePorts, packet.sourcePort) &&
        inPorts(candidate.targetPorts, packet.port),
    )!
    const allowed = rule.access === 'Allow'
    const what = `${formatIpv4(packet.source)} > ${formatIpv4(packet.target)}`
    const sentence = `${found.group.name}: rule ${rule.name} (priority ${rule.priority}, ${direction}) ${allowed ? 'allows' : 'denies'} ${what}`
    return { allowed, group: found.group.name, rule: rule.name, priority: rule.priority, sentence }
  }
}
