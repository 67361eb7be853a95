// What a packet changes about its connection: deadline and state, 16 bytes a record, apart from the 64 of the tuples. A packet whose
// connection is remembered (`datapath/express.ts`) reads and writes these and nothing else, so four connections share a cacheline;
// that is worth a quarter of all packets/s at 100,000 flows. A record's generation tells its connections apart: whoever remembers record
// and generation needs no tuple to know that it is still the very same connection.
//
//   float64: 0 deadline (ns)     int32: 2 state   3 generation

export const PULSE_WORDS = 4
const PULSE_DOUBLES = 2
const STATE = 2
const GENERATION = 3

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
/** Protocol state (TCP) in bits 8-15. */
export const STATE_SHIFT = 8

export class Pulses {
  words: Int32Array
  times: Float64Array

  constructor(records: number) {
    this.words = new Int32Array(records * PULSE_WORDS)
    this.times = new Float64Array(this.words.buffer)
  }

  /** Begins a connection in this record: a new generation, without a deadline yet. */
  begin(record: number, state: number): void {
    if ((record + 1) * PULSE_WORDS > this.words.length) this.grow(record)
    const w = record * PULSE_WORDS
    this.words[w + STATE] = state
    this.words[w + GENERATION]++
    this.times[record * PULSE_DOUBLES] = 0
  }

  private grow(record: number): void {
    const grown = new Int32Array(Math.max((record + 1) * PULSE_WORDS, this.words.length * 2))
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
    return this.words[w + GENERATION] === generation && (this.words[w + STATE] & DEAD) === 0 && this.times[w >>> 1] > clock[0]
  }

  /**
   * If this generation lives and nothing has answered on it, its lifetime starts anew: span[0] is now, span[1] the deadline. That only ever
   * moves out, so the timer that waits for the connection needs no word of it.
   */
  beat(record: number, generation: number, span: Float64Array): boolean {
    const w = record * PULSE_WORDS
    if (this.words[w + GENERATION] !== generation || (this.words[w + STATE] & (DEAD | SEEN_REPLY)) !== 0) return false
    if (this.times[w >>> 1] <= span[0]) return false
    this.times[w >>> 1] = span[1]
    return true
  }
}
