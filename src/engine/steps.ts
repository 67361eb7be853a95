// Events whose packets walk through every step of the data plane: a datagram that cannot go express, a frame from the wire, an answer
// that is due, a recorded frame, fragments whose time is up.
import type { LpId, PacketId } from '../base/brand.js'
import { type Express, isExpress } from '../datapath/express.js'
import { expireFragments } from '../datapath/host.js'
import { arrive, leave, leaveByVeth, leaveLater, settle } from '../datapath/passage.js'
import { snatDue } from '../datapath/snat.js'
import { originate, type Stack, Tracked } from '../datapath/stack.js'
import { Verdict } from '../datapath/verdict.js'
import { Interface } from '../image/kinds.js'
import { PacketFlag } from '../shm/packet-pool.js'
import type { Flows } from '../traffic/flows.js'
import { writeDatagramOf } from '../traffic/sender.js'
import { EventKind, Moment } from './kinds.js'
import type { Lane } from './lane.js'
import type { Entries } from './ledger.js'
import type { Talks } from './talks.js'

export class Steps {
  /** Frames already sent of each replay. */
  private readonly replayed: Int32Array

  constructor(
    private readonly stack: Stack,
    private readonly flows: Flows,
    private readonly express: Express,
    private readonly entries: Entries,
    private readonly lane: Lane,
    /** Null where the scenario has no connections. */
    private readonly talks: Talks | null,
  ) {
    this.replayed = new Int32Array(stack.image.replayLp.length)
  }

  /** A datagram of `flow` that cannot go express. */
  send(lp: LpId, flow: number, size: number): void {
    const { stack } = this
    const id = writeDatagramOf(this.flows, stack.image, stack.pool, flow, size)
    originate(stack, lp, id)
    stack.connection = Tracked.NOT
    leave(stack, lp, stack.image.flowPod[flow], id)
    this.express.learn(lp, flow)
    this.flush(lp)
  }

  /** A frame from the wire. */
  arrive(lp: LpId, id: PacketId): void {
    const { pool } = this.stack
    const express = isExpress(pool.flags(id))
    const flow = pool.flow(id)
    if (express) pool.setFlags(id, 0, PacketFlag.EXPRESS)
    const verdict = arrive(this.stack, lp, id)
    if (express && verdict === Verdict.delivered) this.express.learnReceived(lp, flow)
    this.flush(lp)
  }

  /** Any other event. */
  other(lp: LpId, kind: number, extra: number, argument: number): void {
    if (kind === EventKind.ready) this.sendReady(lp, extra - 1, argument as PacketId)
    else if (kind === EventKind.replay) this.replay(lp, argument)
    else if (kind === EventKind.snatDue) snatDue(this.stack, lp)
    else if (kind === EventKind.timer) this.talks!.timer(lp, extra, argument)
    else if (kind === EventKind.open) this.talks!.open(lp, argument)
    else expireFragments(this.stack, lp)
    this.flush(lp)
  }

  /** What ends of connections send because of the event in hand leaves when that is done. */
  private flush(lp: LpId): void {
    if (this.talks !== null && !this.talks.isSilent) this.talks.flush(lp)
  }

  /** Files the next frame of a replay. */
  postReplay(stream: number): void {
    const { clock, image } = this.stack
    const next = this.replayed[stream]
    if (next >= image.replayFrames[stream]) return
    clock[Moment.AT] = image.frameTimeNs[image.replayFirst[stream] + next]
    this.lane.postOwn(image.replayLp[stream], EventKind.replay, 0, stream)
  }

  /** An answer that its sender held back until now. */
  private sendReady(lp: LpId, pod: number, id: PacketId): void {
    const { pool } = this.stack
    if (pool.flags(id) & PacketFlag.IS_DATAGRAM) this.entries.sentOf(pool.traffic(id))
    leaveLater(this.stack, lp, pod, id)
  }

  /** Puts the next recorded frame of a stream where it was recorded. */
  private replay(lp: LpId, stream: number): void {
    const { image, pool, carrier } = this.stack
    const frame = image.replayFirst[stream] + this.replayed[stream]++
    const offset = image.frameOffset[frame]
    const bytes = image.frameBytes.slice(offset, offset + image.frameLength[frame])
    const id = pool.allocateFrom(bytes, -1, 0)
    originate(this.stack, lp, id)
    const pod = image.replayPod[stream]
    if (pod >= 0) leaveByVeth(this.stack, lp, pod, id)
    else settle(this.stack, lp, id, carrier.transmit(lp, id, Interface.eth0))
    this.postReplay(stream)
  }
}
