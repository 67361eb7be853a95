// TCP segments and datagrams of connections, written into packet slots: every header real, every checksum right, payload of zeros that
// exists as a length. A SYN carries the maximum segment size and no other option: hosts with tcp_window_scaling, tcp_sack and
// tcp_timestamps off, so a window is at most 64 KiB, which the fixed send window of ten segments never reaches. Identifications
// count per host, SYN-ACK and RST have 0, DF is set, as Linux has it.
import type { LpId, PacketId } from '../base/brand.js'
import { PacketFlag } from '../shm/packet-pool.js'
import { Socket } from '../table/sockets.js'
import { MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW, MAC_POD } from '../wire/address.js'
import { finish, halves, sum } from '../wire/checksum.js'
import * as ethernet from '../wire/ethernet.js'
import * as ipv4 from '../wire/ipv4.js'
import * as tcp from '../wire/tcp.js'
import * as udp from '../wire/udp.js'
import { podOf, type Talk, trafficOf } from './talk.js'

const L2 = ethernet.HEADER_LEN
const TTL = 64
/** Linux's first offer with segments of 1,460 bytes; kept for all, since nothing is ever left unread. */
const WINDOW = 64240
/** Kind 2, length 4 (RFC 9293 section 3.7.1). */
const OPTION_MSS = 0x0204_0000
const HEADERS = ipv4.MIN_HEADER_LEN + tcp.MIN_HEADER_LEN
const UDP_HEADERS = ipv4.MIN_HEADER_LEN + udp.HEADER_LEN
/** What rides in a slot's flow word when it is no flow's: see {@link contentOf}. */
const NO_CONTENT = -1

/** Longest segment that fits the MTU of a pod, or of a host (-1). */
export const segmentMost = ({ params }: Talk, pod: number): number => (pod >= 0 ? params.podMtu : params.mtu) - HEADERS
export const datagramMost = ({ params }: Talk, pod: number): number => (pod >= 0 ? params.podMtu : params.mtu) - UDP_HEADERS

/**
 * The end of a request says how long a response it asks for. Payload bytes do not exist, so this rides beside the packet, in the word
 * that holds the number of a flow (0 and up) in others.
 */
export const contentOf = (talk: Talk, id: PacketId): number => -2 - talk.pool.flow(id)
const withContent = (responseBytes: number): number => -2 - responseBytes

/** Sends a segment of an end: `length` bytes from `sequence` on. With `content` >= 0 it ends a request that asks for so many bytes. */
export function sendSegment(talk: Talk, lp: LpId, row: number, flags: number, sequence: number, length: number, content: number): void {
  const { pool } = talk
  const w = row * Socket.WORDS
  const { words } = talk.sockets
  const options = flags & tcp.SYN ? 4 : 0
  const pod = podOf(talk, row)
  const mark = PacketFlag.IP_GOOD | PacketFlag.L4_GOOD | PacketFlag.IS_SEGMENT | (trafficOf(talk, row) << 16)
  const id = pool.allocate(L2 + HEADERS + options, length, content < 0 ? NO_CONTENT : withContent(content), mark)
  const frame = pool.view
  const at = pool.start(id)
  const local = words[w + Socket.LOCAL]
  const remote = words[w + Socket.REMOTE]
  const ports = words[w + Socket.PORTS]
  if (pod >= 0) ethernet.write(frame, at, MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW, MAC_POD, local, ethernet.TYPE_IPV4)
  const plain = (flags & (tcp.SYN | tcp.ACK)) === (tcp.SYN | tcp.ACK) || (flags & tcp.RST) !== 0
  const total = HEADERS + options + length
  ipv4.write(frame, at + L2, 0, total, plain ? 0 : talk.ipId(lp), ipv4.DONT_FRAGMENT, TTL, ipv4.PROTOCOL_TCP, local, remote)
  const l4 = at + L2 + ipv4.MIN_HEADER_LEN
  const acknowledgment = flags & tcp.ACK ? words[w + Socket.EXPECTED] : 0
  tcp.write(frame, l4, ports >>> 16, ports & 0xffff, sequence, acknowledgment, flags, flags & tcp.RST ? 0 : WINDOW)
  if (options > 0) {
    tcp.setHeaderLength(frame, l4, tcp.MIN_HEADER_LEN + options)
    frame.setInt32(l4 + tcp.MIN_HEADER_LEN, OPTION_MSS | segmentMost(talk, pod))
  }
  closeSum(frame, l4, tcp.MIN_HEADER_LEN + options, total - ipv4.MIN_HEADER_LEN, local, remote)
  talk.emit(lp, pod, id)
}

function closeSum(frame: DataView, l4: number, header: number, length: number, local: number, remote: number): void {
  const pseudo = halves(local) + halves(remote) + ipv4.PROTOCOL_TCP + length
  tcp.setCheck(frame, l4, finish(sum(frame, l4, header, pseudo)))
}

/**
 * Answers a segment that belongs to no connection (tcp_v4_send_reset; RFC 9293 section 3.5.2), from where it arrived. `traffic` is the entry
 * that the RST counts for.
 */
export function sendResetAbout(talk: Talk, lp: LpId, pod: number, about: PacketId, traffic: number): void {
  const { pool } = talk
  const id = pool.allocate(L2 + HEADERS, 0, NO_CONTENT, PacketFlag.IP_GOOD | PacketFlag.L4_GOOD | PacketFlag.IS_SEGMENT | (traffic << 16))
  const frame = pool.view
  const ip = pool.start(about) + L2
  const l4 = ip + ipv4.headerLength(frame, ip)
  const at = pool.start(id)
  const local = ipv4.target(frame, ip)
  const remote = ipv4.source(frame, ip)
  if (pod >= 0) ethernet.write(frame, at, MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW, MAC_POD, local, ethernet.TYPE_IPV4)
  ipv4.write(frame, at + L2, ipv4.tos(frame, ip), HEADERS, 0, ipv4.DONT_FRAGMENT, TTL, ipv4.PROTOCOL_TCP, local, remote)
  const flags = tcp.flags(frame, l4)
  const counted = (flags & tcp.SYN ? 1 : 0) + (flags & tcp.FIN ? 1 : 0)
  const carried = ipv4.totalLength(frame, ip) - (l4 - ip) - tcp.headerLength(frame, l4) + counted
  const answersAck = (flags & tcp.ACK) !== 0
  const to = at + L2 + ipv4.MIN_HEADER_LEN
  const sequence = answersAck ? tcp.acknowledgment(frame, l4) : 0
  const acknowledgment = answersAck ? 0 : (tcp.sequence(frame, l4) + carried) | 0
  const bits = answersAck ? tcp.RST : tcp.RST | tcp.ACK
  tcp.write(frame, to, tcp.targetPort(frame, l4), tcp.sourcePort(frame, l4), sequence, acknowledgment, bits, 0)
  closeSum(frame, to, tcp.MIN_HEADER_LEN, tcp.MIN_HEADER_LEN, local, remote)
  talk.emit(lp, pod, id)
}

/** Sends a datagram of `length` bytes of payload from one end to another; `ports` are the sender's << 16 | the receiver's, `mark` its traffic entry << 16 and flags. */
export function sendDatagram(
  talk: Talk,
  lp: LpId,
  pod: number,
  local: number,
  remote: number,
  ports: number,
  length: number,
  content: number,
  mark: number,
): void {
  const { pool } = talk
  const id = pool.allocate(
    L2 + UDP_HEADERS,
    length,
    content < 0 ? NO_CONTENT : withContent(content),
    PacketFlag.IP_GOOD | PacketFlag.L4_GOOD | PacketFlag.IS_SEGMENT | mark,
  )
  const frame = pool.view
  const at = pool.start(id)
  const size = udp.HEADER_LEN + length
  if (pod >= 0) ethernet.write(frame, at, MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW, MAC_POD, local, ethernet.TYPE_IPV4)
  const total = ipv4.MIN_HEADER_LEN + size
  ipv4.write(frame, at + L2, 0, total, talk.ipId(lp), ipv4.DONT_FRAGMENT, TTL, ipv4.PROTOCOL_UDP, local, remote)
  const check = finish(halves(local) + halves(remote) + ipv4.PROTOCOL_UDP + size + size + halves(ports))
  udp.write(frame, at + L2 + ipv4.MIN_HEADER_LEN, ports >>> 16, ports & 0xffff, size, check === 0 ? 0xffff : check)
  talk.emit(lp, pod, id)
}
