// ICMP errors as a Linux host sends them (icmp_send; RFC 1122 section 3.2.2, RFC 1812 section 4.3.2): about the first fragment only, never
// about an ICMP error, a broadcast or a packet without a source; the packet is quoted as it was received, and the whole is at most
// 576 bytes; precedence "internetwork control", TTL 64, DF clear.
import { PacketFlag } from '../shm/packet-pool.js'
import { finish } from '../wire/checksum.js'
import * as ethernet from '../wire/ethernet.js'
import * as icmp from '../wire/icmp.js'
import * as ipv4 from '../wire/ipv4.js'
import { sumOf } from './checksums.js'
import { hostOutput } from './output.js'
import { ownAddress, routeOf } from './route.js'
import { type LpId, make, nextIpId, type PacketId, type Stack } from './stack.js'

const L2 = ethernet.HEADER_LEN
const MOST = 576
const QUOTE_MOST = MOST - ipv4.MIN_HEADER_LEN - icmp.HEADER_LEN
const QUOTE_IN_SLOT = 68
const TOS_BITS = 0x1e
const INTERNETWORK_CONTROL = 0xc0
const TTL = 64

/** Sends an error about the packet, which stays the caller's to drop. `local`: it was addressed to this host, so the error comes from that address. */
export function icmpError(stack: Stack, lp: LpId, id: PacketId, type: number, code: number, rest: number, local: boolean): void {
  const { pool } = stack
  const ip = pool.start(id) + L2
  if (!mayComplain(stack, id, ip)) return
  const to = ipv4.source(pool.view, ip)
  const way = routeOf(stack, lp, to)
  const from = local ? ipv4.target(pool.view, ip) : ownAddress(stack, lp, way)
  if (stack.params.icmpRateLimit && !hasCredit(stack, lp, to)) return
  // The packet in hand keeps its connection: the error passes the same steps as a packet of its own.
  const { connection, related, routeLp, routePod } = stack
  hostOutput(stack, lp, makeError(stack, lp, id, ip, type, code, rest, from, to))
  stack.connection = connection
  stack.related = related
  stack.routeLp = routeLp
  stack.routePod = routePod
}

/** A port unreachable about a packet for a pod or a host without ports, as a packet that is not yet sent; -1 where the rate limit forbids it. */
export function makePortUnreachable(stack: Stack, lp: LpId, id: PacketId): PacketId | -1 {
  const ip = stack.pool.start(id) + L2
  const to = ipv4.source(stack.pool.view, ip)
  if (stack.params.icmpRateLimit && !hasCredit(stack, lp, to)) return -1
  const from = ipv4.target(stack.pool.view, ip)
  return makeError(stack, lp, id, ip, icmp.UNREACHABLE, icmp.CODE_PORT_UNREACHABLE, 0, from, to)
}

function mayComplain(stack: Stack, id: PacketId, ip: number): boolean {
  const frame = stack.pool.view
  const source = ipv4.source(frame, ip) >>> 0
  if (stack.pool.flags(id) & PacketFlag.TO_ALL || ipv4.fragmentOffset(frame, ip) !== 0) return false
  if (source === 0 || source >= 0xe0000000 || ipv4.target(frame, ip) >>> 28 === 14) return false
  if (ipv4.protocol(frame, ip) !== ipv4.PROTOCOL_ICMP) return true
  const l4 = ip + ipv4.headerLength(frame, ip)
  const kind = icmp.type(frame, l4)
  return ipv4.totalLength(frame, ip) > l4 - ip && !icmp.isError(kind)
}

function makeError(
  stack: Stack,
  lp: LpId,
  about: PacketId,
  ip: number,
  type: number,
  code: number,
  rest: number,
  from: number,
  to: number,
): PacketId {
  const { pool } = stack
  const quote = Math.min(ipv4.totalLength(pool.view, ip), QUOTE_MOST)
  const inSlot = Math.min(quote, QUOTE_IN_SLOT, pool.head(about) - L2)
  const tos = (ipv4.tos(pool.view, ip) & TOS_BITS) | INTERNETWORK_CONTROL
  const id = make(stack, lp, L2 + ipv4.MIN_HEADER_LEN + icmp.HEADER_LEN + inSlot, quote - inSlot, -1)
  if (quote > inSlot && (pool.flags(about) & PacketFlag.HAS_TAIL_BYTES || pool.head(about) - L2 > inSlot)) {
    pool.setTail(id, pool.copyFrame(about).subarray(L2 + inSlot, L2 + quote))
  }
  const frame = pool.view
  const at = pool.start(id) + L2
  ipv4.write(frame, at, tos, ipv4.MIN_HEADER_LEN + icmp.HEADER_LEN + quote, nextIpId(stack, lp), 0, TTL, ipv4.PROTOCOL_ICMP, from, to)
  const l4 = at + ipv4.MIN_HEADER_LEN
  icmp.write(frame, l4, type, code, rest)
  pool.bytes.copyWithin(l4 + icmp.HEADER_LEN, ip, ip + inSlot)
  icmp.setCheck(frame, l4, finish(sumOf(pool, id, l4, icmp.HEADER_LEN + quote)))
  return id
}

/** icmp_ratelimit 1000: six at once, then one a second for each destination (as observed). */
function hasCredit(stack: Stack, lp: LpId, to: number): boolean {
  const BURST = 6
  const key = lp * 0x100000000 + (to >>> 0)
  const now = stack.clock[0]
  const credit = stack.icmpCredits.get(key) ?? { tokens: BURST, since: now }
  credit.tokens = Math.min(BURST, credit.tokens + (now - credit.since) / 1e9)
  credit.since = now
  stack.icmpCredits.set(key, credit)
  if (credit.tokens < 1) return false
  credit.tokens--
  return true
}
