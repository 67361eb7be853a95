// A pod that has its address starts: images are pulled, the process comes up, the probe passes. Then it runs, and where its workload churns,
// the end of its life is drawn.
import { philox } from '../../base/random.js'
import { sample } from '../../base/sample.js'
import type { ControlState } from './control-state.js'
import { ControlEvent } from './event-queue.js'
import { PodState } from './pod-table.js'
import type { ReplicaSet } from './replicas.js'

/** The pod has its address. Those of the beginning are ready with it. */
export function run(state: ControlState, row: number): void {
  const { pods, nowNs } = state
  state.recorder.forAddress.add(nowNs - pods.startNs[row])
  pods.startNs[row] = nowNs
  const set = state.workloads[pods.workload[row]]
  if (set.workload.startup === null || nowNs === 0) {
    becomeReady(state, row)
    return
  }
  pods.state[row] = PodState.starting
  philox(pods.life[row], pods.replica[row], 0, 0, set.startupKey0, set.startupKey1, WORDS, 0)
  const startupNs = Math.max(1, Math.round(sample(set.workload.startup, WORDS[0], WORDS[1])))
  state.queue.post(nowNs + startupNs, ControlEvent.podReady, row, pods.stamp[row])
}

/** The start of a pod is over, if it is still that pod's. */
export function startIsOver(state: ControlState, row: number, stamp: number): void {
  const { pods } = state
  if (pods.stamp[row] === stamp && pods.state[row] === PodState.starting) becomeReady(state, row)
}

function becomeReady(state: ControlState, row: number): void {
  const { pods, nowNs } = state
  state.recorder.forStart.add(nowNs - pods.startNs[row])
  pods.state[row] = PodState.running
  pods.startNs[row] = nowNs
  const set = state.workloads[pods.workload[row]]
  if (set.workload.churn !== null) state.queue.post(nowNs + lifetimeOf(state, set, row), ControlEvent.podEnds, row, pods.stamp[row])
}

const WORDS = new Int32Array(4)

/** From the workload's own stream, by replica and life: pods that are added elsewhere change no other's lifetime. */
function lifetimeOf(state: ControlState, set: ReplicaSet, row: number): number {
  const { pods } = state
  philox(pods.life[row], pods.replica[row], 0, 0, set.key0, set.key1, WORDS, 0)
  const lifetimeNs = set.workload.churn === null ? 0 : sample(set.workload.churn.lifetime, WORDS[0], WORDS[1])
  // The pods at the beginning are somewhere in the middle of their lives, or all would end together.
  const share = state.nowNs === 0 ? ((WORDS[2] >>> 0) + 0.5) / 0x100000000 : 1
  return Math.max(1, Math.round(lifetimeNs * share))
}
