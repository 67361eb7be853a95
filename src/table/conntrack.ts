// Connection tracking: one table a shard, keyed by (logical process, protocol, tuple) in both directions, as nf_conntrack keeps one
// per network namespace. What a connection has is in `conntrack-records.ts`. The index over the records is open addressing with the full
// hash beside each reference, so a look-up reads one index line and one record. Removal shifts back, there are no tombstones. Entries past
// their deadline do not exist for look-ups; every second those are taken out (`due-blocks.ts`).
import { ConntrackRecords, Entry } from './conntrack-records.js'
import { Status } from './pulse.js'
import { SnatPools } from './snat-pools.js'
import { hash, TupleIndex } from './tuple-index.js'

/** Directions of a connection, as in a reference to one. */
export const enum Direction {
  ORIGINAL = 0,
  REPLY = 1,
}
const SOURCE = 2

const KEY = 6

const SECOND = 1e9
const UDP = 17

/** Ports of the opposite direction. */
export const swapPorts = (ports: number): number => (ports << 16) | (ports >>> 16)

export class Conntrack extends ConntrackRecords {
  /** References (record * 4 + direction) by the hashes of their tuples. */
  readonly index: TupleIndex
  /** The second up to which all that is over has been taken out. */
  private settled = 0
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
  constructor(lpCount: number, expected: number, most?: number) {
    super(expected, most)
    this.index = new TupleIndex(expected * 3)
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
        const w = ((reference - 1) >>> 2) * Entry.WORDS
        const t = w + direction * 3
        if (direction !== SOURCE && words[t] === source && words[t + 1] === target && words[t + 2] === ports && words[w + KEY] === key) {
          if (this.pulses.deadline((reference - 1) >>> 2) > clock[0]) return reference - 1
          this.remove((reference - 1) >>> 2)
          return -1
        }
      }
      slot = (slot + 1) & mask
    }
  }

  /**
   * Adds a connection: original tuple, and the tuple its replies carry. The caller has checked that both are free. Returns the record.
   * The deadline is set by {@link arm}, which the caller owes before it leaves.
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
    const w = record * Entry.WORDS
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
    this.pulses.begin(record, (translated ? Status.SOURCE_NAT : 0) | (redirected ? Status.DEST_NAT : 0))
    if (protocol === UDP) this.setBorn(record, clock)
    this.index.link(hash(words[w + KEY], source, target, ports), record * 4 + Direction.ORIGINAL)
    this.index.link(hash(words[w + KEY], replySource, replyTarget, replyPorts), record * 4 + Direction.REPLY)
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
      const w = record * Entry.WORDS
      if (index[slot * 2] === h && ((reference - 1) & 3) === SOURCE && this.words[w + KEY] === key && this.words[w] === source) {
        if (this.sourcePortOf(record) === sourcePort && this.deadline(record) > clock[0]) newest = record
      }
      slot = (slot + 1) & mask
    }
  }

  private sourcePortOf(record: number): number {
    return this.words[record * Entry.WORDS + 2] >>> 16
  }

  /** Ends a connection now; its record is used again from the next {@link advance} on. */
  remove(record: number): void {
    const w = record * Entry.WORDS
    const words = this.words
    const state = this.pulses.state(record)
    if (state & Status.DEAD) return
    this.index.unlink(hash(words[w + KEY], words[w], words[w + 1], words[w + 2]), record * 4 + Direction.ORIGINAL)
    this.index.unlink(hash(words[w + KEY], words[w + 3], words[w + 4], words[w + 5]), record * 4 + Direction.REPLY)
    if (state & Status.BY_SOURCE) {
      this.index.unlink(this.sourceHash(record), record * 4 + SOURCE)
      const pool = this.poolOf(words[w + KEY] >>> 8, words[w + KEY] & 0xff, words[w + 3], words[w + 5])
      if (this.ports.leave(pool)) this.ports.close(pool)
    }
    if (state & Status.IS_OPEN) this.tcp.release(words[w + Entry.LINK])
    this.pulses.setState(record, Status.DEAD, Status.IS_OPEN)
    this.used[words[w + KEY] >>> 8]--
    this.retire(record)
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

  /** Takes out what was over before the last whole second; called when a window opens. */
  advance(clock: Float64Array): void {
    const second = Math.floor(clock[0] / SECOND)
    if (second > this.settled) {
      this.settled = second
      this.due.sweep(second * SECOND, this.settle)
    }
    this.recycle()
  }

  /** Of the records in [first, end), ends those that were over before `nowNs`; the first deadline of the others. */
  private readonly settle = (first: number, end: number, nowNs: number): number => {
    let soonest = Number.POSITIVE_INFINITY
    for (let record = first; record < Math.min(end, this.records); record++) {
      if (this.pulses.state(record) & Status.DEAD) continue
      const deadline = this.pulses.deadline(record)
      if (deadline < nowNs) this.remove(record)
      else if (deadline < soonest) soonest = deadline
    }
    return soonest
  }

  private sourceHash(record: number): number {
    return hash(this.words[record * Entry.WORDS + KEY], this.words[record * Entry.WORDS], 0, this.sourcePortOf(record))
  }

  private linkSource(record: number): void {
    this.pulses.setState(record, Status.BY_SOURCE, 0)
    this.index.link(this.sourceHash(record), record * 4 + SOURCE)
  }
}
