// What a TCP end sends by itself: handshake, data as its window allows, FIN, RST. The send window is fixed at ten segments (RFC 6928) instead
// of a congestion window that grows, and two after a timeout; what is lost is found by the retransmission timer alone.
import type { LpId } from '../base/brand.js'
import { Socket, SocketFlag } from '../table/sockets.js'
import { hash } from '../table/tuple-index.js'
import { ACK, FIN, PSH, RST, SYN } from '../wire/tcp.js'
import { segmentMost, sendSegment } from './segment.js'
import { armAfter, podOf, type Talk, trafficOf } from './talk.js'
import { Count } from './tally.js'

/** Times in tenths of a millisecond. */
export const SECOND = 10_000
/** TCP_RTO_MIN and TCP_RTO_MAX of Linux. */
const RTO_LEAST = 2_000
const RTO_MOST = 120 * SECOND
const WINDOW_SEGMENTS = 10
const WINDOW_AFTER_LOSS = 2
const NO_CONTENT = -1

/** An initial sequence number as Linux makes them (secure_tcp_seq; RFC 6528): a hash of the tuple, and a clock of 64 ns ticks. */
function initialSequence({ params, clock }: Talk, local: number, remote: number, ports: number): number {
  return (hash(params.seed | 0, local, remote, ports) + ((clock[0] / 64) % 0x100000000)) | 0
}

/** Numbers a fresh end's segments; its SYN is the first. */
export function begin(talk: Talk, row: number): void {
  const { words } = talk.sockets
  const w = row * Socket.WORDS
  const first = initialSequence(talk, words[w + Socket.LOCAL], words[w + Socket.REMOTE], words[w + Socket.PORTS])
  words[w + Socket.UNACKED] = first
  words[w + Socket.NEXT] = (first + 1) | 0
  words[w + Socket.MESSAGE_END] = (first + 1) | 0
  words[w + Socket.PACE] = segmentMost(talk, podOf(talk, row)) | (SECOND << 16)
}

/** Sends the SYN of a client, or the SYN-ACK of a server; also again. */
export function sendSyn(talk: Talk, lp: LpId, row: number): void {
  const flags = talk.sockets.has(row, SocketFlag.IS_SERVER) ? SYN | ACK : SYN
  sendSegment(talk, lp, row, flags, talk.sockets.words[row * Socket.WORDS + Socket.UNACKED], 0, NO_CONTENT)
}

/** The segment size both ends can take, and the first retransmission timeout after the handshake's round trip of `tenths`. */
export function setPace(talk: Talk, row: number, segment: number, tenths: number): void {
  const { words } = talk.sockets
  const w = row * Socket.WORDS + Socket.PACE
  words[w] = Math.max(1, Math.min(words[w] & 0xffff, segment)) | (Math.min(RTO_LEAST + tenths, 0xffff) << 16)
}

const timeout = (pace: number, repeats: number): number => Math.min((pace >>> 16) << Math.min(repeats, 10), RTO_MOST)

/** Waits for the acknowledgment of what is on its way, twice as long after each repeat. */
export function awaitAck(talk: Talk, lp: LpId, row: number): void {
  armAfter(talk, lp, row, timeout(talk.sockets.words[row * Socket.WORDS + Socket.PACE], talk.sockets.repeats(row)))
}

export function sendAck(talk: Talk, lp: LpId, row: number): void {
  talk.sockets.setFlags(row, 0, SocketFlag.ACK_OWED)
  sendSegment(talk, lp, row, ACK, talk.sockets.words[row * Socket.WORDS + Socket.NEXT], 0, NO_CONTENT)
}

/** Sends what is left of the message as far as the window goes; acknowledgments ride along. */
export function sendData(talk: Talk, lp: LpId, row: number): void {
  const { sockets } = talk
  const w = row * Socket.WORDS
  const segment = sockets.words[w + Socket.PACE] & 0xffff
  const window = (sockets.repeats(row) > 0 ? WINDOW_AFTER_LOSS : WINDOW_SEGMENTS) * segment
  const isClient = !sockets.has(row, SocketFlag.IS_SERVER)
  sockets.setFlags(row, 0, SocketFlag.ACK_OWED)
  for (;;) {
    const { words } = sockets
    const next = words[w + Socket.NEXT]
    const left = (words[w + Socket.MESSAGE_END] - next) | 0
    const length = Math.min(left, segment)
    if (left <= 0 || ((next + length - words[w + Socket.UNACKED]) | 0) > window) break
    words[w + Socket.NEXT] = (next + length) | 0
    const isLast = length === left
    const content = isLast && isClient ? (words[w + Socket.AWAITED] - words[w + Socket.EXPECTED]) | 0 : NO_CONTENT
    sendSegment(talk, lp, row, isLast ? ACK | PSH : ACK, next, length, content)
  }
  if (sockets.words[w + Socket.NEXT] !== sockets.words[w + Socket.UNACKED]) awaitAck(talk, lp, row)
}

/** Goes back to the first byte that nobody acknowledged. */
export function resendData(talk: Talk, lp: LpId, row: number): void {
  const { words } = talk.sockets
  const w = row * Socket.WORDS
  words[w + Socket.NEXT] = words[w + Socket.UNACKED]
  talk.tally.count(trafficOf(talk, row), Count.retransmissions)
  sendData(talk, lp, row)
}

/** Closes this end's direction, and acknowledges all of the other's. */
export function sendFin(talk: Talk, lp: LpId, row: number, state: number): void {
  const { sockets } = talk
  const w = row * Socket.WORDS
  const sequence = sockets.words[w + Socket.NEXT]
  sockets.words[w + Socket.NEXT] = (sequence + 1) | 0
  sockets.setState(row, state)
  sockets.setRepeats(row, 0)
  sockets.setFlags(row, 0, SocketFlag.ACK_OWED)
  sendSegment(talk, lp, row, FIN | ACK, sequence, 0, NO_CONTENT)
  awaitAck(talk, lp, row)
}

export function resendFin(talk: Talk, lp: LpId, row: number): void {
  talk.tally.count(trafficOf(talk, row), Count.retransmissions)
  sendSegment(talk, lp, row, FIN | ACK, (talk.sockets.words[row * Socket.WORDS + Socket.NEXT] - 1) | 0, 0, NO_CONTENT)
  awaitAck(talk, lp, row)
}

/** Ends the connection for the other end at once (tcp_send_active_reset). */
export function sendReset(talk: Talk, lp: LpId, row: number): void {
  sendSegment(talk, lp, row, RST | ACK, talk.sockets.words[row * Socket.WORDS + Socket.NEXT], 0, NO_CONTENT)
}
