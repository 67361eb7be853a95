// VXLAN encapsulation, outbound half of RFC 7348 as Linux's vxlan_xmit_one does it: 50 bytes in front of the inner frame.
//
// The outer UDP checksum covers the inner packet, but is made without reading it: a right inner IPv4 header sums to zero, and a right
// L4 checksum makes the segment sum to the complement of its pseudo-header (the kernel's local checksum offload). Only packets whose
// L4 checksum is not known to be right are summed byte by byte.
import { PacketFlag } from '../shm/packet-pool.js'
import { MAC_NODE, MAC_VTEP } from '../wire/address.js'
import { finish, halves } from '../wire/checksum.js'
import * as ethernet from '../wire/ethernet.js'
import { flowHash, sourcePortOf } from '../wire/flow.js'
import * as ipv4 from '../wire/ipv4.js'
import * as udp from '../wire/udp.js'
import * as vxlan from '../wire/vxlan.js'
import { pseudoSum, sumOf } from './checksums.js'
import { Count, type LpId, nextIpId, type PacketId, type Stack } from './stack.js'

const DSCP = 0xfc
const ECN = 0x03
const CE = 3
const ECT0 = 2
const DEFAULT_TTL = 64

/** Wraps the packet, whose old Ethernet header is replaced, for the VTEP of `remote`. */
export function encap(stack: Stack, lp: LpId, id: PacketId, remote: number): void {
  const { image, params, pool } = stack
  pool.prepend(id, vxlan.OVERHEAD)
  const frame = pool.view
  const outer = pool.start(id)
  const outerIp = outer + ethernet.HEADER_LEN
  const outerUdp = outerIp + ipv4.MIN_HEADER_LEN
  const header = outerUdp + udp.HEADER_LEN
  const inner = header + vxlan.HEADER_LEN
  const innerIp = inner + ethernet.HEADER_LEN

  ethernet.write(frame, inner, MAC_VTEP, image.lpVtep[remote], MAC_VTEP, image.lpVtep[lp], ethernet.TYPE_IPV4)
  vxlan.write(frame, header, params.vni)
  const source = image.lpAddress[lp]
  const target = image.lpAddress[remote]
  const length = pool.length(id) - ethernet.HEADER_LEN
  const udpLength = length - ipv4.MIN_HEADER_LEN
  const port = sourcePortOf(flowHash(frame, innerIp), params.sourcePortFirst, params.sourcePortLast)
  let check = 0
  if (params.udpChecksum) {
    const headers =
      halves(source) + halves(target) + ipv4.PROTOCOL_UDP + udpLength + port + vxlan.PORT + udpLength + 0x0800 + halves(params.vni << 8)
    const macs = MAC_VTEP * 2 + halves(image.lpVtep[remote]) + halves(image.lpVtep[lp]) + ethernet.TYPE_IPV4
    check = finish(headers + macs + innerSum(stack, id, innerIp))
    if (check === 0) check = 0xffff
  }
  udp.write(frame, outerUdp, port, vxlan.PORT, udpLength, check)

  const innerTos = ipv4.tos(frame, innerIp)
  const ttl = params.outerTtl === 0 ? ipv4.ttl(frame, innerIp) : params.outerTtl
  const df = params.outerDf === 1 || (params.outerDf === 2 && (ipv4.flags(frame, innerIp) & ipv4.DONT_FRAGMENT) !== 0)
  ipv4.write(
    frame,
    outerIp,
    outerTos(params.outerTos, innerTos),
    length,
    nextIpId(stack, lp),
    df ? ipv4.DONT_FRAGMENT : 0,
    ttl === 0 ? DEFAULT_TTL : ttl,
    ipv4.PROTOCOL_UDP,
    source,
    target,
  )
  ethernet.write(frame, outer, MAC_NODE, target, MAC_NODE, source, ethernet.TYPE_IPV4)
  pool.setFlags(id, PacketFlag.OUTER_GOOD, 0)
  stack.counts[Count.ENCAPSULATED]++
}

/** INET_ECN_encapsulate: the configured DSCP, the inner ECN, and for an inner CE an outer ECT(0) (RFC 3168 section 9.1.1, full functionality). */
function outerTos(configured: number, inner: number): number {
  const dscp = configured === -2 ? inner & DSCP : configured === -1 ? 0 : configured & DSCP
  return dscp | ((inner & ECN) === CE ? ECT0 : inner & ECN)
}

/** One's complement sum of the inner IPv4 packet. */
function innerSum(stack: Stack, id: PacketId, innerIp: number): number {
  const { pool } = stack
  const frame = pool.view
  const flags = pool.flags(id)
  const protocol = ipv4.protocol(frame, innerIp)
  const length = ipv4.totalLength(frame, innerIp)
  const plain =
    (flags & (PacketFlag.IP_GOOD | PacketFlag.L4_GOOD)) === (PacketFlag.IP_GOOD | PacketFlag.L4_GOOD) && !ipv4.isFragment(frame, innerIp)
  if (plain && (protocol === ipv4.PROTOCOL_UDP || protocol === ipv4.PROTOCOL_TCP)) {
    const segment = length - ipv4.MIN_HEADER_LEN
    // A UDP checksum of zero means there is none to lean on.
    if (protocol === ipv4.PROTOCOL_TCP || udp.check(frame, innerIp + ipv4.MIN_HEADER_LEN) !== 0) {
      return 0xffff + (~pseudoFold(pseudoSum(frame, innerIp, protocol, segment)) & 0xffff)
    }
  }
  return sumOf(pool, id, innerIp, length)
}

function pseudoFold(total: number): number {
  const s = (total & 0xffff) + (total >>> 16)
  return (s & 0xffff) + (s >>> 16)
}
