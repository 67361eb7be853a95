// IPv4 fragmentation of a packet that is longer than the MTU of its way out (RFC 791 section 3.2), as ip_do_fragment does it: all pieces
// but the last are the largest multiple of 8 that fits, the identification is kept, options stay in the first piece only if they must
// (they are kept in all here, as Linux keeps them when their copy bit is set).
import { PacketFlag } from '../shm/packet-pool.js'
import * as ethernet from '../wire/ethernet.js'
import * as ipv4 from '../wire/ipv4.js'
import { type LpId, originate, type PacketId, type Stack } from './stack.js'

const L2 = ethernet.HEADER_LEN

/**
 * Cuts the packet into fragments of at most `mtu` bytes of IP. The packet itself becomes the first; the others are new packets (each
 * counts as sent by this host) and are returned in order.
 */
export function fragment(stack: Stack, lp: LpId, id: PacketId, mtu: number): PacketId[] {
  const { pool } = stack
  const at = pool.start(id) + L2
  const headerLength = ipv4.headerLength(pool.view, at)
  const length = ipv4.totalLength(pool.view, at) - headerLength
  const flags = ipv4.flags(pool.view, at)
  const piece = (mtu - headerLength) & ~7
  const bytes = pool.copyFrame(id)
  const birth = pool.times[pool.sentAt(id)]
  const others: PacketId[] = []
  for (let offset = piece; offset < length; offset += piece) {
    const size = Math.min(piece, length - offset)
    const frame = new Uint8Array(L2 + headerLength + size)
    frame.set(bytes.subarray(0, L2 + headerLength))
    frame.set(bytes.subarray(L2 + headerLength + offset, L2 + headerLength + offset + size), L2 + headerLength)
    const more = offset + size < length || (flags & ipv4.MORE_FRAGMENTS) !== 0
    const other = pool.allocateFrom(frame, pool.flow(id), 0)
    originate(stack, lp, other)
    // A fragment is as old as the packet it was part of.
    pool.times[pool.sentAt(other)] = birth
    finishHeader(stack, other, headerLength + size, flags, offset, more)
    others.push(other)
  }
  if (!pool.pull(id, L2 + headerLength)) return others
  pool.trim(id, L2 + headerLength + piece)
  // The datagram's latency is that of its first fragment, which carries the ports.
  pool.setFlags(id, 0, PacketFlag.L4_GOOD | (flags & ipv4.OFFSET_MASK ? PacketFlag.IS_DATAGRAM : 0))
  finishHeader(stack, id, headerLength + piece, flags, 0, true)
  return others
}

function finishHeader(stack: Stack, id: PacketId, length: number, flags: number, offset: number, more: boolean): void {
  const frame = stack.pool.view
  const at = stack.pool.start(id) + L2
  const base = (flags & ipv4.OFFSET_MASK) + (offset >>> 3)
  ipv4.setTotalLength(frame, at, length)
  ipv4.setFlags(frame, at, (flags & ipv4.DONT_FRAGMENT) | (more ? ipv4.MORE_FRAGMENTS : 0) | base)
  ipv4.writeCheck(frame, at)
}
