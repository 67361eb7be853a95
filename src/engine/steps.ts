// Events whose packets walk through every step of the data plane: a datagram that cannot go express, a frame from the wire, an answer
// that is due, a recorded frame, fragments whose time is up.
import type { LpId, PacketId } from '../base/brand.js'
import { endpointInput, endpointOutput } from '../datapath/endpoint.js'
import { type Express, isExpress } from '../datapath/express.js'
import { fragment } from '../datapath/fragment.js'
import { expireFragments, fromPod, fromWire } from '../datapath/host.js'
import { hostOutput } from '../datapath/output.js'
import { originate, type Stack, UNTRACKED } from '../datapath/stack.js'
import { Verdict } from '../datapath/verdict.js'
import { Interface, LpKind } from '../image/kinds.js'
import { EXPRESS, IS_DATAGRAM } from '../shm/packet-pool.js'
import type { Flows } from '../traffic/flows.js'
import { writeDatagramOf } from '../traffic/sender.js'
import { MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW, MAC_OUTSIDE, MAC_POD } from '../wire/address.js'
import * as ethernet from '../wire/ethernet.js'
import * as ipv4 from '../wire/ipv4.js'
import { EventKind } from './kinds.js'
import { AT, type Lane } from './lane.js'
import type { Entries } from './ledger.js'

const L2 = ethernet.HEADER_LEN

export class Steps {
  /** Frames already sent of each replay. */
  private readonly replayed: Int32Array

  constructor(
    private readonly stack: Stack,
    private readonly flows: Flows,
    private readonly express: Express,
    private readonly entries: Entries,
    private readonly lane: Lane,
  ) {
    this.replayed = new Int32Array(stack.image.replayLp.length)
  }

  /** A datagram of `flow` that cannot go express. */
  send(lp: LpId, flow: number, size: number): void {
    const { stack } = this
    const id = writeDatagramOf(this.flows, stack.image, stack.pool, flow, size)
    originate(stack, lp, id)
    stack.connection = UNTRACKED
    this.leave(lp, stack.image.flowPod[flow], id)
    this.express.learn(lp, flow)
  }

  /** A frame from the wire. */
  arrive(lp: LpId, id: PacketId): void {
    const { image, pool, tapped, carrier } = this.stack
    const express = isExpress(pool.flags(id))
    const flow = pool.flow(id)
    if (express) pool.setFlags(id, 0, EXPRESS)
    if (tapped[lp] !== 0) carrier.tap(lp, this.interfaceOf(id), -1, id, 1)
    const isEndpoint = image.lpKind[lp] === LpKind.endpoint
    const verdict = isEndpoint ? endpointInput(this.stack, lp, id) : fromWire(this.stack, lp, id)
    this.settle(lp, id, verdict)
    if (express && verdict === Verdict.delivered) this.express.learnReceived(lp, flow)
  }

  /** Any other event. */
  other(lp: LpId, kind: number, extra: number, argument: number): void {
    if (kind === EventKind.ready) this.sendReady(lp, extra - 1, argument as PacketId)
    else if (kind === EventKind.replay) this.replay(lp, argument)
    else expireFragments(this.stack, lp)
  }

  /** Files the next frame of a replay. */
  postReplay(stream: number): void {
    const { clock, image } = this.stack
    const next = this.replayed[stream]
    if (next >= image.replayFrames[stream]) return
    clock[AT] = image.frameTimeNs[image.replayFirst[stream] + next]
    this.lane.postOwn(image.replayLp[stream], EventKind.replay, 0, stream)
  }

  /** An answer that its sender held back until now. */
  private sendReady(lp: LpId, pod: number, id: PacketId): void {
    const { image, pool } = this.stack
    if (pod >= 0) {
      const source = image.podAddress[pod]
      ethernet.write(pool.view, pool.start(id), MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW, MAC_POD, source, ethernet.TYPE_IPV4)
    }
    if (pool.flags(id) & IS_DATAGRAM) this.entries.sentOf(pool.traffic(id))
    this.leave(lp, pod, id)
  }

  /** A packet leaves its pod or host; longer than its MTU it is cut, or refused when it must not be. */
  private leave(lp: LpId, pod: number, id: PacketId): void {
    const { params, pool } = this.stack
    const mtu = pod >= 0 ? params.podMtu : params.mtu
    if (pool.length(id) - L2 <= mtu) {
      this.depart(lp, pod, id)
    } else if (ipv4.flags(pool.view, pool.start(id) + L2) & ipv4.DONT_FRAGMENT) {
      this.stack.carrier.finish(lp, id, Verdict.messageTooLong)
    } else {
      const others = fragment(this.stack, lp, id, mtu)
      this.depart(lp, pod, id)
      for (const other of others) this.depart(lp, pod, other)
    }
  }

  private depart(lp: LpId, pod: number, id: PacketId): void {
    const { stack } = this
    if (stack.image.lpKind[lp] === LpKind.endpoint) this.settle(lp, id, endpointOutput(stack, lp, id))
    else if (pod < 0) hostOutput(stack, lp, id)
    else {
      if (stack.tapped[lp] !== 0) stack.carrier.tap(lp, Interface.pod, pod, id, 2)
      this.settle(lp, id, fromPod(stack, lp, pod, id))
    }
  }

  /** Puts the next recorded frame of a stream where it was recorded. */
  private replay(lp: LpId, stream: number): void {
    const { image, pool, carrier, tapped } = this.stack
    const frame = image.replayFirst[stream] + this.replayed[stream]++
    const offset = image.frameOffset[frame]
    const bytes = image.frameBytes.slice(offset, offset + image.frameLength[frame])
    const id = pool.allocateFrom(bytes, -1, 0)
    originate(this.stack, lp, id)
    const pod = image.replayPod[stream]
    if (pod >= 0) {
      if (tapped[lp] !== 0) carrier.tap(lp, Interface.pod, pod, id, 2)
      this.settle(lp, id, fromPod(this.stack, lp, pod, id))
    } else this.settle(lp, id, carrier.transmit(lp, id, Interface.eth0))
    this.postReplay(stream)
  }

  /** The appliance's outside interface has MAC addresses of its own kind. */
  private interfaceOf(id: PacketId): number {
    const { pool, params } = this.stack
    if (pool.head(id) < L2) return Interface.eth0
    const at = pool.start(id)
    const isOutside = ethernet.destinationHigh(pool.view, at) === MAC_OUTSIDE
    return isOutside && ethernet.destinationLow(pool.view, at) === params.appliancePublic ? Interface.outside : Interface.eth0
  }

  private settle(lp: LpId, id: PacketId, verdict: Verdict): void {
    if (verdict !== Verdict.held) this.stack.carrier.finish(lp, id, verdict)
  }
}
