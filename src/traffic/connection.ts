// A connection of a client from its first segment to its one outcome: opened towards a target that lives, asked and answered, held, closed;
// or failed, for one reason. Clients with a pool put their requests on connections that lie idle instead, last used first, and open
// a new one only when there is none and the pool has room; else the request waits.
import type { LpId } from '../base/brand.js'
import { TalkClose } from '../image/kinds.js'
import { Socket, SocketFlag, SocketState, SocketTime } from '../table/sockets.js'
import { PROTOCOL_UDP } from '../wire/ipv4.js'
import { Client } from './clients.js'
import { Draw, drawOf, lawOf } from './connection-draws.js'
import { pickPort } from './ephemeral-ports.js'
import { Flow } from './flows.js'
import { arm, armAfter, disarm, isUp, release, type Talk } from './talk.js'
import { Count, FAILED, Failure, Took } from './tally.js'
import { begin, SECOND, sendData, sendFin, sendReset, sendSyn } from './tcp-output.js'
import { sendRequest } from './udp-exchange.js'

/** An arrival of a client: a connection is opened, or its pool gets a request. */
export function arrival(talk: Talk, lp: LpId, client: number): void {
  const { image, clients, tally } = talk
  const traffic = image.clientTraffic[client]
  const pool = image.talkPool[traffic]
  const w = client * Flow.WORDS
  tally.count(traffic, Count.requests)
  if (pool === 0) {
    open(talk, lp, client, traffic)
    return
  }
  const idle = clients.words[w + Client.IDLE]
  if (idle !== 0) {
    clients.words[w + Client.IDLE] = talk.pooled[(idle - 1) * 2]
    take(talk, lp, idle - 1, client)
  } else if (clients.words[w + Client.POOLED] < pool) open(talk, lp, client, traffic)
  else clients.words[w + Client.WAITING]++
}

/** Opens a connection; false if it failed before its first segment. */
function open(talk: Talk, lp: LpId, client: number, traffic: number): boolean {
  const { image, clients, clock, sockets, tally } = talk
  const number = clients.words[client * Flow.WORDS + Client.MADE]++
  tally.count(traffic, Count.attempts)
  const pod = image.clientPod[client]
  const target = drawTarget(talk, client, number, traffic)
  if (target < 0) return failUnopened(talk, traffic, Failure.noTarget)
  const remote = image.targetAddress[target]
  const local = pod >= 0 ? image.clientAddress[client] : talk.hostAddress(lp, remote)
  const kind = image.talkProtocol[traffic] === PROTOCOL_UDP ? SocketFlag.IS_UDP : 0
  const port = pickPort(talk, client, kind, local, remote, image.talkPort[traffic])
  if (port < 0) return failUnopened(talk, traffic, Failure.ephemeralPortsExhausted)
  if (image.talkPool[traffic] > 0) clients.words[client * Flow.WORDS + Client.POOLED]++
  const state = kind === 0 ? SocketState.synSent : SocketState.exchange
  const row = sockets.add(image.clientLp[client], local, remote, (port << 16) | image.talkPort[traffic], client, number, state | kind)
  sockets.doubles[row * Socket.DOUBLES + SocketTime.SINCE] = clock[0]
  if (image.talkPool[traffic] > 0) makePooled(talk, row)
  if (kind !== 0) {
    sendRequest(talk, lp, row)
    // A message that asks for nothing has its end in itself, as a datagram of statsd or syslog.
    if (sockets.words[row * Socket.WORDS + Socket.AWAITED] === 0) answered(talk, lp, row)
  } else {
    begin(talk, row)
    sendSyn(talk, lp, row)
    armAfter(talk, lp, row, SECOND)
  }
  return true
}

function failUnopened({ tally }: Talk, traffic: number, reason: number): false {
  tally.count(traffic, FAILED + reason)
  tally.count(traffic, Count.failedRequests)
  return false
}

/** Tries for a target that lives before every one is looked at in turn. */
const DRAWS = 16

/** A target that lives now and is not the client itself, each as likely as any other; -1 without one. */
function drawTarget(talk: Talk, client: number, number: number, traffic: number): number {
  const { image } = talk
  const first = image.talkTargetFirst[traffic]
  const count = image.talkTargets[traffic]
  if (count === 0) return -1
  let index = 0
  for (let attempt = 0; attempt < DRAWS; attempt++) {
    index = Math.floor((drawOf(talk.clients, client, number, Draw.target, attempt) / 0x100000000) * count)
    if (isTarget(talk, client, first + index)) return first + index
  }
  for (let i = 1; i <= count; i++) {
    const target = first + ((index + i) % count)
    if (isTarget(talk, client, target)) return target
  }
  return -1
}

function isTarget(talk: Talk, client: number, target: number): boolean {
  const { image } = talk
  const pod = image.targetPod[target]
  if (pod >= 0 ? pod === image.clientPod[client] : image.clientPod[client] < 0 && image.targetLp[target] === image.clientLp[client])
    return false
  return isUp(talk, pod)
}

// ---- once it is open ----

/** The handshake is done, or the first response of an exchange is there. */
export function established(talk: Talk, row: number): void {
  const { image, sockets, tally } = talk
  const traffic = image.clientTraffic[sockets.words[row * Socket.WORDS + Socket.OWNER]]
  tally.count(traffic, Count.established)
  tally.time(traffic, Took.connect, sockets.doubles, row * Socket.DOUBLES + SocketTime.SINCE)
}

/** An exchange by UDP has all it asked for: it is established and answered in one. */
export function answered(talk: Talk, lp: LpId, row: number): void {
  established(talk, row)
  responded(talk, lp, row)
}

/** Sends the request that the connection was opened for, or the next one of its pool. */
export function ask(talk: Talk, lp: LpId, row: number): void {
  const { image, clients, sockets } = talk
  const { words } = sockets
  const w = row * Socket.WORDS
  const client = words[w + Socket.OWNER]
  const number = words[w + Socket.NUMBER]
  const traffic = image.clientTraffic[client]
  sockets.setFlags(row, 0, SocketFlag.RESPONDED)
  words[w + Socket.MESSAGE_END] = (words[w + Socket.NEXT] + lawOf(image, clients, client, number, traffic, Draw.request)) | 0
  words[w + Socket.AWAITED] = (words[w + Socket.EXPECTED] + lawOf(image, clients, client, number, traffic, Draw.response)) | 0
  sendData(talk, lp, row)
}

/** The response is whole. True if the connection is closed at once, which acknowledges the response too. */
export function responded(talk: Talk, lp: LpId, row: number): boolean {
  const { image, clients, clock, sockets, tally, when } = talk
  const w = row * Socket.WORDS
  const client = sockets.words[w + Socket.OWNER]
  const traffic = image.clientTraffic[client]
  tally.count(traffic, Count.responses)
  tally.time(traffic, Took.response, sockets.doubles, row * Socket.DOUBLES + SocketTime.SINCE)
  sockets.setFlags(row, SocketFlag.RESPONDED, 0)
  if (image.talkPool[traffic] > 0) return rest(talk, lp, row, client, traffic)
  const number = sockets.words[w + Socket.NUMBER]
  when[0] = sockets.doubles[row * Socket.DOUBLES + SocketTime.SINCE] + lawOf(image, clients, client, number, traffic, Draw.hold)
  if (image.talkClose[traffic] === TalkClose.idle) disarm(talk, row)
  else if (when[0] > clock[0]) arm(talk, lp, row)
  else {
    close(talk, lp, row)
    return true
  }
  return false
}

/** The client ends its connection: the outcome is settled, the end itself may live on until the other has heard of it. */
export function close(talk: Talk, lp: LpId, row: number): void {
  const { image, sockets, tally } = talk
  const client = sockets.words[row * Socket.WORDS + Socket.OWNER]
  const traffic = image.clientTraffic[client]
  tally.count(traffic, Count.completed)
  if (sockets.has(row, SocketFlag.IS_UDP)) release(talk, row)
  else if (image.talkClose[traffic] === TalkClose.rst) {
    sendReset(talk, lp, row)
    release(talk, row)
  } else sendFin(talk, lp, row, SocketState.finWait1)
}

/** The connection failed; its end is gone. */
export function fail(talk: Talk, lp: LpId, row: number, reason: number): void {
  const { image, sockets, tally } = talk
  const client = sockets.words[row * Socket.WORDS + Socket.OWNER]
  const traffic = image.clientTraffic[client]
  tally.count(traffic, FAILED + reason)
  const wasIdle = sockets.has(row, SocketFlag.RESPONDED)
  release(talk, row)
  if (!wasIdle) tally.count(traffic, Count.failedRequests)
  if (image.talkPool[traffic] === 0) return
  if (wasIdle) takeOut(talk, client, row)
  leavePool(talk, lp, client, traffic)
}

/** The client's pod is gone, and its end with it; nobody tells the other end. */
export function vanish(talk: Talk, row: number): void {
  const { image, sockets, tally } = talk
  const isOpen = sockets.state(row) <= SocketState.established || sockets.has(row, SocketFlag.IS_UDP)
  if (isOpen) tally.count(image.clientTraffic[sockets.words[row * Socket.WORDS + Socket.OWNER]], Count.stopped)
  release(talk, row)
}

// ---- pools ----

/** Columns beside the rows for connections of pools. */
function makePooled(talk: Talk, row: number): void {
  if ((row + 1) * 2 > talk.pooled.length) {
    const grown = new Int32Array((talk.sockets.words.length / Socket.WORDS) * 2)
    grown.set(talk.pooled)
    talk.pooled = grown
  }
  talk.pooled[row * 2] = 0
  talk.pooled[row * 2 + 1] = 0
}

/** An idle connection takes up a request. */
function take(talk: Talk, lp: LpId, row: number, client: number): void {
  const { clients, clock, sockets } = talk
  sockets.words[row * Socket.WORDS + Socket.NUMBER] = clients.words[client * Flow.WORDS + Client.MADE]++
  sockets.doubles[row * Socket.DOUBLES + SocketTime.SINCE] = clock[0]
  ask(talk, lp, row)
}

/** A connection of a pool has its response: it takes up a request that waits, lies idle, or has carried enough and is closed. */
function rest(talk: Talk, lp: LpId, row: number, client: number, traffic: number): boolean {
  const { image, clients } = talk
  const w = client * Flow.WORDS
  const limit = image.talkPoolRequests[traffic]
  if (++talk.pooled[row * 2 + 1] === limit) {
    close(talk, lp, row)
    leavePool(talk, lp, client, traffic)
    return true
  }
  if (clients.words[w + Client.WAITING] > 0) {
    clients.words[w + Client.WAITING]--
    take(talk, lp, row, client)
    return true
  }
  talk.pooled[row * 2] = clients.words[w + Client.IDLE]
  clients.words[w + Client.IDLE] = row + 1
  return false
}

/** A place in the pool is free: for as many requests as wait. */
function leavePool(talk: Talk, lp: LpId, client: number, traffic: number): void {
  const { words } = talk.clients
  const w = client * Flow.WORDS
  words[w + Client.POOLED]--
  while (words[w + Client.WAITING] > 0 && words[w + Client.POOLED] < talk.image.talkPool[traffic]) {
    words[w + Client.WAITING]--
    open(talk, lp, client, traffic)
  }
}

/** Takes a connection that broke out of the idle ones. */
function takeOut(talk: Talk, client: number, row: number): void {
  const { words } = talk.clients
  const w = client * Flow.WORDS + Client.IDLE
  if (words[w] === row + 1) {
    words[w] = talk.pooled[row * 2]
    return
  }
  let at = words[w] - 1
  while (talk.pooled[at * 2] !== row + 1) at = talk.pooled[at * 2] - 1
  talk.pooled[at * 2] = talk.pooled[row * 2]
}
