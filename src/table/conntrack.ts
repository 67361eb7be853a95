// Connection tracking: one table a shard, keyed by (logical process, protocol, tuple) in both directions, as nf_conntrack keeps one
// per network namespace. Records have stable numbers and 64 bytes, one cacheline; the index over them is open addressing with the
// full hash beside each reference, so a look-up reads one index line and one record. Removal shifts back, there are no tombstones.
//
//   record, int32 words:  0-2 original source, target, ports   3-5 reply source, target, ports   6 lp << 8 | protocol
//     8-9 born (float64)   12-13 next and previous in the timer bucket   14 second it is filed under   15 hash of the source key
//   deadline and state, which every packet changes, lie apart (`pulse.ts`)
//
// Ports are source << 16 | target; for ICMP echo id << 16 | type << 8 | code (the kernel's tuple likewise). Entries past their
// deadline do not exist for look-ups; a wheel of one-second buckets collects them, O(1) each however often they were refreshed.

import { BY_SOURCE, DEAD, DEST_NAT, Pulses, SOURCE_NAT, STATE_SHIFT } from './pulse.js'
import { SnatPools } from './snat-pools.js'
import { TcpWindows } from './tcp-window.js'
import { hash, TupleIndex } from './tuple-index.js'

export const RECORD_WORDS = 16
const RECORD_DOUBLES = 8

export const ORIGINAL = 0
export const REPLY = 1
const SOURCE = 2

const KEY = 6
const BORN = 4
const NEXT = 12
const PREVIOUS = 13
const FILED = 14
const SOURCE_HASH = 15

const SECOND = 1e9
const BUCKETS = 4096

/** Ports of the opposite direction. */
export const swapPorts = (ports: number): number => (ports << 16) | (ports >>> 16)

export class Conntrack {
  words: Int32Array
  private times: Float64Array
  readonly pulses: Pulses
  /** References (record * 4 + direction) by the hashes of their tuples. */
  readonly index: TupleIndex
  private records = 0
  private freeHead = -1
  private readonly wheel = new Int32Array(BUCKETS).fill(-1)
  private collected = 0
  /** Tracked connections of each logical process, and the most there ever were, and new ones refused because the table was full. */
  readonly used: Int32Array
  readonly peak: Int32Array
  readonly refused: Int32Array
  /** Ports that hosts' own translation holds, by host and destination. */
  readonly ports = new SnatPools()
  /** By logical process: connections translated, and new ones refused for want of a port; [0] when the first was. */
  readonly translated: Int32Array
  readonly unbound: Int32Array
  readonly firstUnboundNs: Float64Array = Float64Array.of(Number.POSITIVE_INFINITY)
  /** What TCP connections have beside their record. */
  readonly tcp = new TcpWindows()

  constructor(lpCount: number, expected: number) {
    this.index = new TupleIndex(expected * 4)
    const records = Math.max(512, expected)
    this.words = new Int32Array(records * RECORD_WORDS)
    this.times = new Float64Array(this.words.buffer)
    this.pulses = new Pulses(records)
    this.used = new Int32Array(lpCount)
    this.peak = new Int32Array(lpCount)
    this.refused = new Int32Array(lpCount)
    this.translated = new Int32Array(lpCount)
    this.unbound = new Int32Array(lpCount)
  }

  /** Reference (record * 4 + direction) of the live entry with this tuple, or -1. `clock[0]` is now. */
  find(lp: number, protocol: number, source: number, target: number, ports: number, clock: Float64Array): number {
    const key = (lp << 8) | protocol
    const h = hash(key, source, target, ports)
    const { slots: index, mask } = this.index
    const words = this.words
    let slot = h & mask
    for (;;) {
      const reference = index[slot * 2 + 1]
      if (reference === 0) return -1
      if (index[slot * 2] === h) {
        const direction = (reference - 1) & 3
        const w = ((reference - 1) >>> 2) * RECORD_WORDS
        const t = w + direction * 3
        if (direction !== SOURCE && words[t] === source && words[t + 1] === target && words[t + 2] === ports && words[w + KEY] === key) {
          if (this.pulses.deadline(w / RECORD_WORDS) > clock[0]) return reference - 1
          this.remove((reference - 1) >>> 2)
          return -1
        }
      }
      slot = (slot + 1) & mask
    }
  }

  /**
   * Adds a connection: original tuple, and the tuple its replies carry. The caller has checked that both are free. Returns the record.
   * The deadline is set by {@link refresh}, which the caller owes before it leaves.
   */
  add(
    lp: number,
    protocol: number,
    source: number,
    target: number,
    ports: number,
    replySource: number,
    replyTarget: number,
    replyPorts: number,
    clock: Float64Array,
  ): number {
    this.index.reserve(3)
    const record = this.takeRecord()
    const w = record * RECORD_WORDS
    const words = this.words
    words[w] = source
    words[w + 1] = target
    words[w + 2] = ports
    words[w + 3] = replySource
    words[w + 4] = replyTarget
    words[w + 5] = replyPorts
    words[w + KEY] = (lp << 8) | protocol
    const changed = replyPorts ^ this.replyPortsOf(protocol, ports)
    // The server's end of the reply's ports is in the high half; an echo's id, which is there too, is its client's.
    const translated = replyTarget !== source || (protocol === 1 ? changed : changed & 0xffff) !== 0
    const redirected = replySource !== target || (protocol !== 1 && changed >>> 16 !== 0)
    this.pulses.begin(record, (translated ? SOURCE_NAT : 0) | (redirected ? DEST_NAT : 0))
    this.times[(w >>> 1) + BORN] = clock[0]
    this.index.link(hash(words[w + KEY], source, target, ports), record * 4 + ORIGINAL)
    this.index.link(hash(words[w + KEY], replySource, replyTarget, replyPorts), record * 4 + REPLY)
    if (translated) {
      this.linkSource(record)
      this.translated[lp]++
      this.ports.enter(this.poolOf(lp, protocol, replySource, replyPorts))
    }
    if (++this.used[lp] > this.peak[lp]) this.peak[lp] = this.used[lp]
    return record
  }

  /** Ports of the reply of an untranslated connection: swapped, or for ICMP echo the same id with the answering type. */
  replyPortsOf(protocol: number, ports: number): number {
    return protocol === 1 ? (ports & ~0xffff) | ((ports & 0xff00) === 0x0800 ? 0 : 0x0800) | (ports & 0xff) : swapPorts(ports)
  }

  /** Sets a fresh connection's deadline and files it with the timers. */
  arm(record: number, clock: Float64Array, lifeNs: number): void {
    this.pulses.setDeadline(record, clock, lifeNs)
    this.file(record, clock[0] + lifeNs)
  }

  /** Moves the deadline. A later one is noticed when the timer comes by; an earlier one is filed anew at once. */
  refresh(record: number, clock: Float64Array, lifeNs: number): void {
    const before = this.pulses.deadline(record)
    this.pulses.setDeadline(record, clock, lifeNs)
    const deadline = clock[0] + lifeNs
    if (deadline < before && deadline < this.words[record * RECORD_WORDS + FILED] * SECOND) {
      this.unfile(record)
      this.file(record, deadline)
    }
  }

  deadline(record: number): number {
    return this.pulses.deadline(record)
  }
  born(record: number): number {
    return this.times[record * RECORD_DOUBLES + BORN]
  }
  state(record: number): number {
    return this.pulses.state(record)
  }
  setState(record: number, set: number, clear: number): void {
    this.pulses.setState(record, set, clear)
  }
  protocolState(record: number): number {
    return (this.pulses.state(record) >>> STATE_SHIFT) & 0xff
  }

  /** The newest translated connection of this source, or -1 (nf_nat's find_appropriate_src, which finds the head of its list). */
  mappingOf(lp: number, protocol: number, source: number, sourcePort: number, clock: Float64Array): number {
    const key = (lp << 8) | protocol
    const h = hash(key, source, 0, sourcePort)
    // Those of one source lie in the order they came: the last one met is the newest.
    let newest = -1
    const { slots: index, mask } = this.index
    let slot = h & mask
    for (;;) {
      const reference = index[slot * 2 + 1]
      if (reference === 0) return newest
      const record = (reference - 1) >>> 2
      const w = record * RECORD_WORDS
      if (index[slot * 2] === h && ((reference - 1) & 3) === SOURCE && this.words[w + KEY] === key && this.words[w] === source) {
        if (this.sourcePortOf(record) === sourcePort && this.deadline(record) > clock[0]) newest = record
      }
      slot = (slot + 1) & mask
    }
  }

  private sourcePortOf(record: number): number {
    return this.words[record * RECORD_WORDS + 2] >>> 16
  }

  /** Ends a connection now; its record is reused once its timer comes by. */
  remove(record: number): void {
    const w = record * RECORD_WORDS
    const words = this.words
    const state = this.pulses.state(record)
    if (state & DEAD) return
    this.index.unlink(hash(words[w + KEY], words[w], words[w + 1], words[w + 2]), record * 4 + ORIGINAL)
    this.index.unlink(hash(words[w + KEY], words[w + 3], words[w + 4], words[w + 5]), record * 4 + REPLY)
    if (state & BY_SOURCE) {
      this.index.unlink(words[w + SOURCE_HASH], record * 4 + SOURCE)
      const pool = this.poolOf(words[w + KEY] >>> 8, words[w + KEY] & 0xff, words[w + 3], words[w + 5])
      if (this.ports.leave(pool)) this.ports.close(pool)
    }
    this.pulses.setState(record, DEAD, 0)
    this.used[words[w + KEY] >>> 8]--
  }

  /** Ports towards a destination: an address and port, for an echo the address alone. */
  private poolOf(lp: number, protocol: number, target: number, replyPorts: number): number {
    return this.ports.open(lp, protocol, target, protocol === 1 ? 0 : replyPorts >>> 16)
  }

  /** No port was left for a new connection of `lp` to this destination. */
  refuseUnbound(lp: number, protocol: number, target: number, replyPorts: number, clock: Float64Array): void {
    this.ports.refuse(this.poolOf(lp, protocol, target, replyPorts))
    this.unbound[lp]++
    if (clock[0] < this.firstUnboundNs[0]) this.firstUnboundNs[0] = clock[0]
  }

  /** Collects what has expired before `clock[0]`; called when a window opens. */
  advance(clock: Float64Array): void {
    const second = Math.floor(clock[0] / SECOND)
    // After long idle time one turn of the wheel sees every entry.
    if (second - this.collected > BUCKETS) this.collected = second - BUCKETS
    for (; this.collected < second; this.collected++) this.collect(this.collected % BUCKETS, second * SECOND)
  }

  private collect(bucket: number, nowNs: number): void {
    let record = this.wheel[bucket]
    this.wheel[bucket] = -1
    while (record !== -1) {
      const w = record * RECORD_WORDS
      const next = this.words[w + NEXT]
      if (!(this.state(record) & DEAD) && this.deadline(record) > nowNs) this.file(record, this.deadline(record))
      else {
        this.remove(record)
        this.words[w + NEXT] = this.freeHead
        this.freeHead = record
      }
      record = next
    }
  }

  private file(record: number, deadline: number): void {
    // Far deadlines wait in the last bucket of the turn and are filed again from there.
    const second = Math.min(Math.floor(deadline / SECOND), this.collected + BUCKETS - 1)
    const bucket = second % BUCKETS
    const w = record * RECORD_WORDS
    const after = this.wheel[bucket]
    this.words[w + NEXT] = after
    this.words[w + PREVIOUS] = -1
    this.words[w + FILED] = second
    if (after !== -1) this.words[after * RECORD_WORDS + PREVIOUS] = record
    this.wheel[bucket] = record
  }

  private unfile(record: number): void {
    const w = record * RECORD_WORDS
    const next = this.words[w + NEXT]
    const previous = this.words[w + PREVIOUS]
    if (next !== -1) this.words[next * RECORD_WORDS + PREVIOUS] = previous
    if (previous !== -1) this.words[previous * RECORD_WORDS + NEXT] = next
    else this.wheel[this.words[w + FILED] % BUCKETS] = next
  }

  private takeRecord(): number {
    if (this.freeHead !== -1) {
      const record = this.freeHead
      this.freeHead = this.words[record * RECORD_WORDS + NEXT]
      return record
    }
    if ((this.records + 1) * RECORD_WORDS > this.words.length) {
      const grown = new Int32Array(this.words.length * 2)
      grown.set(this.words)
      this.words = grown
      this.times = new Float64Array(grown.buffer)
    }
    return this.records++
  }

  private linkSource(record: number): void {
    const w = record * RECORD_WORDS
    this.words[w + SOURCE_HASH] = hash(this.words[w + KEY], this.words[w], 0, this.sourcePortOf(record))
    this.pulses.setState(record, BY_SOURCE, 0)
    this.index.link(this.words[w + SOURCE_HASH], record * 4 + SOURCE)
  }
}
