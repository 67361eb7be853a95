// The borders of a host: a packet leaves the pod or host that made it, a frame comes in from the wire. What happens to it there is the
// steps' business; whoever calls (the engine's events, the lab's probes) only learns whether it went on.
import { Interface, LpKind } from '../image/kinds.js'
import { INBOUND } from '../table/nsg.js'
import { MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW, MAC_OUTSIDE, MAC_POD } from '../wire/address.js'
import * as ethernet from '../wire/ethernet.js'
import * as ipv4 from '../wire/ipv4.js'
import { endpointInput, endpointOutput } from './endpoint.js'
import { fragment } from './fragment.js'
import { fromPod, fromWire } from './host.js'
import { groupAdmits } from './nsg.js'
import { hostOutput } from './output.js'
import { snatInput } from './snat.js'
import type { LpId, PacketId, Stack } from './stack.js'
import { Verdict } from './verdict.js'

const L2 = ethernet.HEADER_LEN

/** A packet leaves its pod, or its host (`pod` -1); longer than its MTU it is cut, or refused when it must not be. */
export function leave(stack: Stack, lp: LpId, pod: number, id: PacketId): void {
  const { params, pool } = stack
  const mtu = pod >= 0 ? params.podMtu : params.mtu
  if (pool.length(id) - L2 <= mtu) {
    depart(stack, lp, pod, id)
  } else if (ipv4.flags(pool.view, pool.start(id) + L2) & ipv4.DONT_FRAGMENT) {
    if (pod < 0) blankHeader(stack, id)
    stack.carrier.finish(lp, id, Verdict.messageTooLong)
  } else {
    const others = fragment(stack, lp, id, mtu)
    depart(stack, lp, pod, id)
    for (const other of others) depart(stack, lp, pod, other)
  }
}

/** A packet that its pod or host held back until now (`Carrier.sendLater`). */
export function leaveLater(stack: Stack, lp: LpId, pod: number, id: PacketId): void {
  const { image, pool } = stack
  if (pod >= 0) {
    const source = image.podAddress[pod]
    ethernet.write(pool.view, pool.start(id), MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW, MAC_POD, source, ethernet.TYPE_IPV4)
  }
  if (stack.params.changes && isGone(stack, lp, pod)) {
    if (pod < 0) blankHeader(stack, id)
    stack.carrier.finish(lp, id, pod >= 0 ? Verdict.podGone : Verdict.nodeGone)
  } else leave(stack, lp, pod, id)
}

/** A host's packet has no Ethernet header before its route is known; what the slot held before is nobody's business. */
function blankHeader({ pool }: Stack, id: PacketId): void {
  const at = pool.start(id)
  pool.bytes.fill(0, at, at + L2)
}

/** Whoever held a packet back may be there no more; only where `params.changes`. */
const isGone = ({ image, clock }: Stack, lp: LpId, pod: number): boolean =>
  clock[0] >= (pod >= 0 ? image.podStopNs[pod] : image.lpLeaveNs[lp])

function depart(stack: Stack, lp: LpId, pod: number, id: PacketId): void {
  if (stack.image.lpKind[lp] === LpKind.endpoint) settle(stack, lp, id, endpointOutput(stack, lp, id))
  else if (pod < 0) hostOutput(stack, lp, id)
  else leaveByVeth(stack, lp, pod, id)
}

/** A frame that is complete with its Ethernet header goes into the pod's veth. */
export function leaveByVeth(stack: Stack, lp: LpId, pod: number, id: PacketId): void {
  if (stack.tapped[lp] !== 0) stack.carrier.tap(lp, Interface.pod, pod, id, 2)
  settle(stack, lp, id, fromPod(stack, lp, pod, id))
}

/** A frame from the wire. Returns how it ended here. */
export function arrive(stack: Stack, lp: LpId, id: PacketId): Verdict {
  if (stack.params.nsg && !groupAdmits(stack, lp, id, INBOUND)) {
    settle(stack, lp, id, Verdict.nsgDenied)
    return Verdict.nsgDenied
  }
  if (stack.tapped[lp] !== 0) stack.carrier.tap(lp, interfaceOf(stack, id), -1, id, 1)
  const isLate = stack.params.changes && stack.clock[0] >= stack.image.lpLeaveNs[lp]
  const verdict = isLate ? Verdict.nodeGone : receive(stack, lp, id)
  settle(stack, lp, id, verdict)
  return verdict
}

function receive(stack: Stack, lp: LpId, id: PacketId): Verdict {
  const kind = stack.image.lpKind[lp]
  if (kind === LpKind.endpoint) return endpointInput(stack, lp, id)
  return kind === LpKind.node || kind === LpKind.appliance ? fromWire(stack, lp, id) : snatInput(stack, lp, id)
}

/** The gateway's outside interface has MAC addresses of its own kind. */
function interfaceOf({ pool, params }: Stack, id: PacketId): number {
  if (pool.head(id) < L2) return Interface.eth0
  const at = pool.start(id)
  const isOutside = ethernet.destinationHigh(pool.view, at) === MAC_OUTSIDE
  return isOutside && ethernet.destinationLow(pool.view, at) === params.gatewayPublic ? Interface.outside : Interface.eth0
}

/** Ends the packet in hand unless it went on. */
export function settle(stack: Stack, lp: LpId, id: PacketId, verdict: Verdict): void {
  if (verdict !== Verdict.held) stack.carrier.finish(lp, id, verdict)
}
