// The plan of a cluster: which nodes there are, which addresses and blocks they have, which pod runs where with which address, and which
// pods found no place. Where nothing changes over time, that is all; else the control plane runs through virtual time from there on, and
// nodes and pods have a beginning and an end. Everything is deterministic; pods are compact columns, because there may be a million.
import type { Scenario } from '../scenario/model.js'
import { preChecked } from './admit-capacity.js'
import { adopt } from './control/adopt.js'
import { changesOverTime } from './control/changes-over-time.js'
import type { ClusterEvent } from './control/event-log.js'
import type { NotReadyNode } from './control/node-range.js'
import { outcomeOf, type Waiting } from './control/outcome.js'
import { atBeginning, simulate } from './control/simulate.js'
import { planNodes } from './plan-nodes.js'
import { planPods } from './plan-pods.js'
import { planResources, serviceAddresses } from './plan-resources.js'
import { type PlannedService, planServices } from './plan-services.js'
import type { PendingPods, PlannedNode, PodColumns } from './planned.js'
import type { Resource } from './resource.js'

export interface Plan {
  readonly nodes: readonly PlannedNode[]
  readonly pods: PodColumns
  readonly pending: readonly PendingPods[]
  /** Nodes that could not be made: no address or no block left. An admitted scenario has none at its beginning. */
  readonly nodesRefused: number
  readonly services: readonly PlannedService[]
  readonly resources: readonly Resource[]
  /** What happened over time, as `kubectl get events` and the activity log would say it. */
  readonly events: readonly ClusterEvent[]
  /** How long pods waited for a node and for an address, and took to start, and nodes waited for a range; null where nothing changes over time. */
  readonly waits: Readonly<Record<'forNode' | 'forAddress' | 'forStart' | 'forRange', Waiting>> | null
  /** Nodes that were or are NotReady. */
  readonly notReady: readonly NotReadyNode[]
  /** Pods created and ended over time. */
  readonly podEvents: number
  /** Nodes or pods come and go. */
  readonly changes: boolean
}

/** Plans a scenario that `cluster/admission.ts` has admitted. */
export function planCluster(scenario: Scenario, keepsEnded?: boolean): Plan {
  return changesOverTime(scenario) ? planOverTime(scenario, keepsEnded) : planAtRest(scenario)
}

function planAtRest(scenario: Scenario): Plan {
  const planned = planNodes(scenario)
  const { pods, pending } = planPods(scenario, planned.nodes, planned.addressing)
  const services = planServices(scenario)
  const resources = planResources(planned, pods, pending, services)
  const nodesRefused = planned.refused.length
  const still = { events: [], waits: null, notReady: [], podEvents: 0, changes: false }
  return { nodes: planned.nodes, pods, pending, nodesRefused, services: services.services, resources, ...still }
}

function planOverTime(scenario: Scenario, keepsEnded?: boolean): Plan {
  const beginning = atBeginning(scenario)
  const { nodes, addressing, refused } = planNodes(beginning)
  const { pods, pending } = planPods(beginning, nodes, addressing)
  // Pods that have ended are of interest only to those who want to see their packets.
  const keepsAll = keepsEnded ?? scenario.traffic.length > 0
  const state = adopt(scenario, { nodes, pods, pending, addressing, refused }, keepsAll)
  simulate(state)
  const outcome = outcomeOf(state, keepsAll)
  const services = planServices(scenario)
  const resources = [...outcome.resources.map(row => withPreCheck(scenario, outcome.nodes, row)), serviceAddresses(services)]
  return { ...outcome, services: services.services, resources, changes: true }
}

function withPreCheck(scenario: Scenario, nodes: readonly PlannedNode[], row: Resource): Resource {
  const counts = scenario.cluster.agentPoolProfiles.map(
    (_, pool) => nodes.filter(node => node.pool === pool && node.leaveNs === Number.POSITIVE_INFINITY).length,
  )
  const counted = preChecked(scenario, row.name, row.scope, counts)
  return counted === null ? row : { ...row, preChecked: counted }
}
