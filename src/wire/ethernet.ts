// Ethernet II header, IEEE 802.3 clause 3.   | destination 48 | source 48 | EtherType 16 |
// A MAC address is read as its high 16 and low 32 bits (int32): the low half of ours is an IPv4 address.

const DESTINATION = 0
const SOURCE = 6
const TYPE = 12

export const HEADER_LEN = 14
export const TYPE_IPV4 = 0x0800
export const TYPE_ARP = 0x0806
export const TYPE_VLAN = 0x8100

export const destinationHigh = (frame: DataView, at: number): number => frame.getUint16(at + DESTINATION)
export const destinationLow = (frame: DataView, at: number): number => frame.getInt32(at + DESTINATION + 2)
export const sourceHigh = (frame: DataView, at: number): number => frame.getUint16(at + SOURCE)
export const sourceLow = (frame: DataView, at: number): number => frame.getInt32(at + SOURCE + 2)
export const etherType = (frame: DataView, at: number): number => frame.getUint16(at + TYPE)
/** Group bit of the destination: broadcast or multicast. */
export const isGroup = (frame: DataView, at: number): boolean => (frame.getUint8(at + DESTINATION) & 1) !== 0

export function write(
  frame: DataView,
  at: number,
  destinationHigh: number,
  destinationLow: number,
  sourceHigh: number,
  sourceLow: number,
  type: number,
): void {
  // Three 32-bit stores and one of 16: byte-wise header stores made a packet 1.7 times dearer.
  frame.setInt32(at, (destinationHigh << 16) | (destinationLow >>> 16))
  frame.setInt32(at + 4, (destinationLow << 16) | sourceHigh)
  frame.setInt32(at + 8, sourceLow)
  frame.setUint16(at + TYPE, type)
}
