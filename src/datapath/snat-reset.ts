// Resets that an outbound device sends: a load balancer to both ends of a connection that was idle too long ("Load Balancer TCP reset"), a
// NAT gateway to a node that goes on with a connection it has forgotten ("Troubleshoot NAT gateway connectivity").
import { Interface } from '../image/kinds.js'
import { SnatFlow, type SnatFlows } from '../table/snat-flows.js'
import { MAC_NODE, MAC_OUTSIDE } from '../wire/address.js'
import { finish } from '../wire/checksum.js'
import * as ethernet from '../wire/ethernet.js'
import * as ipv4 from '../wire/ipv4.js'
import * as tcp from '../wire/tcp.js'
import { pseudoSum, sumOf } from './checksums.js'
import { conclude, type LpId, make, type PacketId, type Stack } from './stack.js'
import { Verdict } from './verdict.js'

const L2 = ethernet.HEADER_LEN
const TTL = 64

/** To both ends, each with the sequence number that it acknowledged last, so that it is taken (RFC 9293 section 3.10.7.4). */
export function sendResets(stack: Stack, lp: LpId, { words }: SnatFlows, record: number): void {
  const w = record * SnatFlow.WORDS
  const ports = words[w + SnatFlow.PORTS]
  const inside = makeReset(
    stack,
    lp,
    words[w + SnatFlow.TARGET],
    words[w + SnatFlow.SOURCE],
    ports & 0xffff,
    ports >>> 16,
    words[w + SnatFlow.LIMIT],
  )
  sendInside(stack, lp, inside, words[w + SnatFlow.KEY] >> 8)
  const answer = words[w + SnatFlow.ANSWER_PORTS]
  const outside = makeReset(
    stack,
    lp,
    words[w + SnatFlow.EXTERNAL],
    words[w + SnatFlow.TARGET],
    answer & 0xffff,
    answer >>> 16,
    words[w + SnatFlow.ACK_IN],
  )
  sendOutside(stack, lp, outside)
}

/** Back to the sender of the segment at `ip`, whose connection nobody here knows. */
export function resetSender(stack: Stack, lp: LpId, ip: number, owner: number): void {
  const frame = stack.pool.view
  const l4 = ip + ipv4.headerLength(frame, ip)
  const sequence = tcp.flags(frame, l4) & tcp.ACK ? tcp.acknowledgment(frame, l4) : 0
  const from = ipv4.target(frame, ip)
  const to = ipv4.source(frame, ip)
  const reset = makeReset(stack, lp, from, to, tcp.targetPort(frame, l4), tcp.sourcePort(frame, l4), sequence)
  sendInside(stack, lp, reset, owner)
}

function makeReset(stack: Stack, lp: LpId, from: number, to: number, fromPort: number, toPort: number, sequence: number): PacketId {
  const { pool } = stack
  const id = make(stack, lp, L2 + ipv4.MIN_HEADER_LEN + tcp.MIN_HEADER_LEN, 0, -1)
  const frame = pool.view
  const at = pool.start(id) + L2
  const l4 = at + ipv4.MIN_HEADER_LEN
  const total = ipv4.MIN_HEADER_LEN + tcp.MIN_HEADER_LEN
  ipv4.write(frame, at, 0, total, 0, ipv4.DONT_FRAGMENT, TTL, ipv4.PROTOCOL_TCP, from, to)
  tcp.write(frame, l4, fromPort, toPort, sequence, 0, tcp.RST, 0)
  tcp.setCheck(frame, l4, finish(pseudoSum(frame, at, ipv4.PROTOCOL_TCP, tcp.MIN_HEADER_LEN) + sumOf(pool, id, l4, tcp.MIN_HEADER_LEN)))
  return id
}

function sendInside(stack: Stack, lp: LpId, id: PacketId, owner: number): void {
  conclude(stack, lp, id, toInside(stack, lp, id, owner), Verdict.held)
}

function sendOutside(stack: Stack, lp: LpId, id: PacketId): void {
  conclude(stack, lp, id, toOutside(stack, lp, id), Verdict.held)
}

/** Puts a packet on the VNet, for the node or host that owns the flow. */
export function toInside(stack: Stack, lp: LpId, id: PacketId, owner: number): Verdict {
  const { image, params, pool } = stack
  ethernet.write(pool.view, pool.start(id), MAC_NODE, image.lpAddress[owner], MAC_NODE, params.gatewayAddress, ethernet.TYPE_IPV4)
  return stack.carrier.transmit(lp, id, Interface.eth0)
}

/** Puts a packet on the wire outside. */
export function toOutside(stack: Stack, lp: LpId, id: PacketId): Verdict {
  const { params, pool } = stack
  ethernet.write(pool.view, pool.start(id), MAC_OUTSIDE, params.gatewayNextHop, MAC_OUTSIDE, params.gatewayPublic, ethernet.TYPE_IPV4)
  return stack.carrier.transmit(lp, id, Interface.outside)
}
