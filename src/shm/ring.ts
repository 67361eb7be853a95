// Single-producer, single-consumer ring of packets between two shards, in shared memory.
//
//   role        | writes                         | reads
//   transmitter | cells, its private head; TAIL  | HEAD (only when the ring looks full)
//   receiver    | HEAD                           | TAIL, cells
//
// A cell is 224 bytes: an event (time, origin, sequence, target, kind) of 32 and the packet's slot of 192. Bytes of a replayed
// packet's own tail follow in as many further cells as they need. HEAD and TAIL count cells, wrapping at 2^32, and lie on cachelines of their own.
// Publish rule: the transmitter stores TAIL (an atomic, hence a release) once a window or once every 64 packets, not per packet;
// seven times cheaper. A full ring never drops: the caller drains its own inbound rings and tries again.
import type { PacketId } from '../base/brand.js'
import { PacketFlag, type PacketPool, Slot } from './packet-pool.js'

const CELL_BYTES = 32 + Slot.BYTES
const CELL_WORDS = CELL_BYTES / 4
const CELL_DOUBLES = CELL_BYTES / 8
const CONTROL_BYTES = 128
const HEAD = 0
const TAIL = 16
const PUBLISH_EVERY = 64

/** Memory for one ring of `cells` cells (a power of two). */
export const createRing = (cells: number): SharedArrayBuffer => new SharedArrayBuffer(CONTROL_BYTES + cells * CELL_BYTES)

/** Cells that were ever written into a ring and published, modulo 2^32. */
export const cellsWritten = (ring: SharedArrayBuffer): number => Atomics.load(new Int32Array(ring, 0, CONTROL_BYTES / 4), TAIL) >>> 0

class RingMemory {
  protected readonly control: Int32Array
  protected readonly words: Int32Array
  protected readonly times: Float64Array
  protected readonly bytes: Uint8Array
  protected readonly cells: number
  constructor(buffer: SharedArrayBuffer) {
    this.control = new Int32Array(buffer, 0, CONTROL_BYTES / 4)
    this.words = new Int32Array(buffer, CONTROL_BYTES)
    this.times = new Float64Array(buffer, CONTROL_BYTES)
    this.bytes = new Uint8Array(buffer, CONTROL_BYTES)
    this.cells = (buffer.byteLength - CONTROL_BYTES) / CELL_BYTES
  }
}

/** Cells that the tail bytes of a packet take. */
const tailCells = (bytes: number): number => Math.ceil(bytes / CELL_BYTES)

export class Transmitter extends RingMemory {
  private tail = 0
  private published = 0
  private seenHead = 0

  /** Copies the packet and its event in; false when there is no room (then nothing was written). `at[index]` is the event's time. */
  send(
    pool: PacketPool,
    id: PacketId,
    at: Float64Array,
    index: number,
    origin: number,
    sequence: number,
    lp: number,
    kind: number,
  ): boolean {
    const extra = pool.flags(id) & PacketFlag.HAS_TAIL_BYTES ? tailCells(pool.tail(id)) : 0
    if (((this.tail - this.seenHead) | 0) + 1 + extra > this.cells) {
      this.publish()
      this.seenHead = Atomics.load(this.control, HEAD)
      if (((this.tail - this.seenHead) | 0) + 1 + extra > this.cells) return false
    }
    const cell = this.tail & (this.cells - 1)
    this.times[cell * CELL_DOUBLES] = at[index]
    const w = cell * CELL_WORDS
    this.words[w + 2] = origin
    this.words[w + 3] = sequence
    this.words[w + 4] = lp
    this.words[w + 5] = kind
    const from = id * Slot.WORDS
    const used = pool.usedWords(id)
    const source = pool.words
    for (let i = 0; i < used; i++) this.words[w + 8 + i] = source[from + i]
    this.tail = (this.tail + 1) | 0
    if (extra > 0) this.sendTail(pool.tailBytes(id)!)
    if (((this.tail - this.published) | 0) >= PUBLISH_EVERY) this.publish()
    return true
  }

  private sendTail(tail: Uint8Array): void {
    for (let done = 0; done < tail.length; done += CELL_BYTES, this.tail = (this.tail + 1) | 0) {
      this.bytes.set(tail.subarray(done, done + CELL_BYTES), (this.tail & (this.cells - 1)) * CELL_BYTES)
    }
  }

  /** Makes everything sent so far visible to the receiver. */
  publish(): void {
    if (this.published === this.tail) return
    this.published = this.tail
    Atomics.store(this.control, TAIL, this.tail)
  }
}

/** Takes events out of a ring; {@link Receiver.receive} is called per packet with its event's words in `event`. */
export interface Inbox {
  /** The packet is in `pool` already; the event's time is in `times[0]`. */
  arrive(id: PacketId, times: Float64Array, origin: number, sequence: number, lp: number, kind: number): void
}

export class Receiver extends RingMemory {
  private headCell = 0
  private readonly time = new Float64Array(1)

  /** Moves all published packets into `pool` and hands them to `inbox`. Returns how many. */
  drain(pool: PacketPool, inbox: Inbox): number {
    const tail = Atomics.load(this.control, TAIL)
    if (tail === this.headCell) return 0
    let count = 0
    while (this.headCell !== tail) {
      this.receive(pool, inbox)
      count++
    }
    Atomics.store(this.control, HEAD, this.headCell)
    return count
  }

  private receive(pool: PacketPool, inbox: Inbox): void {
    const cell = this.headCell & (this.cells - 1)
    const id = pool.allocate(0, 0, 0, 0)
    const w = cell * CELL_WORDS
    const to = id * Slot.WORDS
    const target = pool.words
    const used = pool.usedWordsOf(this.words[w + 8 + Slot.SPAN])
    for (let i = 0; i < used; i++) target[to + i] = this.words[w + 8 + i]
    this.headCell = (this.headCell + 1) | 0
    if (pool.flags(id) & PacketFlag.HAS_TAIL_BYTES) this.receiveTail(pool, id)
    this.time[0] = this.times[cell * CELL_DOUBLES]
    inbox.arrive(id, this.time, this.words[w + 2], this.words[w + 3], this.words[w + 4], this.words[w + 5])
  }

  private receiveTail(pool: PacketPool, id: PacketId): void {
    const tail = new Uint8Array(pool.tail(id))
    for (let done = 0; done < tail.length; done += CELL_BYTES, this.headCell = (this.headCell + 1) | 0) {
      const at = (this.headCell & (this.cells - 1)) * CELL_BYTES
      tail.set(this.bytes.subarray(at, at + Math.min(CELL_BYTES, tail.length - done)), done)
    }
    pool.setTail(id, tail)
  }
}
