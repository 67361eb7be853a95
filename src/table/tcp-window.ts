// Which segments of a TCP connection a router believes: tcp_in_window of the kernel, after Guido van Rooij's "Real stateful TCP packet
// filtering". It sees both directions but not what gets lost behind it, so it guesses each end's window from what the other end sent.
//
//   sequence       at most  sender's most end             (what the receiver's window allows)
//   end            at least sender's end - receiver's window
//   acknowledged   at most  receiver's end, and at least that less the sender's window or 66,000
//
// A row of 16 words a connection that talks, one cacheline: two sides of 5 words (end, most end, window, highest acknowledgment sent,
// flags and scale), then what the last segment was. Which row it is: `tcp-rows.ts`; how those of the silent are kept: `tcp-pack.ts`.
import { ACK, RST, SYN } from '../wire/tcp.js'
import type { TcpOptions } from '../wire/tcp-options.js'
import { TcpKind, TcpState } from './tcp-state.js'

/** The segment in hand. Its numbers may be pretended while it is judged. */
export interface Segment extends TcpOptions {
  flags: number
  kind: number
  sequence: number
  acknowledgment: number
  /** As it stands in the header, not scaled. */
  window: number
  /** The sequence number after its last byte; SYN and FIN count as one each. */
  end: number
  hasOptions: boolean
}

/** The segment in hand, and where in `words` the row of its connection begins. */
export interface SegmentInHand {
  words: Int32Array
  at: number
  readonly segment: Segment
}

/** Offsets in a row, in words. */
export const enum TcpRow {
  WORDS = 16,
  SIDE_WORDS = 5,
  END = 0,
  MOST_END = 1,
  WINDOW = 2,
  MOST_ACK = 3,
  FLAGS = 4,
  LAST = 10,
  LAST_SEQUENCE = 11,
  LAST_ACK = 12,
  LAST_END = 13,
  LAST_WINDOW = 14,
  /** Of an ignored SYN; how often a segment was repeated lies above them. */
  LAST_FLAGS = 15,
}

// Flags of a side, bits 0-7; its window scale in bits 8-15.
/** Flags of a side. */
export const enum TcpFlag {
  SCALES = 1,
  PERMITS_SACK = 2,
  /** This side sent the first FIN. */
  BEGAN_CLOSE = 4,
  UNACKNOWLEDGED = 16,
  HAS_MOST_ACK = 32,
  /** Of the last segment: a SYN in LAST_ACK was let through, which the other end may challenge. */
  AWAITS_CHALLENGE = 64,
  SIMULTANEOUS_OPEN = 128,
  SCALE_SHIFT = 8,
  REPEATS_SHIFT = 16,
}
/** Picked up mid-stream: its scale is not known, so nothing of it is out of window. */
const LIBERAL = 8

/** How far behind an acknowledgment may be, whatever the window. */
const LEAST_ACK_WINDOW = 66_000

/** What becomes of a segment: it moves the connection, passes without, or does not belong to it. */
export const Sight = { accepted: 0, ignored: 1, invalid: 2 } as const

/** Order of sequence numbers, which wrap around (RFC 9293 section 3.4). */
export const isBefore = (a: number, b: number): boolean => ((a - b) | 0) < 0
const isAfter = (a: number, b: number): boolean => isBefore(b, a)

/** Begins the row at `at` with the segment in hand: the SYN of a connection, or whatever of it was seen first. */
export function beginRow(words: Int32Array, at: number, segment: Segment): void {
  words.fill(0, at, at + TcpRow.WORDS)
  words[at + TcpRow.END] = segment.end
  words[at + TcpRow.WINDOW] = segment.window || 1
  words[at + TcpRow.MOST_END] = segment.end
  if (segment.flags & SYN) takeOptions(words, at, segment)
  else {
    words[at + TcpRow.MOST_END] += words[at + TcpRow.WINDOW]
    words[at + TcpRow.FLAGS] = TcpFlag.PERMITS_SACK | LIBERAL
    words[at + TcpRow.SIDE_WORDS + TcpRow.FLAGS] = TcpFlag.PERMITS_SACK | LIBERAL
  }
}

/** Judges the segment in hand, of the connection in hand and in `state`, and learns from it if it is accepted. */
export function inWindow({ at, segment, words }: SegmentInHand, direction: number, state: number): number {
  const sender = at + direction * TcpRow.SIDE_WORDS
  const receiver = at + (1 - direction) * TcpRow.SIDE_WORDS
  if ((words[receiver + TcpRow.FLAGS] & TcpFlag.PERMITS_SACK) === 0) segment.sack = segment.acknowledgment
  if (isOpening(words, sender, receiver, direction, state, segment)) return Sight.accepted
  pretend(words, sender, receiver, state, segment)
  const sight = judge(words, sender, receiver, segment)
  if (sight !== Sight.accepted) return words[sender + TcpRow.FLAGS] & LIBERAL ? Sight.accepted : sight
  learn(words, sender, receiver, segment)
  if (segment.kind === TcpKind.ack) countRepeats(words, at, direction, segment)
  return Sight.accepted
}

/** First sight of a sender, or a SYN that begins anew. True if there is nothing to judge yet: the SYN of a simultaneous open. */
function isOpening(words: Int32Array, sender: number, receiver: number, direction: number, state: number, segment: Segment): boolean {
  const isSyn = (segment.flags & SYN) !== 0
  const isBareSyn = isSyn && (segment.flags & ACK) === 0
  if (words[sender + TcpRow.WINDOW] === 0) {
    if (isSyn) beginSide(words, sender, receiver, direction, segment)
    else joinSide(words, sender, receiver, segment)
    return isBareSyn
  }
  const isAnew = isSyn && isAfter(segment.end, words[sender + TcpRow.END]) && (state === TcpState.synSent || state === TcpState.synReceived)
  if (isAnew) beginSide(words, sender, receiver, direction, segment)
  return isAnew && isBareSyn && direction === 1
}

function beginSide(words: Int32Array, sender: number, receiver: number, direction: number, segment: Segment): void {
  words[sender + TcpRow.END] = segment.end
  words[sender + TcpRow.MOST_END] = segment.end
  words[sender + TcpRow.WINDOW] = segment.window || 1
  takeOptions(words, sender, segment)
  // Both sides must offer scaling, else neither does it (RFC 7323 section 2.2).
  if (direction === 1 && (words[sender + TcpRow.FLAGS] & words[receiver + TcpRow.FLAGS] & TcpFlag.SCALES) === 0) {
    words[sender + TcpRow.FLAGS] &= 0xff
    words[receiver + TcpRow.FLAGS] &= 0xff
  }
}

/** The middle of a connection whose beginning was not seen: the segment is all there is to go by. */
function joinSide(words: Int32Array, sender: number, receiver: number, segment: Segment): void {
  words[sender + TcpRow.END] = segment.end
  words[sender + TcpRow.WINDOW] = segment.window << (words[sender + TcpRow.FLAGS] >>> TcpFlag.SCALE_SHIFT) || 1
  words[sender + TcpRow.MOST_END] = segment.end + words[sender + TcpRow.WINDOW]
  if (words[receiver + TcpRow.WINDOW] === 0) {
    words[receiver + TcpRow.END] = segment.sack
    words[receiver + TcpRow.MOST_END] = segment.sack
  } else if (segment.sack === ((words[receiver + TcpRow.END] + 1) | 0)) words[receiver + TcpRow.END] = segment.sack // Likely answers a keep-alive.
}

/** The side whose ignored SYN was answered counts from that SYN; the one in `direction`, which answered, begins anew. */
export function takeOver(words: Int32Array, at: number, direction: number): void {
  const opener = at + (1 - direction) * TcpRow.SIDE_WORDS
  words[opener + TcpRow.END] = words[at + TcpRow.LAST_END]
  words[opener + TcpRow.MOST_END] = words[at + TcpRow.LAST_END]
  words[opener + TcpRow.WINDOW] = words[at + TcpRow.LAST_WINDOW] || 1
  words[opener + TcpRow.FLAGS] = words[at + TcpRow.LAST_FLAGS] & 0xffff & ~TcpFlag.AWAITS_CHALLENGE
  const answerer = at + direction * TcpRow.SIDE_WORDS
  words.fill(0, answerer, answerer + TcpRow.FLAGS)
  words[answerer + TcpRow.FLAGS] &= LIBERAL
}

function takeOptions(words: Int32Array, side: number, segment: Segment): void {
  if (!segment.hasOptions) return
  const scale = segment.scale < 0 ? 0 : TcpFlag.SCALES | (segment.scale << TcpFlag.SCALE_SHIFT)
  words[side + TcpRow.FLAGS] = (words[side + TcpRow.FLAGS] & LIBERAL) | (segment.permitsSack ? TcpFlag.PERMITS_SACK : 0) | scale
}

/** Segments that say less than others are read as if they said what fits. */
function pretend(words: Int32Array, sender: number, receiver: number, state: number, segment: Segment): void {
  const { flags } = segment
  // Some stacks set ACK in a RST without a number.
  if ((flags & ACK) === 0 || ((flags & RST) !== 0 && segment.acknowledgment === 0)) {
    segment.acknowledgment = words[receiver + TcpRow.END]
    segment.sack = words[receiver + TcpRow.END]
  }
  // A RST that answers a SYN has no sequence number of its own.
  if ((flags & RST) !== 0 && segment.sequence === 0 && state === TcpState.synSent) {
    segment.sequence = words[sender + TcpRow.END]
    segment.end = words[sender + TcpRow.END]
  }
}

function judge(words: Int32Array, sender: number, receiver: number, { sequence, end, sack }: Segment): number {
  const window = words[receiver + TcpRow.WINDOW] >>> 0
  const isRecent = window === 0 || isAfter(end, words[sender + TcpRow.END] - window - 1)
  const leastAck = words[receiver + TcpRow.END] - Math.max(words[sender + TcpRow.WINDOW] >>> 0, LEAST_ACK_WINDOW)
  const isAckKnown = isBefore(sack, words[receiver + TcpRow.END] + 1)
  const mostEnd = words[sender + TcpRow.MOST_END]
  if (!isBefore(sequence, mostEnd + 1)) {
    const over = (end - mostEnd + 1) >>> 0
    if (window === 0 || over > window || !isRecent || !isAckKnown || isBefore(sack, leastAck)) return Sight.invalid
    // More than the receiver allowed, which it may take all the same: its acknowledgment must not be a surprise.
    words[sender + TcpRow.END] = end
    words[sender + TcpRow.FLAGS] |= TcpFlag.UNACKNOWLEDGED
    return Sight.ignored
  }
  if (!isAckKnown) return Sight.invalid
  return isRecent && !isBefore(sack, leastAck) ? Sight.accepted : Sight.ignored
}

function learn(words: Int32Array, sender: number, receiver: number, { acknowledgment, end, flags, sack, window }: Segment): void {
  const offered = flags & SYN ? window : window << (words[sender + TcpRow.FLAGS] >>> TcpFlag.SCALE_SHIFT)
  const reach = (offered + ((sack - acknowledgment) >>> 0)) >>> 0
  if (words[sender + TcpRow.WINDOW] >>> 0 < reach) words[sender + TcpRow.WINDOW] = reach
  if (isAfter(end, words[sender + TcpRow.END])) {
    words[sender + TcpRow.END] = end
    words[sender + TcpRow.FLAGS] |= TcpFlag.UNACKNOWLEDGED
  }
  if (
    flags & ACK &&
    ((words[sender + TcpRow.FLAGS] & TcpFlag.HAS_MOST_ACK) === 0 || isAfter(acknowledgment, words[sender + TcpRow.MOST_ACK]))
  ) {
    words[sender + TcpRow.MOST_ACK] = acknowledgment
    words[sender + TcpRow.FLAGS] |= TcpFlag.HAS_MOST_ACK
  }
  if (words[receiver + TcpRow.WINDOW] !== 0 && isAfter(end, words[sender + TcpRow.MOST_END]))
    words[receiver + TcpRow.WINDOW] += (end - words[sender + TcpRow.MOST_END]) | 0
  // One byte may be sent into a closed window, to ask whether it is open again.
  if (isAfter(sack + offered, words[receiver + TcpRow.MOST_END] - 1))
    words[receiver + TcpRow.MOST_END] = sack + offered + (offered === 0 ? 1 : 0)
  if (acknowledgment === words[receiver + TcpRow.END]) words[receiver + TcpRow.FLAGS] &= ~TcpFlag.UNACKNOWLEDGED
}

function countRepeats(words: Int32Array, at: number, direction: number, segment: Segment): void {
  const isSame =
    words[at + TcpRow.LAST] >>> 3 === direction &&
    words[at + TcpRow.LAST_SEQUENCE] === segment.sequence &&
    words[at + TcpRow.LAST_ACK] === segment.acknowledgment &&
    words[at + TcpRow.LAST_END] === segment.end &&
    words[at + TcpRow.LAST_WINDOW] === segment.window
  const repeats = isSame ? (words[at + TcpRow.LAST_FLAGS] >>> TcpFlag.REPEATS_SHIFT) + 1 : 0
  words[at + TcpRow.LAST_FLAGS] = (words[at + TcpRow.LAST_FLAGS] & 0xffff) | ((repeats & 0xff) << TcpFlag.REPEATS_SHIFT)
  words[at + TcpRow.LAST] = (words[at + TcpRow.LAST] & 7) | (direction << 3)
  words[at + TcpRow.LAST_SEQUENCE] = segment.sequence
  words[at + TcpRow.LAST_ACK] = segment.acknowledgment
  words[at + TcpRow.LAST_END] = segment.end
  words[at + TcpRow.LAST_WINDOW] = segment.window
}
