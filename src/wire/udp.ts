// UDP header, RFC 768.   | source port 16 | destination port 16 | length 16 | checksum 16 |

const TARGET_PORT = 2
const LENGTH = 4
const CHECK = 6

export const HEADER_LEN = 8

export const sourcePort = (frame: DataView, at: number): number => frame.getUint16(at)
export const targetPort = (frame: DataView, at: number): number => frame.getUint16(at + TARGET_PORT)
export const length = (frame: DataView, at: number): number => frame.getUint16(at + LENGTH)
/** 0: the sender made none (RFC 768). */
export const check = (frame: DataView, at: number): number => frame.getUint16(at + CHECK)

export const setCheck = (frame: DataView, at: number, value: number): void => frame.setUint16(at + CHECK, value)

export function write(frame: DataView, at: number, from: number, to: number, lengthBytes: number, checksum: number): void {
  frame.setInt32(at, (from << 16) | to)
  frame.setInt32(at + LENGTH, (lengthBytes << 16) | checksum)
}
