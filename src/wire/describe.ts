// Any bytes to one line, for traces, test failures and people. Never throws and never reads past the end: what does not parse is said
// to be short or bad. The words are those of the kernel recordings, so a line here can be compared with a line there.
import { formatIpv4, formatMac } from './address.js'
import * as arp from './arp.js'
import { finish, halves, sum } from './checksum.js'
import * as ethernet from './ethernet.js'
import * as icmp from './icmp.js'
import * as ipv4 from './ipv4.js'
import * as tcp from './tcp.js'
import * as udp from './udp.js'
import * as vxlan from './vxlan.js'

/** One line about an Ethernet frame. */
export const describeFrame = (bytes: Uint8Array): string =>
  describe(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.byteLength)

/** One line about the Ethernet frame in `at..end`. */
export function describe(frame: DataView, at: number, end: number): string {
  const length = end - at
  if (length < ethernet.HEADER_LEN) return 'short'
  const l3 = at + ethernet.HEADER_LEN
  const type = ethernet.etherType(frame, at)
  if (type === ethernet.TYPE_ARP && arp.isWellFormed(frame, l3, end)) return describeArp(frame, l3)
  if (type !== ethernet.TYPE_IPV4) return `eth type 0x${type.toString(16).padStart(4, '0')} len ${length}`
  return isIpv4(frame, l3, end) ? describeIpv4(frame, l3, end) : `bad ip len ${length}`
}

/** Whether a header with its options is there: no more is needed to name its fields. */
const isIpv4 = (frame: DataView, at: number, end: number): boolean =>
  end - at >= ipv4.MIN_HEADER_LEN &&
  ipv4.version(frame, at) === 4 &&
  ipv4.headerLength(frame, at) >= ipv4.MIN_HEADER_LEN &&
  ipv4.headerLength(frame, at) <= end - at

function describeArp(frame: DataView, at: number): string {
  const operation = arp.operation(frame, at)
  const word = operation === arp.REQUEST ? 'request' : operation === arp.REPLY ? 'reply' : `operation ${operation}`
  const mac = formatMac(arp.senderMacHigh(frame, at), arp.senderMacLow(frame, at))
  return `arp ${word} ${formatIpv4(arp.senderIp(frame, at))} is ${mac}, asks ${formatIpv4(arp.targetIp(frame, at))}`
}

/** One line about the IPv4 packet in `at..end`, whose header is known to be there. */
function describeIpv4(frame: DataView, at: number, end: number): string {
  const flags = ipv4.flags(frame, at)
  const offset = ipv4.fragmentOffset(frame, at)
  let line = `${formatIpv4(ipv4.source(frame, at))}>${formatIpv4(ipv4.target(frame, at))} ttl ${ipv4.ttl(frame, at)} tos ${hex(ipv4.tos(frame, at), 2)}`
  line += ` id ${ipv4.id(frame, at)}`
  if (flags & ipv4.DONT_FRAGMENT) line += ' DF'
  if (flags & ipv4.MORE_FRAGMENTS) line += ' MF'
  if (offset > 0) line += ` frag@${offset}`
  line += ` len ${ipv4.totalLength(frame, at)}`
  if (!ipv4.isCheckRight(frame, at)) line += ' BADIPSUM'
  return offset > 0 ? line : `${line} ${describeTransport(frame, at, end)}`
}

function describeTransport(frame: DataView, ip: number, end: number): string {
  const at = ip + ipv4.headerLength(frame, ip)
  // Bytes after the total length are padding of the link, not of the packet.
  const last = Math.min(end, ip + ipv4.totalLength(frame, ip))
  const protocol = ipv4.protocol(frame, ip)
  if (protocol === ipv4.PROTOCOL_UDP) return last - at < udp.HEADER_LEN ? 'udp short' : describeUdp(frame, ip, at, end)
  if (protocol === ipv4.PROTOCOL_TCP) return last - at < tcp.MIN_HEADER_LEN ? 'tcp short' : describeTcp(frame, ip, at, end)
  if (protocol === ipv4.PROTOCOL_ICMP) return last - at < icmp.HEADER_LEN ? 'icmp short' : describeIcmp(frame, ip, at, end)
  return `proto ${protocol}`
}

function describeUdp(frame: DataView, ip: number, at: number, end: number): string {
  const check = udp.check(frame, at)
  const length = udp.length(frame, at)
  const l4End = ip + ipv4.totalLength(frame, ip)
  // A datagram whose length does not fit its packet has no checksum to speak of.
  const fits = length >= udp.HEADER_LEN && at + length <= l4End
  const bad = check !== 0 && fits && isWhole(frame, ip, end) && transportSum(frame, ip, at, length) !== 0
  const line = `udp ${udp.sourcePort(frame, at)}>${udp.targetPort(frame, at)} ${sumText(check, bad)}`
  const payload = at + udp.HEADER_LEN
  const payloadEnd = Math.min(end, l4End)
  if (udp.targetPort(frame, at) !== vxlan.PORT || payloadEnd - payload < vxlan.HEADER_LEN) return line
  const inner = describe(frame, payload + vxlan.HEADER_LEN, payloadEnd)
  return `${line} | vxlan fl ${hex(frame.getUint8(payload), 2)} vni ${vxlan.vni(frame, payload)} | ${inner}`
}

const TCP_FLAGS: readonly (readonly [number, string])[] = [
  [tcp.SYN, 'S'],
  [tcp.ACK, 'A'],
  [tcp.FIN, 'F'],
  [tcp.RST, 'R'],
  [tcp.PSH, 'P'],
  [tcp.URG, 'U'],
]

function describeTcp(frame: DataView, ip: number, at: number, end: number): string {
  const flags = tcp.flags(frame, at)
  const set = TCP_FLAGS.filter(([bit]) => flags & bit).map(([, letter]) => letter)
  const bad = isWhole(frame, ip, end) && transportSum(frame, ip, at, ip + ipv4.totalLength(frame, ip) - at) !== 0
  return `tcp[${set.join('')}] ${tcp.sourcePort(frame, at)}>${tcp.targetPort(frame, at)} ${sumText(tcp.check(frame, at), bad)}`
}

function describeIcmp(frame: DataView, ip: number, at: number, end: number): string {
  const type = icmp.type(frame, at)
  const code = icmp.code(frame, at)
  const bad = isWhole(frame, ip, end) && finish(sum(frame, at, ip + ipv4.totalLength(frame, ip) - at)) !== 0
  let line = `icmp ${type}/${code}`
  if (type === icmp.ECHO_REQUEST || type === icmp.ECHO_REPLY) line += ` id ${icmp.identifier(frame, at)} seq ${icmp.sequence(frame, at)}`
  if (type === icmp.UNREACHABLE && code === icmp.CODE_FRAGMENTATION_NEEDED) line += ` mtu ${icmp.nextHopMtu(frame, at)}`
  if (icmp.isError(type)) line += ` {${describeQuote(frame, at + icmp.HEADER_LEN, end)}}`
  return `${line} ${sumText(icmp.check(frame, at), bad)}`
}

/** The packet that an ICMP error is about: its header and the first bytes after it, by name of port where these are ports. */
function describeQuote(frame: DataView, at: number, end: number): string {
  if (!isIpv4(frame, at, end)) return 'short quote'
  const protocol = ipv4.protocol(frame, at)
  const l4 = at + ipv4.headerLength(frame, at)
  const hasPorts =
    (protocol === ipv4.PROTOCOL_UDP || protocol === ipv4.PROTOCOL_TCP) && end - l4 >= 4 && ipv4.fragmentOffset(frame, at) === 0
  const from = hasPorts ? `:${udp.sourcePort(frame, l4)}` : ''
  const to = hasPorts ? `:${udp.targetPort(frame, l4)}` : ''
  const pair = `${formatIpv4(ipv4.source(frame, at))}${from}>${formatIpv4(ipv4.target(frame, at))}${to}`
  return `about ${pair} proto ${protocol} ttl ${ipv4.ttl(frame, at)} id ${ipv4.id(frame, at)}`
}

/** Whether all bytes that a transport checksum covers are here: no fragment, and not cut. */
const isWhole = (frame: DataView, ip: number, end: number): boolean =>
  !ipv4.isFragment(frame, ip) && ip + ipv4.totalLength(frame, ip) <= end

/** The checksum over pseudo-header and `length` bytes from `at`, the checksum field included: 0 if that field is right. */
function transportSum(frame: DataView, ip: number, at: number, length: number): number {
  const pseudo = halves(ipv4.source(frame, ip)) + halves(ipv4.target(frame, ip)) + ipv4.protocol(frame, ip) + length
  return finish(sum(frame, at, length, pseudo))
}

const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`
const sumText = (check: number, bad: boolean): string => `sum ${hex(check, 4)}${bad ? '(BAD)' : ''}`
