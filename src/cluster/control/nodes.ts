// Nodes come, become ready, and go. A node asks for its addresses when its VM is made; it takes pods when it is ready. Without an address of
// its own there is no VM and the wish fails (Azure's scale set); without a range for its pods there is one, and it stays NotReady
// (`node-range.ts`).
import { isShortage, type Shortage } from '../../ipam/addressing.js'
import { formatCidr } from '../../wire/address.js'
import { vmssName } from '../node-names.js'
import { lookAround } from './autoscaler-clock.js'
import type { ControlNode, ControlState } from './control-state.js'
import { ControlEvent } from './event-queue.js'
import { noteRange } from './node-range.js'
import { feedStarved } from './pod-addresses.js'
import { RowList } from './pod-table.js'
import { placePending } from './scheduler.js'

/** What came of a wish for nodes. */
export interface ScaledUp {
  readonly nodes: readonly number[]
  /** Why there are fewer than wished for, as Azure says it; null when there are not. */
  readonly refusal: Refusal | null
}

export interface Refusal {
  readonly code: string
  readonly message: string
}

/** Makes nodes, all or as many as there are addresses for; they are ready after the provisioning time. */
export function makeNodes(state: ControlState, pool: number, count: number): ScaledUp {
  const made: number[] = []
  for (let i = 0; i < count; i++) {
    const shortage = makeNode(state, pool)
    if (shortage === null) {
      made.push(state.pools[pool].nodes[state.pools[pool].nodes.length - 1])
      continue
    }
    const isPartial = state.scenario.fabric.controlPlane.scaleUp === 'partial'
    const refusal = refusalOf(state, pool, shortage, isPartial ? count - i : count, isPartial ? 0 : i)
    if (!isPartial) for (const number of made.splice(0).reverse()) unmake(state, number)
    state.nodesRefused += count - made.length
    state.recorder.fail(state.nowNs, shortage.resource, count - made.length)
    return { nodes: filed(state, made), refusal }
  }
  return { nodes: filed(state, made), refusal: null }
}

function filed(state: ControlState, made: readonly number[]): readonly number[] {
  const { nodeProvisioningNs } = state.scenario.fabric.controlPlane
  for (const number of made) state.queue.post(state.nowNs + nodeProvisioningNs, ControlEvent.nodeReady, number)
  return made
}

function makeNode(state: ControlState, pool: number): Shortage | null {
  const number = state.nodes.length
  const slot = state.freeSlots.at(-1) ?? state.nodeOfSlot.length
  const whole = state.addressing.addNode(slot, pool)
  state.recorder.isStale = true
  const isBare = isShortage(whole) && isOfPods(whole)
  const joined = isBare ? state.addressing.addBareNode(slot, pool) : whole
  if (isShortage(joined)) return joined
  if (slot < state.nodeOfSlot.length) state.freeSlots.pop()
  const { name, maxPods } = state.scenario.cluster.agentPoolProfiles[pool]
  const index = state.pools[pool].nextIndex++
  adoptNode(state, { number, slot, name: vmssName(name, index), pool, index, ...joined, maxPods, state: 'joining', joinNs: -1, isBare })
  return null
}

/** What the network of the pods has too little of is missed once the machine is there; anything else is asked for with the machine. */
const isOfPods = ({ resource }: Shortage): boolean => resource === 'podCidr' || resource === 'podSubnet'

/** Enters a node that addressing knows already. */
export function adoptNode(
  state: ControlState,
  node: Pick<ControlNode, 'number' | 'slot' | 'name' | 'pool' | 'index' | 'address' | 'block' | 'maxPods' | 'state' | 'joinNs' | 'isBare'>,
): void {
  state.nodeOfSlot[node.slot] = node.number
  state.nodes.push({
    ...node,
    readyNs: node.joinNs,
    leaveNs: Number.POSITIVE_INFINITY,
    rangeFiled: false,
    pods: new RowList(),
    waiting: new RowList(),
    addresses: 0,
    retryFiled: false,
    reconcileFiled: false,
    unneededNs: -1,
    upgrade: -1,
    isSurge: false,
    afterDrain: 'remove',
    drainNs: 0,
  })
  state.pools[node.pool].nodes.push(node.number)
  state.spread.add(node.number, node.maxPods)
}

/** The node takes pods from now on: for the first time, or again after its reimage. */
export function openNode(state: ControlState, node: ControlNode): void {
  if (node.readyNs < 0) {
    node.readyNs = state.nowNs
    state.countNode(1, node.maxPods)
    noteRange(state, node, 'ready')
  }
  node.state = 'ready'
  state.spread.openNode(node.number)
  placePending(state)
}

/** A node that was made a moment ago, for a wish that fails as a whole, has never been. */
function unmake(state: ControlState, number: number): void {
  const { pool, slot } = state.nodes[number]
  state.addressing.removeNode(slot)
  state.freeSlots.push(slot)
  state.pools[pool].nodes.pop()
  state.pools[pool].nextIndex--
  state.nodes.pop()
}

/** The node goes with all that it had; its pods have gone before, or are lost with it. */
export function removeNode(state: ControlState, number: number): void {
  const node = state.nodes[number]
  if (node.readyNs >= 0) state.countNode(-1, node.maxPods)
  else if (node.state === 'notReady') noteRange(state, node, 'gone')
  state.spread.closeNode(number)
  state.addressing.removeNode(node.slot)
  state.freeSlots.push(node.slot)
  const { nodes } = state.pools[node.pool]
  nodes.splice(nodes.indexOf(number), 1)
  node.state = 'gone'
  node.leaveNs = state.nowNs
  state.recorder.isStale = true
  state.starved.delete(number)
  feedStarved(state)
  // With one node less that is not ready, the autoscaler may find the cluster well again.
  if (state.isUnhealthy || node.readyNs < 0) lookAround(state)
}

/** Azure's words for a shortage that shows when nodes are made: `wanted` of them, for `made` of which there was room. */
function refusalOf(state: ControlState, pool: number, shortage: Shortage, wanted: number, made: number): Refusal {
  const needed = wanted * shortage.needed
  const available = shortage.available + made * shortage.needed
  const numbers = `${needed} needed, ${available} available`
  const prefix = `Failed to scale node pool ${state.poolName(pool)}`
  const subnet = state.scenario.vnet.subnets[shortage.scope]
  if (subnet !== undefined) {
    const where = `Subnet ${shortage.scope} with address prefix ${formatCidr(subnet.cidr)}`
    return { code: 'SubnetIsFull', message: `${prefix}: ${where} doesn't have enough capacity for IP addresses: ${numbers}` }
  }
  if (shortage.resource === 'routeTable')
    return { code: 'RouteTableLimitReached', message: `${prefix}: routes of the route table: ${numbers}` }
  return { code: 'PrivateIPAddressesPerVnetLimitReached', message: `${prefix}: private addresses of the virtual network: ${numbers}` }
}
