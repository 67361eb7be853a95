// Packets for Wireshark: a pcapng file (draft-ietf-opsawg-pcapng) with nanosecond stamps, interface names, directions, and a comment
// on each packet that ended there. Virtual time 0 is written as the epoch's 0, so the clock a reader sees is the run's own.

const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE_DESCRIPTION = 1
const ENHANCED_PACKET = 6
const BYTE_ORDER_MAGIC = 0x1a2b3c4d
const ETHERNET = 1
const COMMENT = 1
const IF_NAME = 2
const IF_DESCRIPTION = 3
const IF_TSRESOL = 9
const EPB_FLAGS = 2
const SHB_USERAPPL = 4
const NANOSECONDS = 9
const DEFAULT_SNAP_LENGTH = 262144
/** An option's length is a 16-bit number. */
const MAX_OPTION_LEN = 65535

export interface PcapngInterface {
  readonly name: string
  readonly description?: string
  readonly snapLength?: number
}

export interface PcapngPacket {
  /** Index into the interfaces. */
  readonly interface: number
  readonly timeNs: number
  /** 1 inbound, 2 outbound, as seen from the interface. */
  readonly direction: 1 | 2
  readonly bytes: Uint8Array
  readonly comment: string | null
}

/** The file. Packets are written in time order, those of one time in the order given. */
export function writePcapng(
  interfaces: readonly PcapngInterface[],
  packets: readonly PcapngPacket[],
  about: { readonly application: string; readonly comment: string },
): Uint8Array {
  const encoder = new TextEncoder()
  const textOption = (code: number, text: string): Option => ({ code, value: encoder.encode(text).subarray(0, MAX_OPTION_LEN) })
  const blocks: Block[] = [
    {
      type: SECTION_HEADER,
      body: sectionBody(),
      data: NOTHING,
      options: [textOption(COMMENT, about.comment), textOption(SHB_USERAPPL, about.application)],
    },
  ]
  for (const { name, description, snapLength } of interfaces) {
    const options = [textOption(IF_NAME, name), { code: IF_TSRESOL, value: Uint8Array.of(NANOSECONDS) }]
    if (description !== undefined) options.push(textOption(IF_DESCRIPTION, description))
    blocks.push({ type: INTERFACE_DESCRIPTION, body: words(ETHERNET, snapLength ?? DEFAULT_SNAP_LENGTH), data: NOTHING, options })
  }
  for (const packet of [...packets].sort((a, b) => a.timeNs - b.timeNs)) {
    const options: Option[] = [{ code: EPB_FLAGS, value: words(packet.direction) }]
    if (packet.comment !== null) options.push(textOption(COMMENT, packet.comment))
    const { length } = packet.bytes
    const body = words(packet.interface, Math.floor(packet.timeNs / 0x100000000), packet.timeNs % 0x100000000, length, length)
    blocks.push({ type: ENHANCED_PACKET, body, data: packet.bytes, options })
  }
  return join(blocks)
}

interface Option {
  readonly code: number
  readonly value: Uint8Array
}

interface Block {
  readonly type: number
  readonly body: Uint8Array
  /** Packet bytes, padded to 32 bits in the file. */
  readonly data: Uint8Array
  readonly options: readonly Option[]
}

const NOTHING = new Uint8Array(0)
const padded = (length: number): number => (length + 3) & ~3

/** 32-bit numbers in the file's order, which is little endian. */
function words(...values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4))
  for (let i = 0; i < values.length; i++) view.setUint32(i * 4, values[i], true)
  return new Uint8Array(view.buffer)
}

/** Version 1.0, section length unknown (-1). */
const sectionBody = (): Uint8Array => words(BYTE_ORDER_MAGIC, 1, 0xffffffff, 0xffffffff)

/** Type, two lengths, body, data, options and their end mark. */
const lengthOf = (block: Block): number =>
  12 + block.body.length + padded(block.data.length) + block.options.reduce((sum, option) => sum + 4 + padded(option.value.length), 4)

function join(blocks: readonly Block[]): Uint8Array {
  const out = new Uint8Array(blocks.reduce((sum, block) => sum + lengthOf(block), 0))
  const view = new DataView(out.buffer)
  let at = 0
  for (const block of blocks) {
    const length = lengthOf(block)
    view.setUint32(at, block.type, true)
    view.setUint32(at + 4, length, true)
    out.set(block.body, at + 8)
    out.set(block.data, at + 8 + block.body.length)
    let option = at + 8 + block.body.length + padded(block.data.length)
    for (const { code, value } of block.options) {
      view.setUint16(option, code, true)
      view.setUint16(option + 2, value.length, true)
      out.set(value, option + 4)
      option += 4 + padded(value.length)
    }
    view.setUint32(at + length - 4, length, true)
    at += length
  }
  return out
}
