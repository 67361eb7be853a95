// Ends of connections: what a kernel keeps of a socket, 64 bytes a row, one cache line, and an index over their tuples. A client's end and
// a server's are rows of one table, since both may live in one shard; so may a host and the one that has its address next, hence an end is
// found by its host and tuple. Times stand in rows, timers in the engine's window buckets.
//
//   int32:   0 local address   1 remote address   2 local port << 16 | remote port
//            3 client: number of the connection or request; server: traffic entry   4 client: its row; server: pod, or ~ its host
//            5 state 4 bits | flags 6 | repeats 6 | tag of the timer 16
//            10 first unacknowledged sequence number   11 next to send   12 next expected   13 end of what is to be sent
//            14 client: end of the response, bytes still missing of it (UDP)   15 segment size | retransmission timeout in 0.1 ms << 16
//   float64: 3 deadline, ns (negative: taken away)   4 when the request in hand was made (a client's first one: when it was opened)

import { hash, TupleIndex } from './tuple-index.js'

/** Offsets in a socket's row, in words. */
export const enum Socket {
  WORDS = 16,
  DOUBLES = 8,
  LOCAL = 0,
  REMOTE = 1,
  PORTS = 2,
  NUMBER = 3,
  OWNER = 4,
  UNACKED = 10,
  NEXT = 11,
  EXPECTED = 12,
  MESSAGE_END = 13,
  AWAITED = 14,
  PACE = 15,
}
/** Offsets in a socket's row, in doubles. */
export const enum SocketTime {
  DEADLINE = 3,
  SINCE = 4,
}

const STATUS = 5

/** RFC 9293 section 3.3.2; `exchange` is a request and response by UDP. */
export const enum SocketState {
  free = 0,
  synSent = 1,
  synReceived = 2,
  established = 3,
  finWait1 = 4,
  finWait2 = 5,
  lastAck = 6,
  timeWait = 7,
  exchange = 8,
}
const STATE_MASK = 15

/** Flags in the status word. */
export const enum SocketFlag {
  IS_SERVER = 1 << 4,
  IS_UDP = 1 << 5,
  /** The response is whole. */
  RESPONDED = 1 << 6,
  /** The handshake was repeated: its round trip says nothing (Karn). */
  REPEATED = 1 << 7,
  /** A segment waits for its acknowledgment. */
  ACK_OWED = 1 << 8,
  /** A timer event with this row's tag is on its way, at the deadline or before. */
  FILED = 1 << 9,
}

const REPEATS_SHIFT = 10
const REPEATS_MASK = 63 << REPEATS_SHIFT
const TAG_SHIFT = 16

const NONE = -1

/** Host and protocol in one number. */
const keyOf = (lp: number, kind: number): number => (lp << 6) | kind

export class Sockets {
  words: Int32Array
  doubles: Float64Array
  private readonly index: TupleIndex
  private rows = 0
  private free = NONE
  /** Rows in use. */
  live = 0

  constructor(expected: number) {
    const rows = Math.max(64, expected)
    this.words = new Int32Array(rows * Socket.WORDS)
    this.doubles = new Float64Array(this.words.buffer)
    this.index = new TupleIndex(expected * 2)
  }

  /** Rows that were ever in use lie below this. */
  get extent(): number {
    return this.rows
  }

  /** Row of the end of host `lp` with this tuple, or -1. `kind` is IS_UDP or 0. */
  find(lp: number, kind: number, local: number, remote: number, ports: number): number {
    // Of one tuple, no two hosts have the same hash: the key is mixed in last, by steps that can all be taken back.
    const h = hash(keyOf(lp, kind), local, remote, ports)
    const { slots, mask } = this.index
    const { words } = this
    let slot = h & mask
    for (;;) {
      const reference = slots[slot * 2 + 1]
      if (reference === 0) return NONE
      if (slots[slot * 2] === h) {
        const w = (reference - 1) * Socket.WORDS
        const same = words[w] === local && words[w + Socket.REMOTE] === remote && words[w + Socket.PORTS] === ports
        if (same && (words[w + STATUS] & SocketFlag.IS_UDP) === kind) return reference - 1
      }
      slot = (slot + 1) & mask
    }
  }

  /** A fresh row; the caller has seen that its tuple is free. */
  add(lp: number, local: number, remote: number, ports: number, owner: number, number: number, status: number): number {
    this.index.reserve(1)
    const row = this.take()
    const w = row * Socket.WORDS
    const { words } = this
    const tag = words[w + STATUS] & (-1 << TAG_SHIFT)
    words[w] = local
    words[w + Socket.REMOTE] = remote
    words[w + Socket.PORTS] = ports
    words[w + Socket.NUMBER] = number
    words[w + Socket.OWNER] = owner
    words[w + STATUS] = tag | status
    words.fill(0, w + Socket.UNACKED, w + Socket.WORDS)
    this.doubles[row * Socket.DOUBLES + SocketTime.DEADLINE] = Number.POSITIVE_INFINITY
    this.index.link(hash(keyOf(lp, status & SocketFlag.IS_UDP), local, remote, ports), row)
    this.live++
    return row
  }

  /** Gives the row and its tuple back; timers that are on their way find another tag. */
  remove(lp: number, row: number): void {
    const w = row * Socket.WORDS
    const { words } = this
    this.index.unlink(
      hash(keyOf(lp, words[w + STATUS] & SocketFlag.IS_UDP), words[w], words[w + Socket.REMOTE], words[w + Socket.PORTS]),
      row,
    )
    words[w + STATUS] = (words[w + STATUS] + (1 << TAG_SHIFT)) & (-1 << TAG_SHIFT)
    words[w] = this.free
    this.free = row
    this.live--
  }

  state(row: number): number {
    return this.words[row * Socket.WORDS + STATUS] & STATE_MASK
  }
  setState(row: number, state: number): void {
    const w = row * Socket.WORDS + STATUS
    this.words[w] = (this.words[w] & ~STATE_MASK) | state
  }
  has(row: number, flag: number): boolean {
    return (this.words[row * Socket.WORDS + STATUS] & flag) !== 0
  }
  setFlags(row: number, set: number, clear: number): void {
    const w = row * Socket.WORDS + STATUS
    this.words[w] = (this.words[w] & ~clear) | set
  }
  repeats(row: number): number {
    return (this.words[row * Socket.WORDS + STATUS] & REPEATS_MASK) >>> REPEATS_SHIFT
  }
  setRepeats(row: number, repeats: number): void {
    const w = row * Socket.WORDS + STATUS
    this.words[w] = (this.words[w] & ~REPEATS_MASK) | (repeats << REPEATS_SHIFT)
  }
  tag(row: number): number {
    return this.words[row * Socket.WORDS + STATUS] >>> TAG_SHIFT
  }
  /** The tag of a timer event to come; those before it mean nothing any more. */
  nextTag(row: number): number {
    const w = row * Socket.WORDS + STATUS
    this.words[w] = (this.words[w] + (1 << TAG_SHIFT)) | SocketFlag.FILED | 0
    return this.words[w] >>> TAG_SHIFT
  }

  private take(): number {
    if (this.free !== NONE) {
      const row = this.free
      this.free = this.words[row * Socket.WORDS]
      return row
    }
    if ((this.rows + 1) * Socket.WORDS > this.words.length) {
      const grown = new Int32Array(this.words.length * 2)
      grown.set(this.words)
      this.words = grown
      this.doubles = new Float64Array(grown.buffer)
    }
    return this.rows++
  }
}
