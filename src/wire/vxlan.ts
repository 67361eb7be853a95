// VXLAN header, RFC 7348 section 5.   | flags 8 | reserved 24 | VNI 24 | reserved 8 |
import type { Vni } from '../base/brand.js'

const VNI = 4
const FLAG_I = 0x08000000

export const HEADER_LEN = 8
export const PORT = 4789
/** Outer Ethernet, IPv4, UDP and VXLAN headers together. */
export const OVERHEAD = 50

export const hasVni = (frame: DataView, at: number): boolean => (frame.getInt32(at) & FLAG_I) !== 0
export const vni = (frame: DataView, at: number): Vni => (frame.getUint32(at + VNI) >>> 8) as Vni
/**
 * Any bit set beside the I flag and the VNI. RFC 7348 says they are ignored on receipt; Linux (vxlan_rcv) treats bits of features
 * the device was not made with as an invalid header, and so do we.
 */
export const hasUnknownBits = (frame: DataView, at: number): boolean =>
  (frame.getInt32(at) & ~FLAG_I) !== 0 || frame.getUint8(at + VNI + 3) !== 0

export function write(frame: DataView, at: number, id: number): void {
  frame.setInt32(at, FLAG_I)
  frame.setInt32(at + VNI, id << 8)
}
