// The control plane over virtual time: from the cluster at rest through every event until the scenario's end, without a packet. What it
// yields is a plan like that of a cluster at rest, in which pods and nodes have a beginning and an end.
import type { Scenario } from '../../scenario/model.js'
import { nodeIsLate, scan } from './autoscaler.js'
import { lookAround } from './autoscaler-clock.js'
import type { ControlNode, ControlState } from './control-state.js'
import { evictPods } from './drain.js'
import { ControlEvent } from './event-queue.js'
import { nextChangeAfter, replicasAt } from './growth-curve.js'
import { startIsOver } from './lifetimes.js'
import { noteRange, retryRange } from './node-range.js'
import { operate } from './operations.js'
import { reconcile, retry, watchAddresses } from './pod-addresses.js'
import { lifetimeOver, placePending, scaleTo } from './scheduler.js'
import { drainIsOver, nodeIsReady, surgeIsLate } from './upgrade.js'

/** The scenario as it is at its beginning: where a curve says how many replicas there are, it says so from the first moment. */
export const atBeginning = (scenario: Scenario): Scenario => ({
  ...scenario,
  workloads: scenario.workloads.map(workload =>
    workload.growth === null ? workload : { ...workload, replicas: replicasAt(workload.growth, workload.replicas, 0) },
  ),
})

/** Runs the control plane from the state at rest to the scenario's end. */
export function simulate(state: ControlState): void {
  begin(state)
  const { queue, recorder, addressing } = state
  const endNs = state.scenario.durationNs
  recorder.read(0, addressing)
  while (queue.firstNs <= endNs) {
    if (queue.firstNs > state.nowNs && recorder.isStale) recorder.read(state.nowNs, addressing)
    queue.next()
    state.nowNs = queue.timeNs
    dispatch(state)
  }
  recorder.read(state.nowNs, addressing)
  state.nowNs = endNs
  for (const number of state.notReady) noteRange(state, state.nodes[number], 'stillNotReady')
}

function begin(state: ControlState): void {
  state.scenario.timeline.forEach(({ atNs }, i) => {
    state.queue.post(atNs, ControlEvent.timeline, i)
  })
  state.workloads.forEach((_, w) => {
    postGrowth(state, w)
  })
  placePending(state)
  if (state.isDynamic) for (const { number } of state.nodes) watchAddresses(state, number)
  lookAround(state)
}

function postGrowth(state: ControlState, w: number): void {
  const { growth, workload } = state.workloads[w]
  if (growth === null) return
  const atNs = nextChangeAfter(growth, workload.replicas, state.nowNs)
  if (atNs <= state.scenario.durationNs) state.queue.post(atNs, ControlEvent.growth, w)
}

function dispatch(state: ControlState): void {
  const { kind, a, b } = state.queue
  switch (kind) {
    case ControlEvent.podEnds:
      lifetimeOver(state, a, b)
      break
    case ControlEvent.podReady:
      startIsOver(state, a, b)
      break
    case ControlEvent.growth: {
      const set = state.workloads[a]
      if (set.growth !== null) scaleTo(state, set, replicasAt(set.growth, set.workload.replicas, state.nowNs))
      postGrowth(state, a)
      break
    }
    case ControlEvent.timeline:
      operate(state, state.scenario.timeline[a])
      break
    case ControlEvent.scan:
      // An earlier look may have made this one needless; it has filed the next.
      if (state.nowNs === state.scanFiledNs) scan(state)
      break
    default:
      dispatchNode(state, kind, state.nodes[a])
  }
}

function dispatchNode(state: ControlState, kind: number, node: ControlNode): void {
  switch (kind) {
    case ControlEvent.retry:
      retry(state, node.number)
      break
    case ControlEvent.reconcile:
      reconcile(state, node.number)
      break
    case ControlEvent.nodeReady:
      nodeIsReady(state, node)
      break
    case ControlEvent.range:
      if (retryRange(state, node)) nodeIsReady(state, node)
      break
    case ControlEvent.surgeLate:
      surgeIsLate(state, node)
      break
    case ControlEvent.nodeLate:
      nodeIsLate(state, node)
      break
    case ControlEvent.drained:
      drainIsOver(state, node)
      break
    case ControlEvent.evict:
      evictPods(state, node)
      break
  }
}
