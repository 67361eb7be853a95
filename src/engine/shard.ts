// One shard: some of the logical processes with their packets, flows and connections, joined into one thing that runs a window, and
// what the data plane asks of the engine. Nothing here knows names, files or the wall clock.
import type { LpId, PacketId } from '../base/brand.js'
import { invariant } from '../base/invariant.js'
import { tablesOf } from '../datapath/changes.js'
import { Defragmenter } from '../datapath/defragment.js'
import { createExpress, type Express } from '../datapath/express.js'
import { receiverOf } from '../datapath/fabric.js'
import { createLpState } from '../datapath/lp-state.js'
import { type Carrier, Count, createStack, type Stack } from '../datapath/stack.js'
import { Verdict } from '../datapath/verdict.js'
import { type Image, type ImageColumns, openImage } from '../image/image.js'
import type { Params } from '../image/params.js'
import type { Board } from '../shm/board.js'
import { LiveSheet } from '../shm/live-sheet.js'
import type { Mesh } from '../shm/mesh.js'
import { PacketPool } from '../shm/packet-pool.js'
import { createReceiver, createTransmitter, type Inbox, type Receiver, type Transmitter } from '../shm/ring.js'
import { Conntrack } from '../table/conntrack.js'
import { firstArrival } from '../traffic/arrivals.js'
import { createFlows, type Flows } from '../traffic/flows.js'
import { type Agenda, createAgenda } from './agenda.js'
import { createAhead } from './ahead.js'
import { type Buckets, createBuckets } from './buckets.js'
import { EventKind, Moment } from './kinds.js'
import { createLane, type Lane } from './lane.js'
import { Ledger } from './ledger.js'
import { createLink, type Link } from './link.js'
import type { ShardReport } from './report.js'
import { SnatBooks } from './snat-books.js'
import { Steps } from './steps.js'
import { Talks } from './talks.js'
import { Taps } from './taps.js'

export interface ShardSetup {
  readonly image: Image
  readonly shard: number
  readonly mesh: Mesh
  /** Check what costs time to check, too. */
  readonly verify: boolean
  /** Seconds on some clock, for the effort part of the report alone. */
  readonly stopwatch?: () => number
}

const FRAGMENT_CHECK_NS = 30e9
const SNAT_CHECK_NS = 1e9

export class Shard implements Carrier {
  readonly params: Params
  private readonly image: ImageColumns
  private readonly changes: ReturnType<typeof tablesOf>['changes']
  private readonly pool: PacketPool
  private readonly buckets: Buckets
  private readonly agenda: Agenda
  private readonly link: Link
  readonly stack: Stack
  private readonly flows: Flows
  private readonly taps: Taps
  private readonly express: Express
  private readonly lane: Lane
  private readonly steps: Steps
  private readonly talks: Talks | null
  private readonly ledger: Ledger
  private readonly snatBooks: SnatBooks
  private readonly mine: Int32Array
  private readonly transmitters: (Transmitter | null)[]
  private readonly receivers: Receiver[]
  /** 0 now, 1 depart, 2 arrive, 3 any other time in hand: see `link.ts`. */
  private readonly times = new Float64Array(4)
  /** [0] when the first of the packets arrives that this shard has sent to others since the last barrier. */
  private readonly sentFirstNs = Float64Array.of(Number.POSITIVE_INFINITY)
  private received = 0
  private transferred = 0
  events = 0
  windows = 0

  constructor(
    private readonly setup: ShardSetup,
    /** Called when the ring to a shard is full: somebody must drain it. */
    private readonly relieve: (to: number) => void,
  ) {
    const { image, shard, mesh } = setup
    this.params = image.params
    ;({ image: this.image, changes: this.changes } = tablesOf(image, openImage(image)))
    const lpCount = image.params.lpCount
    const isMine = (lp: number) => this.image.lpShard[lp] === shard
    this.mine = Int32Array.from({ length: lpCount }, (_, lp) => lp).filter(isMine)
    this.pool = new PacketPool()
    this.buckets = createBuckets(image.params.lookaheadNs)
    this.agenda = createAgenda(this.buckets, lpCount)
    const state = createLpState(lpCount)
    this.link = createLink(image.params, this.image, state, this.times)
    this.flows = createFlows(this.image, isMine)
    const expected = Math.ceil((this.image.flowTraffic.length * 2) / mesh.shards)
    const conntrack = new Conntrack(lpCount, Math.min(expected, 1 << 22))
    this.taps = new Taps(image.params, isMine)
    const tapped = new Uint8Array(lpCount)
    this.taps.mark(tapped)
    const live = mesh.live === null ? null : new LiveSheet(mesh.live)
    this.ledger = new Ledger(image.params, this.image, this.pool, state, conntrack, this.times, this.mine, live)
    this.transmitters = Array.from({ length: mesh.shards }, (_, to) => {
      const ring = mesh.rings[shard * mesh.shards + to]
      return ring ? createTransmitter(ring, this.pool) : null
    })
    const inbox: Inbox = (id, times, origin, sequence, to, kind) => this.buckets.post(times, 0, origin, sequence, to, kind, 0, id)
    this.receivers = Array.from({ length: mesh.shards }, (_, from) => mesh.rings[from * mesh.shards + shard]).flatMap(ring =>
      ring ? [createReceiver(ring, this.pool, inbox)] : [],
    )
    this.stack = createStack({
      params: image.params,
      image: this.image,
      pool: this.pool,
      conntrack,
      state,
      carrier: this,
      fragments: new Defragmenter(),
      clock: this.times,
      tapped,
      talks: this.image.clientTraffic.length > 0,
    })
    this.snatBooks = new SnatBooks(this.stack, this.mine)
    this.ledger.snat = this.snatBooks
    this.express = createExpress(this.stack, this.flows, setup.verify)
    const ahead = createAhead(this.stack, this.flows, this.express)
    const { params, image: columns, pool, flows, buckets, agenda, link, times } = this
    const parts = { params, image: columns, pool, state, flows, buckets, agenda, link, express: this.express, ahead, times, shard }
    this.lane = createLane(
      { ...parts, entries: this.ledger.entries },
      {
        send: (lp, flow, size) => this.steps.send(lp, flow, size),
        arrive: (lp, id) => this.steps.arrive(lp, id),
        other: (lp, kind, extra, argument) => this.steps.other(lp, kind, extra, argument),
        finish: (lp, id, verdict) => this.finish(lp, id, verdict),
      },
      (to, lp, sequence, target, id) => this.hand(to, lp, sequence, target, id),
    )
    this.talks = this.stack.talks ? new Talks(this.stack, this.lane, this.ledger.entries, isMine) : null
    this.steps = new Steps(this.stack, this.flows, this.express, this.ledger.entries, this.lane, this.talks)
  }

  /** Files the first event of every flow and replay of this shard. */
  start(): void {
    const { image } = this
    for (let flow = 0; flow < image.flowTraffic.length; flow++) {
      if (image.lpShard[image.flowLp[flow]] !== this.setup.shard) continue
      firstArrival(this.flows, image, flow)
      this.lane.postSend(flow, image.flowLp[flow])
    }
    for (let stream = 0; stream < image.replayLp.length; stream++) {
      if (image.lpShard[image.replayLp[stream]] === this.setup.shard) this.steps.postReplay(stream)
    }
    this.talks?.start()
  }

  /** The next window this shard knows of work for, its own or what it sent to others; Infinity when it has none before the end. */
  proposal(after: number): number {
    const next = Math.min(this.buckets.nextWindow(after), Math.floor(this.sentFirstNs[0] / this.params.lookaheadNs))
    this.sentFirstNs[0] = Number.POSITIVE_INFINITY
    return next * this.params.lookaheadNs < this.params.durationNs ? next : Number.POSITIVE_INFINITY
  }

  /** Takes in what other shards have published. */
  drain(): void {
    for (const receiver of this.receivers) this.received += receiver.drain()
  }

  publish(): void {
    for (const transmitter of this.transmitters) transmitter?.publish()
  }

  /** Runs all events of a window, one logical process after the other. */
  runWindow(window: number): void {
    const startNs = window * this.params.lookaheadNs
    this.windows++
    this.changes?.advance(startNs)
    this.ledger.reach(startNs)
    this.stack.nicFlows?.advance(this.times)
    this.events += this.lane.run(this.agenda.open(window), startNs + this.params.lookaheadNs)
    this.buckets.close(window)
    this.checkConservation()
  }

  /** Packets cannot appear or vanish: sent and received less finished and handed on are those in flight. */
  private checkConservation(): void {
    const ended = this.ledger.delivered + this.ledger.dropped
    const inFlight = this.stack.counts[Count.SENT] + this.received - this.transferred - ended
    if (inFlight !== this.pool.live) {
      const where = { seed: this.params.seed, shard: this.setup.shard, timeNs: this.times[0] }
      invariant(false, `conservation broken: ${inFlight} packets should be in flight, ${this.pool.live} are`, where)
    }
  }

  // ---- what the data plane asks of the engine ----

  transmit(lp: LpId, id: PacketId, interfaceNumber: number): Verdict {
    const { pool, times } = this
    const to = receiverOf(this.stack, lp, id, interfaceNumber)
    const hasRoom = to >= 0 && this.link(lp as LpId, to, pool.length(id))
    if (this.stack.tapped[lp] !== 0) {
      this.taps.offer(pool, lp, interfaceNumber, -1, id, 2, hasRoom ? times[Moment.DEPART] : times[0])
    }
    if (to < 0) return -to
    if (!hasRoom) return Verdict.nicQueueFull
    // From here on nothing that happens on this host is about this packet; its slot may soon be another's.
    if (this.stack.tapped[lp] !== 0) this.taps.forget(id)
    this.lane.fly(lp, to, id)
    return Verdict.held
  }

  /** Gives a packet to another shard. */
  private hand(shard: number, lp: LpId, sequence: number, to: number, id: PacketId): void {
    const transmitter = this.transmitters[shard]!
    while (!transmitter.send(id, this.times, Moment.ARRIVE, lp, sequence, to, EventKind.arrive)) this.relieve(shard)
    if (this.times[Moment.ARRIVE] < this.sentFirstNs[0]) this.sentFirstNs[0] = this.times[Moment.ARRIVE]
    this.pool.release(id)
    this.transferred++
  }

  finish(lp: LpId, id: PacketId, verdict: Verdict): void {
    this.ledger.entries.ended(lp, id, verdict)
    if (this.stack.tapped[lp] !== 0) this.taps.ended(lp, id, verdict)
    this.pool.release(id)
  }

  tap(lp: LpId, interfaceNumber: number, pod: number, id: PacketId, direction: 1 | 2): void {
    this.taps.offer(this.pool, lp, interfaceNumber, pod, id, direction, this.times[0])
  }

  arrived(id: PacketId): void {
    this.ledger.entries.arrived(id)
  }

  toSocket(lp: LpId, pod: number, id: PacketId): Verdict {
    return this.talks!.toSocket(lp, pod, id)
  }

  sendLater(lp: LpId, pod: number, id: PacketId, afterNs: number): void {
    this.times[Moment.AT] = this.times[0] + Math.round(afterNs)
    this.lane.postOwn(lp, EventKind.ready, pod + 1, id)
  }

  snatDue(lp: LpId): void {
    this.times[Moment.AT] = this.times[0] + SNAT_CHECK_NS
    this.lane.postOwn(lp, EventKind.snatDue, 0, 0)
  }

  fragmentsDue(lp: LpId): void {
    this.times[Moment.AT] = this.times[0] + FRAGMENT_CHECK_NS
    this.lane.postOwn(lp, EventKind.fragmentsDue, 0, 0)
  }

  // ---- reporting ----

  progress(board: Board, window: number): void {
    const timeNs = Math.min(this.params.durationNs, (window + 1) * this.params.lookaheadNs)
    board.report(this.setup.shard, timeNs, this.stack.counts[Count.SENT], this.ledger.delivered, this.ledger.dropped, this.events)
  }

  report(endNs: number, barrierSeconds: number, runSeconds: number): ShardReport {
    const { ledger, stack } = this
    ledger.close(endNs)
    const digest = new Int32Array(4)
    ledger.digest(digest, 0)
    const { conntrack, counts } = stack
    return {
      shard: this.setup.shard,
      endNs,
      totals: {
        sent: counts[Count.SENT],
        encapsulated: counts[Count.ENCAPSULATED],
        decapsulated: counts[Count.DECAPSULATED],
        masqueraded: counts[Count.MASQUERADED],
        delivered: ledger.delivered,
        dropped: ledger.dropped,
        inFlight: this.pool.live,
        bytesDelivered: ledger.sums[1],
      },
      verdicts: ledger.verdicts,
      latency: ledger.latency,
      latencySum: ledger.sums[0],
      throughputPackets: ledger.throughputPackets,
      throughputBytes: ledger.throughputBytes,
      traffic: ledger.traffic,
      digest,
      checkpoints: ledger.checkpoints,
      series: ledger.series(),
      drops: ledger.drops.report(),
      dropSamples: ledger.drops.samples(),
      snat: this.snatBooks.report(),
      latencyGrowth: ledger.latencyGrowth.report(),
      conntrack: Float64Array.from([...this.mine].flatMap(lp => [lp, conntrack.peak[lp], conntrack.used[lp], conntrack.refused[lp]])),
      connections: this.talks?.report() ?? null,
      captures: this.taps.report(),
      effort: { events: this.events, windows: this.windows, barrierSeconds, runSeconds },
    }
  }
}
