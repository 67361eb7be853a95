// Connection tracking of a packet as it enters a host (nf_conntrack_in): find its connection, move that connection's state, or note the
// tuple of a new one. What the kernel calls INVALID stays untracked and passes untranslated.
import { type Conntrack, Direction, swapPorts } from '../table/conntrack.js'
import { Entry } from '../table/conntrack-records.js'
import { Status } from '../table/pulse.js'
import { Belongs, beginTcp, followTcp } from '../table/tcp-connection.js'
import { hasValidFlags, nextTcpState, TcpState, tcpKindOf } from '../table/tcp-state.js'
import type { Segment } from '../table/tcp-window.js'
import * as icmp from '../wire/icmp.js'
import * as ipv4 from '../wire/ipv4.js'
import * as tcp from '../wire/tcp.js'
import { readOptions } from '../wire/tcp-options.js'
import * as udp from '../wire/udp.js'
import { isIcmpCheckRight, isL4CheckRight } from './checksums.js'
import { type LpId, type PacketId, type Stack, Tracked } from './stack.js'

const SECOND = 1e9
/** How long UDP connections live without a packet, ns. */
export const enum UdpLife {
  PLAIN = 30e9,
  /** Once both sides have talked for {@link UDP_STREAM_AFTER}. */
  STREAM = 120e9,
}
/** An answered UDP flow that still sends this long after its first packet is a stream. */
const UDP_STREAM_AFTER = 2 * SECOND
const ICMP_LIFE = 30 * SECOND
const GENERIC_LIFE = 600 * SECOND
/** An established association (nf_conntrack_proto_sctp.c, 210 s). Its chunks are not followed: any packet may begin one. */
const SCTP_LIFE = 210 * SECOND
const SCTP_HEADER_LEN = 12

/**
 * Sets `connection`, `related` and the tuple for the packet whose IPv4 header is at `ip` (absolute). `whole` is the length of the
 * datagram of which the packet is the first fragment.
 */
export function track(stack: Stack, lp: LpId, id: PacketId, ip: number, whole = 0): void {
  stack.connection = Tracked.NOT
  stack.related = false
  const frame = stack.pool.view
  const protocol = ipv4.protocol(frame, ip)
  const l4 = ip + ipv4.headerLength(frame, ip)
  const length = ipv4.totalLength(frame, ip) - (l4 - ip)
  stack.tupleProtocol = protocol
  stack.tupleSource = ipv4.source(frame, ip)
  stack.tupleTarget = ipv4.target(frame, ip)
  if (protocol === ipv4.PROTOCOL_UDP) {
    if (length >= udp.HEADER_LEN && isUdpSound(stack, id, ip, l4, length)) trackDatagram(stack, lp, frame.getInt32(l4), UdpLife.PLAIN)
  } else if (protocol === ipv4.PROTOCOL_TCP) {
    const segmentLength = whole === 0 ? length : whole
    if (length >= tcp.MIN_HEADER_LEN && isTcpSound(stack, id, ip, l4, segmentLength)) trackSegment(stack, lp, id, l4, segmentLength)
  } else if (protocol === ipv4.PROTOCOL_ICMP) {
    const sound = ipv4.isFragment(frame, ip) || isIcmpCheckRight(stack.pool, id, ip)
    if (length >= icmp.HEADER_LEN && sound) trackIcmp(stack, lp, id, ip, l4)
  } else if (protocol === ipv4.PROTOCOL_SCTP) {
    if (length >= SCTP_HEADER_LEN) trackDatagram(stack, lp, frame.getInt32(l4), SCTP_LIFE)
  } else trackDatagram(stack, lp, 0, GENERIC_LIFE)
}

/** nf_conntrack's own check of a datagram: length, and checksum if there is one. */
function isUdpSound(stack: Stack, id: PacketId, ip: number, l4: number, length: number): boolean {
  const frame = stack.pool.view
  const udpLength = udp.length(frame, l4)
  if (udpLength < udp.HEADER_LEN) return false
  // Length and checksum of a fragment speak of what is not here; the whole datagram was checked before it came here.
  if (ipv4.isFragment(frame, ip)) return true
  return udpLength <= length && (udp.check(frame, l4) === 0 || isL4CheckRight(stack.pool, id, ip, ipv4.PROTOCOL_UDP))
}

function isTcpSound(stack: Stack, id: PacketId, ip: number, l4: number, length: number): boolean {
  const frame = stack.pool.view
  const headerLength = tcp.headerLength(frame, l4)
  if (headerLength < tcp.MIN_HEADER_LEN || headerLength > length || !hasValidFlags(tcp.flags(frame, l4))) return false
  return ipv4.isFragment(frame, ip) || isL4CheckRight(stack.pool, id, ip, ipv4.PROTOCOL_TCP)
}

/** UDP and protocols without ports: any packet may begin a connection. */
function trackDatagram(stack: Stack, lp: LpId, ports: number, lifeNs: number): void {
  const { clock, conntrack } = stack
  stack.tuplePorts = ports
  const reference = conntrack.find(lp, stack.tupleProtocol, stack.tupleSource, stack.tupleTarget, ports, clock)
  if (reference < 0) {
    stack.connection = Tracked.NEW
    return
  }
  stack.connection = reference
  if (lifeNs === UdpLife.PLAIN) touchUdp(conntrack, reference, clock)
  else {
    conntrack.refresh(reference >> 2, clock, lifeNs)
    if ((reference & 3) === Direction.REPLY) conntrack.setState(reference >> 2, Status.SEEN_REPLY, 0)
  }
}

/** A datagram of a known connection passed (nf_conntrack_udp_packet): its lifetime starts anew. */
export function touchUdp(conntrack: Conntrack, reference: number, clock: Float64Array): void {
  const record = reference >> 2
  const state = conntrack.state(record)
  if ((state & Status.SEEN_REPLY) !== 0) {
    const isAssured = (state & Status.ASSURED) !== 0
    const stream = isAssured || clock[0] > conntrack.born(record) + UDP_STREAM_AFTER
    if (stream && !isAssured) conntrack.setState(record, Status.ASSURED, 0)
    conntrack.refresh(record, clock, stream ? UdpLife.STREAM : UdpLife.PLAIN)
  } else conntrack.refresh(record, clock, UdpLife.PLAIN)
  if ((reference & 3) === Direction.REPLY && (state & Status.SEEN_REPLY) === 0) conntrack.setState(record, Status.SEEN_REPLY, 0)
}

function trackSegment(stack: Stack, lp: LpId, id: PacketId, l4: number, length: number): void {
  const { clock, conntrack, pool } = stack
  const { segment } = conntrack.tcp
  stack.tuplePorts = pool.view.getInt32(l4)
  readSegment(segment, pool.view, l4, length, pool.start(id) + pool.head(id))
  const reference = conntrack.find(lp, ipv4.PROTOCOL_TCP, stack.tupleSource, stack.tupleTarget, stack.tuplePorts, clock)
  if (reference >= 0) {
    const belongs = followTcp(conntrack, reference, clock)
    if (belongs === Belongs.yes) stack.connection = reference
    if (belongs !== Belongs.anew) return
  }
  // A SYN begins a connection; a lone ACK is picked up mid-stream (nf_conntrack_tcp_loose).
  if (nextTcpState(Direction.ORIGINAL, segment.flags, TcpState.none) < TcpState.ignored) stack.connection = Tracked.NEW
}

/** What the windows are about, out of the header at `l4` of a segment of `length` bytes; options are read up to `end`. */
function readSegment(segment: Segment, frame: DataView, l4: number, length: number, end: number): void {
  const flags = tcp.flags(frame, l4)
  const headerLength = tcp.headerLength(frame, l4)
  const counted = (flags & tcp.SYN ? 1 : 0) + (flags & tcp.FIN ? 1 : 0)
  segment.flags = flags
  segment.kind = tcpKindOf(flags)
  segment.sequence = tcp.sequence(frame, l4)
  segment.acknowledgment = tcp.acknowledgment(frame, l4)
  segment.window = tcp.window(frame, l4)
  segment.end = (segment.sequence + length - headerLength + counted) | 0
  segment.sack = segment.acknowledgment
  segment.hasOptions = headerLength > tcp.MIN_HEADER_LEN
  readOptions(frame, l4 + tcp.MIN_HEADER_LEN, Math.min(l4 + headerLength, end), segment)
}

function trackIcmp(stack: Stack, lp: LpId, id: PacketId, ip: number, l4: number): void {
  const frame = stack.pool.view
  const type = icmp.type(frame, l4)
  if (icmp.isError(type)) {
    if (type !== icmp.REDIRECT) trackError(stack, lp, id, ip, l4)
    return
  }
  if (type !== icmp.ECHO_REQUEST && type !== icmp.ECHO_REPLY) return
  const ports = (icmp.identifier(frame, l4) << 16) | (type << 8) | icmp.code(frame, l4)
  trackDatagram(stack, lp, ports, ICMP_LIFE)
  // Only a request begins a connection.
  if (stack.connection === Tracked.NEW && type === icmp.ECHO_REPLY) stack.connection = Tracked.NOT
}

/** An ICMP error belongs to the connection of the packet it quotes, if it is addressed to that connection's end (nf_conntrack_inet_error). */
function trackError(stack: Stack, lp: LpId, id: PacketId, ip: number, l4: number): void {
  const { conntrack, pool } = stack
  const frame = pool.view
  const quoted = l4 + icmp.HEADER_LEN
  const end = pool.start(id) + pool.head(id)
  if (quoted + ipv4.MIN_HEADER_LEN > end || ipv4.version(frame, quoted) !== 4) return
  const quotedL4 = quoted + ipv4.headerLength(frame, quoted)
  if (quotedL4 + 8 > end || ipv4.fragmentOffset(frame, quoted) !== 0) return
  const protocol = ipv4.protocol(frame, quoted)
  const ports = replyPortsQuoted(frame, protocol, quotedL4)
  const reference = conntrack.find(lp, protocol, ipv4.target(frame, quoted), ipv4.source(frame, quoted), ports, stack.clock)
  if (reference < 0) return
  const target = conntrack.words[(reference >> 2) * Entry.WORDS + (reference & 3) * 3 + 1]
  if (target !== ipv4.target(frame, ip)) return
  stack.connection = reference
  stack.related = true
}

/** Ports of the tuple that answers the quoted packet. */
function replyPortsQuoted(frame: DataView, protocol: number, l4: number): number {
  if (protocol === ipv4.PROTOCOL_UDP || protocol === ipv4.PROTOCOL_TCP || protocol === ipv4.PROTOCOL_SCTP)
    return swapPorts(frame.getInt32(l4))
  if (protocol !== ipv4.PROTOCOL_ICMP) return 0
  const answer = icmp.type(frame, l4) === icmp.ECHO_REQUEST ? icmp.ECHO_REPLY : icmp.ECHO_REQUEST
  return (icmp.identifier(frame, l4) << 16) | (answer << 8) | icmp.code(frame, l4)
}

/** Begins to follow a fresh connection, whose first packet is the one in hand. */
export function beginTracking({ clock, conntrack, tupleProtocol }: Stack, record: number): void {
  if (tupleProtocol === ipv4.PROTOCOL_TCP) beginTcp(conntrack, record, clock)
  else if (tupleProtocol === ipv4.PROTOCOL_UDP) conntrack.arm(record, clock, UdpLife.PLAIN)
  else conntrack.arm(record, clock, lifeOf(tupleProtocol))
}

const lifeOf = (protocol: number): number =>
  protocol === ipv4.PROTOCOL_ICMP ? ICMP_LIFE : protocol === ipv4.PROTOCOL_SCTP ? SCTP_LIFE : GENERIC_LIFE
