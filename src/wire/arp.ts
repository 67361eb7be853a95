// ARP for IPv4 over Ethernet, RFC 826.
//   | hardware 16 | protocol 16 | lengths 8+8 | operation 16 | sender MAC 48 | sender IPv4 32 | target MAC 48 | target IPv4 32 |

const OPERATION = 6
const SENDER_MAC = 8
const SENDER_IP = 14
const TARGET_MAC = 18
const TARGET_IP = 24

export const LENGTH = 28
export const REQUEST = 1
export const REPLY = 2

/** Ethernet, IPv4, 6- and 4-byte addresses: the only form anyone answers. */
export const isWellFormed = (frame: DataView, at: number, end: number): boolean =>
  end - at >= LENGTH && frame.getInt32(at) === 0x00010800 && frame.getUint16(at + 4) === 0x0604

export const operation = (frame: DataView, at: number): number => frame.getUint16(at + OPERATION)
export const senderMacHigh = (frame: DataView, at: number): number => frame.getUint16(at + SENDER_MAC)
export const senderMacLow = (frame: DataView, at: number): number => frame.getInt32(at + SENDER_MAC + 2)
export const senderIp = (frame: DataView, at: number): number => frame.getInt32(at + SENDER_IP)
export const targetIp = (frame: DataView, at: number): number => frame.getInt32(at + TARGET_IP)

export function write(
  frame: DataView,
  at: number,
  op: number,
  senderHigh: number,
  senderLow: number,
  senderAddress: number,
  targetHigh: number,
  targetLow: number,
  targetAddress: number,
): void {
  frame.setInt32(at, 0x00010800)
  frame.setInt32(at + 4, 0x06040000 | op)
  frame.setUint16(at + SENDER_MAC, senderHigh)
  frame.setInt32(at + SENDER_MAC + 2, senderLow)
  frame.setInt32(at + SENDER_IP, senderAddress)
  frame.setUint16(at + TARGET_MAC, targetHigh)
  frame.setInt32(at + TARGET_MAC + 2, targetLow)
  frame.setInt32(at + TARGET_IP, targetAddress)
}
