// Packets addressed to a host itself (ip_local_deliver). A node's VXLAN port takes its share; echo requests are answered; nothing else
// listens, so UDP draws a port unreachable, TCP a RST, other protocols a protocol unreachable.
import { PacketFlag } from '../shm/packet-pool.js'
import { finish } from '../wire/checksum.js'
import * as ethernet from '../wire/ethernet.js'
import * as icmp from '../wire/icmp.js'
import * as ipv4 from '../wire/ipv4.js'
import * as tcp from '../wire/tcp.js'
import * as udp from '../wire/udp.js'
import * as vxlan from '../wire/vxlan.js'
import { makeEchoReply } from './answer.js'
import { isIcmpCheckRight, pseudoSum, sumOf } from './checksums.js'
import { decap } from './decap.js'
import { icmpError } from './icmp-error.js'
import { hostOutput, speaksVxlan } from './output.js'
import { consume, isForHostPod, isTcpRight } from './pod.js'
import { type LpId, make, type PacketId, type Stack } from './stack.js'
import { Verdict } from './verdict.js'

const L2 = ethernet.HEADER_LEN

/** Delivers to the host. `continue` means: the packet was VXLAN, and its inner frame now waits at the VXLAN device. */
export function localInput(stack: Stack, lp: LpId, id: PacketId): Verdict {
  const { pool } = stack
  const ip = pool.start(id) + L2
  switch (ipv4.protocol(pool.view, ip)) {
    case ipv4.PROTOCOL_UDP:
      return udpInput(stack, lp, id, ip)
    case ipv4.PROTOCOL_TCP:
      return tcpInput(stack, lp, id, ip)
    case ipv4.PROTOCOL_ICMP:
      return icmpInput(stack, lp, id, ip)
    default:
      icmpError(stack, lp, id, icmp.UNREACHABLE, icmp.CODE_PROTOCOL_UNREACHABLE, 0, true)
      return Verdict.protocolUnreachable
  }
}

function udpInput(stack: Stack, lp: LpId, id: PacketId, ip: number): Verdict {
  const { pool } = stack
  const l4 = ip + ipv4.headerLength(pool.view, ip)
  const isOurs = (pool.flags(id) & PacketFlag.OUTER_GOOD) !== 0
  if (!isOurs) {
    const verdict = checkDatagram(stack, id, ip, l4)
    if (verdict !== Verdict.continue) return verdict
  }
  if (udp.targetPort(pool.view, l4) === vxlan.PORT && speaksVxlan(stack, lp)) return decap(stack, lp, id, ip)
  if (stack.talks && pool.flags(id) & PacketFlag.IS_SEGMENT) return stack.carrier.toSocket(lp, -1, id)
  if (isForHostPod(stack, lp, id)) return consume(stack, lp, -1, id)
  icmpError(stack, lp, id, icmp.UNREACHABLE, icmp.CODE_PORT_UNREACHABLE, 0, true)
  return Verdict.portUnreachable
}

/** __udp4_lib_rcv: length, trim, checksum. */
function checkDatagram(stack: Stack, id: PacketId, ip: number, l4: number): Verdict {
  const { pool } = stack
  const here = ipv4.totalLength(pool.view, ip) - (l4 - ip)
  if (here < udp.HEADER_LEN) return Verdict.udpTooShort
  const length = udp.length(pool.view, l4)
  if (length > here || length < udp.HEADER_LEN) return Verdict.udpTooShort
  const check = udp.check(pool.view, l4)
  const right = check === 0 || finish(pseudoSum(pool.view, ip, ipv4.PROTOCOL_UDP, length) + sumOf(pool, id, l4, length)) === 0
  if (!right) return Verdict.udpChecksum
  if (length < here) pool.trim(id, l4 - pool.start(id) + length)
  return Verdict.continue
}

function tcpInput(stack: Stack, lp: LpId, id: PacketId, ip: number): Verdict {
  const { pool } = stack
  if (!isTcpRight(stack, id, ip)) return Verdict.tcpInvalid
  if (stack.talks) return stack.carrier.toSocket(lp, -1, id)
  const l4 = ip + ipv4.headerLength(pool.view, ip)
  const length = ipv4.totalLength(pool.view, ip) - (l4 - ip)
  if ((tcp.flags(pool.view, l4) & tcp.RST) === 0) sendReset(stack, lp, id, length)
  return Verdict.connectionRefused
}

/** tcp_v4_send_reset: what RFC 9293 section 3.5.2 asks for a closed port; identification 0 and DF, as the kernel's control socket sends. */
function sendReset(stack: Stack, lp: LpId, about: PacketId, length: number): void {
  const { pool } = stack
  const reset = make(stack, lp, L2 + ipv4.MIN_HEADER_LEN + tcp.MIN_HEADER_LEN, 0, -1)
  const frame = pool.view
  const ip = pool.start(about) + L2
  const l4 = ip + ipv4.headerLength(frame, ip)
  const flags = tcp.flags(frame, l4)
  const at = pool.start(reset) + L2
  const to = at + ipv4.MIN_HEADER_LEN
  const total = ipv4.MIN_HEADER_LEN + tcp.MIN_HEADER_LEN
  const from = ipv4.target(frame, ip)
  const target = ipv4.source(frame, ip)
  ipv4.write(frame, at, ipv4.tos(frame, ip), total, 0, ipv4.DONT_FRAGMENT, 64, ipv4.PROTOCOL_TCP, from, target)
  const carried = length - tcp.headerLength(frame, l4) + (flags & tcp.SYN ? 1 : 0) + (flags & tcp.FIN ? 1 : 0)
  const answersAck = (flags & tcp.ACK) !== 0
  const sequence = answersAck ? tcp.acknowledgment(frame, l4) : 0
  const acknowledgment = answersAck ? 0 : (tcp.sequence(frame, l4) + carried) | 0
  const bits = answersAck ? tcp.RST : tcp.RST | tcp.ACK
  tcp.write(frame, to, tcp.targetPort(frame, l4), tcp.sourcePort(frame, l4), sequence, acknowledgment, bits, 0)
  tcp.setCheck(frame, to, finish(pseudoSum(frame, at, ipv4.PROTOCOL_TCP, tcp.MIN_HEADER_LEN) + sumOf(pool, reset, to, tcp.MIN_HEADER_LEN)))
  hostOutput(stack, lp, reset)
}

function icmpInput(stack: Stack, lp: LpId, id: PacketId, ip: number): Verdict {
  const { pool } = stack
  const l4 = ip + ipv4.headerLength(pool.view, ip)
  if (ipv4.totalLength(pool.view, ip) - (l4 - ip) < icmp.HEADER_LEN || !isIcmpCheckRight(pool, id, ip)) return Verdict.icmpInvalid
  if (stack.talks && icmp.isError(icmp.type(pool.view, l4))) return stack.carrier.toSocket(lp, -1, id)
  if (icmp.type(pool.view, l4) === icmp.ECHO_REQUEST) hostOutput(stack, lp, makeEchoReply(stack, lp, id, ip))
  return Verdict.delivered
}
