// What the code of connections works on: the ends of one shard, its clients, the books, and what the engine does for them. Segments are
// not sent from within the step that asks for them: they leave when the packet in hand has come to its end, so that an answer on the
// same node never runs inside of the question.
import type { LpId, PacketId } from '../base/brand.js'
import type { ImageColumns } from '../image/image.js'
import type { Params } from '../image/params.js'
import type { PacketPool } from '../shm/packet-pool.js'
import { Socket, SocketFlag, type Sockets, SocketTime } from '../table/sockets.js'
import { Client } from './clients.js'
import { Flow, type Flows } from './flows.js'
import type { Tally } from './tally.js'

export interface Talk {
  readonly params: Params
  readonly image: ImageColumns
  readonly pool: PacketPool
  readonly sockets: Sockets
  readonly clients: Flows
  readonly tally: Tally
  /** [0]: now, ns. */
  readonly clock: Float64Array
  /** [0]: a moment in hand, ns. */
  readonly when: Float64Array
  /** By socket row, where entries have pools: the idle connection behind + 1, and requests made. */
  pooled: Int32Array
  /** Has a packet leave the pod (its host if -1) once the event in hand is done. */
  emit(lp: LpId, pod: number, id: PacketId): void
  /** Files a timer event of a row at when[0]. */
  file(lp: LpId, row: number, tag: number): void
  /** The next IP identification of a host. */
  ipId(lp: LpId): number
  /** Address that a host without pods speaks from towards `target`. */
  hostAddress(lp: LpId, target: number): number
}

/** Pod of an end, or -1. */
export function podOf(talk: Talk, row: number): number {
  const owner = talk.sockets.words[row * Socket.WORDS + Socket.OWNER]
  return talk.sockets.has(row, SocketFlag.IS_SERVER) ? Math.max(owner, -1) : talk.image.clientPod[owner]
}

/** Host of an end. */
function hostOf({ sockets, image }: Talk, row: number): number {
  const owner = sockets.words[row * Socket.WORDS + Socket.OWNER]
  if (!sockets.has(row, SocketFlag.IS_SERVER)) return image.clientLp[owner]
  return owner < 0 ? ~owner : image.podLp[owner]
}

/** Traffic entry of an end. */
export function trafficOf(talk: Talk, row: number): number {
  const w = row * Socket.WORDS
  const { words } = talk.sockets
  return talk.sockets.has(row, SocketFlag.IS_SERVER) ? words[w + Socket.NUMBER] : talk.image.clientTraffic[words[w + Socket.OWNER]]
}

/** Whether a pod lives now; -1 (a host) always does. */
export function isUp({ params, image, clock }: Talk, pod: number): boolean {
  return !params.changes || pod < 0 || (clock[0] >= image.podStartNs[pod] && clock[0] < image.podStopNs[pod])
}

/**
 * Sets the deadline of a row to when[0]. A timer event that is on its way at an earlier time is left there: it finds the later deadline
 * and is filed anew, so a deadline that moves on with every segment costs nothing.
 */
export function arm(talk: Talk, lp: LpId, row: number): void {
  const { sockets, when } = talk
  const before = Math.abs(sockets.doubles[row * Socket.DOUBLES + SocketTime.DEADLINE])
  sockets.doubles[row * Socket.DOUBLES + SocketTime.DEADLINE] = when[0]
  if (sockets.has(row, SocketFlag.FILED) && when[0] >= before) return
  talk.file(lp, row, sockets.nextTag(row))
}

/** The same, `tenths` tenths of a millisecond from now. */
export function armAfter(talk: Talk, lp: LpId, row: number, tenths: number): void {
  talk.when[0] = talk.clock[0] + tenths * 1e5
  arm(talk, lp, row)
}

/** Gives an end back, and its port with it. */
export function release(talk: Talk, row: number): void {
  const { clients, image, sockets } = talk
  const owner = sockets.words[row * Socket.WORDS + Socket.OWNER]
  if (!sockets.has(row, SocketFlag.IS_SERVER)) clients.words[image.clientFirst[owner] * Flow.WORDS + Client.RELEASED]++
  sockets.remove(hostOf(talk, row), row)
}

/** Takes the deadline away. It stays in the row as a negative number: the timer event is on its way then or before, and may serve the next. */
export function disarm({ sockets }: Talk, row: number): void {
  const { doubles } = sockets
  doubles[row * Socket.DOUBLES + SocketTime.DEADLINE] = -Math.abs(doubles[row * Socket.DOUBLES + SocketTime.DEADLINE])
}
