// Rewrites addresses and ports of a packet as its connection says, checksums updated incrementally (RFC 1624), as nf_nat_manip_pkt does:
// a UDP checksum of 0 stays 0, a result of 0 is written 0xffff, later fragments have no ports, ICMP errors are rewritten in the
// packet they quote too, and summed anew.
import { Direction } from '../table/conntrack.js'
import { Entry } from '../table/conntrack-records.js'
import { Status } from '../table/pulse.js'
import { finish, update16, update32 } from '../wire/checksum.js'
import * as icmp from '../wire/icmp.js'
import * as ipv4 from '../wire/ipv4.js'
import * as tcp from '../wire/tcp.js'
import * as udp from '../wire/udp.js'
import { sumOf } from './checksums.js'
import type { PacketId, Stack } from './stack.js'

/** Which end of a header is rewritten. */
export const FROM = 0
export const TO = 1

/**
 * On the way in (PREROUTING): what comes back to a connection with a translated source gets its true destination again, and what goes on
 * one with a translated target (a Service's) gets the target that was chosen.
 */
export function translateIn(stack: Stack, id: PacketId, ip: number): void {
  const reference = stack.connection
  if (reference < 0) return
  const isReply = (reference & 3) === Direction.REPLY
  if ((stack.conntrack.state(reference >> 2) & (isReply ? Status.SOURCE_NAT : Status.DEST_NAT)) === 0) return
  const w = (reference >> 2) * Entry.WORDS
  const { words } = stack.conntrack
  const address = words[isReply ? w : w + 3]
  const port = isReply ? originalPort(stack, w) : words[w + 5] >>> 16
  if (!stack.related) rewrite(stack.pool.view, ip, TO, address, port)
  else rewriteError(stack, id, ip, TO, address, port)
}

/**
 * On the way out (POSTROUTING): what a connection with a translated source sends shows the external one, and what answers on one with a
 * translated target shows the address that was asked. Whether a source was hidden.
 */
export function translateOut(stack: Stack, id: PacketId, ip: number): boolean {
  const reference = stack.connection
  if (reference < 0) return false
  const isReply = (reference & 3) === Direction.REPLY
  if ((stack.conntrack.state(reference >> 2) & (isReply ? Status.DEST_NAT : Status.SOURCE_NAT)) === 0) return false
  const w = (reference >> 2) * Entry.WORDS
  const { words } = stack.conntrack
  const isEcho = (words[w + 6] & 0xff) === ipv4.PROTOCOL_ICMP
  const address = words[isReply ? w + 1 : w + 4]
  const port = isReply ? words[w + 2] & 0xffff : isEcho ? words[w + 5] >>> 16 : words[w + 5] & 0xffff
  if (!stack.related) rewrite(stack.pool.view, ip, FROM, address, port)
  else rewriteError(stack, id, ip, FROM, address, port)
  return !isReply
}

/** Source port (or echo id) of the connection's original direction. */
const originalPort = (stack: Stack, w: number): number => stack.conntrack.words[w + 2] >>> 16

/** Puts `address` and `port` into one end of the packet at `ip`. */
export function rewrite(frame: DataView, ip: number, end: number, address: number, port: number): void {
  const at = ip + 12 + end * 4
  const before = frame.getInt32(at)
  frame.setInt32(at, address)
  ipv4.setCheck(frame, ip, update32(ipv4.check(frame, ip), before, address))
  if (ipv4.fragmentOffset(frame, ip) !== 0) return
  rewritePort(frame, ip + ipv4.headerLength(frame, ip), ipv4.protocol(frame, ip), end, before, address, port)
}

function rewritePort(frame: DataView, l4: number, protocol: number, end: number, before: number, address: number, port: number): void {
  if (protocol === ipv4.PROTOCOL_UDP || protocol === ipv4.PROTOCOL_TCP) {
    const at = l4 + end * 2
    const old = frame.getUint16(at)
    frame.setUint16(at, port)
    if (protocol === ipv4.PROTOCOL_UDP) {
      const check = udp.check(frame, l4)
      if (check === 0) return
      const updated = update16(update32(check, before, address), old, port)
      udp.setCheck(frame, l4, updated === 0 ? 0xffff : updated)
    } else tcp.setCheck(frame, l4, update16(update32(tcp.check(frame, l4), before, address), old, port))
  } else if (protocol === ipv4.PROTOCOL_SCTP) {
    // Its CRC32c covers ports but no addresses; the NIC makes it (checksum offload), nothing here reads it.
    frame.setUint16(l4 + end * 2, port)
  } else if (protocol === ipv4.PROTOCOL_ICMP) {
    const old = icmp.identifier(frame, l4)
    icmp.setIdentifier(frame, l4, port)
    icmp.setCheck(frame, l4, update16(icmp.check(frame, l4), old, port))
  }
}

/** An ICMP error: the outer address, the opposite end of the quoted packet, and the checksum of it all (nf_nat_icmp_reply_translation). */
function rewriteError(stack: Stack, id: PacketId, ip: number, end: number, address: number, port: number): void {
  const { pool } = stack
  const frame = pool.view
  const l4 = ip + ipv4.headerLength(frame, ip)
  rewriteQuoted(frame, l4 + icmp.HEADER_LEN, pool.start(id) + pool.head(id) + pool.tail(id), 1 - end, address, port)
  icmp.setCheck(frame, l4, 0)
  icmp.setCheck(frame, l4, finish(sumOf(pool, id, l4, ipv4.totalLength(frame, ip) - (l4 - ip))))
  const at = ip + 12 + end * 4
  const before = frame.getInt32(at)
  frame.setInt32(at, address)
  ipv4.setCheck(frame, ip, update32(ipv4.check(frame, ip), before, address))
}

function rewriteQuoted(frame: DataView, ip: number, packetEnd: number, end: number, address: number, port: number): void {
  const at = ip + 12 + end * 4
  const before = frame.getInt32(at)
  frame.setInt32(at, address)
  ipv4.setCheck(frame, ip, update32(ipv4.check(frame, ip), before, address))
  const l4 = ip + ipv4.headerLength(frame, ip)
  const protocol = ipv4.protocol(frame, ip)
  // Of a quoted TCP segment often only eight bytes are there: the port then changes without a checksum.
  if (protocol === ipv4.PROTOCOL_TCP && l4 + tcp.MIN_HEADER_LEN > packetEnd) frame.setUint16(l4 + end * 2, port)
  else rewritePort(frame, l4, protocol, end, before, address, port)
}
