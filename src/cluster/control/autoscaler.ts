// The cluster autoscaler. Each scan: pods that have been pending long enough and that no node on its way will hold ask for nodes in one pool;
// a scale-up that fails pauses that pool, longer each time. Otherwise nodes that have been unneeded long enough, and whose pods fit
// elsewhere, are removed: empty ones several at a time, others one by one; so are those that have been unready long enough.
// (cluster-autoscaler FAQ, static_autoscaler.go; cluster-autoscaler-overview of AKS.)
import { philox } from '../../base/random.js'
import { isUnneeded, lookAround } from './autoscaler-clock.js'
import { goDuration, isClusterHealthy, isOnItsWay, isPoolHealthy, isUnready, overduePools } from './autoscaler-readiness.js'
import type { ControlNode, ControlState } from './control-state.js'
import { drainNode } from './drain.js'
import { ControlEvent } from './event-queue.js'
import { makeNodes, removeNode } from './nodes.js'

export function scan(state: ControlState): void {
  state.scanFiledNs = Number.POSITIVE_INFINITY
  state.scans++
  for (const pool of overduePools(state)) {
    const within = goDuration(state.nowNs - state.pools[pool].askedNs)
    const message = `Nodes added to group ${state.poolName(pool)} failed to register within ${within}`
    state.log.add(state.nowNs, 'Warning', 'ScaleUpTimedOut', state.poolName(pool), message)
    pause(state, pool, 'scale-up timed out')
  }
  const wasUnhealthy = state.isUnhealthy
  state.isUnhealthy = !isClusterHealthy(state)
  if (state.isUnhealthy) {
    if (!wasUnhealthy) state.log.add(state.nowNs, 'Warning', 'ClusterUnhealthy', 'cluster-autoscaler-status', 'Cluster is unhealthy')
    return
  }
  if (state.pending.length === 0 || !scaleUp(state)) scaleDown(state)
}

/** A pool that may grow, and what it would do for the pods that wait. */
interface Choice {
  readonly pool: number
  readonly nodes: number
  readonly places: number
  readonly waste: number
}

/** True if there are nodes on their way for it. */
function scaleUp(state: ControlState): boolean {
  const wanted = unheld(state)
  if (wanted <= 0) return false
  const choices = choicesFor(state, wanted)
  if (choices.length === 0) {
    lookWhenPauseEnds(state)
    return false
  }
  const { pool, nodes } = choose(state, choices)
  const control = state.pools[pool]
  const name = state.poolName(pool)
  const { nodes: made, refusal } = makeNodes(state, pool, nodes)
  const { controlPlane } = state.scenario.fabric
  const { maxNodeProvisionTimeNs, scaleDownDelayAfterAddNs, scaleDownDelayAfterFailureNs } = state.scenario.cluster.autoScaler
  if (made.length > 0) {
    const from = control.nodes.length - made.length
    control.askedNs = state.nowNs
    control.expectedNs = state.nowNs + maxNodeProvisionTimeNs
    control.increase += made.length
    state.log.add(state.nowNs, 'Normal', 'TriggeredScaleUp', name, `pod triggered scale-up: ${name} ${from}->${control.nodes.length}`)
    state.scaleDownAfterNs = Math.max(state.scaleDownAfterNs, state.nowNs + scaleDownDelayAfterAddNs)
    const isLate = controlPlane.nodeProvisioningNs > maxNodeProvisionTimeNs
    if (isLate) for (const number of made) state.queue.post(state.nowNs + maxNodeProvisionTimeNs, ControlEvent.nodeLate, number)
  }
  if (refusal !== null) {
    state.log.add(state.nowNs, 'Warning', refusal.code, name, refusal.message)
    pause(state, pool, `scale-up from ${control.nodes.length - made.length} by ${nodes} failed: ${refusal.code}`)
    state.scaleDownAfterNs = Math.max(state.scaleDownAfterNs, state.nowNs + scaleDownDelayAfterFailureNs)
  }
  lookAround(state)
  return made.length > 0
}

/** Pending pods that are old enough, beyond the places of nodes on their way. */
function unheld(state: ControlState): number {
  const { pods, pending, nowNs } = state
  const { newPodScaleUpDelayNs } = state.scenario.cluster.autoScaler
  let old = pending.length
  if (newPodScaleUpDelayNs > 0) {
    old = 0
    for (let row = pending.head; row >= 0; row = pods.nextWaiting[row]) {
      if (nowNs - pods.createdNs[row] < newPodScaleUpDelayNs) {
        lookAround(state, pods.createdNs[row] + newPodScaleUpDelayNs)
        break
      }
      old++
    }
  }
  let coming = 0
  for (const { nodes } of state.pools) {
    for (let i = nodes.length - 1; i >= 0; i--) {
      const node = state.nodes[nodes[i]]
      if (isOnItsWay(state, node)) coming += node.maxPods
    }
  }
  return old - coming
}

function choicesFor(state: ControlState, wanted: number): Choice[] {
  return state.scenario.cluster.agentPoolProfiles.flatMap(({ autoScaling, maxPods }, pool) => {
    const control = state.pools[pool]
    if (autoScaling === null || control.upgrade >= 0 || state.nowNs < control.backoffUntilNs || !isPoolHealthy(state, pool)) return []
    const nodes = Math.min(Math.ceil(wanted / maxPods), autoScaling.maxCount - control.nodes.length)
    if (nodes <= 0) return []
    const places = Math.min(wanted, nodes * maxPods)
    return [{ pool, nodes, places, waste: 1 - places / (nodes * maxPods) }]
  })
}

const WORDS = new Int32Array(4)

function choose(state: ControlState, choices: readonly Choice[]): Choice {
  const { expander } = state.scenario.cluster.autoScaler
  if (expander === 'most-pods') return choices.reduce((best, choice) => (choice.places > best.places ? choice : best))
  if (expander === 'least-waste') return choices.reduce((best, choice) => (choice.waste < best.waste ? choice : best))
  if (choices.length === 1) return choices[0]
  const key = state.root.with('autoscaler\u0000expander')
  philox(state.scans, 0, 0, 0, key.key0, key.key1, WORDS, 0)
  return choices[(WORDS[0] >>> 0) % choices.length]
}

/** No scale-up of this pool for a while, twice as long as the last time. */
function pause(state: ControlState, pool: number, why: string): void {
  const control = state.pools[pool]
  const { maxBackoffNs } = state.scenario.fabric.controlPlane
  control.backoffUntilNs = state.nowNs + control.backoffNs
  const message = `pod didn't trigger scale-up: in backoff for ${control.backoffNs / 1e9} s after ${why}`
  state.log.add(state.nowNs, 'Warning', 'NotTriggerScaleUp', state.poolName(pool), message)
  control.backoffNs = Math.min(control.backoffNs * 2, maxBackoffNs)
}

function lookWhenPauseEnds(state: ControlState): void {
  const ends = state.pools.map(({ backoffUntilNs }) => backoffUntilNs).filter(endNs => endNs > state.nowNs)
  if (ends.length > 0) lookAround(state, Math.min(...ends))
}

/** A node did not get ready in time: it is given up, and its pool pauses. */
export function nodeIsLate(state: ControlState, node: ControlNode): void {
  if (node.state !== 'joining') return
  removeNode(state, node.number)
  pause(state, node.pool, `${node.name} was not ready in time`)
  lookAround(state)
}

function scaleDown(state: ControlState): void {
  const { scaleDownDelayAfterDeleteNs, maxEmptyBulkDelete } = state.scenario.cluster.autoScaler
  const due = dueNodes(state)
  let removed = 0
  for (const node of due) {
    const { autoScaling } = state.scenario.cluster.agentPoolProfiles[node.pool]
    const isEmpty = node.pods.length === 0
    if (removed > 0 && !isEmpty) continue
    if (removed >= maxEmptyBulkDelete || nodesLeft(state, node.pool) <= (autoScaling?.minCount ?? 0) || !mayGo(state, node)) continue
    const name = state.poolName(node.pool)
    const why = node.state === 'notReady' ? 'unready' : 'unneeded'
    state.log.add(state.nowNs, 'Normal', 'ScaleDown', name, `node ${node.name} removed by cluster autoscaler: ${why}`)
    node.unneededNs = -1
    removed++
    if (isEmpty) removeNode(state, node.number)
    else drainNode(state, node, 'remove')
    if (!isEmpty) break
  }
  if (removed === 0) return
  state.scaleDownAfterNs = Math.max(state.scaleDownAfterNs, state.nowNs + scaleDownDelayAfterDeleteNs)
  lookAround(state, state.scaleDownAfterNs)
}

/** Nodes that stay: those being drained to be removed do not count. */
function nodesLeft(state: ControlState, pool: number): number {
  let count = 0
  for (const number of state.pools[pool].nodes) {
    const node = state.nodes[number]
    if (node.state !== 'draining' || node.afterDrain !== 'remove') count++
  }
  return count
}

/** A node that the autoscaler would remove if it has been so long enough: it is hardly used, or of no use. */
const mayGo = (state: ControlState, node: ControlNode): boolean =>
  isUnneeded(state, node) || (isUnready(state, node) && state.pools[node.pool].upgrade < 0)

/** Notes since when nodes are unneeded; those that have been long enough, empty ones first. Files the next look. */
function dueNodes(state: ControlState): ControlNode[] {
  const { scaleDownUnneededTimeNs, scaleDownUnreadyTimeNs } = state.scenario.cluster.autoScaler
  const due: ControlNode[] = []
  let nextNs = Number.POSITIVE_INFINITY
  state.scenario.cluster.agentPoolProfiles.forEach(({ autoScaling }, pool) => {
    if (autoScaling === null || nodesLeft(state, pool) <= autoScaling.minCount) return
    for (const number of state.pools[pool].nodes) {
      const node = state.nodes[number]
      if (!mayGo(state, node)) {
        node.unneededNs = -1
        continue
      }
      if (node.unneededNs < 0) node.unneededNs = state.nowNs
      const waitNs = node.state === 'notReady' ? scaleDownUnreadyTimeNs : scaleDownUnneededTimeNs
      const atNs = Math.max(node.unneededNs + waitNs, state.scaleDownAfterNs)
      if (atNs <= state.nowNs) due.push(node)
      else nextNs = Math.min(nextNs, atNs)
    }
  })
  if (nextNs < Number.POSITIVE_INFINITY) lookAround(state, nextNs)
  return due.sort((a, b) => a.pods.length - b.pods.length || a.number - b.number)
}
