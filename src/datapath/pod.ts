// The pod's end of the veth: what a pod's own kernel does with a packet that reached it. It verifies checksums, answers echo requests, and
// takes everything else; a datagram of a traffic entry counts as arrived, and is answered if its entry says so.

import { Interface } from '../image/kinds.js'
import { PacketFlag } from '../shm/packet-pool.js'
import * as ethernet from '../wire/ethernet.js'
import * as icmp from '../wire/icmp.js'
import * as ipv4 from '../wire/ipv4.js'
import * as tcp from '../wire/tcp.js'
import { answerOf, echoReplyTo } from './answer.js'
import { isIcmpCheckRight, isL4CheckRight } from './checksums.js'
import type { LpId, PacketId, Stack } from './stack.js'
import { Verdict } from './verdict.js'

/** Hands a packet with its new Ethernet header to the pod. */
export function deliverToPod(stack: Stack, lp: LpId, pod: number, id: PacketId): Verdict {
  if (stack.tapped[lp] !== 0) stack.carrier.tap(lp, Interface.pod, pod, id, 1)
  return consume(stack, lp, pod, id)
}

/** Whether a datagram that reached the host itself is for a pod of the host network: its entry sends to such ones, or it answers one. */
export function isForHostPod({ image, pool }: Stack, lp: LpId, id: PacketId): boolean {
  const flags = pool.flags(id)
  if ((flags & PacketFlag.IS_DATAGRAM) === 0) return false
  const ends = image.trafficHostEnds[pool.traffic(id)]
  return flags & PacketFlag.IS_ANSWER ? (ends & 2) !== 0 && image.flowLp[pool.flow(id)] === lp : (ends & 1) !== 0
}

/** The addressee's own stack: a pod's (`pod`), or that of a host without pods (-1). */
export function consume(stack: Stack, lp: LpId, pod: number, id: PacketId): Verdict {
  const { pool } = stack
  const ip = pool.start(id) + ethernet.HEADER_LEN
  const flags = pool.flags(id)
  if (flags & PacketFlag.IS_DATAGRAM) {
    stack.carrier.arrived(id)
    if ((flags & PacketFlag.IS_ANSWER) === 0) answerOf(stack, lp, pod, id)
    return Verdict.delivered
  }
  const frame = pool.view
  if (ipv4.isFragment(frame, ip)) return Verdict.delivered
  const protocol = ipv4.protocol(frame, ip)
  if (protocol === ipv4.PROTOCOL_UDP) return isUdpRight(stack, id, ip) ? socket(stack, lp, pod, id) : Verdict.udpChecksum
  if (protocol === ipv4.PROTOCOL_TCP) return isTcpRight(stack, id, ip) ? socket(stack, lp, pod, id) : Verdict.tcpInvalid
  if (protocol !== ipv4.PROTOCOL_ICMP) return Verdict.delivered
  const l4 = ip + ipv4.headerLength(frame, ip)
  if (ipv4.totalLength(frame, ip) - (l4 - ip) < icmp.HEADER_LEN || !isIcmpCheckRight(pool, id, ip)) return Verdict.icmpInvalid
  if (icmp.type(frame, l4) === icmp.ECHO_REQUEST) echoReplyTo(stack, lp, pod, id, ip)
  return icmp.isError(icmp.type(frame, l4)) ? socket(stack, lp, pod, id) : Verdict.delivered
}

/** Without connections in the scenario nobody looks at what was received. */
const socket = (stack: Stack, lp: LpId, pod: number, id: PacketId): Verdict =>
  stack.talks ? stack.carrier.toSocket(lp, pod, id) : Verdict.delivered

/** Long enough for its header, with the right checksum. */
export function isTcpRight({ pool }: Stack, id: PacketId, ip: number): boolean {
  const frame = pool.view
  const l4 = ip + ipv4.headerLength(frame, ip)
  const length = ipv4.totalLength(frame, ip) - (l4 - ip)
  return length >= tcp.MIN_HEADER_LEN && tcp.headerLength(frame, l4) <= length && isL4CheckRight(pool, id, ip, ipv4.PROTOCOL_TCP)
}

function isUdpRight(stack: Stack, id: PacketId, ip: number): boolean {
  const frame = stack.pool.view
  const l4 = ip + ipv4.headerLength(frame, ip)
  return frame.getUint16(l4 + 6) === 0 || isL4CheckRight(stack.pool, id, ip, ipv4.PROTOCOL_UDP)
}
