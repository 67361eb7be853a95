// Fragments wait here for each other, per host and datagram (RFC 791 section 3.2; nf_defrag_ipv4 and ip_fragment.c of the kernel). The
// packets stay what they are: a router that tracks connections lets them go on one after the other with their sizes kept, once all
// are there; only a host that is itself the addressee joins them. Fragments are rare, so this is plain objects, not columns.

import type { LpId, PacketId } from '../base/brand.js'
import type { PacketPool } from '../shm/packet-pool.js'
import { finish, fold } from '../wire/checksum.js'
import * as ethernet from '../wire/ethernet.js'
import * as ipv4 from '../wire/ipv4.js'
import * as udp from '../wire/udp.js'
import { pseudoSum, sumOf } from './checksums.js'

const L2 = ethernet.HEADER_LEN
/** ipfrag_time: 30 s. */
const FRAGMENT_LIFE_NS = 30e9
const LONGEST = 65535

interface Piece {
  readonly id: PacketId
  readonly offset: number
  readonly length: number
  readonly last: boolean
}

interface Datagram {
  readonly since: number
  pieces: Piece[]
}

export type Collected = { readonly state: 'held' | 'invalid' | 'complete'; readonly packets: readonly PacketId[] }

const HELD: Collected = { state: 'held', packets: [] }
const INVALID: Collected = { state: 'invalid', packets: [] }

export class Defragmenter {
  /** The packet just joined, and the longest of its fragments: on its way out it is cut to that length again (frag_max_size of the kernel). */
  joined: PacketId | -1 = -1
  longest = 0
  private readonly hosts = new Map<number, Map<string, Datagram>>()

  /** Takes a fragment in; when it completes its datagram, hands all of them back in order of offset. */
  collect(pool: PacketPool, lp: LpId, id: PacketId, nowNs: number): Collected {
    const frame = pool.view
    const ip = pool.start(id) + L2
    const key = `${ipv4.source(frame, ip)},${ipv4.target(frame, ip)},${ipv4.protocol(frame, ip)},${ipv4.id(frame, ip)}`
    const piece = pieceOf(pool, id, ip)
    if (piece === null) return INVALID
    const host = this.hosts.get(lp) ?? new Map<string, Datagram>()
    this.hosts.set(lp, host)
    const datagram = host.get(key) ?? { since: nowNs, pieces: [] }
    // An overlap is an attack or a mistake (RFC 5722 for IPv6; Linux drops the packet).
    if (datagram.pieces.some(p => p.offset < piece.offset + piece.length && piece.offset < p.offset + p.length)) return INVALID
    datagram.pieces.push(piece)
    datagram.pieces.sort((a, b) => a.offset - b.offset)
    host.set(key, datagram)
    if (!isComplete(datagram.pieces)) return HELD
    host.delete(key)
    return { state: 'complete', packets: datagram.pieces.map(p => p.id) }
  }

  /** Packets of datagrams of `lp` that have waited too long; they are taken out. */
  expired(lp: LpId, nowNs: number): PacketId[] {
    const gone: PacketId[] = []
    const host = this.hosts.get(lp)
    if (!host) return gone
    for (const [key, datagram] of host) {
      if (nowNs - datagram.since < FRAGMENT_LIFE_NS) continue
      gone.push(...datagram.pieces.map(p => p.id))
      host.delete(key)
    }
    return gone
  }
}

function pieceOf(pool: PacketPool, id: PacketId, ip: number): Piece | null {
  const frame = pool.view
  const length = ipv4.totalLength(frame, ip) - ipv4.headerLength(frame, ip)
  const offset = ipv4.fragmentOffset(frame, ip)
  const last = (ipv4.flags(frame, ip) & ipv4.MORE_FRAGMENTS) === 0
  if ((!last && length % 8 !== 0) || length === 0 || offset + length > LONGEST) return null
  return { id, offset, length, last }
}

function isComplete(pieces: readonly Piece[]): boolean {
  let end = 0
  for (const piece of pieces) {
    if (piece.offset !== end) return false
    end += piece.length
  }
  return pieces[pieces.length - 1].last
}

/** Bytes behind the IPv4 header of the datagram that these fragments make. */
export const datagramLength = (pool: PacketPool, packets: readonly PacketId[]): number =>
  packets.reduce((length, id) => {
    const ip = pool.start(id) + L2
    return length + ipv4.totalLength(pool.view, ip) - ipv4.headerLength(pool.view, ip)
  }, 0)

/** Whether length and checksum of the datagram that these fragments make are right, as nf_conntrack asks before it believes its ports. */
export function isDatagramRight(pool: PacketPool, packets: readonly PacketId[]): boolean {
  const frame = pool.view
  const ip = pool.start(packets[0]) + L2
  const protocol = ipv4.protocol(frame, ip)
  const l4 = ip + ipv4.headerLength(frame, ip)
  if (protocol === ipv4.PROTOCOL_UDP && udp.check(frame, l4) === 0) return true
  if (protocol !== ipv4.PROTOCOL_UDP && protocol !== ipv4.PROTOCOL_TCP && protocol !== ipv4.PROTOCOL_ICMP) return true
  let length = 0
  let total = 0
  for (const id of packets) {
    const at = pool.start(id) + L2
    const header = ipv4.headerLength(frame, at)
    const part = ipv4.totalLength(frame, at) - header
    // Offsets are multiples of 8, so every part begins at an even place.
    total += fold(sumOf(pool, id, at + header, part))
    length += part
  }
  if (protocol === ipv4.PROTOCOL_UDP && udp.length(frame, l4) > length) return false
  return finish(protocol === ipv4.PROTOCOL_ICMP ? total : total + pseudoSum(frame, ip, protocol, length)) === 0
}

/**
 * Whether the fragments cannot go this way one by one as they came: one is too long for it, or they are of several sizes and the VXLAN
 * device lacks the headroom to take them as they are, so that the kernel cuts the whole anew.
 */
export function mustRecut(pool: PacketPool, packets: readonly PacketId[], mtu: number, isVxlan: boolean): boolean {
  const lengths = packets.map(id => ipv4.totalLength(pool.view, pool.start(id) + L2))
  const longest = Math.max(...lengths)
  return longest > mtu || (isVxlan && lengths.slice(0, -1).some(length => length !== longest))
}

/** Joins the fragments into the first of them: payloads in a row, header of the first without the fragment fields. */
export function join(fragments: Defragmenter, pool: PacketPool, packets: readonly PacketId[]): void {
  fragments.joined = packets[0]
  fragments.longest = Math.max(...packets.map(id => ipv4.totalLength(pool.view, pool.start(id) + L2)))
  const [first, ...others] = packets
  const parts = others.map(id => {
    const frame = pool.copyFrame(id)
    return frame.subarray(L2 + ((frame[L2] & 15) << 2))
  })
  const own = pool.copyFrame(first).subarray(pool.head(first))
  const tail = new Uint8Array(own.length + parts.reduce((n, part) => n + part.length, 0))
  tail.set(own)
  let at = own.length
  for (const part of parts) {
    tail.set(part, at)
    at += part.length
  }
  pool.setTail(first, tail)
  const ip = pool.start(first) + L2
  ipv4.setTotalLength(pool.view, ip, pool.length(first) - L2)
  ipv4.setFlags(pool.view, ip, ipv4.flags(pool.view, ip) & ipv4.DONT_FRAGMENT)
  ipv4.writeCheck(pool.view, ip)
}
