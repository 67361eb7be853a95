// The IPv4 packets inside a frame, tunnelled and quoted ones too, and changing one of their fields with every checksum that covers it
// following (RFC 1624), from the innermost to the outermost. The golden harness rewrites recorded frames with it.
import { update16 } from '../../src/wire/checksum.js'
import * as ethernet from '../../src/wire/ethernet.js'
import * as icmp from '../../src/wire/icmp.js'
import * as ipv4 from '../../src/wire/ipv4.js'
import * as udp from '../../src/wire/udp.js'
import * as vxlan from '../../src/wire/vxlan.js'

/** One IPv4 packet of a frame. Offsets are into the frame. */
export interface Layer {
  readonly ip: number
  /** Start of the transport header, or -1 where there is none to see (later fragments, cut packets). */
  readonly l4: number
  readonly end: number
  readonly protocol: number
  readonly source: number
  readonly target: number
  /** Stands inside an ICMP error. */
  readonly quoted: boolean
  /** A VXLAN packet: what it carries is the next layer. */
  readonly tunnel: boolean
}

/** All IPv4 packets of an Ethernet frame, from the outside in. */
export function layersOf(frame: DataView): Layer[] {
  const layers: Layer[] = []
  addEthernet(layers, frame, 0, frame.byteLength, false)
  return layers
}

function addEthernet(layers: Layer[], frame: DataView, at: number, end: number, quoted: boolean): void {
  if (end - at < ethernet.HEADER_LEN || ethernet.etherType(frame, at) !== ethernet.TYPE_IPV4) return
  addIpv4(layers, frame, at + ethernet.HEADER_LEN, end, quoted)
}

function addIpv4(layers: Layer[], frame: DataView, ip: number, frameEnd: number, quoted: boolean): void {
  if (frameEnd - ip < ipv4.MIN_HEADER_LEN || ipv4.version(frame, ip) !== 4) return
  const end = Math.min(frameEnd, ip + ipv4.totalLength(frame, ip))
  const protocol = ipv4.protocol(frame, ip)
  const at = ip + ipv4.headerLength(frame, ip)
  const l4 = ipv4.fragmentOffset(frame, ip) > 0 || end - at < icmp.HEADER_LEN ? -1 : at
  const tunnel = l4 > 0 && protocol === ipv4.PROTOCOL_UDP && udp.targetPort(frame, l4) === vxlan.PORT
  layers.push({ ip, l4, end, protocol, source: ipv4.source(frame, ip), target: ipv4.target(frame, ip), quoted, tunnel })
  if (tunnel) addEthernet(layers, frame, l4 + udp.HEADER_LEN + vxlan.HEADER_LEN, end, quoted)
  if (isIcmp(frame, layers.at(-1), icmp.isError)) addIpv4(layers, frame, l4 + icmp.HEADER_LEN, end, true)
}

/** Whether the layer is an ICMP message whose type passes. */
export const isIcmp = (frame: DataView, layer: Layer | undefined, passes: (type: number) => boolean): boolean =>
  layer !== undefined && layer.protocol === ipv4.PROTOCOL_ICMP && layer.l4 > 0 && passes(icmp.type(frame, layer.l4))

/** The innermost packet that is not a quote: what the frame is about. */
export const packetOf = (frame: DataView): Layer | undefined => layersOf(frame).findLast(layer => !layer.quoted)

export interface Ports {
  /** Offset of the field, or -1. */
  readonly source: number
  readonly target: number
}

/** Where the ports stand. The identifier of an echo message is the port of the side that asked, as it is to a NAT. */
export function portsOf(frame: DataView, layer: Layer): Ports {
  if (layer.l4 < 0) return { source: -1, target: -1 }
  if (layer.protocol === ipv4.PROTOCOL_UDP || layer.protocol === ipv4.PROTOCOL_TCP) return { source: layer.l4, target: layer.l4 + 2 }
  const identifier = layer.l4 + 4
  return {
    source: isIcmp(frame, layer, type => type === icmp.ECHO_REQUEST) ? identifier : -1,
    target: isIcmp(frame, layer, type => type === icmp.ECHO_REPLY) ? identifier : -1,
  }
}

/** Bytes that a checksum covers, the checksum included. */
interface Covered {
  readonly start: number
  readonly end: number
  readonly check: number
  /** UDP: 0 means none was made, and stays; a computed 0 is written as 0xffff. */
  readonly zeroIsNone: boolean
}

const CHECK_AT: Readonly<Record<number, number>> = { [ipv4.PROTOCOL_UDP]: 6, [ipv4.PROTOCOL_TCP]: 16, [ipv4.PROTOCOL_ICMP]: 2 }

function coveredBy(frame: DataView, layers: readonly Layer[]): Covered[] {
  const header = layers.map(({ ip }) => ({ start: ip, end: ip + ipv4.headerLength(frame, ip), check: ip + 10, zeroIsNone: false }))
  const transport = layers
    .filter(({ l4, end, protocol }) => l4 > 0 && protocol in CHECK_AT && l4 + CHECK_AT[protocol] + 2 <= end)
    .map(({ l4, end, protocol }) => ({ start: l4, end, check: l4 + CHECK_AT[protocol], zeroIsNone: protocol === ipv4.PROTOCOL_UDP }))
  return [...header, ...transport]
}

/** Sets a 16-bit field; every checksum that was right stays right, every wrong one stays as wrong. */
export function setField(frame: DataView, at: number, value: number): void {
  change(frame, at, value, coveredBy(frame, layersOf(frame)))
}

function change(frame: DataView, at: number, value: number, covered: readonly Covered[]): void {
  const before = frame.getUint16(at)
  if (before === value) return
  frame.setUint16(at, value)
  for (const region of covered) {
    if (at < region.start || at >= region.end || at === region.check) continue
    const check = frame.getUint16(region.check)
    if (region.zeroIsNone && check === 0) continue
    const updated = update16(check, before, value)
    // The checksum itself is a field that outer checksums cover.
    const next = updated === 0 && region.zeroIsNone ? 0xffff : updated
    change(
      frame,
      region.check,
      next,
      covered.filter(other => other !== region),
    )
  }
}
