// What somebody does to the cluster at a stated moment: entries of the timeline. An operation that Azure would refuse is refused with its
// name and numbers, and the cluster goes on without it.

import type { TimelineEvent } from '../../scenario/model-timeline.js'
import { contains, formatCidr } from '../../wire/address.js'
import { nodeFinder } from '../node-names.js'
import type { ControlState } from './control-state.js'
import { drainNode, loseNode } from './drain.js'
import { makeNodes, type Refusal, removeNode } from './nodes.js'
import { feedStarved } from './pod-addresses.js'
import { preCheck } from './pre-check.js'
import { scaleTo } from './scheduler.js'
import { startUpgrade, withoutNode } from './upgrade.js'

export function operate(state: ControlState, event: TimelineEvent): void {
  switch (event.kind) {
    case 'scalePool':
      scalePool(state, poolOf(state, event.pool), event.count)
      break
    case 'scaleWorkload':
      scaleWorkload(state, event.workload, event.replicas)
      break
    case 'upgrade': {
      const pool = poolOf(state, event.pool)
      startUpgrade(state, pool, event.maxSurge ?? state.scenario.cluster.agentPoolProfiles[pool].upgrade.maxSurge)
      break
    }
    case 'expand':
      expand(state, event.podCidr)
      break
    case 'failNode':
      lose(state, [nodeFinder(state.scenario, state.nodes)(event.node)])
      break
    case 'failNodes':
      lose(state, state.pools[poolOf(state, event.pool)].nodes.slice(0, event.count))
      break
    case 'occupy':
      occupy(state, event.subnet, event.count)
      break
    case 'vacate':
      state.addressing.vacate(event.subnet, event.count)
      state.recorder.isStale = true
      feedStarved(state)
      break
    case 'applyPolicies':
    case 'deletePolicy':
      // The data plane's own (`policy-epochs.ts`): they give and take no address.
      break
  }
}

function scaleWorkload(state: ControlState, workload: string, replicas: number): void {
  const set = state.workloads.find(({ name }) => name === workload)
  if (set) scaleTo(state, set, replicas)
}

const poolOf = (state: ControlState, name: string): number => state.scenario.cluster.agentPoolProfiles.findIndex(pool => pool.name === name)

function scalePool(state: ControlState, pool: number, count: number): void {
  const { nodes, upgrade } = state.pools[pool]
  const { autoScaling, name } = state.scenario.cluster.agentPoolProfiles[pool]
  const refuse = ({ code, message }: Refusal): void => {
    state.log.add(state.nowNs, 'Warning', code, name, message)
  }
  if (autoScaling !== null || upgrade >= 0) {
    const why = upgrade >= 0 ? `an upgrade of ${name} is going on` : `${name} is scaled by the autoscaler; disable it first`
    refuse({ code: 'OperationNotAllowed', message: why })
    return
  }
  const staying = nodes.filter(number => state.nodes[number].state !== 'draining')
  if (count <= staying.length) {
    // The newest go first, as a scale set does it.
    for (const number of staying.slice(count)) {
      const node = state.nodes[number]
      // One that is not ready has no pods to drain.
      if (node.readyNs < 0) removeNode(state, number)
      else drainNode(state, node, 'remove')
    }
    return
  }
  const refused = preCheck(state, pool, count)
  if (refused !== null) {
    refuse(refused)
    return
  }
  const { nodes: made, refusal } = makeNodes(state, pool, count - staying.length)
  if (refusal !== null) refuse(refusal)
  if (made.length > 0)
    state.log.add(state.nowNs, 'Normal', 'ScaleUp', name, `${name} scaled from ${staying.length} to ${staying.length + made.length} nodes`)
}

function expand(state: ControlState, podCidr: Parameters<typeof formatCidr>[0]): void {
  const shortage = state.addressing.expand(podCidr)
  state.recorder.isStale = true
  feedStarved(state)
  const old = state.podCidr
  if (shortage !== null) {
    const why = `${formatCidr(podCidr)} cannot take the place of ${old === null ? 'no pod CIDR' : formatCidr(old)}`
    state.log.add(state.nowNs, 'Warning', 'InvalidPodCidrExpansion', 'cluster', why)
    return
  }
  state.podCidr = podCidr
  if (old !== null && contains(podCidr, old.base))
    state.log.add(state.nowNs, 'Normal', 'PodCidrExpanded', 'cluster', `pod CIDR ${formatCidr(old)} is now ${formatCidr(podCidr)}`)
}

function lose(state: ControlState, numbers: readonly number[]): void {
  for (const number of numbers) {
    const node = state.nodes[number]
    if (node === undefined || node.state === 'gone') continue
    if (node.state === 'joining') removeNode(state, number)
    else loseNode(state, node)
    withoutNode(state, node)
  }
}

function occupy(state: ControlState, subnet: string, count: number): void {
  const isDone = state.addressing.occupy(subnet, count)
  state.recorder.isStale = true
  if (isDone) return
  const { cidr } = state.scenario.vnet.subnets[subnet]
  const message = `Subnet ${subnet} with address prefix ${formatCidr(cidr)} doesn't have enough capacity for ${count} more IP addresses`
  state.log.add(state.nowNs, 'Warning', 'SubnetIsFull', subnet, message)
}
