// One shared buffer cut into named, cacheline-aligned columns. The control plane plans and fills it, then sends the
// SharedArrayBuffer to the workers, which open the very same columns: nothing is copied, nothing is parsed.

const CACHELINE = 64

const KINDS = { u8: Uint8Array, u16: Uint16Array, i32: Int32Array, u32: Uint32Array, f64: Float64Array }

export type ColumnKind = keyof typeof KINDS
export type ColumnOf<Kind extends ColumnKind> = Kind extends 'u8'
  ? Uint8Array
  : Kind extends 'u16'
    ? Uint16Array
    : Kind extends 'i32'
      ? Int32Array
      : Kind extends 'u32'
        ? Uint32Array
        : Float64Array

/** Column kinds by name; the schema of a region. */
export type ColumnKinds = Readonly<Record<string, ColumnKind>>
export type Columns<Kinds extends ColumnKinds> = { readonly [Name in keyof Kinds]: ColumnOf<Kinds[Name]> }

/** Where each column lies; travels to the workers beside the buffer. */
export interface Region {
  readonly buffer: SharedArrayBuffer
  readonly layout: Readonly<Record<string, { readonly offset: number; readonly length: number }>>
}

/** Lays out one shared buffer for columns of `kinds` with the given element counts, zero-filled. */
export function planRegion<Kinds extends ColumnKinds>(kinds: Kinds, lengths: Readonly<Record<keyof Kinds, number>>): Region {
  let offset = 0
  const layout: Record<string, { offset: number; length: number }> = {}
  for (const name of Object.keys(kinds)) {
    const length = lengths[name]
    layout[name] = { offset, length }
    offset += Math.ceil((length * KINDS[kinds[name]].BYTES_PER_ELEMENT) / CACHELINE) * CACHELINE
  }
  return { buffer: new SharedArrayBuffer(Math.max(offset, CACHELINE)), layout }
}

/** Opens the typed columns of a region. */
export function openRegion<Kinds extends ColumnKinds>(kinds: Kinds, region: Region): Columns<Kinds> {
  const columns: Record<string, unknown> = {}
  for (const name of Object.keys(kinds)) {
    const { offset, length } = region.layout[name]
    const Column = KINDS[kinds[name]] as new (buffer: ArrayBufferLike, offset: number, length: number) => unknown
    columns[name] = new Column(region.buffer, offset, length)
  }
  return columns as Columns<Kinds>
}
