// The control plane at rest: which nodes there are, which addresses and blocks they have, which pod runs where with which address,
// and which pods found no place. Everything is deterministic; pods are compact columns, because there may be a million of them.
import type { Scenario } from '../scenario/model.js'
import { planNodes } from './plan-nodes.js'
import { planPods } from './plan-pods.js'
import { planResources } from './plan-resources.js'
import type { PendingPods, PlannedNode, PodColumns } from './planned.js'
import type { Resource } from './resource.js'

export interface Plan {
  readonly nodes: readonly PlannedNode[]
  readonly pods: PodColumns
  readonly pending: readonly PendingPods[]
  /** Nodes that could not be made: no address or no block left. An admitted scenario has none. */
  readonly nodesRefused: number
  readonly resources: readonly Resource[]
}

/** Plans a scenario that `cluster/admission.ts` has admitted. */
export function planCluster(scenario: Scenario): Plan {
  const planned = planNodes(scenario)
  const { pods, pending } = planPods(scenario, planned.nodes, planned.addressing)
  const resources = planResources(scenario, planned, pods, pending)
  return { nodes: planned.nodes, pods, pending, nodesRefused: planned.refused.length, resources }
}
