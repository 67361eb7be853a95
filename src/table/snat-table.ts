// The flows of a load balancer or NAT gateway from their first packet to the moment their port is free again. The device's rules are
// numbers: how long a flow may be idle, how long its port stays held after FIN, RST or, at a NAT gateway, a UDP flow's end.
import { ACK, FIN, RST } from '../wire/tcp.js'
import type { LoadBalancerPorts, PortStore } from './load-balancer-ports.js'
import type { PortBlocks } from './port-blocks.js'
import { SnatFlow, SnatFlows } from './snat-flows.js'
import { SnatPools } from './snat-pools.js'

const UDP = 17

export interface SnatRules {
  /** Idle times. */
  readonly idleNs: number
  readonly udpIdleNs: number
  /** How long a SYN that nobody answers holds its port. */
  readonly halfOpenNs: number
  /** How long a port stays held after the last FIN, after a RST, and after a UDP flow has timed out. */
  readonly finNs: number
  readonly rstNs: number
  readonly udpHoldNs: number
  /** A connection ends with the second FIN; else the first begins the wait. */
  readonly endsWithBoth: boolean
  /** An idle connection is reset, towards both sides. */
  readonly resetsIdle: boolean
}

// Phases of a flow, in the low bits of its state word.
const OPENING = 0
const OPEN = 1
/** Closed: its port is held a while yet. */
const HELD = 2
const PHASE = 3
const FIN_OUT = 0x10
const FIN_IN = 0x20

/** Whose packet it is. */
export const OUT = 0
export const IN = 1

export class SnatTable {
  readonly flows: SnatFlows
  readonly pools = new SnatPools()
  /** Names as the metrics of a NAT gateway have them; `broken` are flows that lost their port to another node. */
  readonly counts = { attempted: 0, established: 0, failed: 0, closed: 0, timedOut: 0, broken: 0 }
  /** By owner: new flows refused, and most ports in use at a time (of TCP, of UDP). */
  readonly refused: Uint32Array
  readonly peaks: Int32Array
  /** By owner: ports in use and ports it had when it came nearest to its end; what it has may change. */
  readonly fullest: Int32Array
  /** [0] when the first flow was refused; Infinity until then. */
  readonly firstRefusedNs = Float64Array.of(Number.POSITIVE_INFINITY)
  readonly ports: PortStore
  private readonly due: (record: number) => void
  private readonly over = new Float64Array(1)

  /** `reset` sends the two resets of an idle connection, which is still in the table. */
  constructor(
    readonly rules: SnatRules,
    private readonly clock: Float64Array,
    private readonly random: () => number,
    private readonly reset: (record: number) => void,
    owners: number,
    storeFor: (flows: SnatFlows, pools: SnatPools) => PortStore,
    expected = 0,
  ) {
    this.flows = new SnatFlows(expected)
    this.ports = storeFor(this.flows, this.pools)
    this.refused = new Uint32Array(owners)
    this.peaks = new Int32Array(2 * owners)
    this.fullest = new Int32Array(2 * owners)
    this.due = record => this.expire(record)
  }

  /** The live flow of a packet from inside, or -1. */
  fromInside(protocol: number, source: number, target: number, ports: number): number {
    return this.still(this.flows.fromInside(protocol, source, target, ports))
  }
  /** The live flow of a packet from outside, or -1. */
  fromOutside(protocol: number, remote: number, external: number, ports: number): number {
    return this.still(this.flows.fromOutside(protocol, remote, external, ports))
  }

  private still(record: number): number {
    if (record < 0 || !this.flows.isOver(record, this.clock)) return record
    this.expire(record)
    return -1
  }

  /** A new flow with a port of its own, or -1 if there is none for its destination. */
  begin(owner: number, protocol: number, source: number, target: number, ports: number): number {
    const { flows, counts } = this
    flows.advance(this.clock, this.due)
    const record = flows.draft(owner, protocol, source, target, ports)
    counts.attempted++
    if (!this.ports.take(record, this.random)) {
      // Whether the last tick has freed one is asked only now: it costs going through that tick.
      flows.advanceWithin(this.clock, this.due)
      if (!this.ports.take(record, this.random)) {
        this.ports.refuse(record)
        flows.discard(record)
        this.refuse(owner)
        return -1
      }
    }
    flows.link(record)
    flows.arm(record, this.clock, protocol === UDP ? this.rules.udpIdleNs : this.rules.halfOpenNs)
    const row = owner * 2 + (protocol === UDP ? 1 : 0)
    const inUse = this.ports.inUse(owner, protocol)
    if (inUse > this.peaks[row]) this.peaks[row] = inUse
    this.fill(owner, inUse)
    return record
  }

  private fill(owner: number, inUse: number): void {
    const { fullest } = this
    const capacity = this.ports.capacityOf(owner)
    if (inUse * fullest[owner * 2 + 1] < fullest[owner * 2] * capacity) return
    fullest[owner * 2] = inUse
    fullest[owner * 2 + 1] = capacity
  }

  private refuse(owner: number): void {
    this.counts.failed++
    this.refused[owner]++
    if (this.clock[0] < this.firstRefusedNs[0]) this.firstRefusedNs[0] = this.clock[0]
  }

  /** A connection was closed and its sender begins anew with the same tuple: that needs another port, this one is held. */
  isClosed(record: number): boolean {
    return (this.flows.words[record * SnatFlow.WORDS + SnatFlow.STATE] & PHASE) === HELD
  }
  forget(record: number): void {
    this.flows.forget(record)
  }

  /** A datagram of the flow passed. */
  followUdp(record: number, direction: number): void {
    if (direction === IN) this.answered(record)
    this.flows.arm(record, this.clock, this.rules.udpIdleNs)
  }

  /** A segment of the flow passed. */
  followTcp(record: number, direction: number, flags: number, acknowledgment: number): void {
    const { flows, rules, clock } = this
    const w = record * SnatFlow.WORDS
    const { words } = flows
    if (direction === IN) this.answered(record)
    if (rules.resetsIdle && flags & ACK) words[w + (direction === IN ? SnatFlow.ACK_IN : SnatFlow.LIMIT)] = acknowledgment
    if (flags & RST) {
      this.hold(record, rules.rstNs)
      return
    }
    if (flags & FIN) {
      words[w + SnatFlow.STATE] |= direction === IN ? FIN_IN : FIN_OUT
      const both = (words[w + SnatFlow.STATE] & (FIN_IN | FIN_OUT)) === (FIN_IN | FIN_OUT)
      if (both || !rules.endsWithBoth) this.hold(record, rules.finNs)
    }
    if ((words[w + SnatFlow.STATE] & PHASE) === OPEN) flows.arm(record, clock, rules.idleNs)
  }

  private answered(record: number): void {
    const w = record * SnatFlow.WORDS + SnatFlow.STATE
    if ((this.flows.words[w] & PHASE) !== OPENING) return
    this.flows.words[w] |= OPEN
    this.counts.established++
  }

  /** Closed: the port is free again after `holdNs`. */
  private hold(record: number, holdNs: number): void {
    const w = record * SnatFlow.WORDS + SnatFlow.STATE
    if ((this.flows.words[w] & PHASE) !== HELD) {
      this.flows.words[w] = (this.flows.words[w] & ~PHASE) | HELD
      this.counts.closed++
    }
    this.flows.arm(record, this.clock, holdNs)
  }

  /** Ends what is due before the tick of now; O(1) each. */
  advance(): void {
    this.flows.advance(this.clock, this.due)
  }
  /** Everything that is due. */
  settle(): void {
    this.flows.advanceWithin(this.clock, this.due)
  }

  private expire(record: number): void {
    const { flows, rules, counts } = this
    const w = record * SnatFlow.WORDS
    const phase = flows.words[w + SnatFlow.STATE] & PHASE
    const isUdp = (flows.words[w + SnatFlow.KEY] & 0xff) === UDP
    if (phase !== HELD) {
      counts.timedOut++
      if (isUdp && rules.udpHoldNs > 0) {
        flows.words[w + SnatFlow.STATE] = (flows.words[w + SnatFlow.STATE] & ~PHASE) | HELD
        flows.forget(record)
        this.over[0] = flows.deadline(record)
        flows.arm(record, this.over, rules.udpHoldNs)
        if (!flows.isOver(record, this.clock)) return
      } else if (!isUdp && phase === OPEN && rules.resetsIdle) this.reset(record)
    }
    this.end(record)
  }

  private end(record: number): void {
    this.flows.unlink(record)
    this.ports.give(record)
  }

  /** Nodes leave and join the backend pool of a load balancer: flows on ports that change hands are over, silently. */
  change(blocks: PortBlocks, joining: readonly number[], leaving: readonly number[]): void {
    const ports = this.ports as LoadBalancerPorts
    let lost = false
    blocks.change(joining, leaving, (node, gone) => {
      ports.reclaimed(node, gone)
      lost = true
    })
    if (!lost) return
    for (const record of [...ports.stranded()]) {
      this.counts.broken++
      this.end(record)
    }
  }
}
