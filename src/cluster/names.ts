// Names to numbers and back. Pods are `namespace/workload/index`, fixed ones also `namespace/podname`; nodes are `pool/index`, their VMSS
// or imported name; endpoints have their own. Names of 200,000 pods are never built in advance: they are computed when asked for.
import type { LpId, PodId } from '../base/brand.js'
import type { Scenario } from '../scenario/model.js'
import { nodeFinder } from './node-names.js'
import { gatewayKindOf, hasGateway } from './outbound.js'
import type { Plan } from './plan.js'
import { podOf } from './planned.js'

const NUMBER = /^(0|[1-9]\d*)$/

export interface Names {
  /** The pod, or -1 if there is none of that name that runs. */
  pod(name: string): PodId | -1
  /** The node (also `node:NAME`), or -1. */
  node(name: string): LpId | -1
  endpoint(name: string): LpId | -1
  podName(pod: number): string
  /** A node's own name, an endpoint's, or the outbound device: `appliance`, `loadBalancer`, `natGateway`. */
  lpName(lp: number): string
}

/** The outbound device's logical process follows the nodes; -1 without one. */
export const gatewayLpOf = (scenario: Scenario, plan: Plan): LpId | -1 => (hasGateway(scenario) ? (plan.nodes.length as LpId) : -1)
/** The first endpoint's logical process; the others follow in order. */
export const firstEndpointLp = (scenario: Scenario, plan: Plan): LpId => (plan.nodes.length + (hasGateway(scenario) ? 1 : 0)) as LpId

/** A pod's canonical name: what its random streams are keyed by, and what results print. */
function podNameOf(scenario: Scenario, workload: number, replica: number): string {
  const { namespace, name, pods } = scenario.workloads[workload]
  return pods.length > 0 ? `${namespace}/${pods[replica].name}` : `${namespace}/${name}/${replica}`
}

export function namesOf(scenario: Scenario, plan: Plan): Names {
  const workloads = new Map(scenario.workloads.map(({ namespace, name }, w) => [`${namespace}/${name}`, w]))
  const fixed = new Map<string, readonly [number, number]>()
  scenario.workloads.forEach((workload, w) => {
    workload.pods.forEach((pod, i) => {
      fixed.set(`${workload.namespace}/${pod.name}`, [w, i])
    })
  })
  const findNode = nodeFinder(scenario, plan.nodes)
  const firstEndpoint = firstEndpointLp(scenario, plan)
  const endpoints = new Map(scenario.endpoints.map(({ name }, i) => [name, firstEndpoint + i]))
  return {
    pod(name) {
      const exact = fixed.get(name)
      if (exact) return podOf(plan.pods, exact[0], exact[1])
      const slash = name.lastIndexOf('/')
      const workload = workloads.get(name.slice(0, Math.max(slash, 0)))
      const index = name.slice(slash + 1)
      return workload === undefined || !NUMBER.test(index) ? -1 : podOf(plan.pods, workload, Number(index))
    },
    node: name => findNode(name) as LpId | -1,
    endpoint: name => (endpoints.get(name) ?? -1) as LpId | -1,
    podName: pod => podNameOf(scenario, plan.pods.workload[pod], plan.pods.replica[pod]),
    lpName: lp => plan.nodes[lp]?.name ?? scenario.endpoints[lp - firstEndpoint]?.name ?? gatewayKindOf(scenario) ?? 'appliance',
  }
}
