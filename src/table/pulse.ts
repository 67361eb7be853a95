// What a packet changes about its connection: deadline and state, 16 bytes a record, apart from its tuples. A packet whose
// connection is remembered (`datapath/express.ts`) reads and writes these and nothing else, so four connections share a cacheline;
// that is worth a quarter of all packets/s at 100,000 flows. A generation tells the connections of a record apart: whoever remembers record
// and generation needs no tuple to know that it is still the very same connection. Nobody remembers a TCP connection, whose windows,
// packed, take the place of its generation (`tcp-pack.ts`).
//
//   float64: 0 deadline (ns)     int32: 2 state   3 generation
import { aligned, float64Of, int32Of } from '../base/reserve.js'

/** Offsets in a record's pulse, in words. */
export const enum Pulse {
  WORDS = 4,
  STATE = 2,
  GENERATION = 3,
}
const PULSE_DOUBLES = 2

/** Bits of the state word. */
export const enum Status {
  SEEN_REPLY = 1,
  ASSURED = 2,
  /** The source of the original direction is translated (reply target differs from the original source). */
  SOURCE_NAT = 4,
  DEAD = 8,
  /** Also in the index by its original source. */
  BY_SOURCE = 16,
  /** The target of the original direction is translated (reply source differs from the original target). */
  DEST_NAT = 32,
  /** Its windows are followed: it has no generation. */
  IS_TCP = 64,
  /** Its windows lie open in a row of `tcp-rows.ts`. */
  IS_OPEN = 128,
  /** Protocol state (TCP) in bits 8-11; packed windows have the bits above. */
  STATE_SHIFT = 8,
  STATE_MASK = 0xf << STATE_SHIFT,
  PACKED_SHIFT = 12,
}

export class Pulses {
  words: Int32Array
  times: Float64Array
  /** Counts connections, of all records: no two in a row of four milliards have the same generation. */
  private begun = 0

  constructor(records: number) {
    const block = aligned(records * Pulse.WORDS * 4)
    this.words = int32Of(block)
    this.times = float64Of(block)
  }

  /** Begins a connection in this record: a new generation, without a deadline yet. */
  begin(record: number, state: number): void {
    const w = record * Pulse.WORDS
    this.begun = (this.begun + 1) | 0
    this.words[w + Pulse.STATE] = state
    this.words[w + Pulse.GENERATION] = this.begun
    this.times[record * PULSE_DOUBLES] = 0
  }

  grow(records: number): void {
    const block = aligned(records * Pulse.WORDS * 4)
    const before = this.words
    this.words = int32Of(block)
    this.times = float64Of(block)
    this.words.set(before)
  }

  deadline(record: number): number {
    return this.times[record * PULSE_DOUBLES]
  }
  setDeadline(record: number, clock: Float64Array, lifeNs: number): void {
    this.times[record * PULSE_DOUBLES] = clock[0] + lifeNs
  }
  state(record: number): number {
    return this.words[record * Pulse.WORDS + Pulse.STATE]
  }
  setState(record: number, set: number, clear: number): void {
    const w = record * Pulse.WORDS + Pulse.STATE
    this.words[w] = (this.words[w] & ~clear) | set
  }
  generation(record: number): number {
    return this.words[record * Pulse.WORDS + Pulse.GENERATION]
  }

  /** Whether this generation of the record lives. */
  isStill(record: number, generation: number, clock: Float64Array): boolean {
    const w = record * Pulse.WORDS
    if (this.words[w + Pulse.GENERATION] !== generation || (this.words[w + Pulse.STATE] & (Status.DEAD | Status.IS_TCP)) !== 0) return false
    return this.times[w >>> 1] > clock[0]
  }

  /**
   * If this generation lives and nothing has answered on it, its lifetime starts anew: span[0] is now, span[1] the deadline. That only ever
   * moves out, so whoever waits for its end needs no word of it.
   */
  beat(record: number, generation: number, span: Float64Array): boolean {
    const w = record * Pulse.WORDS
    if (
      this.words[w + Pulse.GENERATION] !== generation ||
      (this.words[w + Pulse.STATE] & (Status.DEAD | Status.SEEN_REPLY | Status.IS_TCP)) !== 0
    )
      return false
    if (this.times[w >>> 1] <= span[0]) return false
    this.times[w >>> 1] = span[1]
    return true
  }
}
