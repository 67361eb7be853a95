// What a packet changes about its connection: deadline and state, 16 bytes a record, apart from its tuples. A packet whose
// connection is remembered (`datapath/express.ts`) reads and writes these and nothing else, so four connections share a cacheline;
// that is worth a quarter of all packets/s at 100,000 flows. A generation tells the connections of a record apart: whoever remembers record
// and generation needs no tuple to know that it is still the very same connection. Nobody remembers a TCP connection, whose windows,
// packed, take the place of its generation (`tcp-pack.ts`).
//
//   float64: 0 deadline (ns)     int32: 2 state   3 generation
import { float64Of, int32Of, reserve } from '../base/reserve.js'

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

/** Connections a shard has room for: a gibibyte of address space, of which those that live at a time ever become memory. */
const MOST_RECORDS = 2 ** 26

export class Pulses {
  readonly words: Int32Array
  readonly times: Float64Array
  /** Counts connections, of all records: no two in a row of four milliards have the same generation. */
  private begun = 0

  constructor(most = MOST_RECORDS) {
    const block = reserve(most * Pulse.WORDS * 4)
    this.words = int32Of(block)
    this.times = float64Of(block)
  }

  /** Records there is room for. */
  get room(): number {
    return this.words.length / Pulse.WORDS
  }

  /** Begins a connection in this record: a new generation, without a deadline yet. */
  begin(record: number, state: number): void {
    const w = record * Pulse.WORDS
    this.begun = (this.begun + 1) | 0
    this.words[w + Pulse.STATE] = state
    this.words[w + Pulse.GENERATION] = this.begun
    this.times[record * PULSE_DOUBLES] = 0
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
}
