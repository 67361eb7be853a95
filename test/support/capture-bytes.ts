// Capture files put together byte by byte, in either byte order: what the reader is tested with, so that it is not only tested
// against our own writer.

const number = (bytes: number, set: (view: DataView) => void): Uint8Array => {
  const view = new DataView(new ArrayBuffer(bytes))
  set(view)
  return new Uint8Array(view.buffer)
}

export const u8 = (value: number): Uint8Array => Uint8Array.of(value)
export const u16 = (value: number, little: boolean): Uint8Array => number(2, v => v.setUint16(0, value, little))
export const u32 = (value: number, little: boolean): Uint8Array => number(4, v => v.setUint32(0, value, little))
export const u64 = (value: bigint, little: boolean): Uint8Array => number(8, v => v.setBigInt64(0, value, little))

export const file = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

/** Padded with zeros to 32 bits. */
export const padded = (bytes: Uint8Array): Uint8Array => file(bytes, new Uint8Array(-bytes.length & 3))

/** A pcapng block around `body`. */
export function block(type: number, little: boolean, ...body: readonly Uint8Array[]): Uint8Array {
  const inside = padded(file(...body))
  const length = u32(inside.length + 12, little)
  return file(u32(type, little), length, inside, length)
}

/** pcapng options with their end mark. */
export const options = (little: boolean, ...list: readonly (readonly [number, Uint8Array])[]): Uint8Array =>
  file(...list.flatMap(([code, value]) => [u16(code, little), u16(value.length, little), padded(value)]), u32(0, little))

export interface PcapRecord {
  readonly seconds: number
  readonly fraction: number
  readonly bytes: Uint8Array
  readonly original?: number
}

/** A classic pcap file. */
export function pcap(little: boolean, magic: number, linkType: number, records: readonly PcapRecord[]): Uint8Array {
  const head = file(
    u32(magic, little),
    u16(2, little),
    u16(4, little),
    u32(0, little),
    u32(0, little),
    u32(262144, little),
    u32(linkType, little),
  )
  const body = records.flatMap(({ seconds, fraction, bytes, original }) => [
    u32(seconds, little),
    u32(fraction, little),
    u32(bytes.length, little),
    u32(original ?? bytes.length, little),
    bytes,
  ])
  return file(head, ...body)
}
