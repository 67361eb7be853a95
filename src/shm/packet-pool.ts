// Slots for packets in flight. A packet is 192 bytes: a record of 32 and 160 of header space, of which the first 50 are headroom for
// the outer headers of VXLAN. Encapsulation and decapsulation move `start`; nothing is copied (Snabb's and the kernel's way).
// Bytes beyond the header space (the "tail") are zeros that exist only as a length, unless a replayed packet brought its own:
// those ride in a side table that generated traffic never touches. Slots are reused last in, first out, so the few that are in
// flight stay in cache. The pool belongs to one shard; a packet is copied once, at a worker border (`ring.ts`).
//
//   record, int32 words:  0-1 sentAt (float64, ns)   2 flow   3 origin   4 serial   5 start | head << 16   6 tail
//                         7 flags | traffic entry << 16
import type { PacketId } from '../base/brand.js'
import { invariant } from '../base/invariant.js'
import { float64Of, int32Of, reserve, uint8Of, viewOf } from '../base/reserve.js'

/** Sizes of a slot in bytes, offsets in its record in words. */
export const enum Slot {
  BYTES = 192,
  WORDS = BYTES / 4,
  DOUBLES = BYTES / 8,
  /** The record before the header space. */
  RECORD = 32,
  /** Room for the outer headers in front of a fresh frame. */
  HEADROOM = 50,
  /** Header bytes a fresh slot can hold. */
  HEAD_MOST = BYTES - RECORD - HEADROOM,
  FLOW = 2,
  ORIGIN = 3,
  SERIAL = 4,
  /** Word of the record that says where the frame's slot part lies. */
  SPAN = 5,
  TAIL = 6,
  FLAGS = 7,
}
const HEADER_SPACE = Slot.BYTES - Slot.RECORD

/** Low half of a slot's flags word. */
export const enum PacketFlag {
  /** The L4 checksum is known to be right: made or verified here. Spares reading payload bytes (as checksum offload does). */
  L4_GOOD = 1,
  /** The tail's bytes are in the side table. */
  HAS_TAIL_BYTES = 2,
  /** A datagram of a traffic entry (its latency is recorded on delivery). */
  IS_DATAGRAM = 4,
  /** An answer to one: not answered again. */
  IS_ANSWER = 8,
  /** The outer IPv4 and UDP checksums were made by our own encapsulation and nobody touched them since. */
  OUTER_GOOD = 16,
  /** The IPv4 header was made here, without options, lengths and checksum right: no need to check it again. */
  IP_GOOD = 32,
  /** Written whole by the express path and untouched since (`datapath/express.ts`). */
  EXPRESS = 128,
  /** A segment or datagram of a connection of a traffic entry (`traffic/connection.ts`). */
  IS_SEGMENT = 256,
  /** Arrived with a group or foreign MAC address that let it in but not be forwarded. */
  TO_ALL = 64,
}

/** Slots a shard has room for: a gibibyte of address space, of which those in flight at a time ever become memory. */
const MOST_SLOTS = Math.floor(2 ** 30 / Slot.BYTES)

/** Words of a slot that hold the record and the frame's slot part, from the record's span word: all that has to be copied to another shard. */
export const usedWords = (span: number): number => (Slot.RECORD + (span & 0xffff) + (span >>> 16) + 3) >> 2

export class PacketPool {
  /** All slots. */
  readonly view: DataView
  readonly words: Int32Array
  readonly times: Float64Array
  readonly bytes: Uint8Array
  private readonly slots: number
  /** Slots that were in use once and are free again, the last given back on top. */
  private readonly free: Int32Array
  private freeCount = 0
  /** Slots that were ever in use. */
  private fresh = 0
  private readonly tails: (Uint8Array | null)[] = []

  constructor(slots = MOST_SLOTS) {
    const block = reserve(slots * Slot.BYTES)
    this.slots = Math.floor(block.length / Slot.BYTES)
    this.view = viewOf(block)
    this.words = int32Of(block)
    this.times = float64Of(block)
    this.bytes = uint8Of(block)
    this.free = int32Of(reserve(this.slots * 4))
  }

  /** Packets in flight. */
  get live(): number {
    return this.fresh - this.freeCount
  }

  /** A slot; all of its record is the caller's to write. */
  take(): PacketId {
    if (this.freeCount !== 0) return this.free[--this.freeCount] as PacketId
    invariant(this.fresh < this.slots, 'more packets in flight in one shard than its pool has slots: more workers have more pools')
    return this.fresh++ as PacketId
  }

  /** A fresh packet of `head` header bytes at the usual place and `tail` bytes after them; origin, serial and sentAt are the caller's. */
  allocate(head: number, tail: number, flow: number, flags: number): PacketId {
    const id = this.take()
    const w = id * Slot.WORDS
    this.words[w + Slot.FLOW] = flow
    this.words[w + Slot.SPAN] = Slot.HEADROOM | (head << 16)
    this.words[w + Slot.TAIL] = tail
    this.words[w + Slot.FLAGS] = flags
    // A host's own packet gets its Ethernet header when its way is known; one that ends before must not show what the slot held last.
    const at = id * Slot.BYTES + Slot.RECORD + Slot.HEADROOM
    this.view.setInt32(at, 0)
    this.view.setInt32(at + 4, 0)
    this.view.setInt32(at + 8, 0)
    this.view.setInt16(at + 12, 0)
    return id
  }

  release(id: PacketId): void {
    if (this.words[id * Slot.WORDS + Slot.FLAGS] & PacketFlag.HAS_TAIL_BYTES) this.tails[id] = null
    this.free[this.freeCount++] = id
  }

  /** Byte offset of the frame's first byte in `view`. */
  start(id: PacketId): number {
    return id * Slot.BYTES + Slot.RECORD + (this.words[id * Slot.WORDS + Slot.SPAN] & 0xffff)
  }
  /** Bytes of the frame that lie in the slot. */
  head(id: PacketId): number {
    return this.words[id * Slot.WORDS + Slot.SPAN] >>> 16
  }
  /** Bytes of the frame beyond the slot. */
  tail(id: PacketId): number {
    return this.words[id * Slot.WORDS + Slot.TAIL]
  }
  /** Frame length in bytes. */
  length(id: PacketId): number {
    return (this.words[id * Slot.WORDS + Slot.SPAN] >>> 16) + this.words[id * Slot.WORDS + Slot.TAIL]
  }
  flags(id: PacketId): number {
    return this.words[id * Slot.WORDS + Slot.FLAGS]
  }
  setFlags(id: PacketId, set: number, clear: number): void {
    this.words[id * Slot.WORDS + Slot.FLAGS] = (this.words[id * Slot.WORDS + Slot.FLAGS] & ~clear) | set
  }
  /** Traffic entry of a datagram ({@link IS_DATAGRAM}). */
  traffic(id: PacketId): number {
    return this.words[id * Slot.WORDS + Slot.FLAGS] >>> 16
  }
  flow(id: PacketId): number {
    return this.words[id * Slot.WORDS + Slot.FLOW]
  }
  origin(id: PacketId): number {
    return this.words[id * Slot.WORDS + Slot.ORIGIN]
  }
  serial(id: PacketId): number {
    return this.words[id * Slot.WORDS + Slot.SERIAL]
  }
  setOrigin(id: PacketId, origin: number, serial: number): void {
    this.words[id * Slot.WORDS + Slot.ORIGIN] = origin
    this.words[id * Slot.WORDS + Slot.SERIAL] = serial
  }
  /** Index of the packet's birth time in `times`. */
  sentAt(id: PacketId): number {
    return id * Slot.DOUBLES
  }

  /** Makes room for `n` header bytes in front. Fresh and decapsulated packets have it; others are moved up first. */
  prepend(id: PacketId, n: number): void {
    const w = id * Slot.WORDS + Slot.SPAN
    if ((this.words[w] & 0xffff) < n) this.relocate(id, Slot.HEADROOM)
    invariant((this.words[w] & 0xffff) >= n, 'no headroom left in a packet slot')
    this.words[w] += (n << 16) - n
  }

  /** Takes `n` bytes off the front; they must lie in the slot ({@link pull}). */
  strip(id: PacketId, n: number): void {
    this.words[id * Slot.WORDS + Slot.SPAN] += n - (n << 16)
  }

  /** The frame now begins at the very start of the header space, with `head` bytes in the slot; sets flags. */
  setWhole(id: PacketId, head: number, set: number): void {
    this.words[id * Slot.WORDS + Slot.SPAN] = head << 16
    this.words[id * Slot.WORDS + Slot.FLAGS] |= set
  }

  /** Sees to it that the first `n` bytes of the frame lie in the slot; false if the frame is shorter or the slot too small. */
  pull(id: PacketId, n: number): boolean {
    const w = id * Slot.WORDS
    const head = this.words[w + Slot.SPAN] >>> 16
    if (head >= n) return true
    if (head + this.words[w + Slot.TAIL] < n || n > HEADER_SPACE) return false
    if ((this.words[w + Slot.SPAN] & 0xffff) + n > HEADER_SPACE) this.relocate(id, Math.min(Slot.HEADROOM, HEADER_SPACE - n))
    const missing = n - head
    const end = this.start(id) + head
    const tail = this.tailBytes(id)
    if (tail) {
      this.bytes.set(tail.subarray(0, missing), end)
      this.tails[id] = tail.subarray(missing)
    } else this.bytes.fill(0, end, end + missing)
    this.words[w + Slot.SPAN] += missing << 16
    this.words[w + Slot.TAIL] -= missing
    return true
  }

  /** Cuts the frame to `length` bytes. */
  trim(id: PacketId, length: number): void {
    const w = id * Slot.WORDS
    const head = this.words[w + Slot.SPAN] >>> 16
    const keep = Math.max(0, length - head)
    const tail = this.tailBytes(id)
    if (tail) this.tails[id] = tail.subarray(0, keep)
    this.words[w + Slot.TAIL] = keep
    if (length < head) this.words[w + Slot.SPAN] = (this.words[w + Slot.SPAN] & 0xffff) | (length << 16)
  }

  /** The tail's own bytes, or null when they are zeros. */
  tailBytes(id: PacketId): Uint8Array | null {
    return this.words[id * Slot.WORDS + Slot.FLAGS] & PacketFlag.HAS_TAIL_BYTES ? this.tails[id] : null
  }

  /** Gives the packet a tail of these bytes (kept, not copied). */
  setTail(id: PacketId, bytes: Uint8Array): void {
    this.words[id * Slot.WORDS + Slot.FLAGS] |= PacketFlag.HAS_TAIL_BYTES
    this.words[id * Slot.WORDS + Slot.TAIL] = bytes.length
    this.tails[id] = bytes
  }

  /** Gives the packet a tail of `n` zeros. */
  setZeroTail(id: PacketId, n: number): void {
    if (this.words[id * Slot.WORDS + Slot.FLAGS] & PacketFlag.HAS_TAIL_BYTES) this.tails[id] = null
    this.words[id * Slot.WORDS + Slot.FLAGS] &= ~PacketFlag.HAS_TAIL_BYTES
    this.words[id * Slot.WORDS + Slot.TAIL] = n
  }

  /** A fresh packet that holds these frame bytes: as many as fit in the slot, the rest as tail (kept, not copied). */
  allocateFrom(frame: Uint8Array, flow: number, flags: number): PacketId {
    const head = Math.min(frame.length, Slot.HEAD_MOST)
    const id = this.allocate(head, 0, flow, flags)
    this.bytes.set(frame.subarray(0, head), this.start(id))
    if (frame.length > head) this.setTail(id, frame.subarray(head))
    return id
  }

  /** All bytes of the frame, zeros made real: for captures and checksums of foreign packets. */
  copyFrame(id: PacketId): Uint8Array {
    const frame = new Uint8Array(this.length(id))
    const at = this.start(id)
    const head = this.head(id)
    frame.set(this.bytes.subarray(at, at + head))
    const tail = this.tailBytes(id)
    if (tail) frame.set(tail, head)
    return frame
  }

  private relocate(id: PacketId, to: number): void {
    const w = id * Slot.WORDS + Slot.SPAN
    const head = this.words[w] >>> 16
    invariant(to + head <= HEADER_SPACE, 'a packet slot cannot hold the header bytes')
    const from = this.start(id)
    this.bytes.copyWithin(id * Slot.BYTES + Slot.RECORD + to, from, from + head)
    this.words[w] = to | (head << 16)
  }
}
