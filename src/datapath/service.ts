// kube-proxy on a packet's way, as its iptables mode does it (pkg/proxy/iptables/proxier.go): the first packet of a connection to a Service
// gets an endpoint as its target, drawn anew for each connection; conntrack does the same to all others, and the reverse to answers.
// Runs at PREROUTING and, for what a node sends itself, at OUTPUT. Without endpoints the Service refuses (REJECT); where only endpoints of
// this node may serve and there are none, the packet is dropped.
import { LpKind, RouteKind, ServiceKind } from '../image/kinds.js'
import { Direction } from '../table/conntrack.js'
import { Entry } from '../table/conntrack-records.js'
import { lookup } from '../table/fib.js'
import { Status } from '../table/pulse.js'
import { listenerOf, serviceAt } from '../table/service.js'
import * as ipv4 from '../wire/ipv4.js'
import { podBehind } from './route.js'
import { draw, type LpId, type Stack, Tracked } from './stack.js'
import { rewrite, TO } from './translate.js'
import { Verdict } from './verdict.js'

/** A node port listens at every node's own address. */
const EVERY_NODE = 0
const NOBODY = -1

/**
 * Chooses the target of the new connection in hand and rewrites its first packet, whose IPv4 header is at `ip`. Afterwards `natTarget`,
 * `natPorts` and `natMark` say what `confirm` is to enter; `continue` lets the packet go on. `isPod`: a pod of this node sent it.
 */
export function serve(stack: Stack, lp: LpId, ip: number, isPod: boolean): Verdict {
  if (stack.params.changes) forgetGone(stack)
  if (stack.connection !== Tracked.NEW) return Verdict.continue
  stack.natTarget = stack.tupleTarget
  stack.natPorts = stack.tuplePorts
  stack.natMark = false
  if (stack.image.lpKind[lp] !== LpKind.node) return Verdict.continue
  const row = rowFor(stack, lp)
  if (row < 0 || stack.image.serviceKind[row] === ServiceKind.standIn) return Verdict.continue
  const isLocal = isLocalOnly(stack, lp, row, isPod)
  const endpoint = endpointFor(stack, lp, row, isLocal)
  if (endpoint === NOBODY) return refusal(stack, lp, row, isLocal)
  const { image } = stack
  const address = image.endpointAddress[endpoint]
  const port = image.endpointPort[endpoint]
  stack.natTarget = address
  stack.natPorts = (stack.tuplePorts & ~0xffff) | port
  stack.natMark = mustMasquerade(stack, row, address, isPod)
  rewrite(stack.pool.view, ip, TO, address, port)
  return Verdict.continue
}

/**
 * A UDP connection to an endpoint that is gone would lead nowhere for as long as its client talks: kube-proxy has such entries deleted
 * (pkg/proxy/conntrack/cleanup.go), so the next datagram is a new connection. TCP's are left to time out.
 */
function forgetGone(stack: Stack): void {
  const { connection, conntrack, image } = stack
  if (connection < 0 || (connection & 3) !== Direction.ORIGINAL || stack.related || stack.tupleProtocol !== ipv4.PROTOCOL_UDP) return
  const record = connection >> 2
  if ((conntrack.state(record) & Status.DEST_NAT) === 0) return
  const target = conntrack.words[record * Entry.WORDS + 3]
  const value = lookup(image.fib, target)
  const isPodAddress = value >>> 28 === RouteKind.podBlock || value >>> 28 === RouteKind.podAddress
  if (isPodAddress && podBehind(stack, value, target) >= 0) return
  // An endpoint that the Service names itself is no pod, and stays.
  if (!isPodAddress && !holdsPods(stack, target)) return
  conntrack.remove(record)
  stack.connection = Tracked.NEW
}

const holdsPods = ({ params }: Stack, address: number): boolean => ((address ^ params.podCidrBase) & params.podCidrMask) === 0

/** The row of what listens where the connection in hand goes, or -1. */
function rowFor({ image, tupleTarget, tupleProtocol, tuplePorts }: Stack, lp: LpId): number {
  const { serviceAddress, serviceListener, serviceSlot } = image
  const listener = listenerOf(tupleProtocol, tuplePorts & 0xffff)
  const row = serviceAt(serviceAddress, serviceListener, serviceSlot, tupleTarget, listener)
  if (row >= 0 || tupleTarget !== image.lpAddress[lp]) return row
  return serviceAt(serviceAddress, serviceListener, serviceSlot, EVERY_NODE, listener)
}

/** Pods, and the node itself, reach frontends and node ports as they reach the Service's own address (KUBE-EXT jumps to KUBE-SVC). */
function isLocalOnly(stack: Stack, lp: LpId, row: number, isPod: boolean): boolean {
  const { image, tupleSource } = stack
  if (image.serviceLocal[row] === 0) return false
  return image.serviceKind[row] === ServiceKind.clusterIp || !(isPod || tupleSource === image.lpAddress[lp])
}

/**
 * KUBE-MARK-MASQ: a pod that reaches itself, anybody but a pod at a Service's own address, and whatever comes from outside unless its
 * source is to be kept.
 */
function mustMasquerade(stack: Stack, row: number, endpoint: number, isPod: boolean): boolean {
  const { image, tupleSource } = stack
  if (endpoint === tupleSource) return true
  if (image.serviceKind[row] === ServiceKind.clusterIp) return !isPod
  return image.serviceLocal[row] === 0
}

function endpointFor(stack: Stack, lp: LpId, row: number, isLocal: boolean): number {
  if (stack.image.serviceAffinityNs[row] === 0) return choose(stack, lp, row, isLocal)
  const known = remembered(stack, lp, row)
  const until = stack.clock[0] + stack.image.serviceAffinityNs[row]
  if (known && known.untilNs > stack.clock[0] && isEligible(stack, lp, known.endpoint, isLocal)) {
    known.untilNs = until
    return known.endpoint
  }
  const endpoint = choose(stack, lp, row, isLocal)
  if (endpoint === NOBODY) return endpoint
  if (known) {
    known.endpoint = endpoint
    known.untilNs = until
  } else clientsOf(stack, lp, row).set(stack.tupleSource, { endpoint, untilNs: until })
  return endpoint
}

/** An endpoint, each as likely as any other; NOBODY without one. */
function choose(stack: Stack, lp: LpId, row: number, isLocal: boolean): number {
  const { image, params } = stack
  const first = image.serviceFirst[row]
  const count = image.serviceCount[row]
  if (!isLocal && !params.changes) return count === 0 ? NOBODY : first + pick(stack, lp, count)
  let eligible = 0
  for (let i = first; i < first + count; i++) if (isEligible(stack, lp, i, isLocal)) eligible++
  if (eligible === 0) return NOBODY
  let left = pick(stack, lp, eligible)
  for (let i = first; ; i++) if (isEligible(stack, lp, i, isLocal) && left-- === 0) return i
}

const pick = (stack: Stack, lp: LpId, count: number): number => (count === 1 ? 0 : Math.floor((draw(stack, lp) / 0x100000000) * count))

function isEligible({ image, params, clock }: Stack, lp: LpId, endpoint: number, isLocal: boolean): boolean {
  if (isLocal && image.endpointLp[endpoint] !== lp) return false
  const pod = image.endpointPod[endpoint]
  return pod < 0 || !params.changes || (image.podStartNs[pod] <= clock[0] && clock[0] < image.podStopNs[pod])
}

/** Session affinity of a node's clients, by node and Service port (the iptables module `recent` keeps such a list for each endpoint). */
function clientsOf(stack: Stack, lp: LpId, row: number): NonNullable<ReturnType<Stack['affinity']['get']>> {
  const key = lp * stack.image.serviceKind.length + stack.image.serviceOf[row]
  let clients = stack.affinity.get(key)
  if (!clients) {
    clients = new Map()
    stack.affinity.set(key, clients)
  }
  return clients
}

const remembered = (stack: Stack, lp: LpId, row: number) => clientsOf(stack, lp, row).get(stack.tupleSource)

/** With no endpoint at all the caller owes an ICMP port unreachable (REJECT), which a node's own packets do not need. */
const refusal = (stack: Stack, lp: LpId, row: number, isLocal: boolean): Verdict =>
  isLocal && choose(stack, lp, row, false) !== NOBODY ? Verdict.serviceNoLocalEndpoints : Verdict.serviceNoEndpoints
