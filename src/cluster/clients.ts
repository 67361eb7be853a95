// Clients of connections: every source of an entry is one, with a random stream of its own; targets are listed once per entry and drawn for
// each connection while the run goes on.
import type { ImageColumns } from '../image/image.js'
import { ARRIVALS, SIZE_KINDS, TalkClose, TalkServer } from '../image/kinds.js'
import type { Scenario } from '../scenario/model.js'
import type { ConnectionTraffic } from '../scenario/model-connections.js'
import type { Names } from './names.js'
import { keysOf, type PeerSet, peersOf } from './peers.js'
import type { Plan } from './plan.js'
import { fillLaw, rowsOf } from './sizes.js'
import { drawPhase } from './traffic.js'

const PROTOCOLS = { tcp: 6, udp: 17 } as const
/** Laws of an entry in `talkLawKind`, in the order of `traffic/connection-draws.ts`. */
export const LAWS = ['hold', 'request', 'response'] as const

/** One entry with `connections`, resolved. */
export interface ClientGroup {
  readonly entry: ConnectionTraffic
  /** Index of the entry in the scenario. */
  readonly row: number
  readonly sources: PeerSet
  readonly targets: PeerSet
}

export function clientGroups(scenario: Scenario, plan: Plan, names: Names): ClientGroup[] {
  return scenario.traffic.flatMap((entry, row) => {
    if (entry.kind !== 'connections') return []
    return [{ entry, row, sources: peersOf(scenario, plan, names, entry.from), targets: peersOf(scenario, plan, names, entry.to) }]
  })
}

/** First client of each logical process, and the total in one more row. */
export function clientOffsets(groups: readonly ClientGroup[], lpCount: number): Uint32Array {
  const first = new Uint32Array(lpCount + 1)
  for (const { sources } of groups) {
    for (let at = 0; at < sources.count; at++) if (sources.lp[at] >= 0) first[sources.lp[at] + 1]++
  }
  for (let lp = 0; lp < lpCount; lp++) first[lp + 1] += first[lp]
  return first
}

export const targetCount = (groups: readonly ClientGroup[]): number => groups.reduce((sum, { targets }) => sum + targets.count, 0)

/** Rows of `sizeValue` that the tables of connections need, behind those of datagrams. */
export const lawRows = (scenario: Scenario): number =>
  scenario.traffic.reduce(
    (sum, entry) => sum + (entry.kind === 'connections' ? LAWS.reduce((rows, law) => rows + rowsOf(entry[law]), 0) : 0),
    0,
  )

/** Segments and datagrams per second of one source, about: handshake, close, messages and their acknowledgments. */
export function packetRate({ entry }: ClientGroup, mtu: number): number {
  const typical = (law: (typeof LAWS)[number]): number => {
    const value = entry[law]
    return value.kind === 'constant' ? value.value : 1000
  }
  const segments = Math.ceil(typical('request') / (mtu - 40)) + Math.ceil(typical('response') / (mtu - 40)) * 1.5
  return entry.rate * (segments + (entry.protocol === 'udp' || entry.keepAlive !== null ? 1 : 6))
}

export function fillClients(columns: ImageColumns, groups: readonly ClientGroup[], offsets: Uint32Array, setting: ClientSetting): void {
  const { scenario, plan, names } = setting
  const keyOf = keysOf(scenario, plan, names)
  const cursor = offsets.slice()
  const firsts = new Int32Array(plan.pods.count + offsets.length).fill(-1)
  let firstTarget = 0
  for (const group of groups) {
    const { entry, row, sources, targets } = group
    fillEntry(columns, entry, row, firstTarget, targets)
    firstTarget += targets.count
    const phaseNs = entry.arrivals.kind === 'constant' ? Math.floor(1e9 / entry.rate) : 0
    for (let at = 0; at < sources.count; at++) {
      const lp = sources.lp[at]
      if (lp < 0) continue
      const { key0, key1 } = keyOf(sources, at).with(`connections:${entry.name}`)
      const i = cursor[lp]++
      const startNs = Math.max(entry.startNs, sources.pod[at] >= 0 ? plan.pods.startNs[sources.pod[at]] : 0)
      const source = sources.pod[at] >= 0 ? sources.pod[at] : plan.pods.count + lp
      if (firsts[source] < 0) firsts[source] = i
      columns.clientFirst[i] = firsts[source]
      columns.clientTraffic[i] = row
      columns.clientLp[i] = lp
      columns.clientPod[i] = sources.pod[at]
      columns.clientAddress[i] = sources.address[at]
      columns.clientKey0[i] = key0
      columns.clientKey1[i] = key1
      columns.clientStartNs[i] = startNs + (phaseNs > 0 ? drawPhase(key0, key1, 0, phaseNs) : 0)
    }
  }
}

export interface ClientSetting {
  readonly scenario: Scenario
  readonly plan: Plan
  readonly names: Names
}

function fillEntry(columns: ImageColumns, entry: ConnectionTraffic, row: number, firstTarget: number, targets: PeerSet): void {
  const { arrivals } = entry
  columns.trafficArrivals[row] = ARRIVALS[arrivals.kind]
  columns.trafficIntervalNs[row] = 1e9 / entry.rate
  columns.trafficOnNs[row] = arrivals.kind === 'onOff' ? arrivals.onNs : 0
  columns.trafficOffNs[row] = arrivals.kind === 'onOff' ? arrivals.offNs : 0
  columns.trafficStopNs[row] = entry.stopNs
  columns.talkProtocol[row] = PROTOCOLS[entry.protocol]
  columns.talkPort[row] = entry.port
  columns.talkTargetFirst[row] = firstTarget
  columns.talkTargets[row] = targets.count
  columns.talkClose[row] = TalkClose[entry.close]
  columns.talkServer[row] = TalkServer[entry.server]
  columns.talkPool[row] = entry.keepAlive?.pool ?? 0
  columns.talkPoolRequests[row] = entry.keepAlive?.requests ?? 0
  columns.talkSynRetries[row] = entry.synRetries
  columns.talkSynLinear[row] = entry.synLinearTimeouts
  columns.talkDataRetries[row] = entry.dataRetries
  columns.talkTimeoutNs[row] = entry.timeoutNs
  columns.targetPod.set(targets.pod, firstTarget)
  columns.targetLp.set(targets.lp, firstTarget)
  columns.targetAddress.set(targets.address, firstTarget)
}

/** The laws of hold, request and response; `next` is the first free row of `sizeValue`. */
export function fillLaws(columns: ImageColumns, scenario: Scenario, next: number): void {
  let free = next
  scenario.traffic.forEach((entry, row) => {
    if (entry.kind !== 'connections') return
    LAWS.forEach((law, i) => {
      const [a, b, c] = fillLaw(columns, entry[law], free)
      const at = row * LAWS.length + i
      columns.talkLawKind[at] = SIZE_KINDS[entry[law].kind]
      columns.talkLawA[at] = a
      columns.talkLawB[at] = b
      columns.talkLawC[at] = c
      free += rowsOf(entry[law])
    })
  })
}
