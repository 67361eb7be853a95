// What a simulation of the control plane yields: the nodes and pods that there were or are, those that still wait, the finite things over
// time, what happened, and how long pods waited.

import type { PendingPods, PlannedNode, PodColumns } from '../planned.js'
import type { Resource } from '../resource.js'
import type { ControlState } from './control-state.js'
import type { ClusterEvent } from './event-log.js'
import type { NotReadyNode } from './node-range.js'
import { noAddress } from './pod-addresses.js'
import { PodState } from './pod-table.js'
import { noPlace } from './scheduler.js'
import type { Waits } from './waits.js'

/** How long pods waited before they ran, and how many still do. */
export interface Waiting {
  /** Pods that got what they asked for. */
  readonly count: number
  /** Pods that are still without at the end, and how long the first of them has been. */
  readonly still: number
  readonly stillNs: number
  readonly meanNs: number
  readonly maxNs: number
  /** Counts in the buckets of `observe/histogram.ts`, in ms; null if nobody waited. */
  readonly counts: Float64Array | null
}

export interface Outcome {
  readonly nodes: readonly PlannedNode[]
  readonly pods: PodColumns
  readonly pending: readonly PendingPods[]
  readonly nodesRefused: number
  readonly resources: readonly Resource[]
  readonly events: readonly ClusterEvent[]
  readonly waits: Readonly<Record<'forNode' | 'forAddress' | 'forStart' | 'forRange', Waiting>>
  readonly notReady: readonly NotReadyNode[]
  /** Pods created and ended. */
  readonly podEvents: number
}

export function outcomeOf(state: ControlState, keepsAll: boolean): Outcome {
  const { kept, numberOf } = keptNodes(state, keepsAll)
  const rows = podRows(state, keepsAll)
  return {
    nodes: kept,
    pods: columnsOf(state, rows, numberOf),
    pending: pendingOf(state),
    nodesRefused: state.nodesRefused,
    resources: state.recorder.resources(slot => state.nodes[state.nodeOfSlot[slot]]?.name ?? 'none'),
    events: state.log.all(),
    waits: {
      forNode: waitingOf(state, state.recorder.forNode, PodState.waitsForNode),
      forAddress: waitingOf(state, state.recorder.forAddress, PodState.waitsForAddress),
      forStart: waitingOf(state, state.recorder.forStart, PodState.starting),
      forRange: rangeWaits(state),
    },
    notReady: state.recorder.notReady,
    podEvents: state.podEvents,
  }
}

/** Nodes that registered at some time, ready or not; in a plan without packets only those that are left. */
function keptNodes(state: ControlState, keepsAll: boolean): { kept: PlannedNode[]; numberOf: Int32Array } {
  const numberOf = new Int32Array(state.nodes.length).fill(-1)
  const kept: PlannedNode[] = []
  for (const node of state.nodes) {
    if (node.joinNs < 0 || (node.state === 'gone' && !keepsAll)) continue
    numberOf[node.number] = kept.length
    const { name, pool, index, address, block, maxPods, joinNs, leaveNs } = node
    const readyNs = node.readyNs < 0 ? Number.POSITIVE_INFINITY : node.readyNs
    kept.push({ name, pool, index, address, block, maxPods, joinNs, readyNs, leaveNs })
  }
  return { kept, numberOf }
}

/** Rows of the pods that ran, or run, by workload, replica and life. */
function podRows({ pods }: ControlState, keepsAll: boolean): Int32Array {
  const wanted = (row: number): boolean =>
    keepsAll
      ? pods.startNs[row] >= 0 && pods.state[row] !== PodState.waitsForAddress && pods.state[row] !== PodState.starting
      : pods.state[row] === PodState.running
  let count = 0
  for (let row = 0; row < pods.count; row++) if (wanted(row)) count++
  const rows = new Int32Array(count)
  let at = 0
  for (let row = 0; row < pods.count; row++) if (wanted(row)) rows[at++] = row
  const { workload, replica, life } = pods
  return rows.sort((a, b) => workload[a] - workload[b] || replica[a] - replica[b] || life[a] - life[b])
}

function columnsOf(state: ControlState, rows: Int32Array, numberOf: Int32Array): PodColumns {
  const { pods } = state
  const columns = {
    count: rows.length,
    workload: Int32Array.from(rows, row => pods.workload[row]),
    replica: Int32Array.from(rows, row => pods.replica[row]),
    life: Int32Array.from(rows, row => pods.life[row]),
    node: Int32Array.from(rows, row => numberOf[pods.node[row]]),
    address: Int32Array.from(rows, row => pods.address[row]),
    startNs: Float64Array.from(rows, row => pods.startNs[row]),
    stopNs: Float64Array.from(rows, row => pods.stopNs[row]),
    first: new Int32Array(state.workloads.length + 1),
  }
  let pod = 0
  for (let w = 0; w < state.workloads.length; w++) {
    columns.first[w] = pod
    while (pod < rows.length && columns.workload[pod] === w) pod++
  }
  columns.first[state.workloads.length] = pod
  return columns
}

/** Those who wait at the end, neighbours with one reason together. */
function pendingOf(state: ControlState): PendingPods[] {
  const { pods } = state
  const waiting: number[] = []
  for (let row = state.pending.head; row >= 0; row = pods.nextWaiting[row]) waiting.push(row)
  for (const node of state.nodes) for (let row = node.waiting.head; row >= 0; row = pods.nextWaiting[row]) waiting.push(row)
  const { workload, replica } = pods
  waiting.sort((a, b) => workload[a] - workload[b] || replica[a] - replica[b])
  const groups: PendingPods[] = []
  for (const row of waiting) {
    const cause = pods.state[row] === PodState.waitsForNode ? 'maxPods' : 'podIps'
    const reason =
      cause === 'maxPods'
        ? `FailedScheduling: ${noPlace(state)}`
        : `FailedCreatePodSandBox: ${noAddress(state, state.nodes[pods.node[row]])}`
    const last = groups[groups.length - 1]
    if (last?.workload === workload[row] && last.cause === cause && last.firstReplica + last.count === replica[row]) last.count++
    else groups.push({ workload: workload[row], firstReplica: replica[row], count: 1, cause, reason })
  }
  return groups
}

/** How long nodes were NotReady for want of a range for their pods. */
function rangeWaits({ recorder: { forRange, notReady }, nowNs }: ControlState): Waiting {
  const still = notReady.filter(({ end }) => end === 'stillNotReady')
  const sinceNs = Math.min(nowNs, ...still.map(({ fromNs }) => fromNs))
  const { count, sumMs, longestNs, counts } = forRange
  return { count, still: still.length, stillNs: nowNs - sinceNs, meanNs: count > 0 ? (sumMs * 1e6) / count : 0, maxNs: longestNs, counts }
}

function waitingOf({ pods, nowNs }: ControlState, waits: Waits, state: number): Waiting {
  let still = 0
  let sinceNs = nowNs
  for (let row = 0; row < pods.count; row++) {
    if (pods.state[row] !== state) continue
    still++
    sinceNs = Math.min(sinceNs, state === PodState.waitsForNode ? pods.createdNs[row] : pods.startNs[row])
  }
  const { count, sumMs, longestNs, counts } = waits
  return { count, still, stillNs: nowNs - sinceNs, meanNs: count > 0 ? (sumMs * 1e6) / count : 0, maxNs: longestNs, counts }
}
