// NetworkPolicies in iptables form, as `iptables-save -t filter` would show them on a node: kube-router's layout (a chain for each pod, one
// for each policy; pkg/controllers/netpol), with addresses where kube-router has ipsets. What the data plane asks is the compiled form
// (`table/policy.ts`); these lines are made from the policies themselves.

import type { Ipv4 } from '../base/brand.js'
import { policiesAt } from '../cluster/policy-epochs.js'
import { matchesSelector, namespaceLabels, type PolicyPod } from '../cluster/policy-world.js'
import type { NetworkPolicy, PolicyPeer, PolicyPort, PolicyRule } from '../scenario/model-policy.js'
import type { Cidr } from '../wire/address.js'
import { formatCidr, formatIpv4, networkOf } from '../wire/address.js'
import { chainName } from './exec-firewall.js'
import type { Cluster } from './lab.js'

const ALLOWED = '0x10000/0x10000'

interface LivePod extends PolicyPod {
  readonly name: string
  readonly address: number
  readonly node: number
}

type Direction = 'ingress' | 'egress'

/** The rules of all pods of a node at a moment. */
export function iptablesFilter(cluster: Cluster, lp: number, atNs: number): string {
  const lines = ['-P INPUT ACCEPT', '-P FORWARD ACCEPT', '-P OUTPUT ACCEPT']
  if (cluster.scenario.cluster.networkProfile.networkPolicy !== 'none') lines.push(...new Filter(cluster, lp, atNs).lines())
  return lines.map(line => `${line}\n`).join('')
}

class Filter {
  private readonly policies: readonly NetworkPolicy[]
  private readonly pods: readonly LivePod[]
  private readonly labelsOf: ReturnType<typeof namespaceLabels>
  private readonly isCilium: boolean

  constructor(
    private readonly cluster: Cluster,
    private readonly lp: number,
    atNs: number,
  ) {
    const { scenario } = cluster
    this.policies = policiesAt(scenario, atNs)
    this.pods = livePods(cluster, atNs)
    this.labelsOf = namespaceLabels(scenario)
    this.isCilium = scenario.cluster.networkProfile.networkPolicy === 'cilium'
  }

  lines(): string[] {
    const jumps: string[] = []
    const chains: string[] = []
    const used = new Set<NetworkPolicy>()
    for (const pod of this.pods) {
      if (pod.node !== this.lp) continue
      for (const direction of ['egress', 'ingress'] as const) {
        const own = this.isolating(pod, direction)
        if (own.length === 0) continue
        for (const policy of own) used.add(policy)
        this.podChain(pod, direction, own, jumps, chains)
      }
    }
    return [...jumps, ...chains, ...[...used].flatMap(policy => this.policyChains(policy))]
  }

  private isolating(pod: LivePod, direction: Direction): NetworkPolicy[] {
    return this.policies.filter(
      policy => policy[direction] !== null && policy.namespace === pod.namespace && matchesSelector(policy.podSelector, pod.labels),
    )
  }

  private podChain(pod: LivePod, direction: Direction, policies: readonly NetworkPolicy[], jumps: string[], chains: string[]): void {
    const chain = chainName('KUBE-POD-FW-', `${pod.name} ${direction}`)
    const own = `${formatIpv4(pod.address as Ipv4)}/32`
    const node = `${formatIpv4(this.cluster.image.lpAddress[this.lp] as Ipv4)}/32`
    const [side, other] = direction === 'egress' ? ['-s', '-d'] : ['-d', '-s']
    const way = direction === 'egress' ? 'from' : 'destined to'
    jumps.push(`-A FORWARD ${side} ${own} ${comment(`rule to jump traffic ${way} POD ${pod.name} to chain ${chain}`)} -j ${chain}`)
    chains.push(
      `-N ${chain}`,
      `-A ${chain} ${comment('rule for stateful firewall for pod')} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      `-A ${chain} ${other} ${own} ${comment('a pod reaches itself')} -j ACCEPT`,
      `-A ${chain} ${other} ${node} ${comment("the pod's local node")} -j ACCEPT`,
      // What the other pod's chain has marked is not this one's permission.
      `-A ${chain} ${comment('nothing is allowed yet')} -j MARK --set-xmark 0x0/0x10000`,
      ...policies.map(policy => `-A ${chain} ${comment(`run through nw policy ${nameOf(policy)}`)} -j ${policyChain(policy, direction)}`),
      `-A ${chain} ${comment(`default rule to drop traffic ${way} POD ${pod.name}`)} -m mark ! --mark ${ALLOWED} -j DROP`,
    )
  }

  private policyChains(policy: NetworkPolicy): string[] {
    return (['egress', 'ingress'] as const).flatMap(direction => {
      const rules = policy[direction]
      if (rules === null) return []
      const chain = policyChain(policy, direction)
      const lines = rules.flatMap((rule, i) => this.ruleLines(policy, direction, rule, i + 1).map(match => `-A ${chain} ${match}`))
      return [`-N ${chain}`, ...lines]
    })
  }

  /** A line for each peer and port of a rule. */
  private ruleLines(policy: NetworkPolicy, direction: Direction, { peers, ports }: PolicyRule, number: number): string[] {
    const side = direction === 'egress' ? '-d' : '-s'
    const mark = `${comment(`${direction} rule ${number} of ${nameOf(policy)}`)} -j MARK --set-xmark ${ALLOWED}`
    const end = (match: string): string => `${match}${match === '' ? '' : ' '}${mark}`
    const found: string[] = []
    for (const peer of this.peersOf(policy, peers)) {
      const from = peer.range === null ? '' : `${side} ${peer.range}`
      for (const port of ports ?? [null]) {
        for (const to of this.portMatches(policy, direction, port, peer.pod))
          found.push(end([from, to].filter(part => part !== '').join(' ')))
      }
    }
    return found
  }

  /** Ranges that the peers of a rule stand for; one without a range is everybody. */
  private peersOf(policy: NetworkPolicy, peers: readonly PolicyPeer[] | null): { range: string | null; pod: LivePod | null }[] {
    if (peers === null) return [{ range: null, pod: null }]
    return peers.flatMap((peer): { range: string; pod: LivePod | null }[] => {
      if (peer.kind === 'block') return this.blockRanges(peer).map(range => ({ range, pod: null }))
      const isIn = (pod: LivePod): boolean =>
        (peer.namespaceSelector === null
          ? pod.namespace === policy.namespace
          : matchesSelector(peer.namespaceSelector, this.labelsOf(pod.namespace))) &&
        (peer.podSelector === null || matchesSelector(peer.podSelector, pod.labels))
      return this.pods.filter(isIn).map(pod => ({ range: `${formatIpv4(pod.address as Ipv4)}/32`, pod }))
    })
  }

  /** A range without its exceptions, as prefixes; Cilium's speaks of the outside alone, which iptables cannot say in one line. */
  private blockRanges({ cidr, except }: Extract<PolicyPeer, { kind: 'block' }>): string[] {
    if (cidr === null) return []
    const inside = this.isCilium ? this.pods.map(({ address }) => ({ base: address as Ipv4, prefix: 32 })) : []
    return without(networkOf(cidr), [...except.map(networkOf), ...inside]).map(range => formatCidr(range))
  }

  /** What to match of protocol and port; a name is looked up on the pod that receives. */
  private portMatches(policy: NetworkPolicy, direction: Direction, port: PolicyPort | null, peer: LivePod | null): string[] {
    if (port === null) return ['']
    const protocol = port.protocol.toLowerCase()
    if (port.port === null) return [`-p ${protocol}`]
    const match = (first: number, last: number): string => `-p ${protocol} -m ${protocol} --dport ${first}${last > first ? `:${last}` : ''}`
    if (typeof port.port === 'number') return [match(port.port, port.endPort ?? port.port)]
    const named = (pod: LivePod): number[] =>
      pod.ports.flatMap(own => (own.name === port.port && own.protocol === port.protocol ? [own.containerPort] : []))
    if (direction === 'egress') {
      // Without a peer the name is looked up on every pod that may receive.
      const receivers = peer === null ? this.pods : [peer]
      return receivers.flatMap(pod =>
        named(pod).map(number => `${peer === null ? `-d ${formatIpv4(pod.address as Ipv4)}/32 ` : ''}${match(number, number)}`),
      )
    }
    return this.pods
      .filter(pod => pod.node === this.lp && this.isolating(pod, 'ingress').includes(policy))
      .flatMap(pod => named(pod).map(number => `-d ${formatIpv4(pod.address as Ipv4)}/32 ${match(number, number)}`))
  }
}

const comment = (words: string): string => `-m comment --comment "${words}"`
const nameOf = ({ namespace, name }: NetworkPolicy): string => `${namespace}/${name}`
const policyChain = (policy: NetworkPolicy, direction: Direction): string => chainName('KUBE-NWPLCY-', `${nameOf(policy)} ${direction}`)

/** Pods that have an address of their own at a moment. */
function livePods({ scenario, plan, names }: Cluster, atNs: number): LivePod[] {
  const { pods } = plan
  const found: LivePod[] = []
  for (let pod = 0; pod < pods.count; pod++) {
    const workload = scenario.workloads[pods.workload[pod]]
    if (workload.hostNetwork || atNs < pods.startNs[pod] || atNs >= pods.stopNs[pod]) continue
    const own = workload.pods[pods.replica[pod]]
    found.push({
      name: names.podName(pod),
      namespace: workload.namespace,
      labels: own?.labels ?? workload.labels,
      ports: own?.ports ?? workload.ports,
      address: pods.address[pod],
      node: pods.node[pod],
    })
  }
  return found
}

/** The prefixes that are left of a range when others are taken out. */
function without(range: Cidr, holes: readonly Cidr[]): Cidr[] {
  const start = range.base >>> 0
  const end = start + 2 ** (32 - range.prefix)
  const overlapping = holes.filter(hole => hole.base >>> 0 < end && (hole.base >>> 0) + 2 ** (32 - hole.prefix) > start)
  if (overlapping.length === 0) return [range]
  if (overlapping.some(hole => hole.prefix <= range.prefix)) return []
  const prefix = range.prefix + 1
  const halves = [start, start + 2 ** (32 - prefix)].map(base => ({ base: (base | 0) as Ipv4, prefix }))
  return halves.flatMap(half => without(half, overlapping))
}
