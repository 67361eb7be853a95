// pcapng, read (draft-ietf-opsawg-pcapng).   block: | type 32 | total length 32 | body … | total length 32 |
//
// A section header sets the byte order of its section and forgets the interfaces of the one before. Interface descriptions give link
// type, name and unit of time; packets come in enhanced, simple and (obsolete) packet blocks; all other blocks are skipped.
import { type CaptureFile, CaptureFileError, type CaptureFrame, requireEthernet, requireWhole } from './capture-file.js'

export const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE_DESCRIPTION = 1
const PACKET = 2
const SIMPLE_PACKET = 3
const ENHANCED_PACKET = 6
const BYTE_ORDER_MAGIC = 0x1a2b3c4d
/** Type and the two total lengths. */
const MIN_BLOCK_LEN = 12
const BODY = 8

const OPTION_COMMENT = 1
const OPTION_PACKET_FLAGS = 2
const OPTION_IF_NAME = 2
const OPTION_IF_TSRESOL = 9
const OPTION_IF_TSOFFSET = 14

interface InterfaceDescription {
  readonly linkType: number
  readonly snapLength: number
  readonly name: string | null
  /** Time units per second. */
  readonly unitsPerSecond: bigint
  readonly offsetSeconds: bigint
}

/** A block body: `at` is its first byte, `end` the byte after its last. */
interface Block {
  readonly view: DataView
  readonly littleEndian: boolean
  readonly at: number
  readonly end: number
}

/** All packets of all sections, times relative to the first one that has a time. */
export function readPcapng(view: DataView, bytes: Uint8Array): CaptureFile {
  const frames: CaptureFrame[] = []
  let interfaces: InterfaceDescription[] = []
  let littleEndian = false
  let first: bigint | null = null
  for (let at = 0; at < view.byteLength; ) {
    if (view.byteLength - at < MIN_BLOCK_LEN) throw new CaptureFileError('the file ends inside a block header', at)
    const isSection = view.getUint32(at) === SECTION_HEADER
    if (isSection) {
      littleEndian = sectionOrder(view, at)
      interfaces = []
    }
    const type = view.getUint32(at, littleEndian)
    const length = blockLength(view, at, littleEndian)
    const block: Block = { view, littleEndian, at: at + BODY, end: at + length - 4 }
    if (type === INTERFACE_DESCRIPTION && !isSection) interfaces.push(readInterface(block))
    const packet = isSection ? null : readPacket(type, block, interfaces, frames.length + 1)
    if (packet) {
      first ??= packet.time
      // A simple packet has no time of its own: it happened with the packet before it.
      const timeNs = packet.time === null || first === null ? (frames.at(-1)?.timeNs ?? 0) : Number(packet.time - first)
      const { start, captured, name, direction, comment } = packet
      frames.push({ timeNs, bytes: bytes.slice(start, start + captured), interface: name, direction, comment })
    }
    at += length
  }
  return { firstNs: first ?? 0n, frames }
}

function sectionOrder(view: DataView, at: number): boolean {
  if (view.getUint32(at + BODY) === BYTE_ORDER_MAGIC) return false
  if (view.getUint32(at + BODY, true) === BYTE_ORDER_MAGIC) return true
  throw new CaptureFileError('the section header has no byte-order magic', at + BODY)
}

function blockLength(view: DataView, at: number, littleEndian: boolean): number {
  const length = view.getUint32(at + 4, littleEndian)
  if (length < MIN_BLOCK_LEN || length % 4 !== 0) throw new CaptureFileError(`a block claims a length of ${length} bytes`, at + 4)
  if (length > view.byteLength - at) throw new CaptureFileError(`the file ends inside a block of ${length} bytes`, at)
  if (view.getUint32(at + length - 4, littleEndian) !== length)
    throw new CaptureFileError('the two lengths of a block differ', at + length - 4)
  return length
}

function requireBody(block: Block, bytes: number, what: string): void {
  if (block.end - block.at < bytes) throw new CaptureFileError(`${what} is cut short`, block.at)
}

function readInterface(block: Block): InterfaceDescription {
  const { view, littleEndian, at } = block
  requireBody(block, 8, 'an interface description')
  let name: string | null = null
  let unitsPerSecond = 1_000_000n
  let offsetSeconds = 0n
  for (const option of options(block, at + 8)) {
    if (option.code === OPTION_IF_NAME) name = text(view, option.at, option.length)
    if (option.code === OPTION_IF_TSRESOL && option.length >= 1) {
      // The top bit chooses between negative powers of two and of ten.
      const resolution = view.getUint8(option.at)
      unitsPerSecond = resolution & 0x80 ? 2n ** BigInt(resolution & 0x7f) : 10n ** BigInt(resolution)
    }
    if (option.code === OPTION_IF_TSOFFSET && option.length >= 8) offsetSeconds = view.getBigInt64(option.at, littleEndian)
  }
  return {
    linkType: view.getUint16(at, littleEndian),
    snapLength: view.getUint32(at + 4, littleEndian),
    name,
    unitsPerSecond,
    offsetSeconds,
  }
}

interface PacketBlock {
  readonly time: bigint | null
  readonly start: number
  readonly captured: number
  readonly name: string | null
  readonly direction: 0 | 1 | 2
  readonly comment: string | null
}

/** The packet in a block, or null if the block carries none. */
function readPacket(type: number, block: Block, interfaces: readonly InterfaceDescription[], number: number): PacketBlock | null {
  if (type === SIMPLE_PACKET) return readSimplePacket(block, interfaces, number)
  if (type !== ENHANCED_PACKET && type !== PACKET) return null
  const { view, littleEndian, at } = block
  requireBody(block, 20, `frame ${number}`)
  // The obsolete packet block has 16 bits for the interface and 16 for a drop count; the rest is alike.
  const from = interfaceOf(interfaces, type === PACKET ? view.getUint16(at, littleEndian) : view.getUint32(at, littleEndian), number, at)
  const units = (BigInt(view.getUint32(at + 4, littleEndian)) << 32n) | BigInt(view.getUint32(at + 8, littleEndian))
  const captured = view.getUint32(at + 12, littleEndian)
  const start = at + 20
  if (captured > block.end - start) throw new CaptureFileError(`frame ${number} is longer than its block`, start)
  requireWhole(captured, view.getUint32(at + 16, littleEndian), number, at)
  let direction: 0 | 1 | 2 = 0
  let comment: string | null = null
  for (const option of options(block, start + padded(captured))) {
    if (option.code === OPTION_COMMENT) comment ??= text(view, option.at, option.length)
    if (option.code === OPTION_PACKET_FLAGS && option.length >= 4) {
      const bits = view.getUint32(option.at, littleEndian) & 3
      direction = bits === 1 || bits === 2 ? bits : 0
    }
  }
  const time = (units * 1_000_000_000n) / from.unitsPerSecond + from.offsetSeconds * 1_000_000_000n
  return { time, start, captured, name: from.name, direction, comment }
}

function readSimplePacket(block: Block, interfaces: readonly InterfaceDescription[], number: number): PacketBlock {
  requireBody(block, 4, `frame ${number}`)
  const from = interfaceOf(interfaces, 0, number, block.at)
  const original = block.view.getUint32(block.at, block.littleEndian)
  const start = block.at + 4
  // Its captured length is not written down: the least of original length, snap length and what the block holds.
  const captured = Math.min(original, from.snapLength === 0 ? original : from.snapLength, block.end - start)
  requireWhole(captured, original, number, block.at)
  return { time: null, start, captured, name: from.name, direction: 0, comment: null }
}

function interfaceOf(interfaces: readonly InterfaceDescription[], index: number, number: number, at: number): InterfaceDescription {
  const found = interfaces[index]
  if (!found) throw new CaptureFileError(`frame ${number} names interface ${index}, which the section does not describe`, at)
  requireEthernet(found.linkType, at)
  return found
}

const padded = (length: number): number => (length + 3) & ~3

const text = (view: DataView, at: number, length: number): string =>
  new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, length)).replace(/\0+$/, '')

/** The options from `at` to the end of the block; an end-of-options mark is optional. */
function* options(block: Block, at: number): Generator<{ code: number; at: number; length: number }> {
  const { view, littleEndian, end } = block
  for (let next = at; end - next >= 4; ) {
    const code = view.getUint16(next, littleEndian)
    const length = view.getUint16(next + 2, littleEndian)
    if (code === 0) return
    if (length > end - next - 4) throw new CaptureFileError('an option is longer than its block', next)
    yield { code, at: next + 4, length }
    next += 4 + padded(length)
  }
}
