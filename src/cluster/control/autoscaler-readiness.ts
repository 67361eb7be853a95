// What the cluster autoscaler makes of nodes that are not ready (cluster-autoscaler, clusterstate.go). A young one is on its way, and holds the
// pods that wait for it. A scale-up whose nodes are not ready in time has failed, and its pool pauses. A node that is still not ready after a
// quarter of an hour is unready: it holds nobody, is removed when it has been so long enough, and too many of them stop the autoscaler.
import { lookAround } from './autoscaler-clock.js'
import type { ControlNode, ControlState } from './control-state.js'
import { MAX_NODE_STARTUP_NS } from './node-range.js'

/** Not ready yet, and nothing is wrong with that. */
export const isOnItsWay = (state: ControlState, { state: is, joinNs }: ControlNode): boolean =>
  is === 'joining' || (is === 'notReady' && state.nowNs < joinNs + MAX_NODE_STARTUP_NS)

export const isUnready = (state: ControlState, node: ControlNode): boolean => node.state === 'notReady' && !isOnItsWay(state, node)

/** The pools whose scale-up timed out just now; one whose nodes have all come forgets its pauses. */
export function overduePools(state: ControlState): number[] {
  return state.pools.flatMap((control, pool) => {
    if (control.expectedNs === Number.POSITIVE_INFINITY) return []
    const coming = control.nodes.map(number => state.nodes[number]).filter(node => isOnItsWay(state, node))
    const isOverdue = coming.length > 0 && control.expectedNs < state.nowNs
    if (coming.length > 0 && !isOverdue) {
      lookAround(state, control.expectedNs + 1)
      return []
    }
    control.expectedNs = Number.POSITIVE_INFINITY
    control.increase = 0
    if (!isOverdue && state.nowNs >= control.backoffUntilNs) control.backoffNs = state.scenario.fabric.controlPlane.backoffNs
    // Those that have not even registered are given up one by one (`nodeIsLate`).
    return coming.some(node => node.state === 'notReady') ? [pool] : []
  })
}

/** Whether so few nodes are unready that the autoscaler works at all. Files the moment at which the next one will be. */
export function isClusterHealthy(state: ControlState): boolean {
  let unready = 0
  for (const number of state.notReady) {
    const node = state.nodes[number]
    if (isUnready(state, node)) unready++
    else lookAround(state, node.joinNs + MAX_NODE_STARTUP_NS)
  }
  return !areTooMany(state, unready, state.readyNodes + state.notReady.size)
}

/** Whether a pool has so few nodes missing, beyond those asked for just now, that it may grow. */
export function isPoolHealthy(state: ControlState, pool: number): boolean {
  const { nodes, increase } = state.pools[pool]
  let ready = 0
  let registered = 0
  for (const number of nodes) {
    const node = state.nodes[number]
    if (node.readyNs >= 0) ready++
    if (node.joinNs >= 0) registered++
  }
  return !areTooMany(state, nodes.length - increase - ready, registered)
}

function areTooMany({ scenario }: ControlState, unready: number, of: number): boolean {
  const { okTotalUnreadyCount, maxTotalUnreadyPercentage } = scenario.cluster.autoScaler
  return unready > okTotalUnreadyCount && unready * 100 > maxTotalUnreadyPercentage * of
}

/** A span as the autoscaler prints it. */
export function goDuration(ns: number): string {
  const seconds = ns / 1e9
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const rest = `${Number((seconds % 60).toFixed(9))}s`
  if (hours > 0) return `${hours}h${minutes}m${rest}`
  return minutes > 0 ? `${minutes}m${rest}` : rest
}
