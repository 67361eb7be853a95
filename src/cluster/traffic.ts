// Flows: who sends to whom, from which port, with which random stream. Every draw comes from a stream keyed by the source's name and
// the entry's name, so a pod's flows stay what they are when pods, workloads or entries are added elsewhere.
import { philox, StreamKey } from '../base/random.js'
import type { ImageColumns } from '../image/image.js'
import { ARRIVALS, RouteKind } from '../image/kinds.js'
import type { DatagramTraffic, Scenario } from '../scenario/model.js'
import { lookup } from '../table/fib.js'
import { beginOf, endOf, Lifetimes } from './lifetimes-of-peers.js'
import type { Names } from './names.js'
import { keysOf, type PeerSet, peersOf } from './peers.js'
import type { Plan } from './plan.js'

/** One traffic entry, resolved. */
export interface FlowGroup {
  readonly entry: DatagramTraffic
  /** Row of the entry in the image's traffic columns: its index in the scenario. */
  readonly row: number
  readonly sources: PeerSet
  readonly targets: PeerSet
  /** Where nodes and pods come and go; else null. */
  readonly changing: Changing | null
}

/** When sources begin and end, and which targets are there when. */
interface Changing {
  readonly beginOf: (at: number) => number
  readonly endOf: (at: number) => number
  readonly targets: Lifetimes
  /** Target pods, to know whether a source is one. */
  readonly targetPods: ReadonlySet<number>
}

export function flowGroups(scenario: Scenario, plan: Plan, names: Names): FlowGroup[] {
  return scenario.traffic.flatMap((entry, row) => {
    if (entry.kind !== 'udp') return []
    const sources = peersOf(scenario, plan, names, entry.from)
    const targets = peersOf(scenario, plan, names, entry.to)
    return [{ entry, row, sources, targets, changing: plan.changes ? changingOf(plan, entry, sources, targets) : null }]
  })
}

function changingOf(plan: Plan, entry: DatagramTraffic, sources: PeerSet, targets: PeerSet): Changing {
  return {
    beginOf: at => Math.max(entry.startNs, beginOf(plan, sources, at)),
    endOf: at => endOf(plan, sources, at),
    targets: new Lifetimes(plan, targets),
    targetPods: new Set(targets.named),
  }
}

/** The only target there is may be the source itself, which never talks to itself. */
function isAlone({ targets, changing }: FlowGroup, sources: PeerSet, at: number): boolean {
  if (targets.count === 0 || (targets.count === 1 && isSame(sources, at, targets, 0))) return true
  return changing !== null && isAloneWhenItBegins(changing, sources, at)
}

function isAloneWhenItBegins(changing: Changing, sources: PeerSet, at: number): boolean {
  const beginNs = changing.beginOf(at)
  const itself = sources.named[at] >= 0 && changing.targetPods.has(sources.named[at]) ? 1 : 0
  return beginNs >= changing.endOf(at) || changing.targets.countAt(beginNs) <= itself
}

const isSame = (a: PeerSet, i: number, b: PeerSet, k: number): boolean => a.named[i] === b.named[k] && a.lp[i] === b.lp[k] && a.lp[i] >= 0

/** First flow of each logical process, and the total in one more row: flows lie in the image grouped by source. */
export function flowOffsets(groups: readonly FlowGroup[], lpCount: number): Uint32Array {
  const first = new Uint32Array(lpCount + 1)
  for (const group of groups) {
    const { sources, entry } = group
    for (let at = 0; at < sources.count; at++) {
      if (sources.lp[at] >= 0 && !isAlone(group, sources, at)) first[sources.lp[at] + 1] += entry.flows
    }
  }
  for (let lp = 0; lp < lpCount; lp++) first[lp + 1] += first[lp]
  return first
}

/** What {@link fillFlows} needs beside the image. */
export interface FlowSetting {
  readonly scenario: Scenario
  readonly plan: Plan
  readonly names: Names
  /** Called for each flow, for the balance of the shards: `target` is -1 for an address that a set does not know the owner of. */
  readonly onFlow: (entry: DatagramTraffic, source: number, target: number, targetAddress: number) => void
}

/** Fills the flow columns; nodes, routes and addresses are in the image already. */
export function fillFlows(columns: ImageColumns, groups: readonly FlowGroup[], offsets: Uint32Array, setting: FlowSetting): void {
  const { scenario, plan, names, onFlow } = setting
  const cursor = offsets.slice()
  const keyOf = keysOf(scenario, plan, names)
  const nodeKey = (name: string): StreamKey => StreamKey.of(scenario.seed).with(`node:${name}\u0000`)
  const { first, last } = scenario.fabric.ephemeralPorts
  // Ports count up over all flows of a source, pods first, then hosts; a source's start is its own draw.
  const used = new Uint32Array(plan.pods.count + offsets.length)
  for (const group of groups) {
    const { entry, row, sources, targets, changing } = group
    const phaseNs = entry.arrivals.kind === 'constant' ? Math.floor(1e9 / entry.rate) : 0
    const purposes = Array.from({ length: entry.flows }, (_, flow) => `arrivals:${entry.name}:${flow}`)
    for (let at = 0; at < sources.count; at++) {
      const lp = sources.lp[at]
      const pod = sources.pod[at]
      if (lp < 0 || isAlone(group, sources, at)) continue
      const key = keyOf(sources, at)
      const draws = key.with(`traffic:${entry.name}`)
      const key0 = draws.key0
      const key1 = draws.key1
      // Pods of the host network share their node's ports.
      const portKey = pod < 0 && sources.named[at] >= 0 ? nodeKey(names.lpName(lp)) : key
      const portStart = (portKey.with('ports').key0 >>> 0) % (last - first + 1)
      const counter = pod >= 0 ? pod : plan.pods.count + lp
      for (let flow = 0; flow < entry.flows; flow++) {
        const target = drawTarget(key0, key1, flow, sources, at, targets, changing)
        const i = cursor[lp]++
        const port = first + ((portStart + used[counter]++) % (last - first + 1))
        const arrivals = key.with(purposes[flow])
        columns.flowTraffic[i] = row
        columns.flowLp[i] = lp
        columns.flowPod[i] = pod
        columns.flowSourceAddress[i] = pod >= 0 ? sources.address[at] : hostSource(columns, lp, targets.address[target])
        columns.flowTargetAddress[i] = targets.address[target]
        columns.flowPorts[i] = ((port << 16) | entry.port) >>> 0
        columns.flowKey0[i] = arrivals.key0
        columns.flowKey1[i] = arrivals.key1
        if (changing !== null) columns.flowStopNs[i] = changing.endOf(at)
        columns.flowStartNs[i] =
          (changing === null ? entry.startNs : changing.beginOf(at)) + (phaseNs > 0 ? drawPhase(key0, key1, flow, phaseNs) : 0)
        onFlow(entry, lp, targets.lp[target], targets.address[target])
      }
    }
  }
}

/**
 * The address a host sends from. A node speaks to other nodes' blocks with its VTEP's address, because their routes lead through that
 * device; where there is no such route, or the sender is no node, it is the host's own.
 */
function hostSource(columns: ImageColumns, lp: number, target: number): number {
  const route = lookup(columns.fib, target)
  const isTunnelled = columns.lpVtep[lp] !== 0 && route >>> 28 === RouteKind.podBlock && (route & 0x0fffffff) !== lp
  return isTunnelled ? columns.lpVtep[lp] : columns.lpAddress[lp]
}

const WORDS = new Int32Array(4)

/**
 * A target for flow number `flow`, each as likely as any other but never the source itself. It is drawn by jump consistent hashing
 * (Lamping and Veach, 2014) with the pod's own stream: a target that is added at the end takes over its share of the flows, and all
 * other flows keep theirs.
 */
function drawTarget(
  key0: number,
  key1: number,
  flow: number,
  sources: PeerSet,
  at: number,
  targets: PeerSet,
  changing: Changing | null,
): number {
  for (let attempt = 0; ; attempt++) {
    const target = jump(key0, key1, flow, attempt, targets.count)
    if (isSame(sources, at, targets, target)) continue
    if (changing === null || changing.targets.isAlive(target, changing.beginOf(at))) return target
    if (attempt >= MOST_ATTEMPTS) return drawAlive(key0, key1, flow, sources, at, targets, changing)
  }
}

/** Most of a workload that churns is dead at any moment; after so many draws of dead ones the living are counted. */
const MOST_ATTEMPTS = 64

function jump(key0: number, key1: number, flow: number, attempt: number, count: number): number {
  let target = 0
  let next = 0
  for (let draw = 0; next < count; draw++) {
    target = next
    if ((draw & 3) === 0) philox(draw >> 2, flow, attempt, 0, key0, key1, WORDS, 0)
    const uniform = ((WORDS[draw & 3] >>> 0) + 0.5) / 0x100000000
    next = Math.floor((target + 1) / uniform)
  }
  return target
}

function drawAlive(key0: number, key1: number, flow: number, sources: PeerSet, at: number, targets: PeerSet, changing: Changing): number {
  const beginNs = changing.beginOf(at)
  const count = changing.targets.countAt(beginNs)
  philox(0, flow, 0, 2, key0, key1, WORDS, 0)
  const n = (WORDS[0] >>> 0) % count
  const target = changing.targets.nthAt(n, beginNs)
  return isSame(sources, at, targets, target) ? changing.targets.nthAt((n + 1) % count, beginNs) : target
}

/** Where in its first interval a constant flow begins, so that equal flows do not all send at once. */
export function drawPhase(key0: number, key1: number, flow: number, intervalNs: number): number {
  philox(0, flow, 0, 1, key0, key1, WORDS, 0)
  return Math.floor((((WORDS[0] >>> 0) + 0.5) / 0x100000000) * intervalNs)
}

/** Packets per second of one flow, on average. */
export const meanRate = ({ rate, arrivals }: DatagramTraffic): number =>
  arrivals.kind === 'onOff' ? (rate * arrivals.onNs) / (arrivals.onNs + arrivals.offNs) : rate

const hasHostPods = ({ pod, named }: PeerSet): boolean => named.some((who, i) => who >= 0 && pod[i] < 0)

/** The rows of the traffic columns: one per entry of the scenario, those of replays stay empty. */
export function fillTraffic(columns: ImageColumns, scenario: Scenario, groups: readonly FlowGroup[]): void {
  for (const { row, sources, targets } of groups)
    columns.trafficHostEnds[row] = (hasHostPods(targets) ? 1 : 0) | (hasHostPods(sources) ? 2 : 0)
  scenario.traffic.forEach((entry, row) => {
    if (entry.kind !== 'udp') return
    columns.trafficArrivals[row] = ARRIVALS[entry.arrivals.kind]
    columns.trafficIntervalNs[row] = 1e9 / entry.rate
    columns.trafficOnNs[row] = entry.arrivals.kind === 'onOff' ? entry.arrivals.onNs : 0
    columns.trafficOffNs[row] = entry.arrivals.kind === 'onOff' ? entry.arrivals.offNs : 0
    columns.trafficStopNs[row] = entry.stopNs
    columns.trafficDf[row] = entry.df ? 1 : 0
    columns.trafficAnswerSize[row] = entry.answer?.size ?? 0
    columns.trafficAnswerAfterNs[row] = entry.answer?.afterNs ?? 0
  })
}
