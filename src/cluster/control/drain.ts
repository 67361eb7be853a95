// A node is emptied before it goes or is reimaged: it is cordoned, its pods get replacements elsewhere at once, and go on running until the
// end of their grace period. A node that is lost is not drained: its pods end at once, and are replaced when Kubernetes gives them up.
import type { ControlNode, ControlState } from './control-state.js'
import { ControlEvent } from './event-queue.js'
import { openNode, removeNode } from './nodes.js'
import { PodState } from './pod-table.js'
import { createPod, endPod, leaveNode } from './scheduler.js'

export function drainNode(state: ControlState, node: ControlNode, afterDrain: ControlNode['afterDrain']): void {
  node.state = 'draining'
  node.afterDrain = afterDrain
  node.drainNs = state.nowNs
  state.spread.closeNode(node.number)
  for (const row of rowsOf(state, node)) replace(state, row)
  state.queue.post(state.nowNs + state.scenario.fabric.controlPlane.drainNs, ControlEvent.drained, node.number)
}

/** Rows of a node's pods at this moment. */
function rowsOf({ pods }: ControlState, node: ControlNode): number[] {
  const rows: number[] = []
  for (let row = node.pods.head; row >= 0; row = pods.next[row]) rows.push(row)
  return rows
}

/** A new pod in the place of this one, if this one is still its replica's. */
function replace(state: ControlState, row: number): void {
  const { pods } = state
  const set = state.workloads[pods.workload[row]]
  const replica = pods.replica[row]
  if (replica < set.count && set.rows[replica] === row) createPod(state, set, replica)
}

/** Whether the replacements of all pods of a drained node run: what a PodDisruptionBudget asks for before the old ones may end. */
export function isReplaced(state: ControlState, node: ControlNode): boolean {
  const { pods } = state
  return rowsOf(state, node).every(row => {
    const set = state.workloads[pods.workload[row]]
    const replica = pods.replica[row]
    return replica >= set.count || pods.state[set.rows[replica]] === PodState.running
  })
}

/** The grace period is over: the old pods end. */
export function endPodsOf(state: ControlState, node: ControlNode): void {
  for (const row of rowsOf(state, node)) endPod(state, row)
}

/** The drain is called off: pods whose replacements do not run stay, and the replacements go. */
export function undrain(state: ControlState, node: ControlNode): void {
  const { pods } = state
  for (const row of rowsOf(state, node)) {
    const set = state.workloads[pods.workload[row]]
    const replica = pods.replica[row]
    const other = set.rows[replica]
    if (replica < set.count && other !== row && pods.state[row] === PodState.running && pods.state[other] !== PodState.running) {
      endPod(state, other)
      set.rows[replica] = row
    } else if (other !== row) endPod(state, row)
  }
  openNode(state, node)
}

/** The VM is gone, and with it the node, its addresses and its pods. */
export function loseNode(state: ControlState, node: ControlNode): void {
  const { pods } = state
  const rows = rowsOf(state, node)
  for (const row of rows) {
    leaveNode(state, row)
    pods.state[row] = PodState.lost
  }
  for (const row of rows) node.pods.append(pods.next, pods.previous, row)
  removeNode(state, node.number)
  state.log.add(state.nowNs, 'Warning', 'NodeNotReady', node.name, `Node ${node.name} is lost with ${rows.length} pods`)
  state.queue.post(state.nowNs + state.scenario.fabric.controlPlane.evictionNs, ControlEvent.evict, node.number)
}

/** Kubernetes gives the pods of a lost node up, and their workloads replace them. */
export function evictPods(state: ControlState, node: ControlNode): void {
  const { pods } = state
  const rows = rowsOf(state, node)
  for (const row of rows) {
    node.pods.remove(pods.next, pods.previous, row)
    replace(state, row)
    pods.drop(row)
  }
  if (rows.length === 0) return
  state.log.add(state.nowNs, 'Normal', 'TaintManagerEviction', node.name, `${rows.length} pods of a lost node are replaced`)
}
