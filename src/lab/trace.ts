// One probe from beginning to end: who, from where, what arrived, and the way it took.

import { isVnetAddress } from '../datapath/fabric.js'
import { State } from '../datapath/lp-state.js'
import { leaveLater, settle } from '../datapath/passage.js'
import { nodeRoute, ownAddress } from '../datapath/route.js'
import type { LpId, PacketId, Stack } from '../datapath/stack.js'
import { isDrop, VERDICTS, Verdict, type VerdictName } from '../datapath/verdict.js'
import { Interface, LpKind } from '../image/kinds.js'
import { VERSION } from '../run/version.js'
import { PacketFlag } from '../shm/packet-pool.js'
import { MAC_NODE } from '../wire/address.js'
import * as ethernet from '../wire/ethernet.js'
import type { Guards } from './guards.js'
import { headersOf } from './headers.js'
import type { Cluster } from './lab.js'
import { LabError } from './lab-error.js'
import { narrate, REFUSALS, type Told } from './narrate.js'
import type { Place } from './places.js'
import { isSyn, makeProbe, makeSynAck, type Protocol } from './probe.js'
import { ProbeWire, type Sighting } from './probe-wire.js'
import { remedyFor } from './remedies.js'
import { captureOf } from './trace-capture.js'
import type { Stage, TraceResult } from './trace-step.js'
import { type Visit, visitsOf } from './visit.js'

export interface Probe {
  readonly from: Place
  readonly to: Place
  readonly port: number
  readonly protocol: Protocol
  readonly sourcePort: number
  readonly atNs: number
}

/** A packet's end, as the carrier was told. */
interface End {
  readonly lp: number
  readonly verdict: Verdict
  readonly isReached: boolean
}

const ANSWERED: ReadonlySet<Protocol> = new Set<Protocol>(['TCP', 'ICMP'])

/** A probe on its way through a stack of its own, so that no probe sees another's connections. */
export class Trial {
  private readonly wire: ProbeWire
  private readonly stack: Stack
  private readonly sourceLp: number
  private readonly guards: Guards
  private probe = ''
  private answer = ''
  private there: End | null = null
  private back: End | null = null
  private isGone = false

  constructor(
    private readonly cluster: Cluster,
    private readonly asked: Probe,
  ) {
    const { params } = cluster
    this.wire = new ProbeWire(params, cluster.imageAt(asked.atNs), asked.atNs, (lp, id, verdict) => this.ended(lp, id, verdict))
    this.stack = this.wire.stack
    this.sourceLp = asked.from.lp
    this.guards = cluster.guardsAt(asked.atNs)
  }

  /** Sends the probe and waits until nothing moves any more. */
  run(): TraceResult {
    this.send()
    this.wire.settle()
    return this.result()
  }

  /** The frames that the probe caused, as a pcapng file. */
  capture(): Uint8Array {
    this.run()
    const { cluster, asked, wire } = this
    return captureOf(wire.sightings, this.tell(visitsOf(wire.sightings)), {
      nameOf: cluster.places.nameOf,
      startNs: asked.atNs,
      application: `vxlane ${VERSION}`,
      comment: `scenario ${cluster.scenario.name}: ${asked.from.name} > ${asked.to.name} ${asked.protocol}; stamps count from the probe`,
    })
  }

  private tell(visits: readonly Visit[]): Told[] {
    const { scenario, plan, names } = this.cluster
    return narrate(visits, {
      scenario,
      plan,
      names,
      stack: this.stack,
      guards: this.guards,
      startNs: this.asked.atNs,
      sourceLp: this.sourceLp,
      nameOfAddress: address => this.cluster.places.find(address, this.asked.atNs).name,
      isInjected: entry => this.sourceLp < 0 && entry === this.wire.sightings[0],
      isReached: visit => this.isReached(visit),
      directionOf: sighting => this.directionOf(sighting),
    })
  }

  private result(): TraceResult {
    const { from, to, protocol, port } = this.asked
    const visits = visitsOf(this.wire.sightings)
    const steps = this.tell(visits).map(({ step }) => step)
    const failed = this.there?.isReached === false ? this.there : this.back?.isReached === false ? this.back : null
    const { name, sentence } = VERDICTS[(failed ?? this.there)?.verdict ?? Verdict.held]
    const isAnswered =
      this.isGone || !ANSWERED.has(protocol) || this.back?.isReached === true || (this.there !== null && REFUSALS.has(this.there.verdict))
    return {
      from: from.name,
      to: to.name,
      protocol,
      port: protocol === 'ICMP' ? null : port,
      delivered: this.there?.isReached === true && isAnswered,
      verdict: name,
      sentence,
      remedy: failed ? this.remedyOf(failed, name) : null,
      droppedAt: failed ? this.stageOf(failed, visits) : null,
      encapsulated: this.wire.sightings.some(
        sighting => sighting.kind === 'transmit' && keyOf(sighting) === this.probe && headersOf(sighting.bytes)?.inner !== null,
      ),
      steps,
    }
  }

  private remedyOf({ lp, verdict }: End, name: VerdictName): string | null {
    const last = this.wire.sightings.findLast(sighting => sighting.kind === 'end' && sighting.lp === lp && sighting.verdict === verdict)
    return this.guards.remedy(verdict, last ? headersOf(last.bytes) : null, this.stack.image.lpAddress[lp]) ?? remedyFor(name)
  }

  private send(): void {
    const { from, to, protocol, port, sourcePort } = this.asked
    const { stack } = this
    const target = to.address
    const lp = from.lp as LpId
    if (lp < 0) {
      this.sendFromOutside()
      return
    }
    const isNode = from.pod < 0 && stack.image.lpKind[lp] === LpKind.node
    const source = isNode ? ownAddress(stack, lp, nodeRoute(stack, lp, target)) : from.address
    const id = makeProbe(stack, lp, protocol, source, target, sourcePort, port)
    this.probe = this.keyOf(id)
    // Another source port is another connection, for which kube-proxy and SNAT draw anew.
    stack.state.words[lp * State.WORDS + State.DRAW] = sourcePort - stack.params.ephemeralFirst
    leaveLater(stack, lp, from.pod, id)
  }

  /**
   * From an address that nobody in the scenario owns: the packet comes to the addressee's node by the wire, its source kept, as a load
   * balancer or a router would hand it on.
   */
  private sendFromOutside(): void {
    const { from, to, protocol, port, sourcePort } = this.asked
    const { stack } = this
    if (to.lp < 0 && this.sendToFrontend()) return
    if (to.lp < 0)
      throw new LabError('OutsideBoth', `neither ${from.name} nor ${to.name} is in this scenario`, 'name a pod, a node or an endpoint')
    const lp = to.lp as LpId
    const id = makeProbe(stack, lp, protocol, from.address, to.address, sourcePort, port)
    stack.pool.setFlags(id, 0, PacketFlag.IP_GOOD | PacketFlag.L4_GOOD)
    const { lpAddress } = stack.image
    ethernet.write(
      stack.pool.view,
      stack.pool.start(id),
      MAC_NODE,
      lpAddress[lp],
      MAC_NODE,
      stack.params.gatewayAddress,
      ethernet.TYPE_IPV4,
    )
    this.probe = this.keyOf(id)
    this.wire.approach(lp, id, 0)
  }

  /** A Service's frontend: the load balancer stands before the nodes, and hands the packet to one of them. */
  private sendToFrontend(): boolean {
    const { from, to, protocol, port, sourcePort } = this.asked
    const { stack } = this
    const isFrontend = this.cluster.plan.services.some(({ loadBalancerIp }) => loadBalancerIp === to.address)
    const outside = stack.image.lpKind.findIndex(kind => kind !== LpKind.node) as LpId
    if (!isFrontend || outside < 0) return false
    const id = makeProbe(stack, outside, protocol, from.address, to.address, sourcePort, port)
    this.probe = this.keyOf(id)
    ethernet.write(stack.pool.view, stack.pool.start(id), MAC_NODE, 0, MAC_NODE, from.address, ethernet.TYPE_IPV4)
    settle(stack, outside, id, this.wire.transmit(outside, id, Interface.eth0))
    return true
  }

  private keyOf = (id: PacketId): string => `${this.stack.pool.origin(id)}:${this.stack.pool.serial(id)}`

  private ended(lp: LpId, id: PacketId, verdict: Verdict): void {
    const key = this.keyOf(id)
    if (key === this.probe) {
      const isRefused = REFUSALS.has(verdict) && this.stack.image.lpAddress[lp] === this.asked.to.address
      this.isGone = this.hasLeft(verdict)
      // Azure's devices are not there where nothing of the scenario leads to them; that they would pass it on is all there is to say.
      const told = this.isGone && verdict === Verdict.noOutbound ? Verdict.delivered : verdict
      this.there = { lp, verdict: told, isReached: !isDrop(verdict) || isRefused || this.isGone }
      if (verdict === Verdict.delivered && isSyn(this.stack, id)) this.answerSyn(lp, id)
    } else if (key === this.answer || (this.answer === '' && this.isEchoReply())) {
      this.answer = key
      // An answer to an address that nobody here owns has left the picture with its host; nobody can say more.
      const isGone = this.sourceLp < 0 && this.wire.sightings.some(seen => seen.kind === 'transmit' && keyOf(seen) === key)
      // The socket that asked is no part of the data plane: a host's refusal of the answer means that it came back.
      const isBack = lp === this.sourceLp && REFUSALS.has(verdict)
      this.back = { lp, verdict, isReached: !isDrop(verdict) || isGone || isBack }
    }
  }

  /** Whether the probe left for an address outside that nobody in the scenario owns: it got as far as can be seen. */
  private hasLeft(verdict: Verdict): boolean {
    const { asked, cluster, stack } = this
    const { outboundType } = cluster.scenario.cluster.networkProfile
    if (asked.to.lp >= 0 || outboundType === 'none' || isVnetAddress(stack, asked.to.address)) return false
    const { podCidrBase, podCidrMask } = stack.params
    const isPodRange = podCidrMask !== 0 && ((asked.to.address ^ podCidrBase) & podCidrMask) === 0
    // A Service's own address leads nowhere but to its ports.
    const isService = cluster.plan.services.some(({ clusterIp }) => clusterIp === asked.to.address)
    return !isPodRange && !isService && (verdict === Verdict.noOutbound || verdict === Verdict.noSuchHost)
  }

  private answerSyn(lp: LpId, syn: PacketId): void {
    const reached = this.wire.sightings.findLast(sighting => sighting.kind === 'reach' && keyOf(sighting) === this.probe)
    const answer = makeSynAck(this.stack, lp, syn)
    this.answer = this.keyOf(answer)
    this.wire.sendLater(lp, reached?.lp === lp ? reached.pod : -1, answer, 0)
  }

  private isEchoReply(): boolean {
    const last = this.wire.sightings.at(-1)
    const headers = last ? headersOf(last.bytes) : null
    return this.asked.protocol === 'ICMP' && (headers?.inner ?? headers)?.kind === 'echo reply'
  }

  private directionOf(sighting: Sighting): 'probe' | 'answer' | 'consequence' {
    const key = keyOf(sighting)
    return key === this.probe ? 'probe' : key === this.answer ? 'answer' : 'consequence'
  }

  private isReached({ end }: Visit): boolean {
    if (!end) return false
    const key = keyOf(end)
    if (key === this.probe) return this.there?.isReached === true
    return key === this.answer ? this.back?.isReached === true : !isDrop(end.verdict)
  }

  private stageOf({ lp, verdict }: End, visits: readonly Visit[]): Stage {
    // Each pod's own policies, wherever it runs; and the VNet's.
    if (verdict === Verdict.policyEgressDenied) return 'source'
    if (verdict === Verdict.policyIngressDenied) return 'destination'
    if (verdict === Verdict.nsgDenied) return 'underlay'
    const last = visits.findLast(visit => visit.end !== null && visit.lp === lp && this.directionOf(visit.end) !== 'consequence')
    if (last?.exit?.kind === 'transmit') return 'underlay'
    const kind = this.stack.image.lpKind[lp]
    if (kind !== LpKind.node && kind !== LpKind.endpoint) return 'gateway'
    return lp === this.sourceLp ? 'source' : 'destination'
  }
}

const keyOf = ({ origin, serial }: Sighting): string => `${origin}:${serial}`
