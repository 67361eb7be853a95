// What else reaches an end beside TCP segments: datagrams of exchanges, and ICMP errors about what it sent (tcp_v4_err, __udp4_lib_err).
import type { LpId, PacketId } from '../base/brand.js'
import { TalkServer } from '../image/kinds.js'
import { PacketFlag } from '../shm/packet-pool.js'
import { Socket, SocketFlag, SocketState } from '../table/sockets.js'
import * as icmp from '../wire/icmp.js'
import * as ipv4 from '../wire/ipv4.js'
import * as udp from '../wire/udp.js'
import { answered, fail } from './connection.js'
import { contentOf } from './segment.js'
import { podOf, type Talk } from './talk.js'
import { Failure } from './tally.js'
import { Reception, vanishEnd } from './tcp-input.js'
import { resendData } from './tcp-output.js'
import { answerRequest } from './udp-exchange.js'

/** A datagram that is no flow's: of an exchange, or of nobody in particular. */
export function datagramInput(talk: Talk, lp: LpId, pod: number, id: PacketId, ip: number): number {
  const { image, pool, sockets } = talk
  const flags = pool.flags(id)
  if ((flags & PacketFlag.IS_SEGMENT) === 0) return Reception.taken
  const frame = pool.view
  const l4 = ip + ipv4.headerLength(frame, ip)
  const ports = (udp.targetPort(frame, l4) << 16) | udp.sourcePort(frame, l4)
  const row = sockets.find(lp, SocketFlag.IS_UDP, ipv4.target(frame, ip), ipv4.source(frame, ip), ports)
  if (row >= 0) {
    responseInput(talk, lp, pod, row, udp.length(frame, l4) - udp.HEADER_LEN)
    return Reception.taken
  }
  // The answer to a request that nobody remembers.
  if (flags & PacketFlag.IS_ANSWER) return Reception.refused
  const server = image.talkServer[pool.traffic(id)]
  if (server === TalkServer.refuse) return Reception.refused
  if (server === TalkServer.ignore) return Reception.ignored
  const response = contentOf(talk, id)
  if (response > 0) answerRequest(talk, lp, pod, id, ip, response)
  return Reception.taken
}

function responseInput(talk: Talk, lp: LpId, pod: number, row: number, bytes: number): void {
  const { sockets } = talk
  if (podOf(talk, row) !== pod) {
    // The address belonged to another pod before.
    vanishEnd(talk, row)
    return
  }
  const w = row * Socket.WORDS + Socket.AWAITED
  sockets.words[w] -= bytes
  if (sockets.words[w] > 0 || sockets.has(row, SocketFlag.RESPONDED)) return
  answered(talk, lp, row)
}

/** An ICMP error with the header of the packet it is about at `quoted`; `end` is where the quotation ends. */
export function errorInput(talk: Talk, lp: LpId, pod: number, l4: number, end: number): void {
  const { pool, sockets } = talk
  const frame = pool.view
  const quoted = l4 + icmp.HEADER_LEN
  if (quoted + ipv4.MIN_HEADER_LEN > end) return
  const inner = quoted + ipv4.headerLength(frame, quoted)
  const protocol = ipv4.protocol(frame, quoted)
  if (inner + 8 > end || (protocol !== ipv4.PROTOCOL_TCP && protocol !== ipv4.PROTOCOL_UDP)) return
  const kind = protocol === ipv4.PROTOCOL_UDP ? SocketFlag.IS_UDP : 0
  const row = sockets.find(lp, kind, ipv4.source(frame, quoted), ipv4.target(frame, quoted), frame.getInt32(inner))
  if (row < 0 || podOf(talk, row) !== pod) return
  const type = icmp.type(frame, l4)
  const code = icmp.code(frame, l4)
  if (type === icmp.UNREACHABLE && code === icmp.CODE_FRAGMENTATION_NEEDED) narrow(talk, lp, row, icmp.nextHopMtu(frame, l4))
  else if (type === icmp.UNREACHABLE || type === icmp.TIME_EXCEEDED) unreachable(talk, lp, row, type, code)
}

/** Path MTU discovery (RFC 1191): shorter segments from the first unacknowledged byte on. */
function narrow(talk: Talk, lp: LpId, row: number, mtu: number): void {
  const { sockets } = talk
  const w = row * Socket.WORDS
  const pace = sockets.words[w + Socket.PACE]
  const segment = mtu - 2 * ipv4.MIN_HEADER_LEN
  if (sockets.has(row, SocketFlag.IS_UDP) || segment < 28 || segment >= (pace & 0xffff)) return
  sockets.words[w + Socket.PACE] = (pace & ~0xffff) | segment
  if (sockets.state(row) === SocketState.established && sockets.words[w + Socket.UNACKED] !== sockets.words[w + Socket.NEXT])
    resendData(talk, lp, row)
}

/** Ends an attempt; a connection that is established outlives it (RFC 1122 section 4.2.3.9: a soft error). */
function unreachable(talk: Talk, lp: LpId, row: number, type: number, code: number): void {
  const { sockets } = talk
  const state = sockets.state(row)
  if (
    sockets.has(row, SocketFlag.IS_SERVER) ||
    (state !== SocketState.synSent && state !== SocketState.exchange) ||
    sockets.has(row, SocketFlag.RESPONDED)
  )
    return
  const isRefused = state === SocketState.exchange && type === icmp.UNREACHABLE && code === icmp.CODE_PORT_UNREACHABLE
  fail(talk, lp, row, isRefused ? Failure.refused : Failure.unreachable)
}
