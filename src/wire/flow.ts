// The hash of an inner flow, and the VXLAN source port made from it (RFC 7348 section 5 asks for entropy there; Linux
// udp_flow_src_port scales the hash into the local port range, upper bound not used). Like the kernel's, the hash is the same for both
// directions of a forwarded flow, and takes ports only of unfragmented TCP and UDP; ICMP and fragments hash the addresses alone.

import { mix32 } from '../base/random.js'
import { headerLength, isFragment, PROTOCOL_TCP, PROTOCOL_UDP, protocol, source, target } from './ipv4.js'

/** 32-bit hash of the flow of the IPv4 packet at `at`, whose first bytes up to the ports lie in the frame. */
export function flowHash(frame: DataView, at: number): number {
  const from = source(frame, at)
  const to = target(frame, at)
  const kind = protocol(frame, at)
  let ports = 0
  if ((kind === PROTOCOL_UDP || kind === PROTOCOL_TCP) && !isFragment(frame, at)) ports = frame.getInt32(at + headerLength(frame, at))
  // The lower address first and its port with it, as the kernel orders them: both directions give the same words. (Sums and products
  // of the two sides would be symmetric too, but make one flow of 1.11>2.12 and 1.12>2.11.)
  const swapped = from > to || (from === to && ports >>> 16 > (ports & 0xffff))
  const low = swapped ? to : from
  const high = swapped ? from : to
  if (swapped) ports = (ports << 16) | (ports >>> 16)
  return mix32(Math.imul(low, 0x9e3779b1) + Math.imul(high, 0x85ebca77) + Math.imul(ports, 0xc2b2ae3d))
}

/** A port of [first, last) chosen by the hash. */
export const sourcePortOf = (hash: number, first: number, last: number): number =>
  first + Math.floor(((hash >>> 0) * (last - first)) / 0x100000000)
