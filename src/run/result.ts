// The result of a run: what `run()` returns, `result.json` holds and `--json` prints. Everything but `engine` and `performance` is a
// function of the scenario and its seed. Names and shapes are promises to other programs: add, do not rename.
import type { ClusterEvent } from '../cluster/control/event-log.js'
import type { NotReadyNode } from '../cluster/control/node-range.js'
import type { Plan } from '../cluster/plan.js'
import type { Resource } from '../cluster/resource.js'
import { FIRST_DROP, VERDICTS, type VerdictName } from '../datapath/verdict.js'
import { evaluate } from '../scenario/expression.js'
import type { Issue } from '../scenario/issue.js'
import type { Scenario } from '../scenario/model.js'
import { Took } from '../traffic/tally.js'
import { type ConnectionsResult, connectionsOf, tookOf } from './connections.js'
import type { Division } from './division.js'
import { encodeLatency, type Latency, latencyOf } from './latency.js'
import type { Merged } from './merge.js'
import type { OverTime, SampleFrame } from './over-time.js'
import type { SnatResult } from './snat.js'
import { VERSION } from './version.js'
import { type WaitResults, waitsOf } from './waits.js'

export interface RunResult {
  readonly schemaVersion: 1
  readonly kind: 'run'
  readonly scenario: { readonly name: string; readonly hash: string; readonly encapsulation: 'vxlan' | 'none' }
  /** `workers` is 0 for a run in the caller's own thread. */
  readonly engine: { readonly version: string; readonly node: string; readonly workers: number }
  readonly seed: number
  /** Virtual time that was reached. */
  readonly simulatedNs: number
  /** The run was interrupted before the scenario's end. */
  readonly partial: boolean
  /** Over everything that happened at every node: the same for every number of workers, on every machine. */
  readonly digest: string
  /** The digest at the end of each interval of `throughput`. */
  readonly checkpoints: readonly string[]
  readonly totals: Merged['totals'] & { readonly connectionsOpened: number; readonly connectionsFailed: number }
  readonly drops: { readonly total: number; readonly byReason: Readonly<Partial<Record<VerdictName, number>>> }
  readonly connections: ConnectionsResult
  readonly latencyNs: Latency
  /** Delivered in each interval: packets, and bits of their IP lengths. */
  readonly throughput: { readonly intervalNs: number; readonly packets: readonly number[]; readonly bits: readonly number[] }
  readonly overTime: OverTime
  /** The first frames that each reason dropped, three at most. */
  readonly dropSamples: readonly SampleFrame[]
  readonly histograms: Readonly<Record<'latencyNs' | 'connectNs', { readonly unit: 'ns'; readonly encoded: string }>>
  readonly traffic: readonly TrafficResult[]
  readonly resources: readonly Resource[]
  /** What happened to the cluster over time, as `kubectl get events` and the activity log would say it. */
  readonly events: readonly ClusterEvent[]
  /** How long pods waited for a node and for an address; null where nothing changes over time. */
  readonly waits: WaitResults | null
  /** Nodes that were NotReady for want of a range for their pods. */
  readonly notReadyNodes: readonly NotReadyNode[]
  readonly snat: SnatResult
  readonly assertions: readonly AssertionResult[]
  readonly warnings: readonly RunWarning[]
  readonly performance: Performance
}

/** What became of one traffic entry's own packets. */
export interface TrafficResult {
  readonly name: string
  readonly sent: number
  readonly delivered: number
  readonly dropped: number
  readonly bytesDelivered: number
}

export interface AssertionResult {
  readonly expression: string
  readonly held: boolean
  /** Values of the two sides, where they are plain values: what a person wants to see of one that failed. */
  readonly left: string | number | boolean | null
  readonly right: string | number | boolean | null
}

/** Something the user should know that did not stop the run. */
export interface RunWarning {
  readonly code: string
  readonly message: string
  readonly hint: string
}

export interface Performance {
  /** Reading, planning, compiling and starting threads. */
  readonly setupSeconds: number
  /** From the first event to the last, of the slowest thread. */
  readonly wallSeconds: number
  readonly events: number
  readonly eventsPerSecond: number
  /** Packets delivered or dropped per second of wall time. */
  readonly packetsPerSecond: number
  readonly peakRssBytes: number
  /** Share of the shards' time spent waiting for each other. */
  readonly barrierShare: number
  /** Results of earlier versions have none. */
  readonly division?: Division
}

/** What a result is made of. */
export interface Account {
  readonly scenario: Scenario
  readonly hash: string
  readonly workers: number
  readonly partial: boolean
  readonly intervalNs: number
  readonly merged: Merged
  readonly overTime: OverTime
  readonly dropSamples: readonly SampleFrame[]
  readonly plan: Plan
  readonly resources: readonly Resource[]
  readonly snat: SnatResult
  readonly warnings: readonly RunWarning[]
  readonly division?: Division
  /** Of the whole run, from the call on. */
  readonly elapsedSeconds: number
}

export function makeResult(account: Account): RunResult {
  const { scenario, merged } = account
  // An interrupted run has nothing to say about the intervals it did not reach.
  const reached = Math.max(1, Math.ceil(merged.endNs / account.intervalNs))
  const connections = connectionsOf(scenario, merged, reached)
  const result: RunResult = {
    schemaVersion: 1,
    kind: 'run',
    scenario: { name: scenario.name, hash: account.hash, encapsulation: scenario.fabric.encapsulation },
    engine: { version: VERSION, node: process.version, workers: account.workers },
    seed: scenario.seed,
    simulatedNs: merged.endNs,
    partial: account.partial,
    digest: merged.digest,
    checkpoints: merged.checkpoints.slice(0, reached),
    totals: { ...merged.totals, connectionsOpened: connections.established, connectionsFailed: connections.failed },
    drops: { total: merged.totals.dropped, byReason: dropsByReason(merged.verdicts) },
    connections,
    latencyNs: latencyOf(merged.latency, merged.latencySum),
    throughput: {
      intervalNs: account.intervalNs,
      packets: Array.from(merged.throughputPackets.subarray(0, reached)),
      bits: Array.from(merged.throughputBytes.subarray(0, reached), bytes => bytes * 8),
    },
    overTime: upTo(account.overTime, reached),
    dropSamples: account.dropSamples,
    histograms: {
      latencyNs: { unit: 'ns', encoded: encodeLatency(merged.latency) },
      connectNs: { unit: 'ns', encoded: encodeLatency(tookOf(merged, Took.connect)) },
    },
    traffic: scenario.traffic.map(({ name }, entry) => trafficResult(name, merged.traffic.subarray(entry * 4, entry * 4 + 4))),
    resources: account.resources,
    events: account.plan.events,
    waits: waitsOf(account.plan),
    notReadyNodes: account.plan.notReady,
    snat: account.snat,
    assertions: [],
    warnings: account.warnings,
    performance: performanceOf(account),
  }
  return { ...result, assertions: scenario.assert.map(expression => judge(expression, result)) }
}

/** Only the intervals that were reached. */
function upTo({ intervalNs, latencyNs, dropped }: OverTime, reached: number): OverTime {
  const cut = (values: readonly number[]) => values.slice(0, reached)
  return {
    intervalNs,
    latencyNs: { p50: cut(latencyNs.p50), p99: cut(latencyNs.p99) },
    dropped: Object.fromEntries(Object.entries(dropped).map(([name, counts]) => [name, cut(counts)])),
  }
}

function judge(expression: string, result: RunResult): AssertionResult {
  const { held, left, right } = evaluate(expression, result)
  return { expression, held, left: plain(left), right: plain(right) }
}

const plain = (value: unknown): AssertionResult['left'] =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null

/** Non-zero counts in the order of the verdict list. */
function dropsByReason(verdicts: Float64Array): RunResult['drops']['byReason'] {
  const reasons: Partial<Record<VerdictName, number>> = {}
  for (let verdict = FIRST_DROP; verdict < verdicts.length; verdict++) {
    if (verdicts[verdict] > 0) reasons[VERDICTS[verdict].name] = verdicts[verdict]
  }
  return reasons
}

function trafficResult(name: string, [sent, delivered, dropped, bytesDelivered]: Float64Array): TrafficResult {
  return { name, sent, delivered, dropped, bytesDelivered }
}

/** An issue of severity warning, without its place in the file: results do not depend on where a file lies. */
export const runWarning = ({ code, message, hint }: Pick<Issue, 'code' | 'message' | 'hint'>): RunWarning => ({ code, message, hint })

function performanceOf({ merged, elapsedSeconds, division }: Account): Performance {
  const wallSeconds = merged.effort.runSeconds
  const perSecond = (count: number) => (wallSeconds > 0 ? Math.round(count / wallSeconds) : 0)
  return {
    setupSeconds: Math.max(0, elapsedSeconds - wallSeconds),
    wallSeconds,
    events: merged.effort.events,
    eventsPerSecond: perSecond(merged.effort.events),
    packetsPerSecond: perSecond(merged.totals.delivered + merged.totals.dropped),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    barrierShare: merged.effort.barrierShare,
    ...(division && { division }),
  }
}
