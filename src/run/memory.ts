// A guard before memory is taken: a run that clearly needs more than the machine has would end in swapping or in the hands of the
// kernel's out-of-memory killer, after minutes. The estimate is of what grows with the scenario: flows with their connections, nodes
// with their queues and series, captured frames, rings between shards.
import { totalmem } from 'node:os'
import { meanOf } from '../base/distribution.js'
import { clientGroups, packetRate } from '../cluster/clients.js'
import { lookaheadOf } from '../cluster/params.js'
import { lpCountOf } from '../cluster/topology.js'
import { flowGroups, flowOffsets, meanRate } from '../cluster/traffic.js'
import type { Prepared } from './prepare.js'
import { MemoryError } from './run-error.js'

/** The program itself, and a thread's heap and code. */
const BASE = 96 * 2 ** 20
const PER_SHARD = 24 * 2 ** 20
/** Image 38, flow record 64, event 64 (grown by doubling), two connections with their share of the index 200. */
const PER_FLOW = 366
/** Placement, columns of the plan and of the image. */
const PER_POD = 64
/** State, agenda and tables of each shard. */
const PER_PROCESS_AND_SHARD = 160
/** Eight numbers per process and interval, as lists while the run goes on and as columns afterwards; 100 intervals at most. */
const SERIES_PER_PROCESS = 100 * 8 * 16
/** Bookkeeping of a captured frame beside its bytes. */
const PER_FRAME = 200
const RING_CELL = 224

/** Tracked at two places, 64 bytes each, room ahead of need and index: 120; two ends of 64 bytes and their timers. */
const PER_CONNECTION = 520
/** How long a connection lives on after its end: TIME_WAIT in the client and, twice as long, in conntrack; ten seconds after a RST. */
const AFTERLIFE_S = { fin: 120, rst: 10, idle: 0 } as const

/** What an entry with connections is expected to do. */
interface Expected {
  /** Opened in the run; of a pool, requests. */
  readonly connections: number
  readonly packets: number
  /** Tracked at the same time. */
  readonly tracked: number
}

export function expectedOf({ loaded, plan, names }: Prepared): Expected[] {
  const { scenario } = loaded
  return clientGroups(scenario, plan, names).map(group => {
    const { entry, sources } = group
    const seconds = Math.max(0, Math.min(entry.stopNs, scenario.durationNs) - entry.startNs) / 1e9
    const duty = entry.arrivals.kind === 'onOff' ? entry.arrivals.onNs / (entry.arrivals.onNs + entry.arrivals.offNs) : 1
    const connections = sources.count * entry.rate * duty * seconds
    const life = Math.min(seconds, entry.close === 'idle' ? seconds : meanOf(entry.hold) / 1e9 + AFTERLIFE_S[entry.close])
    const tracked = entry.keepAlive ? sources.count * entry.keepAlive.pool : seconds > 0 ? (connections * life) / seconds : 0
    return { connections, tracked, packets: sources.count * packetRate(group, scenario.fabric.podMtu) * duty * seconds }
  })
}

/** Packets that a window is expected to hold, on average. */
export function packetsPerWindow(prepared: Prepared): number {
  const { loaded, plan, names } = prepared
  const { scenario } = loaded
  const opened = expectedOf(prepared).reduce((sum, { packets }) => sum + packets, 0)
  const sent = flowGroups(scenario, plan, names).reduce((sum, { entry, sources }) => {
    const seconds = Math.max(0, Math.min(entry.stopNs, scenario.durationNs) - entry.startNs) / 1e9
    return sum + sources.count * entry.flows * meanRate(entry) * seconds * (entry.answer === null ? 1 : 2)
  }, 0)
  return ((opened + sent) * lookaheadOf(scenario, plan)) / Math.max(scenario.durationNs, 1)
}

export interface MemoryNeed {
  readonly bytes: number
  readonly flows: number
}

/** What a run on so many shards takes at its peak, about. */
export function memoryNeed(prepared: Prepared, shards: number): MemoryNeed {
  const { loaded, plan, names } = prepared
  const tracked = expectedOf(prepared).reduce((sum, expected) => sum + expected.tracked, 0)
  const { scenario } = loaded
  const { fabric, capture, durationNs } = scenario
  const processes = lpCountOf(scenario, plan)
  const groups = flowGroups(scenario, plan, names)
  const flows = flowOffsets(groups, processes)[processes]
  const packets = groups.reduce(
    (sum, { entry, sources }) => sum + sources.count * entry.flows * meanRate(entry) * (durationNs / 1e9) * 2,
    0,
  )
  const frames = capture.reduce((sum, { maxPackets }) => sum + Math.min(maxPackets, packets), 0)
  const queue = 8 * 2 ** Math.ceil(Math.log2(fabric.queue + 1))
  const parts = [
    BASE + shards * PER_SHARD,
    flows * PER_FLOW,
    tracked * PER_CONNECTION,
    plan.pods.count * PER_POD,
    processes * (shards * PER_PROCESS_AND_SHARD + SERIES_PER_PROCESS + queue),
    frames * (PER_FRAME + fabric.mtu),
    shards * (shards - 1) * Math.max(1024, 16_384 / shards) * RING_CELL,
  ]
  return { bytes: parts.reduce((sum, part) => sum + part, 0), flows }
}

/** What this process may use: the machine's memory, or less where a container limits it. */
export function memoryHere(): number {
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}

/** Throws a {@link MemoryError} when the run needs more than there is. */
export function guardMemory(prepared: Prepared, shards: number, available = memoryHere()): void {
  const { bytes, flows } = memoryNeed(prepared, shards)
  if (bytes <= available) return
  const size = (amount: number): string => `${(amount / 2 ** 30).toFixed(1)} GiB`
  const of = `${flows.toLocaleString('en-US')} flows on ${prepared.plan.nodes.length.toLocaleString('en-US')} nodes`
  throw new MemoryError(
    `this run needs about ${size(bytes)} for ${of}, and there are ${size(available)}; use fewer flows or replicas, a shorter queue or ` +
      'smaller captures, or add --force to try it all the same',
  )
}
