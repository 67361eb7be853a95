// From what was seen to what happened: each visit of a packet to a host becomes a few steps with a sentence each. The sentences are about
// the very frames, connections and verdicts of the data plane; where the choice of a route is named, the data plane's own look-up is asked.
import type { Names } from '../cluster/names.js'
import type { Plan } from '../cluster/plan.js'
import type { PlannedService } from '../cluster/plan-services.js'
import { endpointFinder } from '../cluster/service-endpoints.js'
import type { LpId, Stack } from '../datapath/stack.js'
import { isDrop, VERDICTS, Verdict } from '../datapath/verdict.js'
import { Interface, LpKind } from '../image/kinds.js'
import type { Scenario } from '../scenario/model.js'
import { formatIpv4, parseIpv4 } from '../wire/address.js'
import { connectionLine, ownConnection } from './connections.js'
import type { Guards } from './guards.js'
import { endOf, headerLine, headersOf, type PacketHeaders } from './headers.js'
import type { Connection, Sighting } from './probe-wire.js'
import { remedyFor } from './remedies.js'
import { routeLine, vethName } from './routes.js'
import { serviceName, serviceOf } from './service-words.js'
import type { Stage, StepKind, TraceStep } from './trace-step.js'
import type { Visit } from './visit.js'

export interface Setting {
  readonly scenario: Scenario
  readonly plan: Plan
  readonly names: Names
  readonly stack: Stack
  readonly guards: Guards
  readonly startNs: number
  readonly sourceLp: number
  /** Who has an address: a pod, a host, or the address itself. */
  readonly nameOfAddress: (address: string) => string
  /** Whether a frame was put on the wire for a sender outside. */
  readonly isInjected: (entry: Sighting) => boolean
  readonly isReached: (visit: Visit) => boolean
  readonly directionOf: (sighting: Sighting) => TraceStep['direction']
}

/** Refusals of a host's own stack: the packet has reached its addressee, on which nobody listens. */
export const REFUSALS: ReadonlySet<Verdict> = new Set([Verdict.portUnreachable, Verdict.connectionRefused, Verdict.protocolUnreachable])

/** A step and the frame it is about. */
export interface Told {
  readonly step: TraceStep
  readonly sighting: Sighting
}

/** The steps of all visits, in order. */
export const narrate = (visits: readonly Visit[], setting: Setting): Told[] => visits.flatMap(visit => new Narrator(visit, setting).steps())

class Narrator {
  private readonly found: Told[] = []
  private readonly first: Sighting
  private readonly isRouter: boolean
  private readonly isGateway: boolean

  constructor(
    private readonly visit: Visit,
    private readonly setting: Setting,
  ) {
    this.first = (visit.entry ?? visit.exit ?? visit.end)!
    const kind = setting.stack.image.lpKind[visit.lp]
    this.isRouter = kind !== LpKind.endpoint
    this.isGateway = kind !== LpKind.node && kind !== LpKind.endpoint
  }

  steps(): Told[] {
    const { entry, exit, end } = this.visit
    const after = exit ?? end
    // What a group kept from the NIC never came to the host.
    const isKept = !entry && !exit && end?.verdict === Verdict.nsgDenied
    if (isKept) this.grouped('Inbound', end, headersOf(end.bytes), end.lp)
    else if (entry?.kind === 'leave') this.leaves(entry)
    else if (entry?.kind === 'enter') this.enters(entry, after)
    else if (exit)
      this.add('send', exit, `sent by the host itself: ${this.line(innerOf(headersOf(exit.bytes)))}`, innerOf(headersOf(exit.bytes)))
    if (after && this.isRouter && !isKept) this.inside(entry, after)
    if (exit) this.exits(exit)
    if (end) this.ends(end)
    return this.found
  }

  private add(step: StepKind, at: Sighting, text: string, headers: PacketHeaders | null, stage = this.stage(), place = this.host()): void {
    const { setting } = this
    const told: TraceStep = {
      step,
      packet: packetName(innerOf(headersOf(this.first.bytes))),
      direction: setting.directionOf(this.first),
      at: place,
      stage,
      timeNs: at.timeNs - setting.startNs,
      text,
      headers,
    }
    this.found.push({ step: told, sighting: at })
  }

  private host = (): string => this.setting.names.lpName(this.visit.lp)
  private stage = (): Stage => (this.isGateway ? 'gateway' : this.visit.lp === this.setting.sourceLp ? 'source' : 'destination')
  private line = (headers: PacketHeaders | null): string => (headers ? headerLine(headers) : 'a frame that is no IPv4')

  private leaves(entry: Sighting): void {
    const { names, stack } = this.setting
    const headers = headersOf(entry.bytes)
    const veth = vethName(stack.image.podAddress[entry.pod], stack.image.lpBlockBase[entry.lp])
    this.add('send', entry, this.line(headers), headers, this.stage(), names.podName(entry.pod))
    this.add('veth', entry, `into the node by ${veth}, the host's end of the pod's veth`, headers)
  }

  private enters(entry: Sighting, after: Sighting | null): void {
    const headers = headersOf(entry.bytes)
    if (this.setting.isInjected(entry))
      this.add('underlay', entry, `comes to the node by the wire, its source kept: ${this.line(headers)}`, headers, 'underlay', 'VNet')
    if (entry.interface === Interface.eth0) this.grouped('Inbound', entry, headers, entry.lp)
    if (headers?.inner && after && this.isStripped(headers, after))
      this.add(
        'decapsulation',
        entry,
        `vxlan0 strips 50 bytes (VNI ${headers.vni}, from VTEP ${headers.source}); inside: ${this.line(headers.inner)}`,
        headers.inner,
      )
  }

  /** A tunnel packet for this node was opened unless it went on, or ended, as it came. */
  private isStripped(entered: PacketHeaders, after: Sighting): boolean {
    const left = headersOf(after.bytes)
    return left !== null && (left.inner === null || left.inner.targetMac !== entered.inner?.targetMac)
  }

  /** What a router did with the packet between its coming and its going. */
  private inside(entry: Sighting | null, after: Sighting): void {
    const before = innerOf(entry && headersOf(entry.bytes))
    const now = innerOf(headersOf(after.bytes))
    if (!now) return
    const connection = before && ownConnection(before, after.connection)
    if (connection?.isReply && !connection.isRelated && entry)
      this.add('conntrack', entry, `answers ${connectionLine(connection)}: established`, now)
    else if (connection?.isRelated && entry) this.add('conntrack', entry, `an error about ${connectionLine(connection)}: related`, now)
    if (before && connection) this.translatedIn(entry ?? after, before, now, connection)
    // Azure's devices keep flows of their own, no connections: what they did shows in the headers.
    const isMapped = before !== null && this.isGateway && !connection
    if (isMapped && before.target !== now.target) this.translatedBack(entry ?? after, before, now)
    // What ended before its connection was entered shows kube-proxy's choice in its header alone.
    if (before && (connection || !this.isGateway)) this.served(entry ?? after, before, now, connection)
    const isFirst = before !== null && !connection?.isReply && !connection?.isRelated
    if (isFirst && entry?.kind === 'leave' && !this.isHome(entry, now)) this.policed('egress', after, now, before)
    if (after.verdict === Verdict.policyEgressDenied) return
    this.routed(after, now)
    const enters = after.kind === 'reach' || after.verdict === Verdict.policyIngressDenied
    if (isFirst && enters && !(entry && this.isHome(entry, now))) this.policed('ingress', after, now, before)
    if (before && connection) this.translatedOut(after, before, now, connection)
    else if (isMapped && before.source !== now.source) this.shownAs(after, before, now)
  }

  /** A pod's packet to itself or its own node is nobody's to judge. */
  private isHome({ kind, lp, pod }: Sighting, { target }: PacketHeaders): boolean {
    const { lpAddress, lpVtep, podAddress } = this.setting.stack.image
    const own = [lpAddress[lp], lpVtep[lp], ...(kind === 'leave' ? [podAddress[pod]] : [])]
    return kind === 'leave' && own.some(address => formatIpv4(address) === target)
  }

  private policed(direction: 'ingress' | 'egress', at: Sighting, now: PacketHeaders, before: PacketHeaders): void {
    const said = this.setting.guards.policy(direction, now, before)
    if (said !== null) this.add('policy', at, said, now)
  }

  private grouped(direction: 'Inbound' | 'Outbound', at: Sighting, headers: PacketHeaders | null, lp: number): void {
    const nic = this.setting.stack.image.lpAddress[lp]
    const said = headers && this.setting.guards.group(direction, headers, nic, at.verdict !== Verdict.nsgDenied)
    if (said) this.add('nsg', at, said, headers, 'underlay', 'VNet')
  }

  private translatedIn(at: Sighting, before: PacketHeaders, now: PacketHeaders, connection: Connection): void {
    if (connection.isReply && before.target !== now.target) this.translatedBack(at, before, now)
  }

  private translatedBack(at: Sighting, before: PacketHeaders, now: PacketHeaders): void {
    this.add('nat', at, `target translated back: ${before.target} to ${endOf(now.target, now.targetPort)}`, now)
  }

  /** kube-proxy at work: towards an endpoint, or an answer under the Service's address. */
  private served(at: Sighting, before: PacketHeaders, now: PacketHeaders, connection: Connection | null): void {
    const { plan, scenario } = this.setting
    if (connection?.isRelated) return
    if (connection?.isReply) {
      if (before.source === now.source && before.sourcePort === now.sourcePort) return
      const shown = `${endOf(before.source, before.sourcePort)} shows itself as ${endOf(now.source, now.sourcePort)}, the address that was asked`
      this.add('service', at, shown, now)
      return
    }
    if (before.target === now.target && before.targetPort === now.targetPort) return
    const service = serviceOf(plan, before)
    const who = this.setting.nameOfAddress(now.target)
    const isAny = service?.externalTrafficPolicy === 'Cluster' && service.internalTrafficPolicy === 'Cluster'
    const of = service && isAny ? endpointsOf(scenario, plan, service, before) : 0
    const chosen = `${service ? serviceName(service, before.target) : before.target}: kube-proxy chose ${who} at ${endOf(now.target, now.targetPort)}`
    this.add('service', at, `${chosen}${of > 1 ? `, one of ${of}` : ''}`, now)
  }

  private routed(after: Sighting, now: PacketHeaders): void {
    const { stack, scenario, plan } = this.setting
    const target = parseIpv4(now.target)
    if (target === null) return
    if (!this.isGateway) this.add('route', after, routeLine(stack, scenario, plan, this.visit.lp as LpId, target), now)
    else if (after.kind === 'transmit')
      this.add('route', after, after.interface === Interface.outside ? 'out, by the outside interface' : 'back into the VNet', now)
  }

  private translatedOut(at: Sighting, before: PacketHeaders, now: PacketHeaders, connection: Connection): void {
    if (!connection.isReply && before.source !== now.source) this.shownAs(at, before, now)
  }

  private shownAs(at: Sighting, before: PacketHeaders, now: PacketHeaders): void {
    const how = this.isGateway ? 'SNAT' : 'masquerade'
    const kept = `${before.protocol === 'ICMP' ? 'id' : 'port'} ${before.sourcePort === now.sourcePort ? 'kept' : 'changed'}`
    const binding = `${endOf(before.source, before.sourcePort)} shows itself as ${endOf(now.source, now.sourcePort)} (${kept})`
    this.add('nat', at, `${how}: ${binding}`, now)
  }

  private exits(exit: Sighting): void {
    const { names } = this.setting
    const headers = headersOf(exit.bytes)
    if (exit.kind === 'reach') {
      const place = names.podName(exit.pod)
      this.add('delivery', exit, `by its veth into the pod: ${this.line(headers)}`, headers, 'destination', place)
      return
    }
    if (headers?.inner)
      this.add(
        'encapsulation',
        exit,
        `VXLAN, VNI ${headers.vni}: 50 bytes in front. Outer ${headerLine(headers)}; inner Ethernet ${headers.inner.sourceMac} > ${headers.inner.targetMac}`,
        headers,
      )
    if (exit.interface === Interface.eth0) this.grouped('Outbound', exit, headers, exit.lp)
    if (exit.receiver >= 0) this.add('underlay', exit, this.carried(exit, headers), headers, 'underlay', this.network(exit))
  }

  private network = (exit: Sighting): string => {
    const { lpFar } = this.setting.stack.image
    return exit.interface === Interface.outside || (exit.receiver >= 0 && lpFar[exit.lp] & lpFar[exit.receiver]) ? 'outside' : 'VNet'
  }

  private carried(exit: Sighting, headers: PacketHeaders | null): string {
    const to = `${this.isBalanced(exit, headers) ? 'by the load balancer ' : ''}to ${this.setting.names.lpName(exit.receiver)}`
    if (!headers) return to
    if (!headers.inner) return `${to}; it sees ${headerLine(headers)}`
    const { inner } = headers
    const hidden = `${endOf(inner.source, inner.sourcePort)} > ${endOf(inner.target, inner.targetPort)}`
    return `${to}; it sees ${headerLine(headers)}, and cannot see ${hidden} inside`
  }

  private isBalanced({ lp }: Sighting, headers: PacketHeaders | null): boolean {
    if (!headers || this.setting.stack.image.lpKind[lp] === LpKind.node) return false
    return this.setting.plan.services.some(({ loadBalancerIp }) => loadBalancerIp !== null && formatIpv4(loadBalancerIp) === headers.target)
  }

  private receipt(end: Sighting, headers: PacketHeaders | null): string {
    if (!isDrop(end.verdict)) return `received: ${this.line(headers)}`
    if (REFUSALS.has(end.verdict)) return `reached the host. ${VERDICTS[end.verdict].sentence}`
    return `gone towards ${headers?.target}, an address that nobody in this scenario owns`
  }

  private ends(end: Sighting): void {
    const headers = headersOf(end.bytes)
    const { name, sentence } = VERDICTS[end.verdict]
    const isLost = this.visit.exit?.kind === 'transmit' || end.verdict === Verdict.nsgDenied
    if (this.setting.isReached(this.visit)) {
      if (this.visit.exit?.kind !== 'reach' || isDrop(end.verdict)) this.add('delivery', end, this.receipt(end, headers), headers)
      return
    }
    if (!isDrop(end.verdict)) return
    const remedy = this.setting.guards.remedy(end.verdict, headers, this.setting.stack.image.lpAddress[end.lp]) ?? remedyFor(name)
    const service = headers && name.startsWith('service') ? serviceOf(this.setting.plan, headers) : null
    if (service && headers) this.add('service', end, serviceName(service, headers.target), headers)
    this.add(
      'drop',
      end,
      `${name}: ${sentence}${remedy ? ` To let it through: ${remedy}.` : ''}`,
      headers,
      isLost ? 'underlay' : this.stage(),
      isLost ? 'VNet' : this.host(),
    )
  }
}

const innerOf = (headers: PacketHeaders | null): PacketHeaders | null => headers?.inner ?? headers

function packetName(headers: PacketHeaders | null): string {
  if (!headers) return 'frame'
  if (headers.kind !== '') return headers.protocol === 'ICMP' && !headers.kind.startsWith('echo') ? `ICMP ${headers.kind}` : headers.kind
  return headers.protocol === 'UDP' ? 'datagram' : headers.protocol === 'SCTP' ? 'INIT' : `protocol ${headers.protocol}`
}

/** Endpoints of the Service port that the packet came for. */
function endpointsOf(scenario: Scenario, plan: Plan, service: PlannedService, { targetPort, protocol }: PacketHeaders): number {
  const port = service.ports.find(item => (item.port === targetPort || item.nodePort === targetPort) && item.protocol === protocol)
  return port ? endpointFinder(scenario, plan)(service, port).length : 0
}
