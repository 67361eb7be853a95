// A frame's headers as values, outer and inner: what a step of a trace shows. Only frames of our own data plane come here, so what is
// announced is there; anything else yields null and is shown by `wire/describe.ts` alone.
import { formatIpv4, formatMac } from '../wire/address.js'
import * as ethernet from '../wire/ethernet.js'
import * as icmp from '../wire/icmp.js'
import * as ipv4 from '../wire/ipv4.js'
import * as tcp from '../wire/tcp.js'
import * as udp from '../wire/udp.js'
import * as vxlan from '../wire/vxlan.js'

/** An IPv4 packet's addresses, ports and what else people ask for. */
export interface PacketHeaders {
  readonly sourceMac: string
  readonly targetMac: string
  readonly source: string
  readonly target: string
  readonly protocol: 'TCP' | 'UDP' | 'SCTP' | 'ICMP' | number
  /** Null for ICMP and protocols without ports. */
  readonly sourcePort: number | null
  readonly targetPort: number | null
  readonly ttl: number
  /** IP length, bytes. */
  readonly length: number
  /** `SYN`, `SYN-ACK`, `RST`, `echo request`, `port unreachable` and the like; empty where there is nothing to say. */
  readonly kind: string
  /** Of a VXLAN packet: the network and the packet inside. */
  readonly vni: number | null
  readonly inner: PacketHeaders | null
}

export const PROTOCOL_SCTP = 132
const NAMES: Readonly<Record<number, 'TCP' | 'UDP' | 'SCTP' | 'ICMP'>> = {
  [ipv4.PROTOCOL_TCP]: 'TCP',
  [ipv4.PROTOCOL_UDP]: 'UDP',
  [PROTOCOL_SCTP]: 'SCTP',
  [ipv4.PROTOCOL_ICMP]: 'ICMP',
}

const L2 = ethernet.HEADER_LEN

/** Several steps ask about one frame; it is read once. */
const known = new WeakMap<Uint8Array, PacketHeaders | null>()

export function headersOf(bytes: Uint8Array): PacketHeaders | null {
  let found = known.get(bytes)
  if (found === undefined) {
    found = headersAt(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0)
    known.set(bytes, found)
  }
  return found
}

function headersAt(frame: DataView, at: number): PacketHeaders | null {
  const ip = at + L2
  if (frame.byteLength < ip + ipv4.MIN_HEADER_LEN || ethernet.etherType(frame, at) !== ethernet.TYPE_IPV4) return null
  const l4 = ip + ipv4.headerLength(frame, ip)
  const number = ipv4.protocol(frame, ip)
  const hasL4 = frame.byteLength >= l4 + 8 && ipv4.fragmentOffset(frame, ip) === 0
  const hasPorts = hasL4 && number in NAMES && number !== ipv4.PROTOCOL_ICMP
  const isVxlan = hasPorts && number === ipv4.PROTOCOL_UDP && udp.targetPort(frame, l4) === vxlan.PORT
  return {
    sourceMac: formatMac(ethernet.sourceHigh(frame, at), ethernet.sourceLow(frame, at)),
    targetMac: formatMac(ethernet.destinationHigh(frame, at), ethernet.destinationLow(frame, at)),
    source: formatIpv4(ipv4.source(frame, ip)),
    target: formatIpv4(ipv4.target(frame, ip)),
    protocol: NAMES[number] ?? number,
    sourcePort: hasPorts ? frame.getUint16(l4) : null,
    targetPort: hasPorts ? frame.getUint16(l4 + 2) : null,
    ttl: ipv4.ttl(frame, ip),
    length: ipv4.totalLength(frame, ip),
    kind: hasL4 ? kindOf(frame, number, l4) : '',
    vni: isVxlan ? vxlan.vni(frame, l4 + udp.HEADER_LEN) : null,
    inner: isVxlan ? headersAt(frame, l4 + udp.HEADER_LEN + vxlan.HEADER_LEN) : null,
  }
}

function kindOf(frame: DataView, protocol: number, l4: number): string {
  if (protocol === ipv4.PROTOCOL_ICMP) return icmpKind(icmp.type(frame, l4), icmp.code(frame, l4))
  if (protocol !== ipv4.PROTOCOL_TCP || frame.byteLength < l4 + tcp.MIN_HEADER_LEN) return ''
  const flags = tcp.flags(frame, l4)
  if (flags & tcp.RST) return 'RST'
  if (flags & tcp.SYN) return flags & tcp.ACK ? 'SYN-ACK' : 'SYN'
  return flags & tcp.FIN ? 'FIN' : 'ACK'
}

const UNREACHABLES: Readonly<Record<number, string>> = {
  [icmp.CODE_NET_UNREACHABLE]: 'network unreachable',
  [icmp.CODE_HOST_UNREACHABLE]: 'host unreachable',
  [icmp.CODE_PROTOCOL_UNREACHABLE]: 'protocol unreachable',
  [icmp.CODE_PORT_UNREACHABLE]: 'port unreachable',
  [icmp.CODE_FRAGMENTATION_NEEDED]: 'fragmentation needed',
  [icmp.CODE_PROHIBITED]: 'communication prohibited',
}

function icmpKind(type: number, code: number): string {
  if (type === icmp.ECHO_REQUEST) return 'echo request'
  if (type === icmp.ECHO_REPLY) return 'echo reply'
  if (type === icmp.TIME_EXCEEDED) return 'time exceeded'
  return type === icmp.UNREACHABLE ? (UNREACHABLES[code] ?? `unreachable, code ${code}`) : `type ${type}`
}

const end = (address: string, port: number | null): string => (port === null ? address : `${address}:${port}`)

/** `10.244.1.11:40000 > 10.244.2.11:8080 TCP SYN, TTL 64, 40 bytes`. */
export function headerLine(headers: PacketHeaders): string {
  const { source, target, sourcePort, targetPort, protocol, kind, ttl, length } = headers
  const name = typeof protocol === 'number' ? `protocol ${protocol}` : protocol
  return `${end(source, sourcePort)} > ${end(target, targetPort)} ${name}${kind === '' ? '' : ` ${kind}`}, TTL ${ttl}, ${length} bytes`
}

export const endOf = (address: string, port: number | null): string => (port === null ? address : `${address}:${port}`)
