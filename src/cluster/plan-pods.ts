// Pods: fixed ones first (their node and address are facts), then every workload's replicas in turn, spread over the nodes. A pod gets
// the next address of its node's block; one that finds no node or no address stays pending, with the reason Kubernetes would print.
import type { Ipv4 } from '../base/brand.js'
import { PodAddressPool } from '../ipam/overlay.js'
import type { Scenario } from '../scenario/model.js'
import { nodeFinder } from './node-names.js'
import { Placement } from './placement.js'
import type { PendingPods, PlannedNode, PodColumns } from './planned.js'

export interface PodPlan {
  readonly pods: PodColumns
  readonly pending: readonly PendingPods[]
  /** The address pool of each node's block. */
  readonly addresses: readonly PodAddressPool[]
}

const WAITS_FOR_NODE = -1
const WAITS_FOR_ADDRESS = -2

const NO_ADDRESS =
  'FailedCreatePodSandBox: plugin type="azure-vnet" failed (add): IPAM Invoker Add failed with error: Failed to get IP address from CNS: ' +
  'AllocateIPConfig failed: not enough IPs available, waiting on Azure CNS to allocate more with NC Status: NCUpdateSuccess'

/** Pods that a workload asks for. */
export const wantedOf = (workload: Scenario['workloads'][number]): number => workload.pods.length || workload.replicas

export function planPods(scenario: Scenario, nodes: readonly PlannedNode[]): PodPlan {
  const hasGateway = scenario.fabric.podInterface === 'gateway'
  const addresses = nodes.map(node => new PodAddressPool(node.block, hasGateway))
  const placement = new Placement(nodes.map(node => node.maxPods))
  const first: number[] = [0]
  for (const workload of scenario.workloads) first.push(first[first.length - 1] + wantedOf(workload))
  const wanted = first[first.length - 1]
  const node = new Int32Array(wanted)
  const address = new Int32Array(wanted)
  placeFixed(scenario, nodes, first, node, address, addresses, placement)
  scenario.workloads.forEach((workload, w) => {
    for (let row = first[w]; row < first[w + 1]; row++) {
      const fixed = workload.pods[row - first[w]]
      if (fixed?.node || fixed?.address) continue
      node[row] = placement.place()
      if (node[row] >= 0) giveAddress(row, node, address, addresses)
    }
  })
  const { pods, pending } = settle(first, node, address, nodes.length)
  return { pods, pending, addresses }
}

function giveAddress(row: number, node: Int32Array, address: Int32Array, addresses: readonly PodAddressPool[]): void {
  const got = addresses[node[row]].allocate()
  if (got === null) node[row] = WAITS_FOR_ADDRESS
  else address[row] = got
}

/** Pods with a node or an address of their own: first those with an address, so that nobody else gets it. */
function placeFixed(
  scenario: Scenario,
  nodes: readonly PlannedNode[],
  first: readonly number[],
  node: Int32Array,
  address: Int32Array,
  addresses: readonly PodAddressPool[],
  placement: Placement,
): void {
  const byName = nodeFinder(scenario, nodes)
  const byAddress = blockFinder(nodes)
  for (const withAddress of [true, false]) {
    scenario.workloads.forEach((workload, w) => {
      workload.pods.forEach((pod, i) => {
        if ((pod.address !== null) !== withAddress || (pod.address === null && pod.node === null)) return
        const row = first[w] + i
        const home = pod.node !== null ? byName(pod.node) : byAddress(pod.address!)
        node[row] = home >= 0 && placement.takeSlot(home) ? home : WAITS_FOR_NODE
        if (node[row] < 0) return
        if (pod.address === null) giveAddress(row, node, address, addresses)
        else if (addresses[home].take(pod.address) === 'ok') address[row] = pod.address
        else node[row] = WAITS_FOR_ADDRESS
      })
    })
  }
}

/** Index of the node whose block may hold an address: the last one that begins at or before it. -1 without one. */
export function blockFinder(nodes: readonly PlannedNode[]): (address: Ipv4) => number {
  const byBase = nodes.map((_, i) => i).sort((a, b) => (nodes[a].block.base >>> 0) - (nodes[b].block.base >>> 0))
  return address => {
    let low = 0
    let high = byBase.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (nodes[byBase[middle]].block.base >>> 0 <= address >>> 0) low = middle + 1
      else high = middle
    }
    return low > 0 ? byBase[low - 1] : -1
  }
}

/** Splits the wanted pods into the columns of those that run and the groups of those that wait. */
function settle(first: readonly number[], node: Int32Array, address: Int32Array, nodeCount: number): Pick<PodPlan, 'pods' | 'pending'> {
  let count = 0
  for (let row = 0; row < node.length; row++) if (node[row] >= 0) count++
  const pods = {
    count,
    workload: new Int32Array(count),
    replica: new Int32Array(count),
    node: new Int32Array(count),
    address: new Int32Array(count),
    startNs: new Float64Array(count),
    stopNs: new Float64Array(count).fill(Number.POSITIVE_INFINITY),
    first: new Int32Array(first.length),
  }
  const pending: PendingPods[] = []
  const tooMany = `FailedScheduling: 0/${nodeCount} nodes are available: ${nodeCount} Too many pods`
  let pod = 0
  for (let w = 0; w + 1 < first.length; w++) {
    pods.first[w] = pod
    for (let row = first[w]; row < first[w + 1]; row++) {
      if (node[row] < 0) {
        const cause = node[row] === WAITS_FOR_NODE ? 'maxPods' : 'podIps'
        const reason = cause === 'maxPods' ? tooMany : NO_ADDRESS
        const last = pending[pending.length - 1]
        if (last?.workload === w && last.cause === cause && last.firstReplica + last.count === row - first[w]) last.count++
        else pending.push({ workload: w, firstReplica: row - first[w], count: 1, cause, reason })
        continue
      }
      pods.workload[pod] = w
      pods.replica[pod] = row - first[w]
      pods.node[pod] = node[row]
      pods.address[pod] = address[row]
      pod++
    }
  }
  pods.first[first.length - 1] = pod
  return { pods, pending }
}
