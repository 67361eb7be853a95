// The lab: a cluster at rest at some moment, for many questions in one process. It is planned and compiled as for a run, and its probes go
// through the same data plane; nothing of a packet's way is modelled a second time here.

import { parseSimTime } from '../base/sim-time.js'
import type { Names } from '../cluster/names.js'
import type { Plan } from '../cluster/plan.js'
import { explainerOf } from '../cluster/policy-explain.js'
import { usesServices } from '../cluster/services.js'
import { tablesOf } from '../datapath/changes.js'
import { conntrackAt } from '../engine/rounds.js'
import { type ImageColumns, openImage } from '../image/image.js'
import { LpKind } from '../image/kinds.js'
import type { Params } from '../image/params.js'
import { loadAdmitted } from '../run/admitted.js'
import { imageFor, prepare } from '../run/prepare.js'
import type { LoadedScenario } from '../scenario/load.js'
import type { Scenario } from '../scenario/model.js'
import { createMesh } from '../shm/mesh.js'
import type { Conntrack } from '../table/conntrack.js'
import { type ConnectionsAt, execAt } from './exec.js'
import type { ExecPlace } from './exec-devices.js'
import { Guards } from './guards.js'
import { LabError } from './lab-error.js'
import { checkPresent, notReadyNote } from './node-state.js'
import { type Places, placesOf } from './places.js'
import type { Protocol } from './probe.js'
import { isServiceAddress } from './service-words.js'
import { type Probe, Trial } from './trace.js'
import type { TraceResult } from './trace-step.js'

/** All that questions are asked about. */
export interface Cluster {
  readonly scenario: Scenario
  readonly plan: Plan
  readonly names: Names
  readonly params: Params
  readonly image: ImageColumns
  /** The tables as they are at a moment: routes, and who has which address. */
  readonly imageAt: (atNs: number) => ImageColumns
  readonly places: Places
  /** Why policies and security groups decide as they do, at a moment. */
  guardsAt(atNs: number): Guards
}

export interface LabOptions {
  /** The moment to look at: virtual time such as '10s', or a number of ns; the beginning if absent. */
  readonly at?: string | number | undefined
}

export interface TraceRequest {
  /** A pod (`namespace/workload/index`, `namespace/name` of a fixed one), `node:NAME`, an endpoint, or an address. Not a Service. */
  readonly from: string
  /** The same, or `service:namespace/name`; `:PORT` may follow. */
  readonly to: string
  /** Destination port; none for ICMP. */
  readonly port?: number | undefined
  /** TCP if absent; letter case does not matter. */
  readonly protocol?: string | undefined
  /** Source port (or echo id); the first of `fabric.ephemeralPorts` if absent. */
  readonly sourcePort?: number | undefined
  /** Another moment than the lab's. */
  readonly at?: string | number | undefined
}

export interface Lab {
  /** Follows one probe: a TCP SYN and, if that arrives, the SYN-ACK; a UDP datagram; an SCTP INIT; an echo request and its reply. */
  trace(request: TraceRequest): TraceResult
  /** The frames of the same probe as a pcapng file, each with what happened to it as its comment. */
  capture(request: TraceRequest): Uint8Array
  /**
   * What a command prints inside a pod, or on a node (`node:NAME`, or its name): `exec('shop/web/0', ['ip', 'addr', 'show', 'eth0'])`.
   * Throws a LabError that lists what is answered.
   */
  exec(who: string, argv: readonly string[], options?: LabOptions): string
  /** What should be known of a place at that moment beside what it prints: that its node is NotReady, and why. Null: nothing. */
  note(who: string, options?: LabOptions): string | null
}

/** Moments of which something is kept at a time. */
const MOST_MOMENTS = 16

const PROTOCOLS: ReadonlySet<string> = new Set<Protocol>(['TCP', 'UDP', 'SCTP', 'ICMP'])

/** Opens a scenario: one that `loadScenario` returned, the path of a file, or an object of the same form. */
export async function openLab(scenario: LoadedScenario | string | object, options: LabOptions = {}): Promise<Lab> {
  const loaded = typeof scenario === 'object' && 'document' in scenario ? (scenario as LoadedScenario) : loadAdmitted(scenario)
  const cluster = clusterOf(loaded)
  const labNs = momentOf(options.at, cluster, 0)
  // A scenario without Services runs without kube-proxy; a question about a Service's address has it started.
  let proxied: Cluster | null = cluster.params.services ? cluster : null
  const trialOf = (request: TraceRequest): Trial => {
    const probe = probeOf(cluster, request, labNs)
    if (isServiceAddress(cluster.scenario, probe.to.address)) proxied ??= clusterOf(loaded, true)
    return new Trial(isServiceAddress(cluster.scenario, probe.to.address) && proxied ? proxied : cluster, probe)
  }
  const connectionsAt = connectionsOf(loaded)
  return {
    trace: request => trialOf(request).run(),
    capture: request => trialOf(request).capture(),
    exec: (who, argv, { at } = {}) => execAt(cluster, execPlace(cluster, who, at, labNs), argv, connectionsAt),
    note(who, { at } = {}) {
      const atNs = momentOf(at, cluster, labNs)
      return notReadyNote(cluster.plan, cluster.places.findWithPort(who, atNs).place.lp, atNs)
    },
  }
}

function probeOf(cluster: Cluster, { from, to, port, protocol = 'TCP', sourcePort, at }: TraceRequest, labNs: number): Probe {
  const name = protocol.toUpperCase()
  if (!PROTOCOLS.has(name)) throw new LabError('NotSupportedYet', `not supported yet: probes of ${protocol}`, 'use TCP, UDP, SCTP or ICMP')
  const atNs = momentOf(at, cluster, labNs)
  const target = cluster.places.findWithPort(to, atNs)
  const targetPort = port ?? target.port
  if (targetPort === null && name !== 'ICMP') throw new LabError('PortMissing', `which port of ${to}?`, `write ${to}:80, or give a port`)
  const source = cluster.places.find(from, atNs)
  if (from.startsWith('service:')) throw new LabError('UnknownName', `a Service sends nothing: ${from}`, 'name a pod or a node')
  return {
    from: source,
    to: target.place,
    port: targetPort ?? 0,
    protocol: name as Protocol,
    sourcePort: sourcePort ?? cluster.params.ephemeralFirst,
    atNs,
  }
}

function execPlace(cluster: Cluster, words: string, at: LabOptions['at'], labNs: number): ExecPlace {
  const atNs = momentOf(at, cluster, labNs)
  const { lp, pod } = cluster.places.find(words, atNs)
  if (lp >= 0 && cluster.image.lpKind[lp] === LpKind.node) {
    checkPresent(cluster.plan, lp, atNs)
    return { lp, pod, atNs }
  }
  throw new LabError('NotSupportedYet', `not supported yet: commands at ${words}`, 'name a pod or a node of the cluster')
}

/** The connections of the scenario's own run at a moment: it runs up to there, once for each moment that is asked for. */
function connectionsOf(loaded: LoadedScenario): ConnectionsAt {
  const known = new Map<number, Conntrack>()
  return atNs => {
    if (atNs === 0) return null
    const found =
      known.get(atNs) ?? conntrackAt({ image: imageFor(prepare(loaded), 1), shard: 0, mesh: createMesh(1), verify: false }, atNs)
    known.set(atNs, found)
    return found
  }
}

/** The cluster without its traffic: probes are all that moves in a lab. */
function clusterOf(loaded: LoadedScenario, services?: boolean): Cluster {
  const prepared = prepare(loaded, true)
  const quiet = { ...loaded.scenario, traffic: [], capture: [] }
  const compiled = imageFor({ ...prepared, loaded: { ...loaded, scenario: quiet } }, 1, services ?? usesServices(loaded.scenario))
  const image = openImage(compiled)
  const { plan, names } = prepared
  const { scenario } = loaded
  const guardsAt = remembering(atNs => new Guards(explainerOf(scenario, plan, atNs)))
  const imageAt = remembering(atNs => {
    const tables = tablesOf(compiled, image)
    tables.changes?.advance(atNs)
    return tables.image
  })
  return { scenario, plan, names, params: compiled.params, image, imageAt, places: placesOf(loaded, plan, names, image), guardsAt }
}

/** What was made for a moment is kept, of a few moments at a time. */
function remembering<Value>(make: (atNs: number) => Value): (atNs: number) => Value {
  const known = new Map<number, Value>()
  return atNs => {
    const found = known.get(atNs)
    if (found !== undefined) return found
    if (known.size >= MOST_MOMENTS) known.clear()
    const made = make(atNs)
    known.set(atNs, made)
    return made
  }
}

function momentOf(at: string | number | undefined, { params }: Cluster, fallback: number): number {
  if (at === undefined) return fallback
  const ns = typeof at === 'number' ? at : parseSimTime(at)
  if (ns === null || !Number.isInteger(ns) || ns < 0)
    throw new LabError('BadTime', `"${at}" is not a moment`, 'write it with its unit, as in 10s')
  if (ns > params.durationNs)
    throw new LabError('BadTime', `${at} is after the end of the scenario`, 'name an earlier moment, or set duration')
  return ns
}
