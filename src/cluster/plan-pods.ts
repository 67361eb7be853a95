// Pods: fixed ones first (their node and address are facts), then every workload's replicas in turn, spread over the nodes. A pod gets
// the next address of its node's block; one that finds no node or no address stays pending, with the reason Kubernetes would print.
import type { AddressingMode } from '../base/addressing-mode.js'
import type { Ipv4 } from '../base/brand.js'
import type { Addressing } from '../ipam/addressing.js'
import type { Scenario } from '../scenario/model.js'
import { nodeFinder } from './node-names.js'
import { Placement } from './placement.js'
import type { PendingPods, PlannedNode, PodColumns } from './planned.js'

export interface PodPlan {
  readonly pods: PodColumns
  readonly pending: readonly PendingPods[]
}

const WAITS_FOR_NODE = -1
const WAITS_FOR_ADDRESS = -2

const CNS =
  'FailedCreatePodSandBox: plugin type="azure-vnet" failed (add): IPAM Invoker Add failed with error: Failed to get IP address from CNS: ' +
  'AllocateIPConfig failed: not enough IPs available, waiting on Azure CNS to allocate more with NC Status: '

/** What `kubectl describe pod` prints for a pod that got no address. */
const NO_ADDRESS: Readonly<Record<AddressingMode, string>> = {
  overlay: `${CNS}NCUpdateSuccess`,
  nodeSubnet: 'FailedCreatePodSandBox: Failed to allocate address: Failed to delegate: Failed to allocate address: No available addresses',
  podSubnetDynamic: `${CNS}NCUpdateSubnetFullError`,
  podSubnetStatic: `${CNS}NCUpdateSuccess`,
  kubenet:
    'FailedCreatePodSandBox: plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available in range set',
}

/** Passes of a node's pool monitor after which it is taken to have settled. */
const MOST_PASSES = 32

/** Pods that a workload asks for. */
export const wantedOf = (workload: Scenario['workloads'][number]): number => workload.pods.length || workload.replicas

/** The columns in the making: node (or why not) and address of each wanted pod. */
interface Rows {
  readonly scenario: Scenario
  readonly nodes: readonly PlannedNode[]
  readonly addressing: Addressing
  readonly placement: Placement
  /** First row of each workload, and the total. */
  readonly first: readonly number[]
  readonly node: Int32Array
  readonly address: Int32Array
}

/** Places the pods on nodes that `addressing` knows by their index. */
export function planPods(scenario: Scenario, nodes: readonly PlannedNode[], addressing: Addressing): PodPlan {
  const first: number[] = [0]
  for (const workload of scenario.workloads) first.push(first[first.length - 1] + wantedOf(workload))
  const wanted = first[first.length - 1]
  const placement = new Placement(nodes.map(node => node.maxPods))
  const rows = { scenario, nodes, addressing, placement, first, node: new Int32Array(wanted), address: new Int32Array(wanted) }
  placeFixed(rows)
  scenario.workloads.forEach((workload, w) => {
    for (let row = first[w]; row < first[w + 1]; row++) {
      const fixed = workload.pods[row - first[w]]
      if (fixed?.node || fixed?.address) continue
      rows.node[row] = placement.place()
      if (rows.node[row] >= 0) giveAddress(rows, row, workload.hostNetwork)
    }
  })
  nodes.forEach((_, node) => {
    for (let pass = 0; pass < MOST_PASSES && addressing.reconcile(node); pass++);
  })
  return settle(first, rows.node, rows.address, nodes.length, addressing.mode)
}

/** The node's own address for a pod of the host network, else the next of its mode; a node that holds too few asks for more. */
function giveAddress({ nodes, addressing, node, address }: Rows, row: number, hostNetwork: boolean): void {
  const home = node[row]
  let got = hostNetwork ? nodes[home].address : addressing.addPod(home)
  for (let pass = 0; got === null && pass < MOST_PASSES && addressing.reconcile(home); pass++) got = addressing.addPod(home)
  if (got === null) node[row] = WAITS_FOR_ADDRESS
  else address[row] = got
}

/** Pods with a node or an address of their own: first those with an address, so that nobody else gets it. */
function placeFixed(rows: Rows): void {
  const { scenario, nodes, addressing, placement, first, node, address } = rows
  const byName = nodeFinder(scenario, nodes)
  const byAddress = blockFinder(nodes)
  for (const withAddress of [true, false]) {
    scenario.workloads.forEach((workload, w) => {
      workload.pods.forEach((pod, i) => {
        if ((pod.address !== null) !== withAddress || (pod.address === null && pod.node === null)) return
        const row = first[w] + i
        const home = pod.node !== null ? byName(pod.node) : byAddress(pod.address as Ipv4)
        node[row] = home >= 0 && placement.takeSlot(home) ? home : WAITS_FOR_NODE
        if (node[row] < 0) return
        if (pod.address === null || workload.hostNetwork) giveAddress(rows, row, workload.hostNetwork)
        else if (addressing.takePod(home, pod.address) === 'ok') address[row] = pod.address
        else node[row] = WAITS_FOR_ADDRESS
      })
    })
  }
}

/** Index of the node whose block may hold an address: the last one that begins at or before it. -1 without one. */
export function blockFinder(nodes: readonly PlannedNode[]): (address: Ipv4) => number {
  const byBase = nodes
    .flatMap(({ block }, node) => (block === null ? [] : [{ base: block.base >>> 0, node }]))
    .sort((a, b) => a.base - b.base)
  return address => {
    let low = 0
    let high = byBase.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (byBase[middle].base <= address >>> 0) low = middle + 1
      else high = middle
    }
    return low > 0 ? byBase[low - 1].node : -1
  }
}

/** Splits the wanted pods into the columns of those that run and the groups of those that wait. */
function settle(first: readonly number[], node: Int32Array, address: Int32Array, nodeCount: number, mode: AddressingMode): PodPlan {
  let count = 0
  for (let row = 0; row < node.length; row++) if (node[row] >= 0) count++
  const pods = {
    count,
    workload: new Int32Array(count),
    replica: new Int32Array(count),
    life: new Int32Array(count),
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
        const reason = cause === 'maxPods' ? tooMany : NO_ADDRESS[mode]
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
