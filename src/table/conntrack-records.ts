// The records of connection tracking: stable numbers, 60 bytes each in three columns by who reads them, and a share of the rows in which the
// windows of TCP connections that talk lie open (2 bytes).
//
//   tuples, 8 words:  0-2 original source, target, ports   3-5 reply source, target, ports   6 lp << 8 | protocol   7 by protocol
//   pulse, 4 words:   deadline, state, generation, which every packet changes (`pulse.ts`)
//   rest, 3 words:    by protocol
//
// By protocol: of UDP, 7 and rest[0] are the time of its first packet (float64); of TCP, its windows, packed (`tcp-pack.ts`), or in 7 the
// number of the row in which they lie open (`tcp-rows.ts`). In 7, a record that is over names the next one to be used again.
//
// Ports are source << 16 | target; for ICMP echo id << 16 | type << 8 | code (the kernel's tuple likewise).
import { invariant } from '../base/invariant.js'
import { aligned, int32Of } from '../base/reserve.js'
import { DueBlocks } from './due-blocks.js'
import { Pulse, Pulses, Status } from './pulse.js'
import { TcpRows } from './tcp-rows.js'

/** Sizes of a record's columns, and an offset, in words. */
export const enum Entry {
  WORDS = 8,
  REST_WORDS = 3,
  /** What a record has by its protocol, or, when it is over, the next free one. */
  LINK = 7,
}

const LEAST_RECORDS = 512
/** From so many records on a table grows by a quarter, below it doubles: what is taken ahead of need stays small. */
const MANY_RECORDS = 16_384
const NOBODY = -1

/** A double, and the two words it is kept in. */
const double = new Float64Array(1)
const halves = new Int32Array(double.buffer)

export class ConntrackRecords {
  words: Int32Array
  rest: Int32Array
  readonly pulses: Pulses
  /** When what lives may be over. */
  protected readonly due: DueBlocks
  /** The segment in hand, and the windows of connections that talk. */
  readonly tcp = new TcpRows()
  /** Records ever used. */
  records = 0
  private freeHead = NOBODY
  /** Records over since the last {@link recycle}, newest first; a packet may still be translated by one. */
  private endedHead = NOBODY
  private endedTail = NOBODY

  /** Room for `most` connections (by default more than fit into memory), memory for those that are `expected`. */
  constructor(expected: number, most?: number) {
    const room = Math.max(LEAST_RECORDS, wholeBlocks(expected))
    this.words = int32Of(aligned(room * Entry.WORDS * 4))
    this.rest = new Int32Array(room * Entry.REST_WORDS)
    this.pulses = new Pulses(most)
    this.due = new DueBlocks(room)
  }

  /** Sets a fresh connection's deadline. */
  arm(record: number, clock: Float64Array, lifeNs: number): void {
    this.pulses.setDeadline(record, clock, lifeNs)
    this.due.note(record, clock, lifeNs)
  }

  /** Moves the deadline. */
  refresh(record: number, clock: Float64Array, lifeNs: number): void {
    const isSooner = clock[0] + lifeNs < this.pulses.deadline(record)
    this.pulses.setDeadline(record, clock, lifeNs)
    if (isSooner) this.due.note(record, clock, lifeNs)
  }

  deadline(record: number): number {
    return this.pulses.deadline(record)
  }
  state(record: number): number {
    return this.pulses.state(record)
  }
  setState(record: number, set: number, clear: number): void {
    this.pulses.setState(record, set, clear)
  }
  protocolState(record: number): number {
    return (this.pulses.state(record) & Status.STATE_MASK) >>> Status.STATE_SHIFT
  }

  /** When the first packet of a UDP connection came. */
  born(record: number): number {
    halves[0] = this.words[record * Entry.WORDS + Entry.LINK]
    halves[1] = this.rest[record * Entry.REST_WORDS]
    return double[0]
  }
  protected setBorn(record: number, clock: Float64Array): void {
    double[0] = clock[0]
    this.words[record * Entry.WORDS + Entry.LINK] = halves[0]
    this.rest[record * Entry.REST_WORDS] = halves[1]
  }

  protected takeRecord(): number {
    if (this.freeHead !== NOBODY) {
      const record = this.freeHead
      this.freeHead = this.words[record * Entry.WORDS + Entry.LINK]
      return record
    }
    if ((this.records + 1) * Entry.WORDS > this.words.length) this.grow()
    return this.records++
  }

  /** A record that is over, to be used again from the next {@link recycle} on. */
  protected retire(record: number): void {
    this.words[record * Entry.WORDS + Entry.LINK] = this.endedHead
    this.endedHead = record
    if (this.endedTail === NOBODY) this.endedTail = record
  }

  /** Between packets: what has ended may be used again. */
  protected recycle(): void {
    if (this.endedTail === NOBODY) return
    this.words[this.endedTail * Entry.WORDS + Entry.LINK] = this.freeHead
    this.freeHead = this.endedHead
    this.endedHead = NOBODY
    this.endedTail = NOBODY
  }

  /** Records that there is room for. */
  get room(): number {
    return this.words.length / Entry.WORDS
  }

  /** Bytes of all columns, rows of windows included. */
  get recordBytes(): number {
    const columns = [this.words, this.rest, this.due.times, this.tcp.words, this.tcp.owners]
    return columns.reduce((sum, { byteLength }) => sum + byteLength, this.room * Pulse.WORDS * 4)
  }

  private grow(): void {
    const { records } = this
    invariant(records < this.pulses.room, 'more connections in one shard than its table has room for: more workers have more')
    const room = wholeBlocks(records < MANY_RECORDS ? records * 2 : records * 1.25)
    this.words = grown(this.words, int32Of(aligned(room * Entry.WORDS * 4)))
    this.rest = grown(this.rest, new Int32Array(room * Entry.REST_WORDS))
    this.due.grow(room)
  }
}

const wholeBlocks = (records: number): number => Math.ceil(records / 64) * 64

function grown(words: Int32Array, larger: Int32Array): Int32Array {
  larger.set(words)
  return larger
}
