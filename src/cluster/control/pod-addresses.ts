// A pod asks its node for an address, as the kubelet asks CNS through the CNI plugin. When there is none, the sandbox is torn down and the
// kubelet asks again after its back-off. In the dynamic mode the node's pool monitor looks at its free addresses every second, and asks for
// a batch or gives one back; a node is looked at only while that may change something.
import type { Ipv4 } from '../../base/brand.js'
import type { ControlNode, ControlState } from './control-state.js'
import { ControlEvent } from './event-queue.js'
import { run } from './lifetimes.js'
import { watchRange } from './node-range.js'
import { PodState } from './pod-table.js'

/** The pool monitor's refresh (azure-container-networking, cns/ipampool). */
const MONITOR_NS = 1e9
/** Late moments are told apart to some ns only; a retry is due when it is this near. */
const NEAR_NS = 1_000

/** True if the pod has its address at once; else it waits on its node. */
export function askForAddress(state: ControlState, row: number): boolean {
  const { pods } = state
  const node = state.nodes[pods.node[row]]
  const set = state.workloads[pods.workload[row]]
  if (set.workload.hostNetwork) {
    pods.address[row] = node.address
    return true
  }
  if (takeAddress(state, row)) return true
  pods.state[row] = PodState.waitsForAddress
  node.waiting.append(pods.nextWaiting, pods.previousWaiting, row)
  state.recorder.fail(state.nowNs, 'podIps')
  state.log.add(state.nowNs, 'Warning', 'FailedCreatePodSandBox', set.name, noAddress(state, node))
  return false
}

function takeAddress(state: ControlState, row: number): boolean {
  const { pods } = state
  const number = pods.node[row]
  const address: Ipv4 | null = state.addressing.addPod(state.nodes[number].slot)
  watchAddresses(state, number)
  if (address === null) return false
  pods.address[row] = address
  const node = state.nodes[number]
  state.recorder.holds(state.nowNs, node.name, ++node.addresses)
  return true
}

/** What the pod's events say: in the modes of CNS its words, in node subnet those of the older plugin. */
export function noAddress(state: ControlState, { number }: ControlNode): string {
  if (state.addressing.mode === 'nodeSubnet')
    return 'plugin type="azure-vnet" failed (add): Failed to allocate address: Failed to delegate: Failed to allocate address: No available addresses'
  if (state.addressing.mode === 'kubenet')
    return 'plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available in range set'
  return notEnough(state.starved.has(number) ? 'NCUpdateSubnetFullError' : 'NCUpdateSuccess')
}

/** CNS has no address for the pod; the status says whether it may hope for more. */
const notEnough = (status: string): string =>
  'plugin type="azure-vnet" failed (add): IPAM Invoker Add failed with error: Failed to get IP address from CNS: ' +
  `AllocateIPConfig failed: not enough IPs available, waiting on Azure CNS to allocate more with NC Status: ${status}`

/** Gives back what the pod has, or takes it off the list of those who wait. */
export function giveAddressBack(state: ControlState, row: number): void {
  const { pods } = state
  const number = pods.node[row]
  const node = state.nodes[number]
  if (pods.state[row] === PodState.waitsForAddress) {
    node.waiting.remove(pods.nextWaiting, pods.previousWaiting, row)
    return
  }
  if (state.workloads[pods.workload[row]].workload.hostNetwork) return
  state.addressing.removePod(node.slot, pods.address[row] as Ipv4)
  node.addresses--
  watchAddresses(state, number)
  askAgain(state, number)
}

/** Addresses may be free on the node: files the moment at which the first of those who wait asks again. */
function askAgain(state: ControlState, number: number): void {
  const node = state.nodes[number]
  if (node.waiting.length === 0 || node.retryFiled) return
  let firstNs = Number.POSITIVE_INFINITY
  for (let row = node.waiting.head; row >= 0; row = state.pods.nextWaiting[row]) firstNs = Math.min(firstNs, nextTry(state, row))
  node.retryFiled = true
  state.queue.post(firstNs, ControlEvent.retry, number)
}

/** The kubelet's next try for a pod, after this moment. */
function nextTry(state: ControlState, row: number): number {
  const { sandboxRetryNs } = state.scenario.fabric.controlPlane
  const sinceNs = state.nowNs - state.pods.startNs[row]
  return state.pods.startNs[row] + (Math.floor((sinceNs + NEAR_NS) / sandboxRetryNs) + 1) * sandboxRetryNs
}

/** Those whose time has come ask, in the order in which they came. */
export function retry(state: ControlState, number: number): void {
  const { pods, nowNs } = state
  const node = state.nodes[number]
  node.retryFiled = false
  if (node.state === 'gone') return
  const { sandboxRetryNs } = state.scenario.fabric.controlPlane
  let next = -1
  for (let row = node.waiting.head; row >= 0; row = next) {
    next = pods.nextWaiting[row]
    const sinceNs = nowNs - pods.startNs[row]
    if (Math.abs(sinceNs - Math.round(sinceNs / sandboxRetryNs) * sandboxRetryNs) > NEAR_NS) continue
    if (!takeAddress(state, row)) return
    node.waiting.remove(pods.nextWaiting, pods.previousWaiting, row)
    run(state, row)
  }
  askAgain(state, number)
}

/** The pool monitor is to look at the node with its next refresh. */
export function watchAddresses(state: ControlState, number: number): void {
  const node = state.nodes[number]
  if (!state.isDynamic || node.reconcileFiled) return
  node.reconcileFiled = true
  state.queue.post((Math.floor(state.nowNs / MONITOR_NS) + 1) * MONITOR_NS, ControlEvent.reconcile, number)
}

/** The pool monitor looks: one batch at a time, until there is nothing to do. */
export function reconcile(state: ControlState, number: number): void {
  const node = state.nodes[number]
  node.reconcileFiled = false
  if (node.state === 'gone') return
  const before = node.waiting.length > 0
  if (state.addressing.reconcile(node.slot)) {
    state.recorder.isStale = true
    state.starved.delete(number)
    watchAddresses(state, number)
    askAgain(state, number)
    feedStarved(state)
  } else if (before && !node.retryFiled) {
    // The node asked for addresses that its subnet does not have; it asks again when the subnet gets some back.
    if (!state.starved.has(number)) state.recorder.fail(state.nowNs, 'podSubnet')
    state.starved.add(number)
    const message = `${node.name}: NCUpdateSubnetFullError, no batch of addresses left in the subnet`
    state.log.add(state.nowNs, 'Warning', 'NCUpdateFailed', state.poolName(node.pool), message)
  }
}

/** Addresses came back to the subnet, or blocks: nodes that went without look again. */
export function feedStarved(state: ControlState): void {
  for (const number of state.starved) watchAddresses(state, number)
  for (const number of state.notReady) watchRange(state, state.nodes[number])
}
