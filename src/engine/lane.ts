// The loop that runs a window, and the two events that nearly all of them are: a flow sends, an express frame arrives. Everything they
// need is captured here once (closures over sealed columns, see `datapath/express.ts`); whatever is not express is handed to the
// steps. The bytes, books and order of events are the same either way.
import type { LpId, PacketId } from '../base/brand.js'
import { wholeNs } from '../base/sim-time.js'
import { type Express, isExpress } from '../datapath/express.js'
import { type LpState, State } from '../datapath/lp-state.js'
import { Verdict } from '../datapath/verdict.js'
import type { ImageColumns } from '../image/image.js'
import { Arrivals, SizeKind } from '../image/kinds.js'
import type { Params } from '../image/params.js'
import { PacketFlag, type PacketPool } from '../shm/packet-pool.js'
import { nextArrival } from '../traffic/arrivals.js'
import { Flow, type Flows } from '../traffic/flows.js'
import { drawSize } from '../traffic/sizes.js'
import type { Agenda } from './agenda.js'
import { type Ahead, MOST_AHEAD } from './ahead.js'
import { type Buckets, Event } from './buckets.js'
import { EventKind, Moment } from './kinds.js'
import type { Entries } from './ledger.js'
import type { Link } from './link.js'

/** A constant of this file is one to V8, an imported one is not. */
const BLOCK = MOST_AHEAD
/** Bytes of an express frame beside its inner IP packet: outer headers and inner Ethernet header. */
const EXPRESS_OVERHEAD = 64

/** What the lane works on. */
export interface LaneParts {
  readonly params: Params
  readonly image: ImageColumns
  readonly pool: PacketPool
  readonly state: LpState
  readonly flows: Flows
  readonly buckets: Buckets
  readonly agenda: Agenda
  readonly link: Link
  readonly express: Express
  readonly ahead: Ahead
  readonly entries: Entries
  /** 0 now, 1 depart, 2 arrive (`link.ts`), 3 any other time in hand. */
  readonly times: Float64Array
  readonly shard: number
}

/** What the lane hands on: to the steps (`steps.ts`) and to the books. */
export interface Beyond {
  /** A datagram of `flow` that cannot go express. */
  send(lp: LpId, flow: number, size: number): void
  /** A frame that cannot be received express. */
  arrive(lp: LpId, id: PacketId): void
  /** Any other event. */
  other(lp: LpId, kind: number, extra: number, argument: number): void
  /** Ends a packet's life. */
  finish(lp: LpId, id: PacketId, verdict: Verdict): void
}

/** Gives a frame that arrives at times[ARRIVE] to another shard. */
export type Hand = (shard: number, lp: LpId, sequence: number, to: number, id: PacketId) => void

// Rows of the border's table.
const SEND = 0
const ARRIVAL = 1
const OTHER = 2
const FINISH = 3

/**
 * The border between the lane and the steps: every call goes through one place that has seen many targets, so the compiler never draws
 * the whole data plane into the lane. (In the first windows all packets take the steps; with them inside, the loop takes half a second to
 * compile, and until then every event costs ten times as much.)
 */
function borderTo(beyond: Beyond): (row: number, lp: LpId, a: number, b: number, c: number) => void {
  const table: ((lp: LpId, a: number, b: number, c: number) => void)[] = []
  table[SEND] = (lp, flow, size) => beyond.send(lp, flow, size)
  table[ARRIVAL] = (lp, id) => beyond.arrive(lp, id as PacketId)
  table[OTHER] = (lp, kind, extra, argument) => beyond.other(lp, kind, extra, argument)
  table[FINISH] = (lp, id, verdict) => beyond.finish(lp, id as PacketId, verdict as Verdict)
  return (row, lp, a, b, c) => table[row](lp, a, b, c)
}

export interface Lane {
  /** Runs all events of the window that the agenda has opened, of so many processes; they end before `endNs`. Returns how many. */
  run(busyCount: number, endNs: number): number
  /** Files the arrival of a frame that is on the wire at times[ARRIVE]. */
  fly(lp: LpId, to: number, id: PacketId): void
  /** Files an event of a process for itself at times[AT]; within the open window it joins the agenda. */
  postOwn(lp: number, kind: number, extra: number, argument: number): void
  /** Files the next datagram of a flow, if it is to come before the end. */
  postSend(flow: number, lp: number): void
}

export function createLane(parts: LaneParts, beyond: Beyond, hand: Hand): Lane {
  const { image, pool, flows, buckets, agenda, link, ahead, times, shard } = parts
  const { write, wrapAnswer, receive } = parts.express
  const { sentOf, received } = parts.entries
  const { durationNs, changes } = parts.params
  const { lpShard, trafficArrivals, trafficIntervalNs, trafficSizeKind, trafficSizeA, flowStopNs, podStopNs } = image
  const isAlone = parts.params.shardCount === 1
  const cross = borderTo(beyond)
  /** Last moment at which a flow of each traffic entry sends. */
  const lastNs = image.trafficStopNs.map(stopNs => Math.min(stopNs, durationNs - 1))
  const state = parts.state.words
  const sizes = Int32Array.from(trafficSizeA)
  const { words: events, times: eventTimes } = buckets
  const { rows, starts } = agenda
  const flowWords = flows.words
  const flowDoubles = flows.doubles
  // Times in closures' own variables would be boxed; [0] is the end of the open window.
  const window = new Float64Array(1)

  function fly(lp: LpId, to: number, id: PacketId): void {
    const sequence = state[lp * State.WORDS + State.SEQUENCE]++
    if (isAlone || lpShard[to] === shard) buckets.post(times, Moment.ARRIVE, lp, sequence, to, EventKind.arrive, 0, id)
    else hand(lpShard[to], lp, sequence, to, id)
  }

  function postOwn(lp: number, kind: number, extra: number, argument: number): void {
    const sequence = state[lp * State.WORDS + State.SEQUENCE]++
    const row = buckets.post(times, Moment.AT, lp, sequence, lp, kind, extra, argument)
    if (times[Moment.AT] < window[0]) agenda.add(row)
  }

  function postSend(flow: number, lp: number): void {
    times[Moment.AT] = wholeNs(flowDoubles[flow * Flow.DOUBLES + Flow.NEXT])
    if (changes && times[Moment.AT] >= flowStopNs[flow]) return
    if (times[Moment.AT] <= lastNs[flowWords[flow * Flow.WORDS + Flow.TRAFFIC]]) postOwn(lp, EventKind.send, 0, flow)
  }

  function send(lp: LpId, flow: number): void {
    const traffic = flowWords[flow * Flow.WORDS + Flow.TRAFFIC]
    const size = trafficSizeKind[traffic] === SizeKind.constant ? sizes[traffic] : drawSize(flows, image, flow, traffic) | 0
    sentOf(traffic)
    const id = write(lp, flow, size)
    if (id === -1) cross(SEND, lp, flow, size, 0)
    else launch(lp, flowWords[flow * Flow.WORDS + Flow.REMOTE] - 1, id, size)
    if (trafficArrivals[traffic] === Arrivals.constant) flowDoubles[flow * Flow.DOUBLES + Flow.NEXT] += trafficIntervalNs[traffic]
    else nextArrival(flows, image, flow)
    postSend(flow, lp)
  }

  /** An express frame leaves: its receiver is known, nobody listens on the way. */
  function launch(lp: LpId, to: number, id: PacketId, size: number): void {
    if (link(lp, to, size + EXPRESS_OVERHEAD)) fly(lp, to, id)
    else cross(FINISH, lp, id, Verdict.nicQueueFull, 0)
  }

  /** A pod's answer is due. */
  function answer(lp: LpId, id: PacketId): boolean {
    const to = pool.flags(id) & PacketFlag.IS_ANSWER ? wrapAnswer(lp, id) : -1
    if (to < 0) return false
    sentOf(pool.traffic(id))
    launch(lp, to, id, pool.length(id) - EXPRESS_OVERHEAD)
    return true
  }

  /** The pod that was to answer is there no more. */
  const isGone = (pod: number): boolean => changes && times[0] >= podStopNs[pod]

  function arrive(lp: LpId, id: PacketId): void {
    if (isExpress(pool.flags(id)) && receive(lp, id)) {
      // Nobody listens on this host, or it would not have been received express.
      received(lp, id)
      pool.release(id)
    } else cross(ARRIVAL, lp, id, 0, 0)
  }

  function dispatch(row: number): void {
    const w = row * Event.WORDS
    const lp = events[w + 4] as LpId
    const argument = events[w + 6]
    const kind = events[w + 5] & 7
    times[0] = eventTimes[row * Event.DOUBLES]
    // What lies beyond the end stays in flight.
    if (times[0] >= durationNs) return
    if (kind === EventKind.send) send(lp, argument)
    else if (kind === EventKind.arrive) arrive(lp, argument as PacketId)
    else if (
      kind !== EventKind.ready ||
      events[w + 5] >> 3 === 0 ||
      isGone((events[w + 5] >> 3) - 1) ||
      !answer(lp, argument as PacketId)
    ) {
      cross(OTHER, lp, kind, events[w + 5] >> 3, argument)
    }
  }

  /** Process by process, event by event; a little ahead of it, what the next events will read is touched. */
  function run(busyCount: number, endNs: number): number {
    window[0] = endNs
    const count = starts[busyCount]
    let touched = 0
    let added = 0
    for (let i = 0; i < busyCount; i++) {
      const end = starts[i + 1]
      for (let at = starts[i]; at < end; at++) {
        if (at >= touched) {
          const from = touched
          touched = Math.min(count, touched + BLOCK)
          ahead(events, rows, from, touched)
        }
        for (; agenda.waiting() !== 0 && agenda.addedComesBefore(rows[at]); added++) dispatch(agenda.takeAdded())
        dispatch(rows[at])
      }
      for (; agenda.waiting() !== 0; added++) dispatch(agenda.takeAdded())
    }
    return count + added
  }

  return { run, fly, postOwn, postSend }
}
