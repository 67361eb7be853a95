// Pods in groups that no NetworkPolicy can tell apart by labels: same namespace, same labels among those that any selector names, same ports
// among those that any rule names. Selectors become sets of groups, reckoned label by label, never pod by pod.
import { addAll, type Bits, emptyBits, keepOnly, setBit, takeOut } from '../base/bits.js'
import type { ContainerPort, Scenario } from '../scenario/model.js'
import type { LabelSelector, NetworkPolicy, PolicyPeer } from '../scenario/model-policy.js'
import type { PodColumns } from './planned.js'
import { matchesSelector, type NamespaceLabels } from './policy-world.js'

type Labels = Readonly<Record<string, string>>

export interface Group {
  readonly namespace: string
  readonly labels: Labels
  /** Ports that have a name which some rule uses. */
  readonly ports: readonly ContainerPort[]
}

export class PolicyGroups {
  readonly groups: Group[] = []
  private readonly numbers = new Map<string, number>()
  private readonly keys: readonly string[]
  private readonly portNames: ReadonlySet<string>
  private readonly byLabel = new Map<string, Bits>()
  private readonly byNamespace = new Map<string, Bits>()
  private readonly cache = new Map<string, Bits>()

  constructor(
    policies: readonly NetworkPolicy[],
    private readonly namespaceLabels: NamespaceLabels,
  ) {
    this.keys = [...keysOf(policies)].sort()
    this.portNames = portNamesOf(policies)
  }

  /** The group of each pod of the plan; -1 of one with the node's network, which is the node to policies. */
  groupPods(workloads: Scenario['workloads'], pods: PodColumns): Int32Array {
    const groupOf = new Int32Array(pods.count)
    workloads.forEach(({ namespace, labels, ports, pods: fixed, hostNetwork }, w) => {
      if (hostNetwork) {
        groupOf.fill(-1, pods.first[w], pods.first[w + 1])
        return
      }
      let shared = -1
      for (let pod = pods.first[w]; pod < pods.first[w + 1]; pod++) {
        const own = fixed[pods.replica[pod]]
        const isPlain = own === undefined || (own.labels === labels && own.ports === ports)
        if (isPlain && shared < 0) shared = this.number(namespace, labels, ports)
        groupOf[pod] = isPlain ? shared : this.number(namespace, own.labels, own.ports)
      }
    })
    return groupOf
  }

  private number(namespace: string, labels: Labels, ports: readonly ContainerPort[]): number {
    const own = this.keys.filter(key => Object.hasOwn(labels, key))
    const named = ports.filter(({ name }) => name !== null && this.portNames.has(name))
    const portKey = named.map(({ name, containerPort, protocol }) => `${name}/${protocol}/${containerPort}`).sort()
    const key = JSON.stringify([namespace, own.map(name => [name, labels[name]]), portKey])
    const known = this.numbers.get(key)
    if (known !== undefined) return known
    this.groups.push({ namespace, labels: Object.fromEntries(own.map(name => [name, labels[name]])), ports: named })
    this.numbers.set(key, this.groups.length - 1)
    return this.groups.length - 1
  }

  /** Closes the list of groups: from here on selectors are asked. */
  index(): void {
    const add = (map: Map<string, Bits>, key: string, group: number): void => {
      const bits = map.get(key) ?? emptyBits(this.groups.length)
      setBit(bits, group)
      map.set(key, bits)
    }
    this.groups.forEach(({ namespace, labels }, group) => {
      add(this.byNamespace, namespace, group)
      for (const [key, value] of Object.entries(labels)) {
        add(this.byLabel, key, group)
        add(this.byLabel, `${key}=${value}`, group)
      }
    })
  }

  /** Groups that a policy isolates. */
  selected({ namespace, podSelector }: NetworkPolicy): Bits {
    return this.peers({ kind: 'pods', podSelector, namespaceSelector: null }, namespace)
  }

  /** Groups that a peer of a policy in `namespace` names. */
  peers({ podSelector, namespaceSelector }: PolicyPeer & { readonly kind: 'pods' }, namespace: string): Bits {
    const key = JSON.stringify([podSelector, namespaceSelector ?? namespace])
    const known = this.cache.get(key)
    if (known) return known
    const bits = namespaceSelector === null ? this.inNamespace(namespace).slice() : this.inNamespaces(namespaceSelector)
    if (podSelector !== null) this.narrow(bits, podSelector)
    this.cache.set(key, bits)
    return bits
  }

  private inNamespace(namespace: string): Bits {
    return this.byNamespace.get(namespace) ?? emptyBits(this.groups.length)
  }

  private inNamespaces(selector: LabelSelector): Bits {
    const bits = emptyBits(this.groups.length)
    for (const [name, groups] of this.byNamespace) if (matchesSelector(selector, this.namespaceLabels(name))) addAll(bits, groups)
    return bits
  }

  private narrow(bits: Bits, { matchLabels, matchExpressions }: LabelSelector): void {
    const withLabel = (label: string): Bits => this.byLabel.get(label) ?? emptyBits(this.groups.length)
    for (const [key, value] of Object.entries(matchLabels)) keepOnly(bits, withLabel(`${key}=${value}`))
    for (const { key, operator, values } of matchExpressions) {
      const held = operator === 'In' || operator === 'NotIn' ? emptyBits(this.groups.length) : withLabel(key)
      for (const value of values) addAll(held, withLabel(`${key}=${value}`))
      // NotIn holds where the key is missing, too.
      if (operator === 'In' || operator === 'Exists') keepOnly(bits, held)
      else takeOut(bits, held)
    }
  }
}

const rulesOf = ({ ingress, egress }: NetworkPolicy) => [...(ingress ?? []), ...(egress ?? [])]

function keysOf(policies: readonly NetworkPolicy[]): Set<string> {
  const keys = new Set<string>()
  const add = (selector: LabelSelector | null): void => {
    for (const key of Object.keys(selector?.matchLabels ?? {})) keys.add(key)
    for (const { key } of selector?.matchExpressions ?? []) keys.add(key)
  }
  for (const policy of policies) {
    add(policy.podSelector)
    for (const { peers } of rulesOf(policy)) for (const peer of peers ?? []) if (peer.kind === 'pods') add(peer.podSelector)
  }
  return keys
}

function portNamesOf(policies: readonly NetworkPolicy[]): Set<string> {
  const ports = policies.flatMap(policy => rulesOf(policy).flatMap(rule => rule.ports ?? []))
  return new Set(ports.flatMap(({ port }) => (typeof port === 'string' ? [port] : [])))
}
