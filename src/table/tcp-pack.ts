// The windows of a TCP connection in five words and twenty bits, for as long as it is silent. Of the sixteen words of its row
// (`tcp-window.ts`) nearly all follow from others when an end has nothing on its way: what it may send reaches one window beyond what the
// other has acknowledged, the last segment ended where the sender stands, and windows are sixteen bits, scaled or not. What does not fit
// is not packed, and its row stays open: packing loses nothing, ever.
//
//   0  end of the original side          1  end of the reply side
//   2  offers: how far each side may send beyond what of it is acknowledged, 16 bits each (original's low)
//   3  largest windows, 16 bits each; if `BUSY`: bytes not yet acknowledged of each side, and each window is what it offers now
//   4  bits 0-7 scales   8 BUSY   9 who sent the last segment   10-11 its window   12 REPEATED   13-16 bytes not yet acknowledged, two
//      bits each, if not BUSY   17-18, 19-20 how far behind its sender's now are its end and acknowledgment   21-31 its length; if
//      `REPEATED`: 21-28 how often it came again, 29-31 its length
//   bits (of the state word): 0-3 kind and direction of the last segment   4-9, 10-15 flags of the sides   16-19 whether offers and windows
//      are scaled
import { TcpFlag, TcpRow } from './tcp-window.js'

/** What {@link packRow} fills and {@link unpackRow} reads: five words, then the bits. */
export const PACKED_WORDS = 6
const BITS = 5

const SIDE_FLAGS = 0x3f
/** All that is packed of a side's flags and scale. */
const SIDE_BITS = SIDE_FLAGS | (0xf << TcpFlag.SCALE_SHIFT)
const BUSY = 1 << 8
const OF_REPLY_SHIFT = 9
const WINDOW_CODE_SHIFT = 10
const REPEATED = 1 << 12
const UNACKED_SHIFT = 13
const BEHIND_SHIFT = 17
const LENGTH_SHIFT = 21
const MOST_LENGTH = 2 ** 11 - 1
const MOST_REPEATS = 0xff
const REPEATED_LENGTH_SHIFT = LENGTH_SHIFT + 8
const MOST_REPEATED_LENGTH = 7

// The window of the last segment.
const NO_SEGMENT = 0
const AS_LARGEST = 1
const AS_OFFER = 2
const CLOSED = 3

const NOTHING = -1
const SCALED = 1 << 16

/** A window in 16 bits, scaled if it can be, then with bit 16; NOTHING if it cannot be said so. */
function sayWindow(window: number, scale: number): number {
  const scaled = window >>> scale
  if (scaled <= 0xffff && ((scaled << scale) | 0) === (window | 0)) return scaled | SCALED
  return window >>> 0 <= 0xffff ? window : NOTHING
}

const readWindow = (said: number, isScaled: number, scale: number): number => (isScaled ? said << scale : said)

/** What of a side's bytes the other has acknowledged, as far as anybody knows. */
const acknowledged = (row: Int32Array, side: number, other: number): number =>
  row[other + TcpRow.FLAGS] & TcpFlag.HAS_MOST_ACK ? row[other + TcpRow.MOST_ACK] : row[side + TcpRow.END]

/** Packs the row at `at`; false if it does not fit. */
export function packRow(row: Int32Array, at: number, into: Int32Array): boolean {
  const reply = at + TcpRow.SIDE_WORDS
  const flags = row[at + TcpRow.FLAGS]
  const replyFlags = row[reply + TcpRow.FLAGS]
  const scale = flags >>> TcpFlag.SCALE_SHIFT
  const replyScale = replyFlags >>> TcpFlag.SCALE_SHIFT
  const repeats = row[at + TcpRow.LAST_FLAGS] >>> TcpFlag.REPEATS_SHIFT
  // Of an ignored SYN nothing is packed; a side that has acknowledged nothing has no highest acknowledgment.
  if ((row[at + TcpRow.LAST_FLAGS] & 0xffff) !== 0 || repeats > MOST_REPEATS || ((flags | replyFlags) & ~SIDE_BITS) !== 0) return false
  if ((flags & TcpFlag.HAS_MOST_ACK) === 0 && row[at + TcpRow.MOST_ACK] !== 0) return false
  if ((replyFlags & TcpFlag.HAS_MOST_ACK) === 0 && row[reply + TcpRow.MOST_ACK] !== 0) return false
  const from = acknowledged(row, at, reply)
  const replyFrom = acknowledged(row, reply, at)
  const unacked = (row[at + TcpRow.END] - from) >>> 0
  const replyUnacked = (row[reply + TcpRow.END] - replyFrom) >>> 0
  // A side's offers are scaled by the other, which makes them.
  const offer = sayWindow((row[at + TcpRow.MOST_END] - from) | 0, replyScale)
  const replyOffer = sayWindow((row[reply + TcpRow.MOST_END] - replyFrom) | 0, scale)
  const window = sayWindow(row[at + TcpRow.WINDOW], scale)
  const replyWindow = sayWindow(row[reply + TcpRow.WINDOW], replyScale)
  if ((offer | replyOffer | window | replyWindow) < 0) return false
  const last = sayLast(row, at, window, replyOffer, replyWindow, offer)
  if (last === NOTHING) return false
  const isBusy = unacked > 3 || replyUnacked > 3
  if (isBusy && (window !== replyOffer || replyWindow !== offer || unacked > 0xffff || replyUnacked > 0xffff)) return false
  into[0] = row[at + TcpRow.END]
  into[1] = row[reply + TcpRow.END]
  into[2] = (offer & 0xffff) | (replyOffer << 16)
  into[3] = isBusy ? unacked | (replyUnacked << 16) : (window & 0xffff) | (replyWindow << 16)
  const tail = isBusy ? BUSY : (unacked << UNACKED_SHIFT) | (replyUnacked << (UNACKED_SHIFT + 2))
  into[4] = scale | (replyScale << 4) | last | tail
  const marks = (offer >>> 16) | ((replyOffer >>> 16) << 1) | ((window >>> 16) << 2) | ((replyWindow >>> 16) << 3)
  into[BITS] = row[at + TcpRow.LAST] | ((flags & SIDE_FLAGS) << 4) | ((replyFlags & SIDE_FLAGS) << 10) | (marks << 16)
  return true
}

/** The last segment, by which side's numbers it goes, or NOTHING. */
function sayLast(row: Int32Array, at: number, window: number, offered: number, replyWindow: number, replyOffered: number): number {
  const isNone =
    (row[at + TcpRow.LAST_SEQUENCE] | row[at + TcpRow.LAST_ACK] | row[at + TcpRow.LAST_END] | row[at + TcpRow.LAST_WINDOW]) === 0
  if (isNone) return row[at + TcpRow.LAST_FLAGS] === 0 ? NO_SEGMENT : NOTHING
  const ofOriginal = saySegment(row, at, at, window, offered)
  if (ofOriginal !== NOTHING) return ofOriginal
  const ofReply = saySegment(row, at, at + TcpRow.SIDE_WORDS, replyWindow, replyOffered)
  return ofReply === NOTHING ? NOTHING : ofReply | (1 << OF_REPLY_SHIFT)
}

function saySegment(row: Int32Array, at: number, side: number, window: number, offered: number): number {
  const behind = (row[side + TcpRow.END] - row[at + TcpRow.LAST_END]) >>> 0
  const ackBehind = (row[side + TcpRow.MOST_ACK] - row[at + TcpRow.LAST_ACK]) >>> 0
  const length = (row[at + TcpRow.LAST_END] - row[at + TcpRow.LAST_SEQUENCE]) >>> 0
  const repeats = row[at + TcpRow.LAST_FLAGS] >>> TcpFlag.REPEATS_SHIFT
  if (behind > 3 || ackBehind > 3 || length > (repeats === 0 ? MOST_LENGTH : MOST_REPEATED_LENGTH)) return NOTHING
  const shown = row[at + TcpRow.LAST_WINDOW]
  const code = shown === (window & 0xffff) ? AS_LARGEST : shown === (offered & 0xffff) ? AS_OFFER : shown === 0 ? CLOSED : NO_SEGMENT
  if (code === NO_SEGMENT) return NOTHING
  const tail = repeats === 0 ? length << LENGTH_SHIFT : REPEATED | (repeats << LENGTH_SHIFT) | (length << REPEATED_LENGTH_SHIFT)
  return (code << WINDOW_CODE_SHIFT) | (behind << BEHIND_SHIFT) | (ackBehind << (BEHIND_SHIFT + 2)) | tail
}

/** Opens what {@link packRow} has packed into the row at `at`. */
export function unpackRow(packed: Int32Array, row: Int32Array, at: number): void {
  const reply = at + TcpRow.SIDE_WORDS
  const tail = packed[4]
  const bits = packed[BITS]
  const scale = tail & 0xf
  const replyScale = (tail >>> 4) & 0xf
  const isBusy = (tail & BUSY) !== 0
  const flags = (bits >>> 4) & SIDE_FLAGS
  const replyFlags = (bits >>> 10) & SIDE_FLAGS
  const end = packed[0]
  const replyEnd = packed[1]
  const from = (end - (isBusy ? packed[3] & 0xffff : (tail >>> UNACKED_SHIFT) & 3)) | 0
  const replyFrom = (replyEnd - (isBusy ? packed[3] >>> 16 : (tail >>> (UNACKED_SHIFT + 2)) & 3)) | 0
  const offer = readWindow(packed[2] & 0xffff, bits & 0x10000, replyScale)
  const replyOffer = readWindow(packed[2] >>> 16, bits & 0x20000, scale)
  row[at + TcpRow.END] = end
  row[at + TcpRow.MOST_END] = from + offer
  row[at + TcpRow.WINDOW] = isBusy ? replyOffer : readWindow(packed[3] & 0xffff, bits & 0x40000, scale)
  row[at + TcpRow.MOST_ACK] = flags & TcpFlag.HAS_MOST_ACK ? replyFrom : 0
  row[at + TcpRow.FLAGS] = flags | (scale << TcpFlag.SCALE_SHIFT)
  row[reply + TcpRow.END] = replyEnd
  row[reply + TcpRow.MOST_END] = replyFrom + replyOffer
  row[reply + TcpRow.WINDOW] = isBusy ? offer : readWindow(packed[3] >>> 16, bits & 0x80000, replyScale)
  row[reply + TcpRow.MOST_ACK] = replyFlags & TcpFlag.HAS_MOST_ACK ? from : 0
  row[reply + TcpRow.FLAGS] = replyFlags | (replyScale << TcpFlag.SCALE_SHIFT)
  row[at + TcpRow.LAST] = bits & 0xf
  row[at + TcpRow.LAST_FLAGS] = tail & REPEATED ? ((tail >>> LENGTH_SHIFT) & MOST_REPEATS) << TcpFlag.REPEATS_SHIFT : 0
  openLast(packed, row, at)
}

function openLast(packed: Int32Array, row: Int32Array, at: number): void {
  const tail = packed[4]
  const code = (tail >>> WINDOW_CODE_SHIFT) & 3
  if (code === NO_SEGMENT) {
    row.fill(0, at + TcpRow.LAST_SEQUENCE, at + TcpRow.LAST_WINDOW + 1)
    return
  }
  const isReply = (tail >>> OF_REPLY_SHIFT) & 1
  const side = at + isReply * TcpRow.SIDE_WORDS
  const end = (row[side + TcpRow.END] - ((tail >>> BEHIND_SHIFT) & 3)) | 0
  row[at + TcpRow.LAST_END] = end
  row[at + TcpRow.LAST_SEQUENCE] = end - (tail >>> (tail & REPEATED ? REPEATED_LENGTH_SHIFT : LENGTH_SHIFT))
  row[at + TcpRow.LAST_ACK] = row[side + TcpRow.MOST_ACK] - ((tail >>> (BEHIND_SHIFT + 2)) & 3)
  // Offers to the other side are this one's; BUSY, they are the largest windows too.
  const offered = isReply ? packed[2] & 0xffff : packed[2] >>> 16
  const largest = (tail & BUSY) !== 0 ? offered : isReply ? packed[3] >>> 16 : packed[3] & 0xffff
  row[at + TcpRow.LAST_WINDOW] = code === AS_LARGEST ? largest : code === AS_OFFER ? offered : 0
}
