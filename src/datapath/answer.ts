// Packets that a host sends because one reached it: echo replies, and the answers that a traffic entry asks for. They go out by the
// event queue, a moment or `answer.after` later, from the same pod or host.
import { PacketFlag } from '../shm/packet-pool.js'
import { finish, update16 } from '../wire/checksum.js'
import * as ethernet from '../wire/ethernet.js'
import * as icmp from '../wire/icmp.js'
import * as ipv4 from '../wire/ipv4.js'
import * as udp from '../wire/udp.js'
import { pseudoSum } from './checksums.js'
import { type LpId, make, nextIpId, type PacketId, type Stack } from './stack.js'

const TTL = 64
const L2 = ethernet.HEADER_LEN

/** The kernel's echo reply: same identifier, sequence, payload and TOS, TTL 64, DF clear, an identification of its own. */
export function echoReplyTo(stack: Stack, lp: LpId, pod: number, id: PacketId, ip: number): void {
  const reply = makeEchoReply(stack, lp, id, ip)
  stack.carrier.sendLater(lp, pod, reply, 0)
}

/** The reply as a packet, its Ethernet header not yet written. */
export function makeEchoReply(stack: Stack, lp: LpId, id: PacketId, ip: number): PacketId {
  const { pool } = stack
  const headerLength = ipv4.headerLength(pool.view, ip)
  const length = ipv4.totalLength(pool.view, ip) - headerLength
  const inSlot = Math.min(length, pool.start(id) + pool.head(id) - ip - headerLength, 64)
  const from = ip - pool.start(id) + headerLength
  const reply = make(stack, lp, L2 + ipv4.MIN_HEADER_LEN + inSlot, length - inSlot, pool.flow(id))
  if (pool.flags(id) & PacketFlag.HAS_TAIL_BYTES) pool.setTail(reply, pool.copyFrame(id).subarray(from + inSlot, from + length))
  const frame = pool.view
  const request = pool.start(id) + L2
  const at = pool.start(reply) + L2
  ipv4.write(
    frame,
    at,
    ipv4.tos(frame, request),
    ipv4.MIN_HEADER_LEN + length,
    nextIpId(stack, lp),
    0,
    TTL,
    ipv4.PROTOCOL_ICMP,
    ipv4.target(frame, request),
    ipv4.source(frame, request),
  )
  const l4 = at + ipv4.MIN_HEADER_LEN
  pool.bytes.copyWithin(l4, request + headerLength, request + headerLength + inSlot)
  const before = frame.getUint16(l4)
  icmp.setType(frame, l4, icmp.ECHO_REPLY)
  icmp.setCheck(frame, l4, update16(icmp.check(frame, l4), before, frame.getUint16(l4)))
  return reply
}

/** Answers a datagram of an entry with `answer`: from where it arrived, to whom the header says it came from. */
export function answerOf(stack: Stack, lp: LpId, pod: number, id: PacketId): void {
  const { image, pool } = stack
  const flow = pool.flow(id)
  const traffic = pool.traffic(id)
  const size = image.trafficAnswerSize[traffic]
  if (size === 0) return
  const head = L2 + ipv4.MIN_HEADER_LEN + udp.HEADER_LEN
  const answer = make(stack, lp, head, size - ipv4.MIN_HEADER_LEN - udp.HEADER_LEN, flow)
  pool.setFlags(answer, PacketFlag.IS_DATAGRAM | PacketFlag.IS_ANSWER | (traffic << 16), 0)
  const frame = pool.view
  const request = pool.start(id) + L2
  const at = pool.start(answer) + L2
  const from = ipv4.target(frame, request)
  const to = ipv4.source(frame, request)
  const l4 = request + ipv4.MIN_HEADER_LEN
  writeDatagram(frame, at, nextIpId(stack, lp), ipv4.DONT_FRAGMENT, from, to, udp.targetPort(frame, l4), udp.sourcePort(frame, l4), size)
  stack.carrier.sendLater(lp, pod, answer, image.trafficAnswerAfterNs[traffic])
}

/** IPv4 and UDP headers of a datagram of zeros, both checksums right. */
function writeDatagram(
  frame: DataView,
  at: number,
  identification: number,
  flags: number,
  from: number,
  to: number,
  fromPort: number,
  toPort: number,
  size: number,
): void {
  ipv4.write(frame, at, 0, size, identification, flags, TTL, ipv4.PROTOCOL_UDP, from, to)
  const length = size - ipv4.MIN_HEADER_LEN
  const check = finish(pseudoSum(frame, at, ipv4.PROTOCOL_UDP, length) + fromPort + toPort + length)
  udp.write(frame, at + ipv4.MIN_HEADER_LEN, fromPort, toPort, length, check === 0 ? 0xffff : check)
}
