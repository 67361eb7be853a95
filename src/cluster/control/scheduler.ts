// Pods find a node, and on it an address; they end and are replaced. Without a node a pod is Pending; with one but without an address it is
// ContainerCreating, and asks again (`pod-addresses.ts`). When a place is given back, whoever has been pending longest gets it.
import { lookAround, noteLeft } from './autoscaler-clock.js'
import type { ControlState } from './control-state.js'
import { run } from './lifetimes.js'
import { askForAddress, giveAddressBack } from './pod-addresses.js'
import { PodState } from './pod-table.js'
import type { ReplicaSet } from './replicas.js'

/** A pod of this replica, placed if there is room. */
export function createPod(state: ControlState, set: ReplicaSet, replica: number): void {
  set.reach(replica + 1)
  const row = state.pods.create(set.index, replica, set.lives[replica]++, state.nowNs)
  set.rows[replica] = row
  state.podEvents++
  const node = state.spread.place()
  if (node >= 0) {
    state.recorder.forNode.none(1)
    bind(state, row, node)
  } else pend(state, set, row)
}

function pend(state: ControlState, set: ReplicaSet, row: number): void {
  const { pods, nowNs } = state
  state.pending.append(pods.nextWaiting, pods.previousWaiting, row)
  state.recorder.fail(nowNs, 'maxPods')
  state.log.add(nowNs, 'Warning', 'FailedScheduling', set.name, noPlace(state))
  lookAround(state)
}

/** What the scheduler says of pods that no node has room for. Its reasons are sorted as text, the numbers too. */
export function noPlace({ readyNodes, notReady }: ControlState): string {
  const tainted = notReady.size === 0 ? [] : [`${notReady.size} node(s) had untolerated taint {node.kubernetes.io/not-ready: }`]
  const full = readyNodes === 0 && tainted.length > 0 ? [] : [`${readyNodes} Too many pods`]
  return `0/${readyNodes + notReady.size} nodes are available: ${[...tainted, ...full].sort().join(', ')}`
}

/** The place on the node is taken already. */
function bind(state: ControlState, row: number, node: number): void {
  const { pods } = state
  pods.node[row] = node
  // Until it has its address, its start is the moment it was bound.
  pods.startNs[row] = state.nowNs
  state.nodes[node].pods.append(pods.next, pods.previous, row)
  state.countPlaces(1)
  if (askForAddress(state, row)) run(state, row)
}

/** Ends a pod that runs or waits; its place and address go to whoever waits. */
export function endPod(state: ControlState, row: number): void {
  const { pods } = state
  if (pods.state[row] === PodState.waitsForNode) {
    state.pending.remove(pods.nextWaiting, pods.previousWaiting, row)
    pods.startNs[row] = -1
    pods.drop(row)
    return
  }
  if (pods.state[row] === PodState.lost) return
  const node = pods.node[row]
  leaveNode(state, row)
  pods.drop(row)
  state.spread.leave(node)
  placePending(state)
  noteLeft(state, node)
}

/** Takes a pod off its node: its address is given back, its place not yet. */
export function leaveNode(state: ControlState, row: number): void {
  const { pods } = state
  state.podEvents++
  giveAddressBack(state, row)
  if (pods.state[row] === PodState.running) pods.stopNs[row] = state.nowNs
  else pods.startNs[row] = -1
  state.nodes[pods.node[row]].pods.remove(pods.next, pods.previous, row)
  state.countPlaces(-1)
}

/** The lifetime of a pod is over: it ends, and its replica gets a new one. */
export function lifetimeOver(state: ControlState, row: number, stamp: number): void {
  const { pods } = state
  if (pods.stamp[row] !== stamp || pods.state[row] !== PodState.running) return
  const set = state.workloads[pods.workload[row]]
  const replica = pods.replica[row]
  const isPresent = set.rows[replica] === row && replica < set.count
  endPod(state, row)
  if (isPresent) createPod(state, set, replica)
}

/** Those who are pending take the places that there are. */
export function placePending(state: ControlState): void {
  const { pods, pending, recorder, nowNs } = state
  while (pending.length > 0) {
    const node = state.spread.place()
    if (node < 0) return
    const row = pending.head
    pending.remove(pods.nextWaiting, pods.previousWaiting, row)
    recorder.forNode.add(nowNs - pods.createdNs[row])
    bind(state, row, node)
  }
}

/** So many replicas from now on. */
export function scaleTo(state: ControlState, set: ReplicaSet, replicas: number): void {
  set.reach(replicas)
  for (; set.count < replicas; set.count++) createPod(state, set, set.count)
  while (set.count > replicas) endPod(state, set.rows[--set.count])
}
