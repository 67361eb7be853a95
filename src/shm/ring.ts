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
import { PacketFlag, type PacketPool, Slot, usedWords } from './packet-pool.js'

const CELL_BYTES = 32 + Slot.BYTES
const CELL_WORDS = CELL_BYTES / 4
const CELL_DOUBLES = CELL_BYTES / 8
const CONTROL_BYTES = 128
const EVENT_WORDS = 8
const HEAD = 0
const TAIL = 16
const PUBLISH_EVERY = 64

/** Memory for one ring of `cells` cells (a power of two). */
export const createRing = (cells: number): SharedArrayBuffer => new SharedArrayBuffer(CONTROL_BYTES + cells * CELL_BYTES)

/** Cells that were ever written into a ring and published, modulo 2^32. */
export const cellsWritten = (ring: SharedArrayBuffer): number => Atomics.load(new Int32Array(ring, 0, CONTROL_BYTES / 4), TAIL) >>> 0

/** The views of one end. */
function viewsOf(ring: SharedArrayBuffer) {
  return {
    control: new Int32Array(ring, 0, CONTROL_BYTES / 4),
    words: new Int32Array(ring, CONTROL_BYTES),
    times: new Float64Array(ring, CONTROL_BYTES),
    bytes: new Uint8Array(ring, CONTROL_BYTES),
    cells: (ring.byteLength - CONTROL_BYTES) / CELL_BYTES,
  }
}

/** Cells that the tail bytes of a packet take. */
const tailCells = (bytes: number): number => Math.ceil(bytes / CELL_BYTES)

/** Blocks of eight words that a packet's slot is copied in; both slots and cells begin at a multiple of eight words. */
const BLOCK = 8

/**
 * Copies `count` words, and as many more as fill the last block: what lies behind a frame's bytes is nobody's. Eight at a time, since a
 * loop of single words is more loop than copy.
 */
function copy(from: Int32Array, f: number, to: Int32Array, t: number, count: number): void {
  for (let i = 0; i < count; i += BLOCK) {
    const a = f + i
    const b = t + i
    to[b] = from[a]
    to[b | 1] = from[a | 1]
    to[b | 2] = from[a | 2]
    to[b | 3] = from[a | 3]
    to[b | 4] = from[a | 4]
    to[b | 5] = from[a | 5]
    to[b | 6] = from[a | 6]
    to[b | 7] = from[a | 7]
  }
}

export interface Transmitter {
  /** Copies the packet and its event in; false when there is no room (then nothing was written). `at[index]` is the event's time. */
  send(id: PacketId, at: Float64Array, index: number, origin: number, sequence: number, lp: number, kind: number): boolean
  /** Makes everything sent so far visible to the receiver. */
  publish(): void
}

/** The end that sends packets of `pool`; a closure over columns that never change, see `datapath/express.ts` for why. */
export function createTransmitter(ring: SharedArrayBuffer, pool: PacketPool): Transmitter {
  const { control, words, times, bytes, cells } = viewsOf(ring)
  const { words: slots } = pool
  let tail = 0
  let published = 0
  let seenHead = 0

  function sendTail(from: Uint8Array): void {
    for (let done = 0; done < from.length; done += CELL_BYTES, tail = (tail + 1) | 0) {
      bytes.set(from.subarray(done, done + CELL_BYTES), (tail & (cells - 1)) * CELL_BYTES)
    }
  }

  function publish(): void {
    if (published === tail) return
    published = tail
    Atomics.store(control, TAIL, tail)
  }

  return {
    send(id, at, index, origin, sequence, lp, kind) {
      const from = id * Slot.WORDS
      const extra = slots[from + Slot.FLAGS] & PacketFlag.HAS_TAIL_BYTES ? tailCells(pool.tail(id)) : 0
      if (((tail - seenHead) | 0) + 1 + extra > cells) {
        publish()
        seenHead = Atomics.load(control, HEAD)
        if (((tail - seenHead) | 0) + 1 + extra > cells) return false
      }
      const cell = tail & (cells - 1)
      times[cell * CELL_DOUBLES] = at[index]
      const w = cell * CELL_WORDS
      words[w + 2] = origin
      words[w + 3] = sequence
      words[w + 4] = lp
      words[w + 5] = kind
      copy(slots, from, words, w + EVENT_WORDS, usedWords(slots[from + Slot.SPAN]))
      tail = (tail + 1) | 0
      if (extra > 0) sendTail(pool.tailBytes(id)!)
      if (((tail - published) | 0) >= PUBLISH_EVERY) publish()
      return true
    },
    publish,
  }
}

/** Takes events out of a ring: called per packet with its event's words; the packet is in the pool already, the event's time in `times[0]`. */
export type Inbox = (id: PacketId, times: Float64Array, origin: number, sequence: number, lp: number, kind: number) => void

export interface Receiver {
  /** Moves all published packets into the pool and hands them to the inbox. Returns how many. */
  drain(): number
}

/** The end that brings packets into `pool`. */
export function createReceiver(ring: SharedArrayBuffer, pool: PacketPool, inbox: Inbox): Receiver {
  const { control, words, times, bytes, cells } = viewsOf(ring)
  const { words: slots } = pool
  const time = new Float64Array(1)
  let head = 0

  function receive(): void {
    const cell = head & (cells - 1)
    const id = pool.take()
    const w = cell * CELL_WORDS
    copy(words, w + EVENT_WORDS, slots, id * Slot.WORDS, usedWords(words[w + EVENT_WORDS + Slot.SPAN]))
    head = (head + 1) | 0
    if (slots[id * Slot.WORDS + Slot.FLAGS] & PacketFlag.HAS_TAIL_BYTES) receiveTail(id)
    time[0] = times[cell * CELL_DOUBLES]
    inbox(id, time, words[w + 2], words[w + 3], words[w + 4], words[w + 5])
  }

  function receiveTail(id: PacketId): void {
    const tail = new Uint8Array(pool.tail(id))
    for (let done = 0; done < tail.length; done += CELL_BYTES, head = (head + 1) | 0) {
      const at = (head & (cells - 1)) * CELL_BYTES
      tail.set(bytes.subarray(at, at + Math.min(CELL_BYTES, tail.length - done)), done)
    }
    pool.setTail(id, tail)
  }

  return {
    drain() {
      const end = Atomics.load(control, TAIL)
      if (end === head) return 0
      let count = 0
      while (head !== end) {
        receive()
        count++
      }
      Atomics.store(control, HEAD, head)
      return count
    },
  }
}
