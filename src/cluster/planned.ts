// What planning yields, as data: nodes, the columns of the pods that run, and the pods that wait.
import type { Ipv4, PodId } from '../base/brand.js'
import type { Cidr } from '../wire/address.js'

export interface PlannedNode {
  /** As VMSS names it, or the imported name. */
  readonly name: string
  /** Index into `agentPoolProfiles`, and the node's index in that pool. */
  readonly pool: number
  readonly index: number
  readonly address: Ipv4
  /** Its block of pod addresses; null where pods have addresses of the VNet. */
  readonly block: Cidr | null
  readonly maxPods: number
  /**
   * When the node is on the network, when it has its block and takes pods (Infinity: never; later than the first where it was NotReady), and
   * when it is gone: 0, 0 and Infinity where nothing changes over time.
   */
  readonly joinNs: number
  readonly readyNs: number
  readonly leaveNs: number
}

/** Columns of the pods that run, in order of workload and replica: 36 bytes a pod. */
export interface PodColumns {
  readonly count: number
  /** Index into `scenario.workloads`. */
  readonly workload: Int32Array
  /** Replica index, or index into the workload's fixed pods. */
  readonly replica: Int32Array
  /** How many pods of that name there were before. */
  readonly life: Int32Array
  /** Index into `nodes`, which is the logical process too. */
  readonly node: Int32Array
  readonly address: Int32Array
  /** When the pod has its address, and when it gives it back: 0 and Infinity where nothing changes over time. */
  readonly startNs: Float64Array
  readonly stopNs: Float64Array
  /** First pod of each workload; one more row than workloads. */
  readonly first: Int32Array
}

/** Pods that wait, neighbours with one reason together. */
export interface PendingPods {
  readonly workload: number
  readonly firstReplica: number
  count: number
  readonly cause: 'maxPods' | 'podIps'
  /** What `kubectl describe pod` would say. */
  readonly reason: string
}

/** The pod of a workload's replica, or -1 if it does not run. Rows are sorted by replica; only pending ones are missing. */
export function podOf(pods: PodColumns, workload: number, replica: number): PodId | -1 {
  let low = pods.first[workload]
  let high = Math.min(pods.first[workload + 1], low + replica + 1)
  while (low < high) {
    const middle = (low + high) >>> 1
    if (pods.replica[middle] < replica) low = middle + 1
    else high = middle
  }
  return low < pods.first[workload + 1] && pods.replica[low] === replica ? (low as PodId) : -1
}
