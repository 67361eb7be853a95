// Frames from a few fields, checksums right: what tests put on a wire when no recording has what they need.
import { parseIpv4 } from '../../src/wire/address.js'
import { finish, halves, sum } from '../../src/wire/checksum.js'
import * as ethernet from '../../src/wire/ethernet.js'
import * as icmp from '../../src/wire/icmp.js'
import * as ipv4 from '../../src/wire/ipv4.js'
import * as tcp from '../../src/wire/tcp.js'
import * as udp from '../../src/wire/udp.js'
import * as vxlan from '../../src/wire/vxlan.js'
import { viewOf } from './kernel-case.js'

export interface Ip {
  readonly from: string
  readonly to: string
  readonly ttl?: number
  readonly tos?: number
  readonly id?: number
  /** Flags and fragment offset as they stand in the header. */
  readonly flags?: number
}

const address = (text: string): number => parseIpv4(text)!
const text = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => 97 + (i % 26))

/** An IPv4 packet around a transport segment, which brings its own checksum. */
export function packet(ip: Ip, protocol: number, segment: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(ipv4.MIN_HEADER_LEN + segment.length)
  bytes.set(segment, ipv4.MIN_HEADER_LEN)
  ipv4.write(
    viewOf(bytes),
    0,
    ip.tos ?? 0,
    bytes.length,
    ip.id ?? 1,
    ip.flags ?? 0,
    ip.ttl ?? 64,
    protocol,
    address(ip.from),
    address(ip.to),
  )
  return bytes
}

/** The transport checksum over pseudo-header and segment. */
const check = (ip: Ip, protocol: number, segment: Uint8Array): number =>
  finish(sum(viewOf(segment), 0, segment.length, halves(address(ip.from)) + halves(address(ip.to)) + protocol + segment.length)) || 0xffff

export function udpPacket(ip: Ip, fromPort: number, toPort: number, payload: number | Uint8Array = 32, checksum?: number): Uint8Array {
  const data = typeof payload === 'number' ? text(payload) : payload
  const segment = new Uint8Array(udp.HEADER_LEN + data.length)
  segment.set(data, udp.HEADER_LEN)
  udp.write(viewOf(segment), 0, fromPort, toPort, segment.length, 0)
  udp.setCheck(viewOf(segment), 0, checksum ?? check(ip, ipv4.PROTOCOL_UDP, segment))
  return packet(ip, ipv4.PROTOCOL_UDP, segment)
}

export function tcpPacket(
  ip: Ip,
  fromPort: number,
  toPort: number,
  flags: number,
  sequence: number,
  acknowledgment = 0,
  length = 0,
): Uint8Array {
  const segment = new Uint8Array(tcp.MIN_HEADER_LEN + length)
  segment.set(text(length), tcp.MIN_HEADER_LEN)
  tcp.write(viewOf(segment), 0, fromPort, toPort, sequence, acknowledgment, flags, 64240)
  tcp.setCheck(viewOf(segment), 0, check(ip, ipv4.PROTOCOL_TCP, segment))
  return packet(ip, ipv4.PROTOCOL_TCP, segment)
}

/** `rest` is the second word of the header: identifier and sequence, or next-hop MTU. */
export function icmpPacket(ip: Ip, type: number, code: number, rest: number, payload: Uint8Array = text(24)): Uint8Array {
  const message = new Uint8Array(icmp.HEADER_LEN + payload.length)
  message.set(payload, icmp.HEADER_LEN)
  icmp.write(viewOf(message), 0, type, code, rest)
  icmp.setCheck(viewOf(message), 0, finish(sum(viewOf(message), 0, message.length)))
  return packet(ip, ipv4.PROTOCOL_ICMP, message)
}

/** The packet cut into fragments of `size` payload bytes (a multiple of 8). */
export function fragmentsOf(whole: Uint8Array, size: number): Uint8Array[] {
  const payload = whole.subarray(ipv4.MIN_HEADER_LEN)
  return Array.from({ length: Math.ceil(payload.length / size) }, (_, i) => {
    const part = payload.subarray(i * size, (i + 1) * size)
    const bytes = new Uint8Array(ipv4.MIN_HEADER_LEN + part.length)
    bytes.set(whole.subarray(0, ipv4.MIN_HEADER_LEN))
    bytes.set(part, ipv4.MIN_HEADER_LEN)
    const view = viewOf(bytes)
    ipv4.setTotalLength(view, 0, bytes.length)
    ipv4.setFlags(view, 0, ((i * size) >> 3) | ((i + 1) * size < payload.length ? ipv4.MORE_FRAGMENTS : 0))
    ipv4.writeCheck(view, 0)
    return bytes
  })
}

/** An Ethernet frame; MAC addresses as twelve hex digits. */
export function frame(to: string, from: string, payload: Uint8Array, type: number = ethernet.TYPE_IPV4): Uint8Array {
  const bytes = new Uint8Array(ethernet.HEADER_LEN + payload.length)
  bytes.set(Buffer.from(to + from, 'hex'))
  viewOf(bytes).setUint16(12, type)
  bytes.set(payload, ethernet.HEADER_LEN)
  return bytes
}

/** What one VTEP sends to another around an inner frame. */
export function vxlanPacket(ip: Ip, fromPort: number, inner: Uint8Array, vni = 1): Uint8Array {
  const payload = new Uint8Array(vxlan.HEADER_LEN + inner.length)
  vxlan.write(viewOf(payload), 0, vni)
  payload.set(inner, vxlan.HEADER_LEN)
  return udpPacket(ip, fromPort, vxlan.PORT, payload)
}
