// Who a traffic entry speaks of, as columns: the pods of a workload or selector, one pod, a node, an endpoint, or a bare address.
import { StreamKey } from '../base/random.js'
import type { PeerRef, Scenario } from '../scenario/model.js'
import { firstEndpointLp, type Names } from './names.js'
import type { Plan } from './plan.js'
import { endpointFinder } from './service-endpoints.js'

/** Peers in a stated order: pods by workload and replica. */
export interface PeerSet {
  readonly count: number
  /** The pod whose veth it is, or -1: the host itself, for a pod of the host network too. */
  readonly pod: Int32Array
  /** The pod by whose name draws are keyed; -1 for a host. */
  readonly named: Int32Array
  /** The logical process, or -1: an address that need not belong to anybody. */
  readonly lp: Int32Array
  readonly address: Int32Array
}

const one = (named: number, lp: number, address: number, isHosted = false): PeerSet => ({
  count: 1,
  pod: Int32Array.of(isHosted ? -1 : named),
  named: Int32Array.of(named),
  lp: Int32Array.of(lp),
  address: Int32Array.of(address),
})

const NOBODY: PeerSet = { count: 0, pod: new Int32Array(0), named: new Int32Array(0), lp: new Int32Array(0), address: new Int32Array(0) }

/** Resolves a reference. Pods that are pending are left out; a name that admission would refuse gives nobody. */
export function peersOf(scenario: Scenario, plan: Plan, names: Names, ref: PeerRef): PeerSet {
  switch (ref.kind) {
    case 'workload':
      return podsOf(scenario, plan, workloadRuns(scenario, plan, ref.workload))
    case 'selector':
      return podsOf(scenario, plan, selectedRuns(scenario, plan, ref))
    case 'pod': {
      const pod = names.pod(ref.pod)
      return pod < 0 ? NOBODY : podsOf(scenario, plan, [[pod, afterLives(plan, pod)]])
    }
    case 'node': {
      const lp = names.node(ref.node)
      return lp < 0 ? NOBODY : one(-1, lp, plan.nodes[lp].address)
    }
    case 'endpoint': {
      const lp = names.endpoint(ref.endpoint)
      return lp < 0 ? NOBODY : one(-1, lp, scenario.endpoints[lp - firstEndpointLp(scenario, plan)].address)
    }
    case 'service':
      return serviceSet(scenario, plan, ref.service)
    case 'address':
      return one(-1, -1, ref.address)
  }
}

/** A Service by its own address; a headless one by its endpoints, as its DNS name has them. */
function serviceSet(scenario: Scenario, plan: Plan, named: string): PeerSet {
  const service = plan.services.find(({ namespace, name }) => `${namespace}/${name}` === named)
  if (!service) return NOBODY
  if (service.clusterIp !== null) return one(-1, -1, service.clusterIp)
  const found = endpointFinder(scenario, plan)(service, service.ports[0] ?? ANY_PORT)
  return {
    count: found.length,
    pod: Int32Array.from(found, ({ pod }) => pod),
    named: Int32Array.from(found, ({ pod }) => pod),
    lp: Int32Array.from(found, ({ node }) => node),
    address: Int32Array.from(found, ({ address }) => address),
  }
}

const ANY_PORT = { name: null, port: 0, targetPort: 0, protocol: 'TCP', nodePort: null } as const

/** The row after the last of the pods that have had this name, one after the other. */
function afterLives({ pods }: Plan, pod: number): number {
  let next = pod + 1
  while (next < pods.count && pods.workload[next] === pods.workload[pod] && pods.replica[next] === pods.replica[pod]) next++
  return next
}

type Workload = Scenario['workloads'][number]
type Labels = Workload['labels']
type Run = readonly [from: number, to: number]

/** Every label of the selector must be there; no namespace means any. Fixed pods may have labels of their own. */
function selectedRuns(scenario: Scenario, { pods }: Plan, selector: PeerRef & { readonly kind: 'selector' }): Run[] {
  const wanted = Object.entries(selector.labels)
  const matches = (labels: Labels): boolean => wanted.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value)
  return scenario.workloads.flatMap((workload, w): Run[] => {
    if (selector.namespace !== null && selector.namespace !== workload.namespace) return []
    const run: Run = [pods.first[w], pods.first[w + 1]]
    if (workload.pods.every(pod => pod.labels === workload.labels)) return matches(workload.labels) ? [run] : []
    const all = Array.from({ length: run[1] - run[0] }, (_, i): Run => [run[0] + i, run[0] + i + 1])
    return all.filter(([pod]) => matches(workload.pods[pods.replica[pod]].labels))
  })
}

const workloadRuns = (scenario: Scenario, { pods }: Plan, name: string): Run[] =>
  scenario.workloads.flatMap((workload, w) =>
    `${workload.namespace}/${workload.name}` === name ? [[pods.first[w], pods.first[w + 1]] as const] : [],
  )

/** Whether a pod has its node's address and no interface of its own. */
export const isHostPod = (scenario: Scenario, { pods }: Plan, pod: number): boolean => scenario.workloads[pods.workload[pod]].hostNetwork

function podsOf(scenario: Scenario, plan: Plan, runs: readonly Run[]): PeerSet {
  const { pods } = plan
  const count = runs.reduce((sum, [from, to]) => sum + to - from, 0)
  const set = { count, pod: new Int32Array(count), named: new Int32Array(count), lp: new Int32Array(count), address: new Int32Array(count) }
  let at = 0
  for (const [from, to] of runs) {
    for (let pod = from; pod < to; pod++) {
      set.pod[at + pod - from] = isHostPod(scenario, plan, pod) ? -1 : pod
      set.named[at + pod - from] = pod
    }
    set.lp.set(pods.node.subarray(from, to), at)
    set.address.set(pods.address.subarray(from, to), at)
    at += to - from
  }
  return set
}

/**
 * Keys of random streams by the name of whoever draws. The workload's part of a pod's name is absorbed once, so that 200,000 pods cost
 * their few digits each.
 */
export function keysOf(scenario: Scenario, plan: Plan, names: Names): (peers: PeerSet, at: number) => StreamKey {
  const root = StreamKey.of(scenario.seed)
  const prefixes = scenario.workloads.map(({ namespace, name, pods }) =>
    root.with(pods.length > 0 ? `${namespace}/` : `${namespace}/${name}/`),
  )
  return (peers, at) => {
    const pod = peers.named[at]
    if (pod < 0) {
      const lp = peers.lp[at]
      return root.with(lp < plan.nodes.length ? `node:${names.lpName(lp)}\u0000` : `endpoint:${names.lpName(lp)}\u0000`)
    }
    const workload = plan.pods.workload[pod]
    const replica = plan.pods.replica[pod]
    const last = scenario.workloads[workload].pods[replica]?.name ?? String(replica)
    const life = plan.pods.life[pod]
    // A later pod of the name has draws of its own.
    return prefixes[workload].with(life === 0 ? last : `${last}#${life}`).with('\u0000')
  }
}
