// The windows of a TCP connection, opened for the segment in hand: in the row that it has, or in one taken from whoever took his longest ago
// (`tcp-rows.ts`), whose windows are packed into his record.
import { type ConntrackRecords, Entry } from './conntrack-records.js'
import { Pulse, Status } from './pulse.js'
import { packRow, unpackRow } from './tcp-pack.js'
import { NOBODY } from './tcp-rows.js'
import { TcpRow } from './tcp-window.js'

/** Records that share a row: 2 to this power. */
const SHARE_SHIFT = 5
/** More would outgrow the second-level cache, together with the records that they are packed into. */
const MOST_ROWS = 1024
const LEAST_ROWS = 16
/** Rows tried before another one is made. */
const TRIES = 8
const BITS = 5
const PACKED_BITS = -1 << Status.PACKED_SHIFT

/** The windows of a TCP connection, opened: `conntrack.tcp.at` is where. Those of a fresh one are whatever the row held before. */
export function openRow(conntrack: ConntrackRecords, record: number): void {
  const { pulses, tcp, words } = conntrack
  const state = pulses.state(record)
  const link = record * Entry.WORDS + Entry.LINK
  if (state & Status.IS_OPEN) {
    tcp.at = words[link] * TcpRow.WORDS
    return
  }
  const row = takeRow(conntrack)
  tcp.at = row * TcpRow.WORDS
  tcp.owners[row] = record
  if (state & Status.IS_TCP) unpack(conntrack, record)
  words[link] = row
  pulses.setState(record, Status.IS_TCP | Status.IS_OPEN, 0)
}

function takeRow(conntrack: ConntrackRecords): number {
  const { tcp } = conntrack
  const free = tcp.freeHead
  if (free !== NOBODY) {
    tcp.freeHead = tcp.words[free * TcpRow.WORDS]
    return free
  }
  if (tcp.count < Math.max(LEAST_ROWS, Math.min(MOST_ROWS, conntrack.records >>> SHARE_SHIFT))) return tcp.add()
  for (let tried = 0; tried < TRIES; tried++) {
    const row = tcp.hand
    tcp.hand = row + 1 < tcp.count ? row + 1 : 0
    if (pack(conntrack, row)) return row
  }
  return tcp.add()
}

/** Packs the windows in a row into their record; false if they do not fit. */
function pack({ pulses, rest, tcp, words }: ConntrackRecords, row: number): boolean {
  const { packed } = tcp
  if (!packRow(tcp.words, row * TcpRow.WORDS, packed)) return false
  const record = tcp.owners[row]
  const r = record * Entry.REST_WORDS
  words[record * Entry.WORDS + Entry.LINK] = packed[0]
  rest[r] = packed[1]
  rest[r + 1] = packed[2]
  rest[r + 2] = packed[3]
  pulses.words[record * Pulse.WORDS + Pulse.GENERATION] = packed[4]
  pulses.setState(record, packed[BITS] << Status.PACKED_SHIFT, Status.IS_OPEN | PACKED_BITS)
  return true
}

function unpack({ pulses, rest, tcp, words }: ConntrackRecords, record: number): void {
  const { packed } = tcp
  const r = record * Entry.REST_WORDS
  packed[0] = words[record * Entry.WORDS + Entry.LINK]
  packed[1] = rest[r]
  packed[2] = rest[r + 1]
  packed[3] = rest[r + 2]
  packed[4] = pulses.words[record * Pulse.WORDS + Pulse.GENERATION]
  packed[BITS] = pulses.words[record * Pulse.WORDS + Pulse.STATE] >>> Status.PACKED_SHIFT
  unpackRow(packed, tcp.words, tcp.at)
}

/** The sequence number behind all that the original side has sent. */
export function originalEnd({ pulses, tcp, words }: ConntrackRecords, record: number): number {
  const link = words[record * Entry.WORDS + Entry.LINK]
  return pulses.state(record) & Status.IS_OPEN ? tcp.words[link * TcpRow.WORDS + TcpRow.END] : link
}
