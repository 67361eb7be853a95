// A segment reaches the end it is for (RFC 9293 section 3.10.7, as far as it goes here): out of order it is not kept but acknowledged anew, so
// a sender goes back to the gap; every second segment is acknowledged, and the last one of a message at once.
import type { LpId, PacketId } from '../base/brand.js'
import { TalkServer } from '../image/kinds.js'
import { PacketFlag } from '../shm/packet-pool.js'
import { Socket, SocketFlag, SocketState, SocketTime } from '../table/sockets.js'
import * as ipv4 from '../wire/ipv4.js'
import * as tcp from '../wire/tcp.js'
import { ask, established, fail, responded, vanish } from './connection.js'
import { contentOf, sendResetAbout } from './segment.js'
import { armAfter, disarm, podOf, release, type Talk } from './talk.js'
import { Failure } from './tally.js'
import { awaitAck, begin, SECOND, sendAck, sendData, sendFin, sendSyn, setPace } from './tcp-output.js'

/** What an end made of a packet. */
export const enum Reception {
  taken = 0,
  /** Nobody listens on the port; a RST went back. */
  refused = 1,
  /** It is of no connection that this host knows; a RST went back unless it was one. */
  stray = 2,
  /** The port takes nobody, and says nothing. */
  ignored = 3,
}

/** TCP_TIMEWAIT_LEN and TCP_FIN_TIMEOUT of Linux. */
const TIME_WAIT = 60 * SECOND
/** Segment size of a peer that names none (RFC 9293 section 3.7.1). */
const SEGMENT_DEFAULT = 536
const HANDSHAKE = tcp.SYN | tcp.ACK | tcp.RST

export function segmentInput(talk: Talk, lp: LpId, pod: number, id: PacketId, ip: number): number {
  const { pool, sockets } = talk
  const frame = pool.view
  const l4 = ip + ipv4.headerLength(frame, ip)
  const ports = (tcp.targetPort(frame, l4) << 16) | tcp.sourcePort(frame, l4)
  let row = sockets.find(lp, 0, ipv4.target(frame, ip), ipv4.source(frame, ip), ports)
  if (row >= 0 && podOf(talk, row) !== pod) {
    // The address belonged to another pod before.
    vanishEnd(talk, row)
    row = -1
  }
  if (row < 0) return strayInput(talk, lp, pod, id, ip, l4, ports)
  const length = ipv4.totalLength(frame, ip) - (l4 - ip) - tcp.headerLength(frame, l4)
  const flags = tcp.flags(frame, l4)
  const state = sockets.state(row)
  if (state === SocketState.synSent) return synSentInput(talk, lp, pod, row, id, l4, flags)
  if (flags & tcp.RST) return resetInput(talk, lp, row, tcp.sequence(frame, l4))
  if (flags & tcp.SYN) {
    // Of an old connection's other end, or the handshake once more: both get what they should know (RFC 5961 section 4).
    if (state === SocketState.synReceived && (flags & tcp.ACK) === 0) sendSyn(talk, lp, row)
    else sendAck(talk, lp, row)
    return Reception.taken
  }
  if (flags & tcp.ACK) acknowledged(talk, lp, row, tcp.acknowledgment(frame, l4))
  // A server's end is gone with the last acknowledgment.
  if (sockets.state(row) === SocketState.free) return Reception.taken
  dataInput(talk, lp, row, id, tcp.sequence(frame, l4), length, flags)
  return Reception.taken
}

/** An end of a pod that stopped. */
export function vanishEnd(talk: Talk, row: number): void {
  if (talk.sockets.has(row, SocketFlag.IS_SERVER)) release(talk, row)
  else vanish(talk, row)
}

/** No end has this tuple: a SYN may make one. */
function strayInput(talk: Talk, lp: LpId, pod: number, id: PacketId, ip: number, l4: number, ports: number): number {
  const { image, pool, sockets } = talk
  const frame = pool.view
  const flags = tcp.flags(frame, l4)
  if (flags & tcp.RST) return Reception.stray
  const isOurs = (pool.flags(id) & PacketFlag.IS_SEGMENT) !== 0
  const traffic = isOurs ? pool.traffic(id) : 0
  const server = image.talkServer[traffic]
  if ((flags & HANDSHAKE) !== tcp.SYN || !isOurs || server === TalkServer.refuse) {
    sendResetAbout(talk, lp, pod, id, traffic)
    return (flags & HANDSHAKE) === tcp.SYN ? Reception.refused : Reception.stray
  }
  if (server === TalkServer.ignore) return Reception.ignored
  const row = sockets.add(
    lp,
    ipv4.target(frame, ip),
    ipv4.source(frame, ip),
    ports,
    pod < 0 ? ~lp : pod,
    traffic,
    SocketState.synReceived | SocketFlag.IS_SERVER,
  )
  const w = row * Socket.WORDS
  sockets.words[w + Socket.EXPECTED] = (tcp.sequence(frame, l4) + 1) | 0
  sockets.doubles[row * Socket.DOUBLES + SocketTime.SINCE] = talk.clock[0]
  begin(talk, row)
  setPace(talk, row, segmentOf(frame, l4, pool.start(id) + pool.head(id)), SECOND)
  sendSyn(talk, lp, row)
  armAfter(talk, lp, row, SECOND)
  return Reception.taken
}

/** The segment size that a SYN names. */
function segmentOf(frame: DataView, l4: number, end: number): number {
  const last = Math.min(l4 + tcp.headerLength(frame, l4), end)
  for (let at = l4 + tcp.MIN_HEADER_LEN; at < last; ) {
    const kind = frame.getUint8(at)
    if (kind === 0) break
    if (kind === 1) {
      at++
      continue
    }
    if (at + 4 > last) break
    if (kind === 2) return frame.getUint16(at + 2)
    at += Math.max(2, frame.getUint8(at + 1))
  }
  return SEGMENT_DEFAULT
}

/** What answers a client's SYN. */
function synSentInput(talk: Talk, lp: LpId, pod: number, row: number, id: PacketId, l4: number, flags: number): number {
  const { pool, sockets } = talk
  const frame = pool.view
  const w = row * Socket.WORDS
  const isOurs = (flags & tcp.ACK) !== 0 && tcp.acknowledgment(frame, l4) === sockets.words[w + Socket.NEXT]
  if (flags & tcp.RST) {
    if (isOurs) fail(talk, lp, row, Failure.refused)
    return isOurs ? Reception.taken : Reception.stray
  }
  if (!isOurs || (flags & tcp.SYN) === 0) {
    // Half open at the other end, from an earlier connection.
    if (flags & tcp.ACK) sendResetAbout(talk, lp, pod, id, talk.image.clientTraffic[sockets.words[w + Socket.OWNER]])
    return Reception.stray
  }
  sockets.words[w + Socket.EXPECTED] = (tcp.sequence(frame, l4) + 1) | 0
  sockets.words[w + Socket.UNACKED] = sockets.words[w + Socket.NEXT]
  const tookNs = talk.clock[0] - sockets.doubles[row * Socket.DOUBLES + SocketTime.SINCE]
  const segment = segmentOf(frame, l4, pool.start(id) + pool.head(id))
  setPace(talk, row, segment, sockets.has(row, SocketFlag.REPEATED) ? SECOND : Math.ceil(tookNs / 1e5))
  sockets.setState(row, SocketState.established)
  sockets.setRepeats(row, 0)
  disarm(talk, row)
  established(talk, row)
  sendAck(talk, lp, row)
  ask(talk, lp, row)
  return Reception.taken
}

/** A RST counts if its number is the one expected; another one in the window is asked about (RFC 5961 section 3.2). */
function resetInput(talk: Talk, lp: LpId, row: number, sequence: number): number {
  const { sockets } = talk
  const ahead = (sequence - sockets.words[row * Socket.WORDS + Socket.EXPECTED]) | 0
  if (ahead !== 0) {
    if (ahead > 0 && ahead < 0x10000) sendAck(talk, lp, row)
    return ahead > 0 && ahead < 0x10000 ? Reception.taken : Reception.stray
  }
  if (sockets.has(row, SocketFlag.IS_SERVER) || sockets.state(row) !== SocketState.established) release(talk, row)
  else fail(talk, lp, row, Failure.reset)
  return Reception.taken
}

/** What the other end says it has. */
function acknowledged(talk: Talk, lp: LpId, row: number, number: number): void {
  const { sockets } = talk
  const { words } = sockets
  const w = row * Socket.WORDS
  const state = sockets.state(row)
  // After going back to a gap, more may be acknowledged than has been sent since.
  const end = ((words[w + Socket.MESSAGE_END] - words[w + Socket.NEXT]) | 0) > 0 ? words[w + Socket.MESSAGE_END] : words[w + Socket.NEXT]
  if (((number - words[w + Socket.UNACKED]) | 0) <= 0 || ((end - number) | 0) < 0) return
  words[w + Socket.UNACKED] = number
  if (((number - words[w + Socket.NEXT]) | 0) > 0) words[w + Socket.NEXT] = number
  sockets.setRepeats(row, 0)
  if (state === SocketState.lastAck && number === words[w + Socket.NEXT]) {
    release(talk, row)
    return
  }
  if (state === SocketState.synReceived) {
    const tookNs = talk.clock[0] - sockets.doubles[row * Socket.DOUBLES + SocketTime.SINCE]
    setPace(talk, row, words[w + Socket.PACE] & 0xffff, sockets.has(row, SocketFlag.REPEATED) ? SECOND : Math.ceil(tookNs / 1e5))
    sockets.setState(row, SocketState.established)
  }
  if (words[w + Socket.UNACKED] === words[w + Socket.NEXT]) disarm(talk, row)
  if (state === SocketState.finWait1 && number === words[w + Socket.NEXT]) {
    sockets.setState(row, SocketState.finWait2)
    armAfter(talk, lp, row, TIME_WAIT)
  } else if (((words[w + Socket.MESSAGE_END] - words[w + Socket.NEXT]) | 0) > 0) sendData(talk, lp, row)
  else if (words[w + Socket.UNACKED] !== words[w + Socket.NEXT]) awaitAck(talk, lp, row)
  if (state === SocketState.established) noticeSilentEnd(talk, lp, row)
}

/** A request that asks for nothing is answered by its acknowledgment. */
function noticeSilentEnd(talk: Talk, lp: LpId, row: number): void {
  const { sockets } = talk
  const { words } = sockets
  const w = row * Socket.WORDS
  const isDone = words[w + Socket.UNACKED] === words[w + Socket.MESSAGE_END] && words[w + Socket.EXPECTED] === words[w + Socket.AWAITED]
  if (isDone && !sockets.has(row, SocketFlag.IS_SERVER) && !sockets.has(row, SocketFlag.RESPONDED)) responded(talk, lp, row)
}

/** Payload and FIN, in order. */
function dataInput(talk: Talk, lp: LpId, row: number, id: PacketId, sequence: number, length: number, flags: number): void {
  const { sockets } = talk
  const w = row * Socket.WORDS
  if (length === 0 && (flags & tcp.FIN) === 0) return
  if (sequence !== sockets.words[w + Socket.EXPECTED]) {
    sendAck(talk, lp, row)
    return
  }
  sockets.words[w + Socket.EXPECTED] = (sequence + length) | 0
  if (length > 0) {
    if (sockets.has(row, SocketFlag.IS_SERVER)) requestInput(talk, lp, row, contentOf(talk, id))
    else responseInput(talk, lp, row)
  }
  if (flags & tcp.FIN) finInput(talk, lp, row)
}

function requestInput(talk: Talk, lp: LpId, row: number, response: number): void {
  const { sockets } = talk
  const w = row * Socket.WORDS
  if (response > 0) {
    sockets.words[w + Socket.MESSAGE_END] = (sockets.words[w + Socket.NEXT] + response) | 0
    sendData(talk, lp, row)
  } else ackSoon(talk, lp, row, response === 0)
}

function responseInput(talk: Talk, lp: LpId, row: number): void {
  const { sockets } = talk
  const w = row * Socket.WORDS
  const isWhole = sockets.words[w + Socket.EXPECTED] === sockets.words[w + Socket.AWAITED] && !sockets.has(row, SocketFlag.RESPONDED)
  if (!isWhole) ackSoon(talk, lp, row, false)
  else if (!responded(talk, lp, row)) sendAck(talk, lp, row)
}

function ackSoon(talk: Talk, lp: LpId, row: number, now: boolean): void {
  if (now || talk.sockets.has(row, SocketFlag.ACK_OWED)) sendAck(talk, lp, row)
  else talk.sockets.setFlags(row, SocketFlag.ACK_OWED, 0)
}

/** The other end has closed its direction: a server closes too, a client was the first to. */
function finInput(talk: Talk, lp: LpId, row: number): void {
  const { sockets } = talk
  const w = row * Socket.WORDS
  const state = sockets.state(row)
  if (state === SocketState.free) return
  sockets.words[w + Socket.EXPECTED] = (sockets.words[w + Socket.EXPECTED] + 1) | 0
  if (sockets.has(row, SocketFlag.IS_SERVER) && state <= SocketState.established) sendFin(talk, lp, row, SocketState.lastAck)
  else {
    sendAck(talk, lp, row)
    if (state !== SocketState.finWait1 && state !== SocketState.finWait2) return
    sockets.setState(row, SocketState.timeWait)
    armAfter(talk, lp, row, TIME_WAIT)
  }
}
