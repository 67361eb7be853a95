// The world around one probe: a stack of the real data plane with nothing else going on, whose carrier takes frames from host to host
// one after the other and writes down what passes. It looks where captures look (`tapped`) and asks nothing of the steps in between, so
// normal runs know nothing of it.

import { Defragmenter } from '../datapath/defragment.js'
import { receiverOf } from '../datapath/fabric.js'
import { createLpState } from '../datapath/lp-state.js'
import { arrive, leaveLater } from '../datapath/passage.js'
import { type Carrier, createStack, type LpId, type PacketId, type Stack } from '../datapath/stack.js'
import { Verdict } from '../datapath/verdict.js'
import type { ImageColumns } from '../image/image.js'
import type { Params } from '../image/params.js'
import { PacketPool } from '../shm/packet-pool.js'
import { Conntrack } from '../table/conntrack.js'
import { Entry } from '../table/conntrack-records.js'

export type Sighting = {
  /** leave: out of a pod's veth; enter: a frame from the wire; reach: into a pod's veth; transmit: onto the wire; end: of its life. */
  readonly kind: 'leave' | 'enter' | 'reach' | 'transmit' | 'end'
  readonly lp: number
  /** The pod, or -1. */
  readonly pod: number
  readonly interface: number
  /** Whose packet: its maker and the maker's own count. */
  readonly origin: number
  readonly serial: number
  readonly timeNs: number
  readonly bytes: Uint8Array
  /** transmit: what the wire said, or the receiver's number. end: how it ended. */
  readonly verdict: Verdict
  readonly receiver: number
  readonly connection: Connection | null
}

/** The tracked connection that the packet in hand belongs to, as the host sees it. */
export interface Connection {
  readonly isReply: boolean
  readonly isRelated: boolean
  /** Was there before this packet came. */
  readonly protocol: number
  readonly source: number
  readonly target: number
  readonly ports: number
  readonly replySource: number
  readonly replyTarget: number
  readonly replyPorts: number
}

/** More events than any probe causes; a loop would be a fault of ours. */
const MOST_EVENTS = 10_000

interface Pending {
  readonly timeNs: number
  readonly lp: LpId
  readonly pod: number
  readonly id: PacketId
  readonly isHeldBack: boolean
}

/** Connections of one probe, many times over. */
const MOST_CONNECTIONS = 2 ** 20

export class ProbeWire implements Carrier {
  readonly stack: Stack
  readonly sightings: Sighting[] = []
  private readonly pending: Pending[] = []

  /** `onEnd` is told of every packet that ended, while it is still there. */
  constructor(
    private readonly params: Params,
    private readonly image: ImageColumns,
    startNs: number,
    private readonly onEnd: (lp: LpId, id: PacketId, verdict: Verdict) => void,
  ) {
    this.stack = createStack({
      params,
      image,
      pool: new PacketPool(16),
      conntrack: new Conntrack(params.lpCount, 0, MOST_CONNECTIONS),
      state: createLpState(params.lpCount),
      carrier: this,
      fragments: new Defragmenter(),
      clock: Float64Array.of(startNs, 0, 0, 0),
      tapped: new Uint8Array(params.lpCount).fill(1),
    })
  }

  /** Lets everything happen that has been set going. */
  settle(): void {
    const { stack, pending } = this
    for (let events = 0; pending.length > 0 && events < MOST_EVENTS; events++) {
      let first = 0
      for (let i = 1; i < pending.length; i++) if (pending[i].timeNs < pending[first].timeNs) first = i
      const [{ timeNs, lp, pod, id, isHeldBack }] = pending.splice(first, 1)
      stack.clock[0] = timeNs
      if (isHeldBack) leaveLater(stack, lp, pod, id)
      else arrive(stack, lp, id)
    }
  }

  /** A frame is on the wire towards `lp`. */
  approach(lp: LpId, id: PacketId, delayNs: number): void {
    this.pending.push({ timeNs: this.stack.clock[0] + delayNs, lp, pod: -1, id, isHeldBack: false })
  }

  transmit(lp: LpId, id: PacketId, interfaceNumber: number): Verdict {
    const to = receiverOf(this.stack, lp, id, interfaceNumber)
    this.see('transmit', lp, -1, interfaceNumber, id, to < 0 ? -to : Verdict.continue, Math.max(to, -1))
    if (to < 0) return -to
    const { lpFar } = this.image
    this.approach(to as LpId, id, (lpFar[lp] | lpFar[to]) !== 0 ? this.params.gatewayLatencyNs : this.params.latencyNs)
    return Verdict.held
  }

  finish(lp: LpId, id: PacketId, verdict: Verdict): void {
    this.see('end', lp, -1, -1, id, verdict, -1)
    this.onEnd(lp, id, verdict)
    this.stack.pool.release(id)
  }

  tap(lp: LpId, interfaceNumber: number, pod: number, id: PacketId, direction: 1 | 2): void {
    const kind = pod < 0 ? 'enter' : direction === 1 ? 'reach' : 'leave'
    this.see(kind, lp, pod, interfaceNumber, id, Verdict.continue, -1)
  }

  /** Never asked: probes meet no sockets. */
  toSocket(): Verdict {
    return Verdict.delivered
  }

  sendLater(lp: LpId, pod: number, id: PacketId, afterNs: number): void {
    this.pending.push({ timeNs: this.stack.clock[0] + Math.round(afterNs), lp, pod, id, isHeldBack: true })
  }

  fragmentsDue(): void {}

  snatDue(): void {}

  arrived(): void {}

  private see(
    kind: Sighting['kind'],
    lp: number,
    pod: number,
    interfaceNumber: number,
    id: PacketId,
    verdict: Verdict,
    receiver: number,
  ): void {
    const { pool, clock } = this.stack
    this.sightings.push({
      kind,
      lp,
      pod,
      interface: interfaceNumber,
      origin: pool.origin(id),
      serial: pool.serial(id),
      timeNs: clock[0],
      bytes: pool.copyFrame(id),
      verdict,
      receiver,
      connection: connectionIn(this.stack),
    })
  }
}

function connectionIn({ connection, conntrack, related }: Stack): Connection | null {
  if (connection < 0) return null
  const w = (connection >> 2) * Entry.WORDS
  const [source, target, ports, replySource, replyTarget, replyPorts, key] = conntrack.words.subarray(w, w + 7)
  return {
    isReply: (connection & 3) === 1,
    isRelated: related,
    protocol: key & 0xff,
    source,
    target,
    ports,
    replySource,
    replyTarget,
    replyPorts,
  }
}
