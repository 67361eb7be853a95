// ICMP, RFC 792; next-hop MTU of "fragmentation needed" as RFC 1191 section 4.
//   | type 8 | code 8 | checksum 16 | rest of header 32 |, errors quote the IPv4 header and the bytes after it.

const CODE = 1
const CHECK = 2
const REST = 4

export const HEADER_LEN = 8
export const ECHO_REPLY = 0
export const UNREACHABLE = 3
const SOURCE_QUENCH = 4
export const REDIRECT = 5
export const ECHO_REQUEST = 8
export const TIME_EXCEEDED = 11
const PARAMETER_PROBLEM = 12

export const CODE_NET_UNREACHABLE = 0
export const CODE_HOST_UNREACHABLE = 1
export const CODE_PROTOCOL_UNREACHABLE = 2
export const CODE_PORT_UNREACHABLE = 3
export const CODE_FRAGMENTATION_NEEDED = 4
export const CODE_PROHIBITED = 13

export const type = (frame: DataView, at: number): number => frame.getUint8(at)
export const code = (frame: DataView, at: number): number => frame.getUint8(at + CODE)
export const check = (frame: DataView, at: number): number => frame.getUint16(at + CHECK)
/** Identifier of an echo message. */
export const identifier = (frame: DataView, at: number): number => frame.getUint16(at + REST)
export const sequence = (frame: DataView, at: number): number => frame.getUint16(at + REST + 2)
/** Next-hop MTU of a fragmentation-needed message. */
export const nextHopMtu = (frame: DataView, at: number): number => frame.getUint16(at + REST + 2)

export const setType = (frame: DataView, at: number, value: number): void => frame.setUint8(at, value)
export const setCheck = (frame: DataView, at: number, value: number): void => frame.setUint16(at + CHECK, value)
export const setIdentifier = (frame: DataView, at: number, value: number): void => frame.setUint16(at + REST, value)

/** Errors are never answered by errors (RFC 1122 section 3.2.2), and carry a quoted packet. */
export const isError = (messageType: number): boolean =>
  messageType === UNREACHABLE ||
  messageType === SOURCE_QUENCH ||
  messageType === REDIRECT ||
  messageType === TIME_EXCEEDED ||
  messageType === PARAMETER_PROBLEM

/** Writes type, code, zero checksum and the 32 bits after it. */
export function write(frame: DataView, at: number, messageType: number, messageCode: number, rest: number): void {
  frame.setInt32(at, (messageType << 24) | (messageCode << 16))
  frame.setInt32(at + REST, rest)
}
