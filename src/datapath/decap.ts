// VXLAN decapsulation, inbound half of RFC 7348, with the checks of Linux's vxlan_rcv in its order (recorded in case vxlan-malformed).
import { PacketFlag } from '../shm/packet-pool.js'
import { MAC_VTEP } from '../wire/address.js'
import { update16 } from '../wire/checksum.js'
import * as ethernet from '../wire/ethernet.js'
import * as ipv4 from '../wire/ipv4.js'
import * as udp from '../wire/udp.js'
import * as vxlan from '../wire/vxlan.js'
import { Count, type LpId, type PacketId, type Stack } from './stack.js'
import { Verdict } from './verdict.js'

const ECN = 0x03
const CE = 3
const ECT1 = 1
const ECT0 = 2

/** Strips the outer headers of a datagram for the VXLAN port; `ip` is the (absolute) outer IPv4 header. What is left begins with the inner Ethernet header. */
export function decap(stack: Stack, lp: LpId, id: PacketId, ip: number): Verdict {
  const { image, params, pool } = stack
  const header = ip + ipv4.headerLength(pool.view, ip) + udp.HEADER_LEN - pool.start(id)
  if (!pool.pull(id, header + vxlan.HEADER_LEN)) return Verdict.vxlanTooShort
  let frame = pool.view
  const at = pool.start(id) + header
  if (!vxlan.hasVni(frame, at)) return Verdict.vxlanInvalidHeader
  if (vxlan.vni(frame, at) !== params.vni) return Verdict.vxlanUnknownVni
  if (vxlan.hasUnknownBits(frame, at)) return Verdict.vxlanReservedBits
  const outerTos = ipv4.tos(frame, pool.start(id) + ethernet.HEADER_LEN)
  if (!pool.pull(id, header + vxlan.HEADER_LEN + ethernet.HEADER_LEN)) return Verdict.vxlanInnerTooShort
  pool.strip(id, header + vxlan.HEADER_LEN)
  // What was known of the packet was known of the outer one, unless our own encapsulation made it around a known inner one.
  pool.setFlags(id, 0, pool.flags(id) & PacketFlag.OUTER_GOOD ? PacketFlag.OUTER_GOOD : PacketFlag.IP_GOOD | PacketFlag.L4_GOOD)
  frame = pool.view
  const inner = pool.start(id)
  if (ethernet.sourceHigh(frame, inner) === MAC_VTEP && ethernet.sourceLow(frame, inner) === image.lpVtep[lp]) return Verdict.vxlanOwnMac
  if (ethernet.etherType(frame, inner) === ethernet.TYPE_IPV4) {
    if (!pool.pull(id, ethernet.HEADER_LEN + ipv4.MIN_HEADER_LEN)) return Verdict.vxlanInnerTooShort
    if (!mergeEcn(stack, id, outerTos)) return Verdict.ecnInvalid
  }
  stack.counts[Count.DECAPSULATED]++
  return Verdict.continue
}

/** INET_ECN_decapsulate, RFC 6040 section 4.2: carries congestion marks inward; false where the packet must go. */
function mergeEcn(stack: Stack, id: PacketId, outerTos: number): boolean {
  const outer = outerTos & ECN
  if (outer === 0 || outer === ECT0) return true
  const frame = stack.pool.view
  const ip = stack.pool.start(id) + ethernet.HEADER_LEN
  const tos = ipv4.tos(frame, ip)
  const inner = tos & ECN
  if (inner === 0) return outer !== CE
  const merged = outer === CE ? CE : inner === ECT0 ? ECT1 : inner
  if (merged === inner) return true
  const before = frame.getUint16(ip)
  ipv4.setTos(frame, ip, (tos & ~ECN) | merged)
  // An IPv4 header known to be right stays so; a wrong one stays wrong by the same difference.
  ipv4.setCheck(frame, ip, update16(ipv4.check(frame, ip), before, frame.getUint16(ip)))
  return true
}
