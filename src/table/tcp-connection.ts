// A tracked TCP connection and the segment in hand: nf_conntrack_tcp_packet of the kernel. The state table says where a segment leads,
// the windows whether to believe it; between the two stand the cases in which the router may be the one that is out of step: a SYN or
// SYN-ACK that fits nothing is let through, and what the other end answers to it decides. Sysctls are at their defaults
// (tcp_loose 1, be_liberal 0, max_retrans 3, ignore_invalid_rst 0).
import { type Conntrack, Direction } from './conntrack.js'
import { Status } from './pulse.js'
import { openRow } from './tcp-open.js'
import { nextTcpState, TCP_LIFE, TCP_LIFE_STALLED, TcpKind, TcpState } from './tcp-state.js'
import { beginRow, inWindow, isBefore, type Segment, type SegmentInHand, Sight, TcpFlag, TcpRow, takeOver } from './tcp-window.js'

/** What the segment is to the host: of the connection, of none, or the first of a new connection with the same tuple. */
export const enum Belongs {
  yes = 0,
  no = 1,
  anew = 2,
}

const MOST_REPEATS = 3

// What is still to be done with a RST that has passed its own checks.
const RST_INVALID = -1
const RST_USUAL = 0
const RST_KEEPS_STATE = 1
const RST_SKIPS_WINDOW = 2

/** Begins to follow the fresh connection `record`, whose first segment is in hand, and sets its lifetime. */
export function beginTcp(conntrack: Conntrack, record: number, clock: Float64Array): void {
  const { tcp } = conntrack
  openRow(conntrack, record)
  const { at, segment, words } = tcp
  beginRow(words, at, segment)
  const state = segment.kind === TcpKind.syn ? TcpState.synSent : TcpState.established
  inWindow(tcp, Direction.ORIGINAL, TcpState.none)
  words[at + TcpRow.LAST] = segment.kind
  conntrack.setState(record, state << Status.STATE_SHIFT, Status.STATE_MASK)
  conntrack.arm(record, clock, Math.min(TCP_LIFE[state], TCP_LIFE_STALLED))
}

/** Leads a connection on with the segment in hand. */
export function followTcp(conntrack: Conntrack, reference: number, clock: Float64Array): number {
  const record = reference >> 2
  const direction = reference & 3
  openRow(conntrack, record)
  const { at, segment, words } = conntrack.tcp
  const state = conntrack.protocolState(record)
  const after = nextTcpState(direction, segment.flags, state)
  if (after === TcpState.invalid) return Belongs.no
  const reopens = after === TcpState.synSent && state >= TcpState.timeWait
  if (reopens && isClosed(words, at, direction)) {
    conntrack.remove(record)
    return Belongs.anew
  }
  if (reopens || after === TcpState.ignored) return followDoubtful(conntrack, record, direction, state, clock)
  if (segment.kind === TcpKind.rst) return followReset(conntrack, record, direction, state, clock)
  if (after === TcpState.timeWait && isChallenge(words, at, direction, state, segment)) {
    words[at + TcpRow.LAST_FLAGS] &= ~TcpFlag.AWAITS_CHALLENGE
    return belongs(conntrack, record, direction)
  }
  if (after === TcpState.synSent2) words[at + TcpRow.LAST_FLAGS] |= TcpFlag.SIMULTANEOUS_OPEN
  const opensAtOnce = after === TcpState.synReceived && direction === Direction.REPLY && segment.kind === TcpKind.ack
  const isOpen = opensAtOnce && (words[at + TcpRow.LAST_FLAGS] & TcpFlag.SIMULTANEOUS_OPEN) !== 0
  return believe(conntrack, record, direction, state, isOpen ? TcpState.established : after, clock)
}

/** A segment that fits no state is let through and remembered, unless it proves that both ends were in step and only the router was not. */
function followDoubtful(conntrack: Conntrack, record: number, direction: number, state: number, clock: Float64Array): number {
  const { at, segment, words } = conntrack.tcp
  if (answersIgnoredSyn(words, at, direction, segment)) {
    takeOver(words, at, direction)
    return believe(conntrack, record, direction, TcpState.synSent, TcpState.synReceived, clock)
  }
  noteIgnored(words, at, direction, state, segment)
  return belongs(conntrack, record, direction)
}

function followReset(conntrack: Conntrack, record: number, direction: number, state: number, clock: Float64Array): number {
  const rst = checkReset(conntrack, record, direction, state, conntrack.tcp.segment)
  if (rst === RST_INVALID) return Belongs.no
  const after = rst & RST_KEEPS_STATE ? state : TcpState.close
  if (rst & RST_SKIPS_WINDOW) return move(conntrack, record, direction, state, after, clock)
  return believe(conntrack, record, direction, state, after, clock)
}

/** Moves the connection if the segment is in window. */
function believe(conntrack: Conntrack, record: number, direction: number, before: number, after: number, clock: Float64Array): number {
  const sight = inWindow(conntrack.tcp, direction, conntrack.protocolState(record))
  if (sight === Sight.accepted) return move(conntrack, record, direction, before, after, clock)
  if (sight === Sight.ignored) return belongs(conntrack, record, direction)
  hurryIfClosing(conntrack, record, direction, clock)
  return Belongs.no
}

function move(conntrack: Conntrack, record: number, direction: number, before: number, after: number, clock: Float64Array): number {
  const { at, segment, words } = conntrack.tcp
  words[at + TcpRow.LAST] = segment.kind | (direction << 3)
  if (before !== after && after === TcpState.finWait) words[at + direction * TcpRow.SIDE_WORDS + TcpRow.FLAGS] |= TcpFlag.BEGAN_CLOSE
  conntrack.setState(record, after << Status.STATE_SHIFT, Status.STATE_MASK)
  renew(conntrack, record, before, after, clock)
  return belongs(conntrack, record, direction)
}

/** The lifetime that the segment gives its connection in its new state, and whether it proves that both ends talk. */
function renew(conntrack: Conntrack, record: number, before: number, after: number, clock: Float64Array): void {
  const { tcp } = conntrack
  const { kind } = tcp.segment
  const flags = conntrack.state(record)
  let lifeNs = lifeOf(tcp, after)
  if ((flags & Status.SEEN_REPLY) === 0) {
    if (kind === TcpKind.rst) {
      // Refused: nothing is left of it at once. This packet is still translated by it.
      conntrack.refresh(record, clock, 0)
      conntrack.remove(record)
      return
    }
    // Else a port used again and again would keep an unanswered connection, and its translation, for ever.
    if (kind === TcpKind.syn && before === TcpState.synSent) return
    if (after === TcpState.established) lifeNs = Math.min(lifeNs, TCP_LIFE_STALLED)
  } else if (after === TcpState.established && (before === TcpState.synReceived || before === TcpState.established)) {
    conntrack.setState(record, Status.ASSURED, 0)
  }
  conntrack.refresh(record, clock, lifeNs)
}

function lifeOf({ at, segment, words }: SegmentInHand, state: number): number {
  const lifeNs = TCP_LIFE[state]
  const isStuck = words[at + TcpRow.LAST_FLAGS] >>> TcpFlag.REPEATS_SHIFT >= MOST_REPEATS
  if (isStuck && lifeNs > TCP_LIFE_STALLED) return TCP_LIFE_STALLED
  if (segment.kind === TcpKind.rst) return TCP_LIFE[TcpState.close]
  const isUnacknowledged = ((words[at + TcpRow.FLAGS] | words[at + TcpRow.SIDE_WORDS + TcpRow.FLAGS]) & TcpFlag.UNACKNOWLEDGED) !== 0
  return isUnacknowledged || words[at + TcpRow.LAST_WINDOW] === 0 ? Math.min(lifeNs, TCP_LIFE_STALLED) : lifeNs
}

function belongs(conntrack: Conntrack, record: number, direction: number): number {
  if (direction === Direction.REPLY) conntrack.setState(record, Status.SEEN_REPLY, 0)
  return Belongs.yes
}

/** Whether the connection has ended as far as one who may open it anew is concerned: closed by FIN, or by that end's own RST. */
const isClosed = (words: Int32Array, at: number, direction: number): boolean =>
  ((words[at + TcpRow.FLAGS] | words[at + TcpRow.SIDE_WORDS + TcpRow.FLAGS]) & TcpFlag.BEGAN_CLOSE) !== 0 ||
  words[at + TcpRow.LAST] === (TcpKind.rst | (direction << 3))

/** A SYN-ACK that acknowledges the SYN let through last. */
const answersIgnoredSyn = (words: Int32Array, at: number, direction: number, segment: Segment): boolean =>
  segment.kind === TcpKind.synAck &&
  words[at + TcpRow.LAST] === (TcpKind.syn | ((1 - direction) << 3)) &&
  segment.acknowledgment === words[at + TcpRow.LAST_END]

/** An ACK that only protests against a SYN (RFC 5961 section 4) does not acknowledge the last FIN. */
const isChallenge = (words: Int32Array, at: number, direction: number, state: number, segment: Segment): boolean =>
  state === TcpState.lastAck &&
  segment.kind === TcpKind.ack &&
  words[at + TcpRow.LAST] === (TcpKind.syn | ((1 - direction) << 3)) &&
  (words[at + TcpRow.LAST_FLAGS] & TcpFlag.AWAITS_CHALLENGE) !== 0

/** Remembers a segment that was let through without being believed: what is said to it will tell. */
function noteIgnored(words: Int32Array, at: number, direction: number, state: number, segment: Segment): void {
  words[at + TcpRow.LAST] = segment.kind | (direction << 3)
  words[at + TcpRow.LAST_SEQUENCE] = segment.sequence
  words[at + TcpRow.LAST_END] = segment.end
  words[at + TcpRow.LAST_WINDOW] = segment.window
  if (segment.kind === TcpKind.syn && direction === Direction.ORIGINAL) {
    const scale = segment.scale < 0 ? 0 : TcpFlag.SCALES | (segment.scale << TcpFlag.SCALE_SHIFT)
    const challenge = state === TcpState.lastAck ? TcpFlag.AWAITS_CHALLENGE : 0
    words[at + TcpRow.LAST_FLAGS] =
      (words[at + TcpRow.LAST_FLAGS] & ~0xffff) | scale | (segment.permitsSack ? TcpFlag.PERMITS_SACK : 0) | challenge
  }
  if (state === TcpState.synSent && segment.kind === TcpKind.ack && direction === Direction.REPLY)
    words[at + TcpRow.LAST_ACK] = segment.acknowledgment
}

/** Whether a RST may end the connection: its number must be what the other end waits for, or anybody could send one. */
function checkReset(conntrack: Conntrack, record: number, direction: number, state: number, segment: Segment): number {
  // What is closing anyway may have lost its numbers to the next connection of that tuple.
  if (state >= TcpState.finWait && state <= TcpState.close) return RST_SKIPS_WINDOW
  const { at, words } = conntrack.tcp
  const flags = conntrack.state(record)
  const isEstablished = state === TcpState.established && (flags & Status.ASSURED) !== 0
  const last = words[at + TcpRow.LAST]
  const peer = at + (1 - direction) * TcpRow.SIDE_WORDS
  const { acknowledgment, sequence } = segment
  let rst = RST_USUAL
  if (words[peer + TcpRow.FLAGS] & TcpFlag.HAS_MOST_ACK && (last & 7) !== TcpKind.syn) {
    if (sequence === 0 && !isEstablished) return RST_USUAL
    if (isBefore(sequence, words[peer + TcpRow.MOST_ACK])) return RST_INVALID
    const isNext = sequence === words[peer + TcpRow.MOST_ACK]
    const isBehindOwnData = last === (TcpKind.ack | (direction << 3)) && sequence === words[at + TcpRow.LAST_END]
    if (!isEstablished || isNext || isBehindOwnData) return RST_USUAL
    rst = RST_KEEPS_STATE
  }
  const answersSyn = (flags & Status.SEEN_REPLY) !== 0 && (last & 7) === TcpKind.syn
  const answersAck = (flags & Status.ASSURED) === 0 && (last & 7) === TcpKind.ack
  const answersIgnored = (answersSyn || answersAck) && acknowledgment === words[at + TcpRow.LAST_END]
  const answersChallenge =
    state === TcpState.synSent && last === (TcpKind.ack | (Direction.REPLY << 3)) && sequence === words[at + TcpRow.LAST_ACK]
  return answersIgnored || answersChallenge ? rst | RST_SKIPS_WINDOW : rst
}

/** FIN and RST out of window from both sides: the ends are done, and the router has lost the thread; it need not wait for days. */
function hurryIfClosing(conntrack: Conntrack, record: number, direction: number, clock: Float64Array): void {
  const { at, segment, words } = conntrack.tcp
  const { kind } = segment
  if ((conntrack.state(record) & Status.ASSURED) === 0 || (kind !== TcpKind.rst && kind !== TcpKind.fin)) return
  const last = words[at + TcpRow.LAST]
  const lastKind = last & 7
  if (last >>> 3 === direction || (lastKind !== TcpKind.fin && lastKind !== TcpKind.rst)) words[at + TcpRow.LAST] = kind | (direction << 3)
  else if (conntrack.deadline(record) - clock[0] > TCP_LIFE_STALLED) conntrack.refresh(record, clock, TCP_LIFE_STALLED)
}
