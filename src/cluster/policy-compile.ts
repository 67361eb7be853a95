// NetworkPolicies compiled for the data plane (`table/policy.ts`): pods to identities, rules to programs. The work follows the number of
// identities, selectors and rules; the pods themselves are only numbered.
import { BitRows, eachBit } from '../base/bits.js'
import type { Scenario } from '../scenario/model.js'
import type { NetworkPolicy } from '../scenario/model-policy.js'
import { EGRESS, INGRESS } from '../table/policy.js'
import type { Plan } from './plan.js'
import { blockClasses } from './policy-blocks.js'
import { type PolicyEpoch, policyEpochs } from './policy-epochs.js'
import { PolicyGroups } from './policy-groups.js'
import { PolicyPeers } from './policy-peers.js'
import { Programs } from './policy-program.js'
import { namespaceLabels } from './policy-world.js'

/** The columns of the image that speak of policies, and the numbers that go with them. */
export interface CompiledPolicies {
  readonly identities: number
  /** Words of a row of peers. */
  readonly width: number
  readonly epochNs: Float64Array
  /** Identity of each pod, or -1: not a pod to policies (host network). */
  readonly podIdentity: Int32Array
  readonly programs: Int32Array
  readonly first: Uint32Array
  readonly port: Uint16Array
  readonly row: Uint32Array
  readonly bits: Uint32Array
  readonly fib: Uint32Array
}

/** Null where nobody enforces policies or there are none: the data plane then has nothing to ask. */
export function compilePolicies(scenario: Scenario, plan: Plan): CompiledPolicies | null {
  const epochs = policyEpochs(scenario)
  const all = [...new Set(epochs.flatMap(({ policies }) => policies))]
  const engine = scenario.cluster.networkProfile.networkPolicy
  if (engine === 'none' || all.length === 0) return null
  const blocksMatchPods = engine !== 'cilium'
  const groups = new PolicyGroups(all, namespaceLabels(scenario))
  const groupOf = groups.groupPods(scenario.workloads, plan.pods)
  groups.index()
  const blocks = blockClasses(all, blocksMatchPods ? [] : plan.nodes.map(({ address }) => address))
  const { identities, podIdentity } = identify(plan, groupOf, address => (blocksMatchPods ? blocks.classOf(address) : 0))
  const peers = new PolicyPeers(groups, blocks, identities, blocksMatchPods)
  const programs = new Programs(peers.sets, new BitRows(peers.sets.width), peers.count)
  return {
    identities: identities.length,
    width: peers.sets.width,
    epochNs: Float64Array.from(epochs, ({ atNs }) => atNs),
    podIdentity,
    programs: programTable(all, epochs, groups, peers, programs),
    first: Uint32Array.from(programs.first),
    port: Uint16Array.from(programs.ports),
    row: Uint32Array.from(programs.rows),
    bits: programs.allowed.sealed(),
    fib: blocks.fib,
  }
}

/** An identity is a group and, where ipBlocks match pods, the class of the pod's address. */
function identify({ pods }: Plan, groupOf: Int32Array, classOf: (address: number) => number) {
  const numbers = new Map<number, number>()
  const identities: { group: number; addressClass: number }[] = []
  const podIdentity = new Int32Array(pods.count)
  for (let pod = 0; pod < pods.count; pod++) {
    if (groupOf[pod] < 0) {
      podIdentity[pod] = -1
      continue
    }
    const addressClass = classOf(pods.address[pod])
    const key = addressClass * 2 ** 24 + groupOf[pod]
    const known = numbers.get(key)
    podIdentity[pod] = known ?? identities.push({ group: groupOf[pod], addressClass }) - 1
    if (known === undefined) numbers.set(key, podIdentity[pod])
  }
  return { identities, podIdentity }
}

/** For each moment and identity the program of each direction, or -1. Identities with the same policies share one. */
function programTable(
  all: readonly NetworkPolicy[],
  epochs: readonly PolicyEpoch[],
  groups: PolicyGroups,
  peers: PolicyPeers,
  programs: Programs,
): Int32Array {
  const number = new Map(all.map((policy, i) => [policy, i]))
  const known = new Map<string, number>()
  const table = new Int32Array(epochs.length * peers.groupOf.length * 2).fill(-1)
  epochs.forEach(({ policies }, epoch) => {
    for (const direction of [INGRESS, EGRESS]) {
      const isolating = isolatingOf(policies, direction, groups)
      const programOf = isolating.map((own, group) => {
        if (own.length === 0) return -1
        const names = direction === INGRESS ? portKey(own, groups, group) : ''
        const key = `${direction} ${own.map(policy => number.get(policy)).join()} ${names}`
        const program = known.get(key) ?? programs.add(spansOf(own, direction, groups, group, peers))
        known.set(key, program)
        return program
      })
      peers.groupOf.forEach((group, identity) => {
        table[(epoch * peers.groupOf.length + identity) * 2 + direction] = programOf[group]
      })
    }
  })
  return table
}

const sideOf = (direction: number): 'ingress' | 'egress' => (direction === INGRESS ? 'ingress' : 'egress')

/** The policies that isolate each group. */
function isolatingOf(policies: readonly NetworkPolicy[], direction: number, groups: PolicyGroups): NetworkPolicy[][] {
  const isolating: NetworkPolicy[][] = groups.groups.map(() => [])
  for (const policy of policies) {
    if (policy[sideOf(direction)] !== null) eachBit(groups.selected(policy), group => isolating[group].push(policy))
  }
  return isolating
}

/** Where an ingress rule names a port, the receiver's own numbers make the program. */
function portKey(policies: readonly NetworkPolicy[], groups: PolicyGroups, group: number): string {
  const hasNames = policies.some(({ ingress }) => ingress?.some(({ ports }) => ports?.some(({ port }) => typeof port === 'string')))
  return hasNames ? JSON.stringify(groups.groups[group].ports) : ''
}

const spansOf = (policies: readonly NetworkPolicy[], direction: number, groups: PolicyGroups, group: number, peers: PolicyPeers) =>
  policies.flatMap(policy =>
    (policy[sideOf(direction)] ?? []).flatMap(rule => peers.spansOf(policy, rule, direction === INGRESS ? groups.groups[group] : null)),
  )
