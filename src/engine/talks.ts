// The connections of one shard, joined to its engine: clients' arrivals and rows' timers as events, what reaches a socket, and the packets that
// ends send, which leave only when the event that caused them is done.

import type { LpId, PacketId } from '../base/brand.js'
import { wholeNs } from '../base/sim-time.js'
import { makePortUnreachable } from '../datapath/icmp-error.js'
import { leave } from '../datapath/passage.js'
import { ownAddress, routeOf } from '../datapath/route.js'
import { nextIpId, originate, type Stack } from '../datapath/stack.js'
import { Verdict } from '../datapath/verdict.js'
import type { ImageColumns } from '../image/image.js'
import { LpKind } from '../image/kinds.js'
import type { Params } from '../image/params.js'
import { PacketFlag, type PacketPool } from '../shm/packet-pool.js'
import { SocketFlag, SocketState, Sockets } from '../table/sockets.js'
import { firstArrival, nextArrival } from '../traffic/arrivals.js'
import { createClients } from '../traffic/clients.js'
import { arrival } from '../traffic/connection.js'
import { Flow, type Flows } from '../traffic/flows.js'
import { isUp, podOf, type Talk } from '../traffic/talk.js'
import { datagramInput, errorInput } from '../traffic/talk-input.js'
import { timerDue } from '../traffic/talk-timers.js'
import { Tally } from '../traffic/tally.js'
import { Reception, segmentInput, vanishEnd } from '../traffic/tcp-input.js'
import { MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW, MAC_POD } from '../wire/address.js'
import * as ethernet from '../wire/ethernet.js'
import * as ipv4 from '../wire/ipv4.js'
import { EventKind, Moment } from './kinds.js'
import type { Lane } from './lane.js'
import type { Entries } from './ledger.js'
import type { ShardReport } from './report.js'

const L2 = ethernet.HEADER_LEN

export class Talks implements Talk {
  readonly params: Params
  readonly image: ImageColumns
  readonly pool: PacketPool
  readonly sockets: Sockets
  readonly clients: Flows
  readonly tally: Tally
  readonly clock: Float64Array
  readonly when = new Float64Array(1)
  pooled = new Int32Array(0)
  /** Packets to leave: pairs of number and pod. */
  private outbox = new Int32Array(64)
  private waiting = 0

  constructor(
    private readonly stack: Stack,
    private readonly lane: Lane,
    private readonly entries: Entries,
    private readonly isMine: (lp: number) => boolean,
  ) {
    const { params, image, pool, clock } = stack
    this.params = params
    this.image = image
    this.pool = pool
    this.clock = clock
    this.clients = createClients(image, isMine)
    this.sockets = new Sockets(image.clientTraffic.length)
    this.tally = new Tally(params, image.trafficArrivals.length, clock)
  }

  /** Files the first arrival of every client of this shard. */
  start(): void {
    const { image, clients } = this
    for (let client = 0; client < image.clientTraffic.length; client++) {
      if (!this.isMine(image.clientLp[client])) continue
      firstArrival(clients, image, client)
      this.postArrival(client)
    }
  }

  private postArrival(client: number): void {
    const { clock, image, params } = this
    const at = wholeNs(this.clients.doubles[client * Flow.DOUBLES + Flow.NEXT])
    const pod = image.clientPod[client]
    const endNs = params.changes && pod >= 0 ? Math.min(params.durationNs, image.podStopNs[pod]) : params.durationNs
    if (at >= endNs || at > image.trafficStopNs[image.clientTraffic[client]]) return
    clock[Moment.AT] = at
    this.lane.postOwn(image.clientLp[client], EventKind.open, 0, client)
  }

  /** A client's arrival is due. */
  open(lp: LpId, client: number): void {
    arrival(this, lp, client)
    nextArrival(this.clients, this.image, client)
    this.postArrival(client)
  }

  /** A row's timer event. */
  timer(lp: LpId, tag: number, row: number): void {
    timerDue(this, lp, row, tag)
  }

  /** What reached a pod or host; its checksum is right. */
  toSocket(lp: LpId, pod: number, id: PacketId): Verdict {
    const { pool } = this
    // A pod that is gone or yet to come has no sockets.
    if (!isUp(this, pod)) return Verdict.noSuchHost
    const ip = pool.start(id) + L2
    if (pool.flags(id) & PacketFlag.IS_SEGMENT) this.entries.arrived(id)
    switch (ipv4.protocol(pool.view, ip)) {
      case ipv4.PROTOCOL_TCP:
        return this.verdictOf(segmentInput(this, lp, pod, id, ip), Verdict.connectionRefused)
      case ipv4.PROTOCOL_UDP: {
        const reception = datagramInput(this, lp, pod, id, ip)
        if (reception === Reception.refused) this.complain(lp, pod, id)
        return this.verdictOf(reception, Verdict.portUnreachable)
      }
      default:
        errorInput(this, lp, pod, ip + ipv4.headerLength(pool.view, ip), pool.start(id) + pool.head(id))
        return Verdict.delivered
    }
  }

  private verdictOf(reception: number, refused: Verdict): Verdict {
    if (reception === Reception.taken) return Verdict.delivered
    if (reception === Reception.refused) return refused
    return reception === Reception.stray ? Verdict.noConnection : Verdict.notAccepted
  }

  private complain(lp: LpId, pod: number, id: PacketId): void {
    const error = makePortUnreachable(this.stack, lp, id)
    if (error < 0) return
    const { pool } = this
    const at = pool.start(error as PacketId)
    const source = ipv4.source(pool.view, at + L2)
    if (pod >= 0) ethernet.write(pool.view, at, MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW, MAC_POD, source, ethernet.TYPE_IPV4)
    this.push(pod, error)
  }

  // ---- what connections ask of the engine ----

  emit(lp: LpId, pod: number, id: PacketId): void {
    originate(this.stack, lp, id)
    this.entries.sentOf(this.pool.traffic(id))
    this.push(pod, id)
  }

  private push(pod: number, id: number): void {
    if (this.waiting * 2 === this.outbox.length) {
      const grown = new Int32Array(this.outbox.length * 2)
      grown.set(this.outbox)
      this.outbox = grown
    }
    this.outbox[this.waiting * 2] = id
    this.outbox[this.waiting * 2 + 1] = pod
    this.waiting++
  }

  /** Has everything leave that the event in hand has caused, and what that causes on this host in turn. */
  flush(lp: LpId): void {
    for (let i = 0; i < this.waiting; i++) leave(this.stack, lp, this.outbox[i * 2 + 1], this.outbox[i * 2] as PacketId)
    this.waiting = 0
  }

  get isSilent(): boolean {
    return this.waiting === 0
  }

  file(lp: LpId, row: number, tag: number): void {
    this.clock[Moment.AT] = this.when[0]
    // What lies beyond the end of the run never comes.
    if (this.when[0] < this.params.durationNs) this.lane.postOwn(lp, EventKind.timer, tag, row)
  }

  ipId(lp: LpId): number {
    return nextIpId(this.stack, lp)
  }

  hostAddress(lp: LpId, target: number): number {
    const { stack, image } = this
    return image.lpKind[lp] === LpKind.node ? ownAddress(stack, lp, routeOf(stack, lp, target)) : image.lpAddress[lp]
  }

  report(): NonNullable<ShardReport['connections']> {
    this.sweep()
    const { counts, took, sums } = this.tally
    const { sockets } = this
    let portsInUse = 0
    for (let row = 0; row < sockets.extent; row++) {
      if (sockets.state(row) !== SocketState.free && !sockets.has(row, SocketFlag.IS_SERVER)) portsInUse++
    }
    return { counts, took, sums, portsInUse }
  }

  /** Counts what lies idle of pods that stopped; they have no timer to find out by. */
  private sweep(): void {
    if (!this.params.changes) return
    const { sockets } = this
    for (let row = 0; row < sockets.extent; row++) {
      if (sockets.state(row) !== SocketState.free && !sockets.has(row, SocketFlag.IS_SERVER) && !isUp(this, podOf(this, row)))
        vanishEnd(this, row)
    }
  }
}
