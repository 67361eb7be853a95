// What a packet changes about its connection: deadline and state, 16 bytes a record, apart from its tuples. A packet whose
// connection is remembered (`datapath/express.ts`) reads and writes these and nothing else, so four connections share a cacheline;
// that is worth a quarter of all packets/s at 100,000 flows. A generation tells the connections of a record apart: whoever remembers record
// and generation needs no tuple to know that it is still the very same connection. Nobody remembers a TCP connection, whose windows,
// packed, take the place of its generation (`tcp-pack.ts`).
//
//   float64: 0 deadline (ns)     int32: 2 state   3 generation

export const PULSE_WORDS = 4
const PULSE_DOUBLES = 2
export const STATE = 2
export const GENERATION = 3

// State word.
export const SEEN_REPLY = 1
export const ASSURED = 2
/** The source of the original direction is translated (reply target differs from the original source). */
export const SOURCE_NAT = 4
export const DEAD = 8
/** Also in the index by its original source. */
export const BY_SOURCE = 16
/** The target of the original direction is translated (reply source differs from the original target). */
export const DEST_NAT = 32
/** Its windows are followed: it has no generation. */
export const IS_TCP = 64
/** Its windows lie open in a row of `tcp-rows.ts`. */
export const IS_OPEN = 128
/** Protocol state (TCP) in bits 8-11; packed windows have the bits above. */
export const STATE_SHIFT = 8
export const STATE_MASK = 0xf << STATE_SHIFT
export const PACKED_SHIFT = 12

export class Pulses {
  words: Int32Array
  times: Float64Array
  /** Counts connections, of all records: no two in a row of four milliards have the same generation. */
  private begun = 0

  constructor(records: number) {
    this.words = new Int32Array(records * PULSE_WORDS)
    this.times = new Float64Array(this.words.buffer)
  }

  /** Begins a connection in this record: a new generation, without a deadline yet. */
  begin(record: number, state: number): void {
    const w = record * PULSE_WORDS
    this.begun = (this.begun + 1) | 0
    this.words[w + STATE] = state
    this.words[w + GENERATION] = this.begun
    this.times[record * PULSE_DOUBLES] = 0
  }

  grow(records: number): void {
    const grown = new Int32Array(records * PULSE_WORDS)
    grown.set(this.words)
    this.words = grown
    this.times = new Float64Array(grown.buffer)
  }

  deadline(record: number): number {
    return this.times[record * PULSE_DOUBLES]
  }
  setDeadline(record: number, clock: Float64Array, lifeNs: number): void {
    this.times[record * PULSE_DOUBLES] = clock[0] + lifeNs
  }
  state(record: number): number {
    return this.words[record * PULSE_WORDS + STATE]
  }
  setState(record: number, set: number, clear: number): void {
    const w = record * PULSE_WORDS + STATE
    this.words[w] = (this.words[w] & ~clear) | set
  }
  generation(record: number): number {
    return this.words[record * PULSE_WORDS + GENERATION]
  }

  /** Whether this generation of the record lives. */
  isStill(record: number, generation: number, clock: Float64Array): boolean {
    const w = record * PULSE_WORDS
    if (this.words[w + GENERATION] !== generation || (this.words[w + STATE] & (DEAD | IS_TCP)) !== 0) return false
    return this.times[w >>> 1] > clock[0]
  }

  /**
   * If this generation lives and nothing has answered on it, its lifetime starts anew: span[0] is now, span[1] the deadline. That only ever
   * moves out, so whoever waits for its end needs no word of it.
   */
  beat(record: number, generation: number, span: Float64Array): boolean {
    const w = record * PULSE_WORDS
    if (this.words[w + GENERATION] !== generation || (this.words[w + STATE] & (DEAD | SEEN_REPLY | IS_TCP)) !== 0) return false
    if (this.times[w >>> 1] <= span[0]) return false
    this.times[w >>> 1] = span[1]
    return true
  }
}
