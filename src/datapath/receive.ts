// The border of an IP stack: ip_rcv of the kernel. What passes here is a whole IPv4 packet with a right header, trimmed to its
// own length, its first bytes in the slot; accessors behind it need no more checks.
import { PacketFlag, Slot } from '../shm/packet-pool.js'
import * as ethernet from '../wire/ethernet.js'
import * as ipv4 from '../wire/ipv4.js'
import type { PacketId, Stack } from './stack.js'
import { Verdict } from './verdict.js'

const IP = ethernet.HEADER_LEN

/** Checks the IPv4 packet behind the Ethernet header. */
export function receiveIp(stack: Stack, id: PacketId): Verdict {
  const { pool } = stack
  if (pool.flags(id) & PacketFlag.IP_GOOD) return Verdict.continue
  if (!pool.pull(id, Math.min(pool.length(id), Slot.HEAD_MOST))) return Verdict.ipTooShort
  const length = pool.length(id)
  if (length < IP + ipv4.MIN_HEADER_LEN) return Verdict.ipTooShort
  const frame = pool.view
  const at = pool.start(id) + IP
  const headerLength = ipv4.headerLength(frame, at)
  if (ipv4.version(frame, at) !== 4 || headerLength < ipv4.MIN_HEADER_LEN) return Verdict.ipHeaderInvalid
  if (length < IP + headerLength) return Verdict.ipTooShort
  if (!ipv4.isCheckRight(frame, at)) return Verdict.ipChecksum
  const total = ipv4.totalLength(frame, at)
  if (total > length - IP) return Verdict.ipTooShort
  if (total < headerLength) return Verdict.ipHeaderInvalid
  if (total < length - IP) pool.trim(id, IP + total)
  return Verdict.continue
}

/**
 * Source addresses that cannot come from a wire (the kernel's martians): own, loopback, multicast, broadcast, "this host". 0.0.0.0/8 and
 * 240.0.0.0/4 are unicast to Linux but for 0.0.0.0 and 255.255.255.255 themselves (include/linux/in.h, since 5.3).
 */
export function isMartian(stack: Stack, lp: number, source: number): boolean {
  const top = source >>> 24
  if (source === 0 || source === -1 || top === 127 || top >>> 4 === 14) return true
  const { lpAddress, lpVtep } = stack.image
  return source === lpAddress[lp] || (source === lpVtep[lp] && source !== 0)
}
