// IPv4 header, RFC 791 section 3.1.
//   | version 4 | IHL 4 | TOS 8 | total length 16 | identification 16 | flags 3, offset 13 | TTL 8 | protocol 8 | checksum 16 | source 32 | target 32 |
import type { Ipv4 } from '../base/brand.js'
import { finish, sum } from './checksum.js'

const TOS = 1
const LENGTH = 2
const ID = 4
const FLAGS = 6
const TTL = 8
const PROTOCOL = 9
const CHECK = 10
const SOURCE = 12
const TARGET = 16

export const MIN_HEADER_LEN = 20
export const PROTOCOL_ICMP = 1
export const PROTOCOL_TCP = 6
export const PROTOCOL_UDP = 17
export const PROTOCOL_SCTP = 132
export const DONT_FRAGMENT = 0x4000
export const MORE_FRAGMENTS = 0x2000
export const OFFSET_MASK = 0x1fff

export const version = (frame: DataView, at: number): number => frame.getUint8(at) >>> 4
/** Header length in bytes. */
export const headerLength = (frame: DataView, at: number): number => (frame.getUint8(at) & 15) << 2
export const tos = (frame: DataView, at: number): number => frame.getUint8(at + TOS)
export const totalLength = (frame: DataView, at: number): number => frame.getUint16(at + LENGTH)
export const id = (frame: DataView, at: number): number => frame.getUint16(at + ID)
export const flags = (frame: DataView, at: number): number => frame.getUint16(at + FLAGS)
export const ttl = (frame: DataView, at: number): number => frame.getUint8(at + TTL)
export const protocol = (frame: DataView, at: number): number => frame.getUint8(at + PROTOCOL)
export const check = (frame: DataView, at: number): number => frame.getUint16(at + CHECK)
export const source = (frame: DataView, at: number): Ipv4 => frame.getInt32(at + SOURCE) as Ipv4
export const target = (frame: DataView, at: number): Ipv4 => frame.getInt32(at + TARGET) as Ipv4
/** Offset of the payload in the original datagram, bytes. */
export const fragmentOffset = (frame: DataView, at: number): number => (frame.getUint16(at + FLAGS) & OFFSET_MASK) << 3
export const isFragment = (frame: DataView, at: number): boolean => (frame.getUint16(at + FLAGS) & (MORE_FRAGMENTS | OFFSET_MASK)) !== 0

export const setTos = (frame: DataView, at: number, value: number): void => frame.setUint8(at + TOS, value)
export const setTotalLength = (frame: DataView, at: number, value: number): void => frame.setUint16(at + LENGTH, value)
export const setFlags = (frame: DataView, at: number, value: number): void => frame.setUint16(at + FLAGS, value)
export const setCheck = (frame: DataView, at: number, value: number): void => frame.setUint16(at + CHECK, value)

/** Computes and writes the header checksum over `headerLength` bytes. */
export function writeCheck(frame: DataView, at: number): void {
  frame.setUint16(at + CHECK, 0)
  frame.setUint16(at + CHECK, finish(sum(frame, at, headerLength(frame, at))))
}

/** Whether the header sums to the one's complement zero. */
export const isCheckRight = (frame: DataView, at: number): boolean => finish(sum(frame, at, headerLength(frame, at))) === 0

/** One hop: TTL - 1, checksum + 0x0100 with end-around carry, as the kernel's ip_decrease_ttl does. */
export function decrementTtl(frame: DataView, at: number): void {
  const c = frame.getUint16(at + CHECK) + 0x100
  frame.setUint16(at + CHECK, c + (c >= 0xffff ? 1 : 0))
  frame.setUint8(at + TTL, frame.getUint8(at + TTL) - 1)
}

/** Writes a header without options; five 32-bit stores. The checksum is right. */
export function write(
  frame: DataView,
  at: number,
  tosByte: number,
  length: number,
  identification: number,
  flagsAndOffset: number,
  timeToLive: number,
  protocolNumber: number,
  from: number,
  to: number,
): void {
  const word0 = 0x45000000 | (tosByte << 16) | length
  const word1 = (identification << 16) | flagsAndOffset
  const ttlProtocol = (timeToLive << 8) | protocolNumber
  let s =
    0x4500 +
    tosByte +
    length +
    (identification & 0xffff) +
    flagsAndOffset +
    ttlProtocol +
    (from >>> 16) +
    (from & 0xffff) +
    (to >>> 16) +
    (to & 0xffff)
  s = (s & 0xffff) + (s >>> 16)
  s = (s & 0xffff) + (s >>> 16)
  frame.setInt32(at, word0)
  frame.setInt32(at + 4, word1)
  frame.setInt32(at + 8, (ttlProtocol << 16) | (~s & 0xffff))
  frame.setInt32(at + SOURCE, from)
  frame.setInt32(at + TARGET, to)
}
