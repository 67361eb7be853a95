// The cluster at rest, as it is planned for the first moment, entered into the state of the control plane: its nodes, the pods that run, and
// those that wait.
import type { Addressing, Shortage } from '../../ipam/addressing.js'
import type { Scenario } from '../../scenario/model.js'
import type { PendingPods, PlannedNode, PodColumns } from '../planned.js'
import { ControlState } from './control-state.js'
import { run } from './lifetimes.js'
import { adoptNode } from './nodes.js'
import { ReplicaSet } from './replicas.js'
import { noPlace } from './scheduler.js'

export interface AtRest {
  readonly nodes: readonly PlannedNode[]
  readonly pods: PodColumns
  readonly pending: readonly PendingPods[]
  /** With all of their addresses given out. */
  readonly addressing: Addressing
  /** What nodes that could not be made lacked. */
  readonly refused: readonly Shortage[]
}

/** `keepsAll`: rows of pods that have ended are wanted in the outcome. */
export function adopt(scenario: Scenario, rest: AtRest, keepsAll: boolean): ControlState {
  const state = new ControlState(scenario, rest.addressing, keepsAll)
  rest.nodes.forEach((node, number) => {
    adoptNode(state, { ...node, number, slot: number, state: 'ready', joinNs: 0, isBare: false })
    state.pools[node.pool].nextIndex = node.index + 1
  })
  scenario.workloads.forEach((workload, w) => {
    state.workloads.push(new ReplicaSet(w, workload, state.root))
  })
  adoptPods(state, rest.pods)
  adoptPending(state, rest)
  for (const { resource } of rest.refused) state.recorder.fail(0, resource)
  state.nodesRefused = rest.refused.length
  return state
}

function adoptPods(state: ControlState, { count, workload, replica, node, address }: PodColumns): void {
  const { pods, spread } = state
  for (let pod = 0; pod < count; pod++) {
    const row = created(state, workload[pod], replica[pod])
    pods.node[row] = node[pod]
    pods.address[row] = address[pod]
    pods.startNs[row] = 0
    const home = state.nodes[node[pod]]
    home.pods.append(pods.next, pods.previous, row)
    spread.pods[node[pod]]++
    if (!state.workloads[workload[pod]].workload.hostNetwork) home.addresses++
    run(state, row)
  }
  state.recorder.forNode.none(count)
  state.recorder.forRange.none(state.nodes.length)
  for (const { number, maxPods } of state.nodes) {
    state.countNode(1, maxPods)
    spread.openNode(number)
  }
  state.countPlaces(count)
  for (const { name, addresses } of state.nodes) state.recorder.holds(0, name, addresses)
}

/** Those who wait for a node or an address line up again: the loop places them first of all. */
function adoptPending(state: ControlState, { pending }: AtRest): void {
  const { pods, recorder, log } = state
  for (const { workload, firstReplica, count, cause } of pending) {
    for (let replica = firstReplica; replica < firstReplica + count; replica++) {
      const row = created(state, workload, replica)
      state.pending.append(pods.nextWaiting, pods.previousWaiting, row)
    }
    if (cause !== 'maxPods') continue
    recorder.fail(0, 'maxPods', count)
    log.add(0, 'Warning', 'FailedScheduling', state.workloads[workload].name, noPlace(state), count)
  }
}

function created(state: ControlState, workload: number, replica: number): number {
  const set = state.workloads[workload]
  set.reach(replica + 1)
  const row = state.pods.create(workload, replica, set.lives[replica]++, 0)
  set.rows[replica] = row
  set.count = Math.max(set.count, replica + 1)
  return row
}
