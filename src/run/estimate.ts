// What a run would be, without running it: how the work is shared out, how many packets to expect, how much memory the tables take.
import { type ImageColumns, openImage } from '../image/image.js'
import { Arrivals } from '../image/kinds.js'
import { expectedOf, guardMemory, memoryNeed } from './memory.js'
import { imageFor, type Prepared } from './prepare.js'
import type { RunWarning } from './result.js'

export interface Estimate {
  readonly schemaVersion: 1
  readonly kind: 'dryRun'
  readonly scenario: { readonly name: string; readonly hash: string }
  readonly nodes: number
  readonly pods: number
  /** Pods that found no place. */
  readonly pending: number
  readonly flows: number
  /** Connections that clients open; of pools, requests they make. */
  readonly connections: number
  /** Packets that flows and recordings send, answers and errors come on top; of connections, segments both ways. */
  readonly packets: number
  /** Window length: what a packet needs from one node to another at least. */
  readonly lookaheadNs: number
  /** What the run would take at its peak, about. */
  readonly memoryBytes: number
  /** The sealed tables, shared by all threads. */
  readonly imageBytes: number
  readonly shards: readonly { readonly shard: number; readonly logicalProcesses: number; readonly flows: number }[]
  readonly warnings: readonly RunWarning[]
}

export function estimate(prepared: Prepared, shards: number): Estimate {
  const { loaded, plan, warnings } = prepared
  guardMemory(prepared, shards)
  const image = imageFor(prepared, shards)
  const columns = openImage(image)
  const { flowCount, lpCount, lookaheadNs } = image.params
  const rows = Array.from({ length: shards }, (_, shard) => ({ shard, logicalProcesses: 0, flows: 0 }))
  for (let lp = 0; lp < lpCount; lp++) rows[columns.lpShard[lp]].logicalProcesses++
  for (let flow = 0; flow < flowCount; flow++) rows[columns.lpShard[columns.flowLp[flow]]].flows++
  const opened = expectedOf(prepared)
  return {
    schemaVersion: 1,
    kind: 'dryRun',
    scenario: { name: loaded.scenario.name, hash: loaded.hash },
    nodes: plan.nodes.length,
    pods: plan.pods.count,
    pending: plan.pending.reduce((sum, { count }) => sum + count, 0),
    flows: flowCount,
    connections: Math.round(opened.reduce((sum, { connections }) => sum + connections, 0)),
    packets: Math.round(packetsOf(columns, flowCount) + columns.frameTimeNs.length + opened.reduce((sum, { packets }) => sum + packets, 0)),
    lookaheadNs,
    memoryBytes: memoryNeed(prepared, shards).bytes,
    imageBytes: image.region.buffer.byteLength,
    shards: rows,
    warnings,
  }
}

/** Expected packets of all flows. */
function packetsOf(columns: ImageColumns, flows: number): number {
  let packets = 0
  for (let flow = 0; flow < flows; flow++) {
    const entry = columns.flowTraffic[flow]
    const on = columns.trafficOnNs[entry]
    const duty = columns.trafficArrivals[entry] === Arrivals.onOff ? on / (on + columns.trafficOffNs[entry]) : 1
    const active = Math.max(0, columns.trafficStopNs[entry] - columns.flowStartNs[flow])
    packets += (active * duty) / columns.trafficIntervalNs[entry]
  }
  return packets
}
