// Flows through an outbound device that is no Linux machine: one record of 64 bytes each, found by the tuple inside sends with and by
// the one the outside answers to, and a wheel of timers. Which port a flow has is its store's business (`load-balancer-ports.ts`,
// `nat-gateway-ports.ts`), how long it lives its device's (`datapath/snat.ts`).
//
//   record, int32 words:  0 source  1 target  2 ports (source << 16 | target)   3 external address   4 ports of the answer
//     5 owner << 8 | protocol   6 pool of the destination   7, 15 the device's own   8-9 next and previous in the timer bucket
//     10 tick it is filed under   11 place of the external port in the inventory   12-13 deadline (float64)   14 state
import { invariant } from '../base/invariant.js'
import { hash, TupleIndex } from './tuple-index.js'

/** Offsets in a record, in words. */
export const enum SnatFlow {
  WORDS = 16,
  SOURCE = 0,
  TARGET = 1,
  PORTS = 2,
  EXTERNAL = 3,
  ANSWER_PORTS = 4,
  KEY = 5,
  POOL = 6,
  /** NAT gateway: pool of the address and destination. Load balancer: the last acknowledgment that went out. */
  LIMIT = 7,
  NEXT = 8,
  PLACE = 11,
  STATE = 14,
  /** Load balancer: the last acknowledgment that came in. */
  ACK_IN = 15,
}
const FLOW_DOUBLES = 8
const PREVIOUS = 9
const FILED = 10
const DEADLINE = 6

const INSIDE = 0
const OUTSIDE = 1
/** Set in the key under which an answer's tuple is hashed. */
const OUTSIDE_KEY = 0x100

/** 4 ms: what is due within one tick is told apart when a store has nothing left, and only then. */
const TICK = 4e6
const TICKS = 65_536
const NOT_FILED = -1

/** What becomes of a flow whose time is up; it may be removed, or armed again. */
export type Due = (record: number) => void

export class SnatFlows {
  words: Int32Array
  private times: Float64Array
  private readonly index: TupleIndex
  private readonly wheel = new Int32Array(TICKS).fill(-1)
  private collected = 0
  private records = 0
  private freeHead = -1
  live = 0

  constructor(expected: number) {
    const records = Math.max(256, expected)
    this.index = new TupleIndex(records * 2)
    this.words = new Int32Array(records * SnatFlow.WORDS)
    this.times = new Float64Array(this.words.buffer)
  }

  /** The flow that inside sends with this tuple, or -1. Its time may be up: ask {@link isOver}. */
  fromInside(protocol: number, source: number, target: number, ports: number): number {
    return this.find(INSIDE, protocol, source, target, ports)
  }

  /** The flow that the outside answers with this tuple, or -1. */
  fromOutside(protocol: number, remote: number, external: number, ports: number): number {
    return this.find(OUTSIDE, protocol, remote, external, ports)
  }

  private find(side: number, protocol: number, from: number, to: number, ports: number): number {
    const h = hash(side === INSIDE ? protocol : protocol | OUTSIDE_KEY, from, to, ports)
    const { slots, mask } = this.index
    const { words } = this
    for (let slot = h & mask; slots[slot * 2 + 1] !== 0; slot = (slot + 1) & mask) {
      if (slots[slot * 2] !== h) continue
      const reference = slots[slot * 2 + 1] - 1
      if ((reference & 1) !== side) continue
      const w = (reference >>> 1) * SnatFlow.WORDS
      const isSame =
        side === INSIDE
          ? words[w + SnatFlow.SOURCE] === from && words[w + SnatFlow.TARGET] === to && words[w + SnatFlow.PORTS] === ports
          : words[w + SnatFlow.TARGET] === from && words[w + SnatFlow.EXTERNAL] === to && words[w + SnatFlow.ANSWER_PORTS] === ports
      if (isSame && (words[w + SnatFlow.KEY] & 0xff) === protocol) return reference >>> 1
    }
    return -1
  }

  /** A record with its inside tuple, in no index yet: its store looks for a port, then {@link link} or {@link discard}. */
  draft(owner: number, protocol: number, source: number, target: number, ports: number): number {
    const record = this.takeRecord()
    const w = record * SnatFlow.WORDS
    const { words } = this
    words[w + SnatFlow.SOURCE] = source
    words[w + SnatFlow.TARGET] = target
    words[w + SnatFlow.PORTS] = ports
    words[w + SnatFlow.KEY] = (owner << 8) | protocol
    words[w + SnatFlow.STATE] = 0
    words[w + FILED] = NOT_FILED
    return record
  }

  /** The flow lives from now on, under its external address and port. */
  link(record: number): void {
    const { words } = this
    const w = record * SnatFlow.WORDS
    const twin = this.find(
      OUTSIDE,
      words[w + SnatFlow.KEY] & 0xff,
      words[w + SnatFlow.TARGET],
      words[w + SnatFlow.EXTERNAL],
      words[w + SnatFlow.ANSWER_PORTS],
    )
    invariant(twin < 0, 'two flows through the outbound device share what the outside answers to')
    this.index.reserve(2)
    this.index.link(this.hashOf(record, INSIDE), record * 2 + INSIDE)
    this.index.link(this.hashOf(record, OUTSIDE), record * 2 + OUTSIDE)
    this.live++
  }

  /** Takes the flow out of the inside index alone: another flow may begin with its tuple while its port is still held. */
  forget(record: number): void {
    const w = record * SnatFlow.WORDS
    if (this.words[w + SnatFlow.STATE] & FORGOTTEN) return
    this.words[w + SnatFlow.STATE] |= FORGOTTEN
    this.index.unlink(this.hashOf(record, INSIDE), record * 2 + INSIDE)
  }

  /** Ends the flow; the record is its store's until that gives it back by {@link discard}. */
  unlink(record: number): void {
    this.forget(record)
    this.index.unlink(this.hashOf(record, OUTSIDE), record * 2 + OUTSIDE)
    if (this.words[record * SnatFlow.WORDS + FILED] !== NOT_FILED) this.unfile(record)
    this.live--
  }

  discard(record: number): void {
    this.words[record * SnatFlow.WORDS + SnatFlow.NEXT] = this.freeHead
    this.freeHead = record
  }

  /** The same for a chain of records by their NEXT words, from `head` to `tail`. */
  discardChain(head: number, tail: number): void {
    this.words[tail * SnatFlow.WORDS + SnatFlow.NEXT] = this.freeHead
    this.freeHead = head
  }

  private hashOf(record: number, side: number): number {
    const w = record * SnatFlow.WORDS
    const { words } = this
    const protocol = words[w + SnatFlow.KEY] & 0xff
    if (side === INSIDE) return hash(protocol, words[w + SnatFlow.SOURCE], words[w + SnatFlow.TARGET], words[w + SnatFlow.PORTS])
    return hash(protocol | OUTSIDE_KEY, words[w + SnatFlow.TARGET], words[w + SnatFlow.EXTERNAL], words[w + SnatFlow.ANSWER_PORTS])
  }

  deadline(record: number): number {
    return this.times[record * FLOW_DOUBLES + DEADLINE]
  }
  /** Whether the flow's time is up at clock[0]. */
  isOver(record: number, clock: Float64Array): boolean {
    return this.times[record * FLOW_DOUBLES + DEADLINE] <= clock[0]
  }

  /** Has the flow come due `afterNs` from `clock[0]`. A later moment than before is noticed when the timer comes by. */
  arm(record: number, clock: Float64Array, afterNs: number): void {
    const deadline = clock[0] + afterNs
    this.times[record * FLOW_DOUBLES + DEADLINE] = deadline
    const filed = this.words[record * SnatFlow.WORDS + FILED]
    if (filed !== NOT_FILED && Math.floor(deadline / TICK) >= filed) return
    if (filed !== NOT_FILED) this.unfile(record)
    this.file(record)
  }

  /** Hands over every flow whose time was up before the tick of clock[0]. */
  advance(clock: Float64Array, due: Due): void {
    const tick = Math.floor(clock[0] / TICK)
    // After long idle time one turn of the wheel sees every flow.
    if (tick - this.collected > TICKS) this.collected = tick - TICKS
    for (; this.collected < tick; this.collected++) this.collect(this.collected % TICKS, clock, due)
  }

  /** Also those of the tick that clock[0] is in. */
  advanceWithin(clock: Float64Array, due: Due): void {
    this.advance(clock, due)
    this.collect(this.collected % TICKS, clock, due)
  }

  private collect(bucket: number, clock: Float64Array, due: Due): void {
    let record = this.wheel[bucket]
    this.wheel[bucket] = -1
    while (record !== -1) {
      const w = record * SnatFlow.WORDS
      const next = this.words[w + SnatFlow.NEXT]
      this.words[w + FILED] = NOT_FILED
      if (this.isOver(record, clock)) due(record)
      else this.file(record)
      record = next
    }
  }

  private file(record: number): void {
    const tick = Math.floor(this.times[record * FLOW_DOUBLES + DEADLINE] / TICK)
    // Far deadlines wait in the last bucket of the turn; what is over already, in the one that is next.
    const filed = Math.max(this.collected, Math.min(tick, this.collected + TICKS - 1))
    const w = record * SnatFlow.WORDS
    const after = this.wheel[filed % TICKS]
    this.words[w + SnatFlow.NEXT] = after
    this.words[w + PREVIOUS] = -1
    this.words[w + FILED] = filed
    if (after !== -1) this.words[after * SnatFlow.WORDS + PREVIOUS] = record
    this.wheel[filed % TICKS] = record
  }

  private unfile(record: number): void {
    const w = record * SnatFlow.WORDS
    const next = this.words[w + SnatFlow.NEXT]
    const previous = this.words[w + PREVIOUS]
    if (next !== -1) this.words[next * SnatFlow.WORDS + PREVIOUS] = previous
    if (previous !== -1) this.words[previous * SnatFlow.WORDS + SnatFlow.NEXT] = next
    else this.wheel[this.words[w + FILED] % TICKS] = next
    this.words[w + FILED] = NOT_FILED
  }

  private takeRecord(): number {
    if (this.freeHead !== -1) {
      const record = this.freeHead
      this.freeHead = this.words[record * SnatFlow.WORDS + SnatFlow.NEXT]
      return record
    }
    if ((this.records + 1) * SnatFlow.WORDS > this.words.length) {
      const grown = new Int32Array(this.words.length * 2)
      grown.set(this.words)
      this.words = grown
      this.times = new Float64Array(grown.buffer)
    }
    return this.records++
  }

  /** Every live flow, in order of records. */
  *all(): Generator<number> {
    for (let record = 0; record < this.records; record++) {
      const w = record * SnatFlow.WORDS
      const { words } = this
      if (
        this.fromOutside(
          words[w + SnatFlow.KEY] & 0xff,
          words[w + SnatFlow.TARGET],
          words[w + SnatFlow.EXTERNAL],
          words[w + SnatFlow.ANSWER_PORTS],
        ) === record
      )
        yield record
    }
  }
}

/** In the state word: no longer in the inside index. The other bits are the device's. */
const FORGOTTEN = 0x100
