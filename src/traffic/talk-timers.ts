// What a deadline means to the end it belongs to: a segment sent again, a connection given up or closed, TIME_WAIT over. A repeated SYN waits as
// Linux's does: `synLinearTimeouts` times a second, then twice as long each time, `synRetries` times (net.ipv4.tcp_syn_linear_timeouts
// 4 and tcp_syn_retries 6: SYNs at 0, 1, 2, 3, 4, 5, 7, 11, 19, 35 and 67 s, given up at 131 s).
import type { LpId } from '../base/brand.js'
import { Socket, SocketFlag, SocketState, SocketTime } from '../table/sockets.js'
import { close, fail } from './connection.js'
import { arm, armAfter, isUp, podOf, release, type Talk, trafficOf } from './talk.js'
import { Count, Failure } from './tally.js'
import { vanishEnd } from './tcp-input.js'
import { resendData, resendFin, SECOND, sendSyn } from './tcp-output.js'
import { sendRequest } from './udp-exchange.js'

/** net.ipv4.tcp_synack_retries; tcp_orphan_retries as its default counts. */
const SYN_ACK_RETRIES = 5
const ORPHAN_RETRIES = 8
const RETRIES_SERVER = 15
const WAIT_MOST = 120 * SECOND
/** Requests of a UDP exchange, the first included. */
const UDP_ATTEMPTS = 2

/** A timer event of a row. */
export function timerDue(talk: Talk, lp: LpId, row: number, tag: number): void {
  const { clock, sockets, when } = talk
  if (sockets.tag(row) !== tag || sockets.state(row) === SocketState.free) return
  sockets.setFlags(row, 0, SocketFlag.FILED)
  if (!isUp(talk, podOf(talk, row))) {
    vanishEnd(talk, row)
    return
  }
  const deadline = sockets.doubles[row * Socket.DOUBLES + SocketTime.DEADLINE]
  // The deadline was taken away.
  if (deadline < 0) return
  if (deadline <= clock[0]) {
    sockets.doubles[row * Socket.DOUBLES + SocketTime.DEADLINE] = Number.POSITIVE_INFINITY
    expired(talk, lp, row)
  } else if (deadline < Number.POSITIVE_INFINITY) {
    when[0] = deadline
    arm(talk, lp, row)
  }
}

function expired(talk: Talk, lp: LpId, row: number): void {
  const { sockets } = talk
  const state = sockets.state(row)
  if (state === SocketState.synSent) repeatSyn(talk, lp, row)
  else if (state === SocketState.synReceived) repeatSynAck(talk, lp, row)
  else if (state === SocketState.established) establishedDue(talk, lp, row)
  else if (state === SocketState.exchange) exchangeDue(talk, lp, row)
  else if (state === SocketState.finWait1 || state === SocketState.lastAck) repeatFin(talk, lp, row)
  // TIME_WAIT is over, or the other end never closed.
  else release(talk, row)
}

function repeatFin(talk: Talk, lp: LpId, row: number): void {
  const { sockets } = talk
  if (sockets.repeats(row) >= ORPHAN_RETRIES) {
    release(talk, row)
    return
  }
  sockets.setRepeats(row, sockets.repeats(row) + 1)
  resendFin(talk, lp, row)
}

function repeatSyn(talk: Talk, lp: LpId, row: number): void {
  const { image, sockets, tally } = talk
  const traffic = trafficOf(talk, row)
  const repeats = sockets.repeats(row)
  const linear = image.talkSynLinear[traffic]
  if (repeats >= linear + image.talkSynRetries[traffic]) {
    fail(talk, lp, row, Failure.connectTimeout)
    return
  }
  tally.count(traffic, Count.retransmissions)
  again(talk, row, repeats)
  sendSyn(talk, lp, row)
  armAfter(talk, lp, row, Math.min(SECOND << Math.min(Math.max(0, repeats + 1 - linear), 12), WAIT_MOST))
}

function repeatSynAck(talk: Talk, lp: LpId, row: number): void {
  const repeats = talk.sockets.repeats(row)
  if (repeats >= SYN_ACK_RETRIES) {
    release(talk, row)
    return
  }
  talk.tally.count(trafficOf(talk, row), Count.retransmissions)
  again(talk, row, repeats)
  sendSyn(talk, lp, row)
  armAfter(talk, lp, row, SECOND << (repeats + 1))
}

function again({ sockets }: Talk, row: number, repeats: number): void {
  sockets.setRepeats(row, Math.min(repeats + 1, 63))
  sockets.setFlags(row, SocketFlag.REPEATED, 0)
}

/** Data was not acknowledged in time; without any on its way, the connection was held long enough. */
function establishedDue(talk: Talk, lp: LpId, row: number): void {
  const { image, sockets } = talk
  const w = row * Socket.WORDS
  if (sockets.words[w + Socket.UNACKED] === sockets.words[w + Socket.NEXT]) {
    if (!sockets.has(row, SocketFlag.IS_SERVER) && sockets.has(row, SocketFlag.RESPONDED)) close(talk, lp, row)
    return
  }
  const isServer = sockets.has(row, SocketFlag.IS_SERVER)
  const most = isServer ? RETRIES_SERVER : image.talkDataRetries[image.clientTraffic[sockets.words[w + Socket.OWNER]]]
  const repeats = sockets.repeats(row)
  if (repeats < most) {
    sockets.setRepeats(row, repeats + 1)
    resendData(talk, lp, row)
  } else if (isServer) release(talk, row)
  else fail(talk, lp, row, Failure.dataTimeout)
}

function exchangeDue(talk: Talk, lp: LpId, row: number): void {
  const { sockets, tally } = talk
  const asked = sockets.repeats(row) + 1
  if (sockets.has(row, SocketFlag.RESPONDED)) close(talk, lp, row)
  else if (asked >= UDP_ATTEMPTS) fail(talk, lp, row, Failure.noAnswer)
  else {
    sockets.setRepeats(row, asked)
    tally.count(trafficOf(talk, row), Count.retransmissions)
    sendRequest(talk, lp, row)
  }
}
