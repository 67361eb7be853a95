// Checksums of whole packets: of L4 segments whose payload may be zeros or a replayed packet's own bytes, and the shortcut for outer
// UDP checksums. Zeros add nothing to a sum, so generated traffic never pays for its payload.
import type { PacketId } from '../base/brand.js'
import { PacketFlag, type PacketPool } from '../shm/packet-pool.js'
import { finish, fold, halves, sum, sumBytes } from '../wire/checksum.js'
import * as ipv4 from '../wire/ipv4.js'

/** One's complement sum of `length` bytes of the frame from `at` (absolute), which may run on into the tail. */
export function sumOf(pool: PacketPool, id: PacketId, at: number, length: number): number {
  const end = pool.start(id) + pool.head(id)
  const inSlot = Math.min(length, Math.max(0, end - at))
  const total = sum(pool.view, at, inSlot)
  const tail = pool.tailBytes(id)
  if (!tail || inSlot === length) return total
  // The tail begins at an odd place of the data when the slot's part was odd.
  return sumBytes(tail.subarray(0, length - inSlot), inSlot & 1, fold(total))
}

/** Sum of the pseudo-header of RFC 768 and RFC 9293. */
export const pseudoSum = (frame: DataView, ip: number, protocol: number, length: number): number =>
  halves(ipv4.source(frame, ip)) + halves(ipv4.target(frame, ip)) + protocol + length

/** Whether the TCP or UDP checksum of the unfragmented packet at `ip` (absolute) is right; remembers a yes. */
export function isL4CheckRight(pool: PacketPool, id: PacketId, ip: number, protocol: number): boolean {
  if (pool.flags(id) & PacketFlag.L4_GOOD) return true
  const frame = pool.view
  const at = ip + ipv4.headerLength(frame, ip)
  const length = ipv4.totalLength(frame, ip) - (at - ip)
  const right = finish(pseudoSum(frame, ip, protocol, length) + sumOf(pool, id, at, length)) === 0
  if (right) pool.setFlags(id, PacketFlag.L4_GOOD, 0)
  return right
}

/** Whether an ICMP message's checksum is right. */
export function isIcmpCheckRight(pool: PacketPool, id: PacketId, ip: number): boolean {
  if (pool.flags(id) & PacketFlag.L4_GOOD) return true
  const at = ip + ipv4.headerLength(pool.view, ip)
  return finish(sumOf(pool, id, at, ipv4.totalLength(pool.view, ip) - (at - ip))) === 0
}
