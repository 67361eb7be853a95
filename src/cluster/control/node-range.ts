// Nodes without a range for their pods: no blocks of the pod subnet, no first batch of it, no /24 of the pod CIDR. Azure makes such a node all
// the same. With Azure CNI, CNS writes the CNI's configuration only once the node's network container has addresses
// (azure-container-networking, "CNS Writes CNI Conflist"); with kubenet, and where an overlay gets its blocks from Kubernetes' own node IPAM
// (kubernetes, range_allocator.go), the configuration is made of the node's podCIDR. Until then the kubelet says NotReady, the node is
// tainted and takes no pods, and whoever hands ranges out is asked again and again.
import { isShortage, type Shortage } from '../../ipam/addressing.js'
import { lookAround } from './autoscaler-clock.js'
import type { ControlNode, ControlState } from './control-state.js'
import { ControlEvent } from './event-queue.js'

/** A node while it was NotReady. */
export interface NotReadyNode {
  readonly name: string
  readonly pool: string
  readonly fromNs: number
  /** Null: it still is. */
  readonly untilNs: number | null
  readonly end: 'ready' | 'gone' | 'stillNotReady'
}

/** The message of the condition Ready=False (kubelet and containerd, as observed). */
export const NOT_READY =
  'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized'

/** cluster-autoscaler, clusterstate.MaxNodeStartupTime: until then a node that is not ready is on its way. */
export const MAX_NODE_STARTUP_NS = 900e9

/** Whether the node has what it needs for pods, now if not before. */
function hasRange(state: ControlState, node: ControlNode): true | Shortage {
  if (!node.isBare) return true
  const joined = state.addressing.equip(node.slot)
  state.recorder.isStale = true
  if (isShortage(joined)) return joined
  node.isBare = false
  node.block = joined.block
  return true
}

/** The machine is there and the node registers. True if it is ready with that. */
export function register(state: ControlState, node: ControlNode): boolean {
  node.joinNs = state.nowNs
  const range = hasRange(state, node)
  if (range === true) return true
  node.state = 'notReady'
  state.notReady.add(node.number)
  state.recorder.fail(state.nowNs, range.resource)
  const { type, reason, message } = refusalOf(state, node, range)
  state.log.add(state.nowNs, type, reason, node.name, message)
  state.log.add(state.nowNs, 'Warning', 'KubeletNotReady', node.name, NOT_READY)
  lookAround(state, state.nowNs + MAX_NODE_STARTUP_NS)
  return false
}

/** Blocks are Kubernetes' own to give: in kubenet, and in an overlay that is not Azure's. */
const asksKubernetes = ({ scenario, addressing }: ControlState): boolean =>
  addressing.mode === 'kubenet' || (addressing.mode === 'overlay' && scenario.fabric.encapsulation === 'vxlan')

/** What whoever hands out ranges says of it. */
function refusalOf(state: ControlState, node: ControlNode, { resource, scope, needed, available }: Shortage) {
  if (asksKubernetes(state))
    return { type: 'Normal', reason: 'CIDRNotAvailable', message: `Node ${node.name} status is now: CIDRNotAvailable` } as const
  const of = resource === 'podCidr' ? 'node blocks of the pod CIDR' : `addresses of ${scope}`
  return { type: 'Warning', reason: 'NCUpdateFailed', message: `Subnet is full: ${of}: ${needed} needed, ${available} available` } as const
}

/** Something may be free: the node will ask with its next try. All tries before that would be in vain. */
export function watchRange(state: ControlState, node: ControlNode): void {
  if (node.rangeFiled) return
  const { networkRetryNs } = state.scenario.fabric.controlPlane
  const tries = Math.floor((state.nowNs - node.joinNs) / networkRetryNs) + 1
  node.rangeFiled = true
  state.queue.post(node.joinNs + tries * networkRetryNs, ControlEvent.range, node.number)
}

/** A try. True if the node is ready now. */
export function retryRange(state: ControlState, node: ControlNode): boolean {
  node.rangeFiled = false
  return node.state === 'notReady' && hasRange(state, node) === true
}

/** Enters how long the node was without a range: it is ready now, it goes, or the simulation is over and it is still NotReady. */
export function noteRange(state: ControlState, node: ControlNode, end: NotReadyNode['end']): void {
  const { recorder, log, nowNs } = state
  const { joinNs, name } = node
  if (!state.notReady.has(node.number)) {
    recorder.forRange.none(1)
    return
  }
  if (end !== 'stillNotReady') state.notReady.delete(node.number)
  const { networkRetryNs } = state.scenario.fabric.controlPlane
  const inVain = Math.ceil((nowNs - joinNs) / networkRetryNs) - 1
  const reason = asksKubernetes(state) ? 'CIDRNotAvailable' : 'NCUpdateFailed'
  if (inVain > 0) log.again(joinNs + inVain * networkRetryNs, reason, name, inVain)
  recorder.wasNotReady({ name, pool: state.poolName(node.pool), fromNs: joinNs, untilNs: end === 'stillNotReady' ? null : nowNs, end })
  if (end !== 'ready') return
  recorder.forRange.add(nowNs - joinNs)
  log.add(nowNs, 'Normal', 'NodeReady', name, `Node ${name} status is now: NodeReady`)
}
