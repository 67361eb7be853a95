// The last steps of a packet on a host: connection confirmed and source translated, cut to the MTU, new Ethernet header, and out: to a
// pod's veth, into the VXLAN device, or onto the wire. Forwarded packets and those the host itself makes meet here.
import { Interface, LpKind } from '../image/kinds.js'
import { MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW, MAC_NODE, MAC_OUTSIDE, MAC_POD } from '../wire/address.js'
import * as ethernet from '../wire/ethernet.js'
import * as ipv4 from '../wire/ipv4.js'
import { encap } from './encap.js'
import { fragment } from './fragment.js'
import { confirm, tracks } from './masquerade.js'
import { consume, deliverToPod, isForHostPod } from './pod.js'
import { mtuOf, routeOf, Way } from './route.js'
import { serve } from './service.js'
import { Count, conclude, type LpId, type PacketId, type Stack, Tracked } from './stack.js'
import { track } from './track.js'
import { translateIn, translateOut } from './translate.js'
import { Verdict } from './verdict.js'

const L2 = ethernet.HEADER_LEN

/** Sends a packet whose TTL is settled on its way; `routeLp` or `routePod` say to whom. */
export function output(stack: Stack, lp: LpId, id: PacketId, way: number): Verdict {
  const { pool } = stack
  const ip = pool.start(id) + L2
  // Looking a source port up may ask the route again; keep what this packet's route said.
  const nextLp = stack.routeLp
  const nextPod = stack.routePod
  if (stack.connection !== Tracked.NOT) {
    if (stack.connection === Tracked.NEW) {
      const verdict = confirm(stack, lp, way)
      if (verdict !== Verdict.continue) return verdict
    }
    if (translateOut(stack, id, ip)) stack.counts[Count.MASQUERADED]++
  }
  const { fragments } = stack
  const mtu = fragments.joined === id ? Math.min(mtuOf(stack, way), fragments.longest) : mtuOf(stack, way)
  if (ipv4.totalLength(pool.view, ip) <= mtu) return send(stack, lp, id, way, nextLp, nextPod)
  for (const other of [id, ...fragment(stack, lp, id, mtu)]) {
    const verdict = send(stack, lp, other, way, nextLp, nextPod)
    if (other === id) {
      if (verdict !== Verdict.held) stack.carrier.finish(lp, id, verdict)
    } else conclude(stack, lp, other, verdict, Verdict.held)
  }
  return Verdict.held
}

function send(stack: Stack, lp: LpId, id: PacketId, way: number, nextLp: number, nextPod: number): Verdict {
  const { image, params, pool } = stack
  if (way === Way.vxlan) {
    encap(stack, lp, id, nextLp)
    return stack.carrier.transmit(lp, id, Interface.eth0)
  }
  const frame = pool.view
  const at = pool.start(id)
  if (way === Way.pod) {
    ethernet.write(frame, at, MAC_POD, image.podAddress[nextPod], MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW, ethernet.TYPE_IPV4)
    return deliverToPod(stack, lp, nextPod, id)
  }
  if (way === Way.outside) {
    ethernet.write(frame, at, MAC_OUTSIDE, params.gatewayNextHop, MAC_OUTSIDE, params.gatewayPublic, ethernet.TYPE_IPV4)
    return stack.carrier.transmit(lp, id, Interface.outside)
  }
  const next = way === Way.onLink ? ipv4.target(frame, at + L2) : params.gatewayAddress
  ethernet.write(frame, at, MAC_NODE, next, MAC_NODE, image.lpAddress[lp], ethernet.TYPE_IPV4)
  return stack.carrier.transmit(lp, id, Interface.eth0)
}

/** Sends a packet that the host itself made (LOCAL_OUT); it is no longer the caller's. */
export function hostOutput(stack: Stack, lp: LpId, id: PacketId): void {
  conclude(stack, lp, id, routeOwn(stack, lp, id), Verdict.held)
}

function routeOwn(stack: Stack, lp: LpId, id: PacketId): Verdict {
  const { pool } = stack
  const ip = pool.start(id) + L2
  if (tracks(stack, lp)) {
    track(stack, lp, id, ip)
    if (stack.params.services) {
      const verdict = serve(stack, lp, ip, false)
      if (verdict !== Verdict.continue) return verdict
      translateIn(stack, id, ip)
    }
  } else stack.connection = Tracked.NOT
  const way = routeOf(stack, lp, ipv4.target(pool.view, ip))
  if (way === Way.local) return isForHostPod(stack, lp, id) ? consume(stack, lp, -1, id) : Verdict.delivered
  if (way === Way.blackhole) return Verdict.routeBlackhole
  if (way >= Way.none) return Verdict.noRoute
  return output(stack, lp, id, way)
}

/** Nodes speak VXLAN; the appliance and endpoints do not. */
export const speaksVxlan = ({ params, image }: Stack, lp: LpId): boolean =>
  params.vxlan && image.lpKind[lp] === LpKind.node && image.lpVtep[lp] !== 0
