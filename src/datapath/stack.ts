// What every step of the data plane works on: the sealed tables, the packets, the connections, the clock of one shard. Steps are free
// functions over it; they return verdicts and never throw because of a packet.
import type { LpId, PacketId, PodId } from '../base/brand.js'
import { philox } from '../base/random.js'
import type { ImageColumns } from '../image/image.js'
import type { Params } from '../image/params.js'
import { PacketFlag, type PacketPool } from '../shm/packet-pool.js'
import { Conntrack } from '../table/conntrack.js'
import type { Defragmenter } from './defragment.js'
import { type LpState, State } from './lp-state.js'
import type { SnatDevice } from './snat-device.js'
import type { Verdict } from './verdict.js'

/** What the engine does for the data plane. */
export interface Carrier {
  /** Puts a complete frame on the wire of an interface: switch, egress queue, delay. */
  transmit(lp: LpId, id: PacketId, interfaceNumber: number): Verdict
  /** Ends a packet's life: counts, digest, slot released. */
  finish(lp: LpId, id: PacketId, verdict: Verdict): void
  /** Offers a frame to the captures; call only where `tapped` says so. */
  tap(lp: LpId, interfaceNumber: number, pod: number, id: PacketId, direction: 1 | 2): void
  /** Has `resume(lp, id)` called after `afterNs` (in `delay[0]`): a packet that its sender holds back. */
  sendLater(lp: LpId, pod: number, id: PacketId, afterNs: number): void
  /** Has the timers of the outbound device looked at in a second. */
  snatDue(lp: LpId): void
  /** Has the fragments of `lp` looked at when their time is up. */
  fragmentsDue(lp: LpId): void
  /** A datagram reached its addressee. */
  arrived(id: PacketId): void
  /** A sound TCP segment, datagram or ICMP error reached a pod (or the host itself, -1): its sockets say what becomes of it. Only where `talks`. */
  toSocket(lp: LpId, pod: number, id: PacketId): Verdict
}

// How a packet stands with connection tracking while it passes the steps of one host.
/** How a packet stands with connection tracking while it passes the steps of one host. */
export const enum Tracked {
  NOT = -1,
  /** No entry yet; the tuple is in `tuple*`, and the way out adds it. */
  NEW = -2,
}

/** Places in a stack's counts. */
export const enum Count {
  SENT = 0,
  ENCAPSULATED = 1,
  DECAPSULATED = 2,
  MASQUERADED = 3,
  COUNT = 4,
}

export interface Stack {
  readonly params: Params
  readonly image: ImageColumns
  readonly pool: PacketPool
  readonly conntrack: Conntrack
  /** Flows that network security groups have let pass, by NIC; null without groups. */
  readonly nicFlows: Conntrack | null
  readonly state: LpState
  readonly carrier: Carrier
  readonly fragments: Defragmenter
  /** [0]: now, ns. A typed array, because a double in a field or an argument costs an allocation. */
  readonly clock: Float64Array
  /** 1 where a capture listens on any interface. */
  readonly tapped: Uint8Array
  /** Times of ICMP error tokens, `lp * 2^32 + address`; only with rate limits on. */
  readonly icmpCredits: Map<number, { tokens: number; since: number }>
  /** Clients with session affinity, by address, for each node and Service port. */
  readonly affinity: Map<number, Map<number, { endpoint: number; untilNs: number }>>
  readonly draws: Int32Array
  /** Pods and hosts have sockets: in runs of scenarios with connections. */
  readonly talks: boolean
  /** What happened to packets on the way, by {@link Count}. */
  readonly counts: Float64Array

  /** The load balancer or NAT gateway, once a packet has reached it; the appliance is a host. */
  snat: SnatDevice | null

  // The packet in hand: its connection (reference, NEW or UNTRACKED), whether it is an ICMP error about that connection, its tuple.
  connection: number
  related: boolean
  tupleProtocol: number
  tupleSource: number
  tupleTarget: number
  tuplePorts: number
  /** The pod whose veth the packet came in by, or -1: from the wire, the tunnel, or the host itself. */
  veth: number
  /** Policies have let the datagram pass of which this is a further fragment. */
  admitted: boolean
  // What kube-proxy chose for the new connection in hand: the target its first packet got, its ports then, whether to masquerade it.
  natTarget: number
  natPorts: number
  natMark: boolean
  // The route in hand.
  routeLp: number
  routePod: number
}

/** A stack at rest, out of what its owner brings. */
export function createStack(
  parts: Pick<Stack, 'params' | 'image' | 'pool' | 'conntrack' | 'state' | 'carrier' | 'fragments' | 'clock' | 'tapped'> & {
    talks?: boolean
  },
): Stack {
  return {
    params: parts.params,
    image: parts.image,
    pool: parts.pool,
    conntrack: parts.conntrack,
    nicFlows: parts.params.nsg ? new Conntrack(parts.params.lpCount, 0, parts.conntrack.pulses.room) : null,
    state: parts.state,
    carrier: parts.carrier,
    fragments: parts.fragments,
    clock: parts.clock,
    tapped: parts.tapped,
    icmpCredits: new Map(),
    affinity: new Map(),
    draws: new Int32Array(4),
    talks: parts.talks ?? false,
    counts: new Float64Array(Count.COUNT),
    snat: null,
    connection: Tracked.NOT,
    related: false,
    tupleProtocol: 0,
    tupleSource: 0,
    tupleTarget: 0,
    tuplePorts: 0,
    veth: -1,
    admitted: false,
    natTarget: 0,
    natPorts: 0,
    natMark: false,
    routeLp: -1,
    routePod: -1,
  }
}

/** Counts a packet as sent by `lp` now and gives it its serial number. */
export function originate(stack: Stack, lp: LpId, id: PacketId): void {
  const w = lp * State.WORDS
  const words = stack.state.words
  stack.pool.setOrigin(id, lp, words[w + State.SERIAL]++)
  stack.pool.times[stack.pool.sentAt(id)] = stack.clock[0]
  words[w + State.SENT]++
  stack.counts[Count.SENT]++
}

/** A packet that this host itself makes: `head` bytes in the slot, zeros after. Headers are made right by the caller. */
export function make(stack: Stack, lp: LpId, head: number, tail: number, flow: number): PacketId {
  const id = stack.pool.allocate(head, tail, flow, PacketFlag.IP_GOOD | PacketFlag.L4_GOOD)
  originate(stack, lp, id)
  return id
}

/** The next IP identification of a host. */
export const nextIpId = (stack: Stack, lp: LpId): number => stack.state.words[lp * State.WORDS + State.IP_ID]++ & 0xffff

/** 32 random bits of the stream of this host, as an unsigned integer: keyed by seed and address, so independent of its number. */
export function draw(stack: Stack, lp: LpId): number {
  const n = stack.state.words[lp * State.WORDS + State.DRAW]++
  philox(n, 0, 0, 0, stack.params.seed, stack.image.lpAddress[lp] ^ 0x6e6174, stack.draws, 0)
  return stack.draws[0] >>> 0
}

/** Ends the life of a packet other than the one in hand, unless it went on. */
export function conclude(stack: Stack, lp: LpId, id: PacketId, verdict: Verdict, held: Verdict): void {
  if (verdict !== held) stack.carrier.finish(lp, id, verdict)
}

export type { LpId, PacketId, PodId }
