// TCP header, RFC 9293 section 3.1.
//   | source port 16 | destination port 16 | sequence 32 | acknowledgment 32 | data offset 4 | reserved 4 | flags 8 | window 16 | checksum 16 | urgent 16 |

const TARGET_PORT = 2
const SEQUENCE = 4
const ACKNOWLEDGMENT = 8
const OFFSET = 12
const FLAGS = 13
const WINDOW = 14
const CHECK = 16

export const MIN_HEADER_LEN = 20
export const FIN = 0x01
export const SYN = 0x02
export const RST = 0x04
export const PSH = 0x08
export const ACK = 0x10
export const URG = 0x20

export const sourcePort = (frame: DataView, at: number): number => frame.getUint16(at)
export const targetPort = (frame: DataView, at: number): number => frame.getUint16(at + TARGET_PORT)
/** As int32: compare with wrapping subtraction. */
export const sequence = (frame: DataView, at: number): number => frame.getInt32(at + SEQUENCE)
export const acknowledgment = (frame: DataView, at: number): number => frame.getInt32(at + ACKNOWLEDGMENT)
/** Header length in bytes. */
export const headerLength = (frame: DataView, at: number): number => (frame.getUint8(at + OFFSET) >>> 4) << 2
export const flags = (frame: DataView, at: number): number => frame.getUint8(at + FLAGS)
export const window = (frame: DataView, at: number): number => frame.getUint16(at + WINDOW)
/** Length with options, a multiple of 4; {@link write} leaves it at the least. */
export const setHeaderLength = (frame: DataView, at: number, length: number): void => frame.setUint8(at + OFFSET, length << 2)
export const check = (frame: DataView, at: number): number => frame.getUint16(at + CHECK)
export const setCheck = (frame: DataView, at: number, value: number): void => frame.setUint16(at + CHECK, value)

/** Writes a header without options, checksum 0. */
export function write(
  frame: DataView,
  at: number,
  from: number,
  to: number,
  sequenceNumber: number,
  acknowledgmentNumber: number,
  flagBits: number,
  windowSize: number,
): void {
  frame.setInt32(at, (from << 16) | to)
  frame.setInt32(at + SEQUENCE, sequenceNumber)
  frame.setInt32(at + ACKNOWLEDGMENT, acknowledgmentNumber)
  frame.setInt32(at + OFFSET, (0x50 << 24) | (flagBits << 16) | windowSize)
  frame.setInt32(at + CHECK, 0)
}
