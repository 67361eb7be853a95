// When the autoscaler looks around: at whole scan intervals, but only at those at which something may come of it. A year of ten-second scans
// would be three million looks at nothing.
import type { ControlNode, ControlState } from './control-state.js'
import { ControlEvent } from './event-queue.js'

/** Scans are told apart to this share of their interval. */
const NEAR = 1e-7

/** The first scan at or after `fromNs` is wanted; from the next moment on, unless told. */
export function lookAround(state: ControlState, fromNs: number = state.nowNs): void {
  if (!state.hasAutoScaler) return
  const { scanIntervalNs } = state.scenario.cluster.autoScaler
  // Never the scan of this moment: after 104 days a ns more is no longer a later one.
  const next = Math.floor(state.nowNs / scanIntervalNs + NEAR) + 1
  const atNs = Math.max(next, Math.ceil(fromNs / scanIntervalNs)) * scanIntervalNs
  if (atNs >= state.scanFiledNs) return
  state.scanFiledNs = atNs
  state.queue.post(atNs, ControlEvent.scan)
}

/** Whether a node has so few pods that the autoscaler may want to remove it. */
export function isUnneeded(state: ControlState, node: ControlNode): boolean {
  const profile = state.scenario.cluster.agentPoolProfiles[node.pool]
  const pods = state.spread.pods[node.number]
  if (profile.autoScaling === null || node.state !== 'ready' || state.pools[node.pool].upgrade >= 0) return false
  if (pods >= state.scenario.cluster.autoScaler.scaleDownUtilizationThreshold * node.maxPods) return false
  return state.spread.freeSlots - (node.maxPods - pods) >= pods
}

/** A pod has left the node: if it has become unneeded, the autoscaler will look at it. */
export function noteLeft(state: ControlState, number: number): void {
  if (!state.hasAutoScaler) return
  const node = state.nodes[number]
  if (node.unneededNs < 0 && isUnneeded(state, node)) lookAround(state)
}
