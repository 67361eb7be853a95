// An upgrade of a node pool, as AKS does it: surge nodes join; for each of them one old node is drained, reimaged in place (it keeps its address
// and block) and becomes the buffer for the next; when all are done the surge nodes are drained and removed. A node's old pods may end once
// their replacements run; when those find no address in time the upgrade fails half-way, and stays there.

import { AZURE } from '../../ipam/azure-limits.js'
import { type NodeShare, nodesOf } from '../../scenario/node-share.js'
import { lookAround } from './autoscaler-clock.js'
import type { ControlNode, ControlState } from './control-state.js'
import { drainNode, endPodsOf, isReplaced, undrain } from './drain.js'
import { ControlEvent } from './event-queue.js'
import { NOT_READY, register } from './node-range.js'
import { makeNodes, openNode, type Refusal, removeNode } from './nodes.js'
import { preCheck } from './pre-check.js'

export interface Upgrade {
  readonly pool: number
  readonly total: number
  /** Nodes not begun yet, oldest first. */
  readonly left: ControlNode[]
  /** Nodes being drained or reimaged. */
  active: number
  done: number
  /** Finished or failed. */
  over: boolean
}

/** How often the drain of a node that is held up is looked at again. */
const LOOK_AGAIN_NS = 10e9

export function startUpgrade(state: ControlState, pool: number, maxSurge: NodeShare): void {
  const control = state.pools[pool]
  const name = state.poolName(pool)
  const left = control.nodes.map(number => state.nodes[number]).filter(node => node.state === 'ready')
  if (left.length === 0) return
  const { maxUnavailable } = state.scenario.cluster.agentPoolProfiles[pool].upgrade
  const most = (share: NodeShare): number => Math.min(nodesOf(share, left.length), left.length)
  const surge = most(maxSurge)
  const refused = refusalOf(state, pool, surge)
  const { nodes, refusal } = refused === null ? makeNodes(state, pool, surge) : { nodes: [], refusal: refused }
  if (refusal !== null) state.log.add(state.nowNs, 'Warning', refusal.code, name, refusal.message)
  if (refusal !== null && nodes.length === 0) {
    state.log.add(state.nowNs, 'Warning', 'UpgradeFailed', name, `0 of ${left.length} nodes upgraded: ${refusal.message}`)
    return
  }
  control.upgrade = state.upgrades.push({ pool, total: left.length, left, active: 0, done: 0, over: false }) - 1
  for (const number of nodes) {
    state.nodes[number].upgrade = control.upgrade
    state.nodes[number].isSurge = true
  }
  state.log.add(state.nowNs, 'Normal', 'Surge', name, `${nodes.length} surge nodes for ${left.length} nodes to upgrade`)
  const atOnce = surge === 0 ? Math.max(1, most(maxUnavailable)) : most(maxUnavailable)
  for (let i = 0; i < atOnce; i++) advance(state, control.upgrade)
}

/** Why an upgrade with so many surge nodes may not begin. */
function refusalOf(state: ControlState, pool: number, surge: number): Refusal | null {
  const { nodes, upgrade } = state.pools[pool]
  if (upgrade >= 0) return { code: 'OperationNotAllowed', message: `an upgrade of ${state.poolName(pool)} is going on` }
  if (nodes.length + surge > AZURE.nodesPerPool) {
    const message = `${nodes.length} nodes and ${surge} surge nodes are more than the ${AZURE.nodesPerPool} of a pool`
    return { code: 'InvalidMaxSurge', message }
  }
  return preCheck(state, pool, nodes.length + surge)
}

/** A buffer node is ready: the next old node is drained onto it; without one the upgrade ends. */
export function advance(state: ControlState, number: number): void {
  const upgrade = state.upgrades[number]
  if (upgrade.over) return
  for (let next = upgrade.left.shift(); next !== undefined; next = upgrade.left.shift()) {
    const node = next
    if (node.state !== 'ready') continue
    node.upgrade = number
    upgrade.active++
    state.log.add(state.nowNs, 'Normal', 'Drain', state.poolName(upgrade.pool), `Draining ${node.name}`)
    drainNode(state, node, 'reimage')
    return
  }
  if (upgrade.active === 0) finish(state, number)
}

function finish(state: ControlState, number: number): void {
  const { pool, done, total } = state.upgrades[number]
  const name = state.poolName(pool)
  state.pools[pool].upgrade = -1
  state.upgrades[number].over = true
  for (const surge of state.pools[pool].nodes.filter(node => state.nodes[node].upgrade === number && state.nodes[node].isSurge)) {
    const node = state.nodes[surge]
    node.upgrade = -1
    if (node.readyNs < 0) removeNode(state, surge)
    else if (node.state === 'ready') drainNode(state, node, 'remove')
  }
  state.log.add(state.nowNs, 'Normal', 'Upgrade', name, `${done} of ${total} nodes upgraded`)
}

/** A drain's time is over: the node goes, or is reimaged, unless the replacements of its pods do not run yet. */
export function drainIsOver(state: ControlState, node: ControlNode): void {
  if (node.state !== 'draining') return
  if (node.afterDrain === 'remove') {
    endPodsOf(state, node)
    removeNode(state, node.number)
    return
  }
  const { reimageNs } = state.scenario.fabric.controlPlane
  const { drainTimeoutNs, nodeSoakNs } = state.scenario.cluster.agentPoolProfiles[node.pool].upgrade
  if (!isReplaced(state, node)) {
    if (state.nowNs - node.drainNs < drainTimeoutNs) {
      state.queue.post(state.nowNs + LOOK_AGAIN_NS, ControlEvent.drained, node.number)
    } else fail(state, node)
    return
  }
  endPodsOf(state, node)
  state.queue.post(state.nowNs + reimageNs + nodeSoakNs, ControlEvent.nodeReady, node.number)
}

function fail(state: ControlState, node: ControlNode): void {
  state.upgrades[node.upgrade].active--
  giveUp(state, node, `PodDrainFailure: replacements of pods of ${node.name} did not get to run, ${node.pods.length} pods are left on it`)
  undrain(state, node)
}

/** The upgrade ends where it is, for what one of its nodes did not do. */
function giveUp(state: ControlState, node: ControlNode, why: string): void {
  const upgrade = state.upgrades[node.upgrade]
  const { pool, done, total } = upgrade
  upgrade.over = true
  state.pools[pool].upgrade = -1
  node.upgrade = -1
  const message = `${done} of ${total} nodes upgraded: ${why}; surge nodes stay`
  state.log.add(state.nowNs, 'Warning', 'UpgradeFailed', state.poolName(pool), message)
}

/** A surge node is still not ready. If the upgrade has no other, nothing will come of it; with another one it goes on. */
export function surgeIsLate(state: ControlState, node: ControlNode): void {
  const upgrade = state.upgrades[node.upgrade]
  if (node.state !== 'notReady' || upgrade === undefined || upgrade.over || upgrade.active > 0) return
  const others = state.pools[node.pool].nodes.map(number => state.nodes[number])
  if (others.some(other => other.isSurge && other.upgrade === node.upgrade && (other.state === 'ready' || other.state === 'joining')))
    return
  giveUp(state, node, `the surge node ${node.name} is not ready: ${NOT_READY}`)
}

/** A node is ready: for the first time, or again after its reimage. One that has no range for its pods is not, and waits. */
export function nodeIsReady(state: ControlState, node: ControlNode): void {
  if (node.state === 'gone') return
  if (node.state === 'joining' && !register(state, node)) {
    const { drainTimeoutNs } = state.scenario.cluster.agentPoolProfiles[node.pool].upgrade
    if (node.isSurge) state.queue.post(state.nowNs + drainTimeoutNs, ControlEvent.surgeLate, node.number)
    return
  }
  const isReimaged = node.state === 'draining'
  openNode(state, node)
  lookAround(state)
  if (node.upgrade < 0) return
  const upgrade = state.upgrades[node.upgrade]
  if (isReimaged) {
    upgrade.active--
    upgrade.done++
  }
  advance(state, node.upgrade)
}

/** A node of an upgrade is gone: whatever it was to be, the upgrade goes on without it. */
export function withoutNode(state: ControlState, node: ControlNode): void {
  if (node.upgrade < 0) return
  const upgrade = state.upgrades[node.upgrade]
  if (!node.isSurge) upgrade.active--
  advance(state, node.upgrade)
}
