// What NetworkPolicies are asked about, and the answer by a plain walk of the specification (kubernetes.io, "Network Policies", and the API
// reference): policy by policy, rule by rule, peer by peer. Slow, exact, in words: for explanations, and as the oracle of the compiled form.
import type { ContainerPort, Scenario } from '../scenario/model.js'
import type { LabelSelector, NetworkPolicy, PolicyEngine, PolicyPeer, PolicyPort, PolicyRule } from '../scenario/model-policy.js'
import { contains, formatIpv4 } from '../wire/address.js'

type Labels = Readonly<Record<string, string>>

/** Labels of a namespace by its name; every namespace has at least its name's. */
export type NamespaceLabels = (namespace: string) => Labels

export function namespaceLabels({ namespaces }: Pick<Scenario, 'namespaces'>): NamespaceLabels {
  const known = new Map(namespaces.map(({ name, labels }) => [name, labels]))
  return name => known.get(name) ?? { 'kubernetes.io/metadata.name': name }
}

/** All requirements hold. NotIn and DoesNotExist hold where the key is missing. */
export function matchesSelector({ matchLabels, matchExpressions }: LabelSelector, labels: Labels): boolean {
  const value = (key: string): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined)
  return (
    Object.entries(matchLabels).every(([key, wanted]) => value(key) === wanted) &&
    matchExpressions.every(({ key, operator, values }) => {
      const own = value(key)
      if (operator === 'In') return own !== undefined && values.includes(own)
      if (operator === 'NotIn') return own === undefined || !values.includes(own)
      return (own !== undefined) === (operator === 'Exists')
    })
  )
}

/** A pod as policies see it. One with the node's network is none: it is the node. */
export interface PolicyPod {
  readonly namespace: string
  readonly labels: Labels
  readonly ports: readonly ContainerPort[]
}

export interface PolicyQuestion {
  readonly direction: 'ingress' | 'egress'
  /** The pod whose policies are asked. */
  readonly pod: PolicyPod
  /** The other side: a pod, or none. A node's tunnel address stands for the node's own. */
  readonly peer: { readonly pod: PolicyPod | null; readonly address: number; readonly isNode: boolean }
  /** IP protocol number. */
  readonly protocol: number
  /** Destination port, on the pod that receives. */
  readonly port: number
}

export interface PolicyAnswer {
  readonly allowed: boolean
  /** Policies that isolate the pod in this direction, as namespace/name; none: everything is allowed. */
  readonly policies: readonly string[]
  /** The first rule that allows it, counted from 1 as it stands in the policy. */
  readonly by: { readonly policy: string; readonly rule: number } | null
  readonly sentence: string
  /** What would let it through. */
  readonly remedy: string | null
}

export interface PolicyWorld {
  readonly engine: PolicyEngine
  readonly policies: readonly NetworkPolicy[]
  readonly namespaceLabels: NamespaceLabels
}

const PROTOCOL_NAMES: Readonly<Record<number, string>> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP', 132: 'SCTP' }
const nameOf = ({ namespace, name }: NetworkPolicy): string => `${namespace}/${name}`

/** Asks the policies of one pod about one packet that begins a connection. */
export function askPolicies(world: PolicyWorld, question: PolicyQuestion): PolicyAnswer {
  const { direction, pod } = question
  const isolating = world.policies.filter(
    policy => policy[direction] !== null && policy.namespace === pod.namespace && matchesSelector(policy.podSelector, pod.labels),
  )
  const policies = isolating.map(nameOf)
  if (isolating.length === 0) {
    return { allowed: true, policies, by: null, sentence: `no policy isolates the pod for ${direction}`, remedy: null }
  }
  for (const policy of isolating) {
    const rule = (policy[direction] ?? []).findIndex(candidate => allows(world, policy, candidate, question))
    if (rule < 0) continue
    const by = { policy: nameOf(policy), rule: rule + 1 }
    return { allowed: true, policies, by, sentence: `allowed by ${direction} rule ${by.rule} of ${by.policy}`, remedy: null }
  }
  const count = policies.length === 1 ? `policy ${policies[0]} isolates` : `policies ${policies.join(', ')} isolate`
  const sentence = `${count} the pod for ${direction}, and no rule allows ${wish(question)}`
  return { allowed: false, policies, by: null, sentence, remedy: remedyOf(question) }
}

function allows(world: PolicyWorld, policy: NetworkPolicy, { peers, ports }: PolicyRule, question: PolicyQuestion): boolean {
  if (peers !== null && !peers.some(peer => isPeer(world, policy, peer, question.peer))) return false
  return ports === null || ports.some(port => isPort(port, question))
}

function isPeer(world: PolicyWorld, policy: NetworkPolicy, peer: PolicyPeer, other: PolicyQuestion['peer']): boolean {
  if (peer.kind === 'block') {
    // Cilium's identities leave no room for addresses of the cluster: an ipBlock speaks of the outside alone.
    if (world.engine === 'cilium' && (other.pod !== null || other.isNode)) return false
    return peer.cidr !== null && contains(peer.cidr, other.address) && !peer.except.some(part => contains(part, other.address))
  }
  if (other.pod === null) return false
  const { namespaceSelector, podSelector } = peer
  const isInNamespace =
    namespaceSelector === null
      ? other.pod.namespace === policy.namespace
      : matchesSelector(namespaceSelector, world.namespaceLabels(other.pod.namespace))
  return isInNamespace && (podSelector === null || matchesSelector(podSelector, other.pod.labels))
}

/** A port's name is looked up on the pod that receives: the policy's own for ingress, the peer for egress; nobody else has names. */
function isPort({ protocol, port, endPort }: PolicyPort, question: PolicyQuestion): boolean {
  if (PROTOCOL_NAMES[question.protocol] !== protocol) return false
  if (port === null) return true
  if (typeof port === 'number') return question.port >= port && question.port <= (endPort ?? port)
  const receiver = question.direction === 'ingress' ? question.pod : question.peer.pod
  return (receiver?.ports ?? []).some(own => own.name === port && own.protocol === protocol && own.containerPort === question.port)
}

const isPortProtocol = (protocol: number): boolean => protocol === 6 || protocol === 17 || protocol === 132

const protocolText = ({ protocol, port }: PolicyQuestion): string =>
  isPortProtocol(protocol) ? `${PROTOCOL_NAMES[protocol]} port ${port}` : (PROTOCOL_NAMES[protocol] ?? `protocol ${protocol}`)

const peerText = ({ peer }: PolicyQuestion): string =>
  peer.pod === null ? `${peer.isNode ? 'node ' : ''}${formatIpv4(peer.address)}` : `a pod of namespace ${peer.pod.namespace}`

const wish = (question: PolicyQuestion): string =>
  `${protocolText(question)} ${question.direction === 'ingress' ? 'from' : 'to'} ${peerText(question)}`

function remedyOf(question: PolicyQuestion): string {
  const { direction, peer, protocol, port, pod } = question
  const side = direction === 'ingress' ? 'from' : 'to'
  const selector = (labels: Labels): string =>
    `{matchLabels: {${Object.entries(labels)
      .map(([key, value]) => `${key}: "${value}"`)
      .join(', ')}}}`
  const who =
    peer.pod === null
      ? `ipBlock: {cidr: ${formatIpv4(peer.address)}/32}`
      : peer.pod.namespace === pod.namespace
        ? `podSelector: ${selector(peer.pod.labels)}`
        : `namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${peer.pod.namespace}}}, podSelector: ${selector(peer.pod.labels)}`
  const ports = isPortProtocol(protocol) ? `, ports: [{protocol: ${PROTOCOL_NAMES[protocol]}, port: ${port}}]` : ' and no ports'
  return `an ${direction} rule {${side}: [{${who}}]${ports}} in a policy of namespace ${pod.namespace} that selects this pod`
}
