// A host's way in: from the wire or from a pod, up to the decision "mine or another's". Nodes and the appliance are both Linux
// routers and share it. Reads top down like the kernel: Ethernet, ARP or IP, connection tracking, destination translated, route.
import { PacketFlag } from '../shm/packet-pool.js'
import { MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW, MAC_NODE, MAC_OUTSIDE, MAC_VTEP } from '../wire/address.js'
import * as ethernet from '../wire/ethernet.js'
import * as icmp from '../wire/icmp.js'
import * as ipv4 from '../wire/ipv4.js'
import * as vxlan from '../wire/vxlan.js'
import { arpFromPod, arpFromWire } from './arp.js'
import { datagramLength, isDatagramRight, join, mustRecut } from './defragment.js'
import { isForStandIn, standIn } from './dns.js'
import { forward } from './forward.js'
import { icmpError } from './icmp-error.js'
import { localInput } from './local.js'
import { confirm, tracks } from './masquerade.js'
import { speaksVxlan } from './output.js'
import { isDenial } from './policy.js'
import { isMartian, receiveIp } from './receive.js'
import { mtuOf, routeOf, Way } from './route.js'
import { serve } from './service.js'
import { conclude, type LpId, type PacketId, type Stack, Tracked } from './stack.js'
import { track } from './track.js'
import { translateIn, translateOut } from './translate.js'
import { Verdict } from './verdict.js'

const L2 = ethernet.HEADER_LEN
const VLAN_ID = 0x0fff

/** A frame that a pod sent arrives at the host's end of its veth. */
export function fromPod(stack: Stack, lp: LpId, pod: number, id: PacketId): Verdict {
  const { pool } = stack
  stack.veth = pod
  if (pool.flags(id) & PacketFlag.IP_GOOD) return ipInput(stack, lp, id)
  if (!pool.pull(id, L2)) return Verdict.ethernetTooShort
  if (ethernet.etherType(pool.view, pool.start(id)) === ethernet.TYPE_ARP) return arpFromPod(stack, lp, pod, id)
  return fromDevice(stack, lp, id, MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW)
}

/** A frame from the wire: a node's eth0, the appliance's inside or outside. */
export function fromWire(stack: Stack, lp: LpId, id: PacketId): Verdict {
  const { image, pool } = stack
  stack.veth = -1
  if (!pool.pull(id, L2)) return Verdict.ethernetTooShort
  const at = pool.start(id)
  if (ethernet.etherType(pool.view, at) === ethernet.TYPE_ARP) return arpFromWire(stack, lp, id)
  const outside = ethernet.destinationHigh(pool.view, at) === MAC_OUTSIDE
  return fromDevice(stack, lp, id, outside ? MAC_OUTSIDE : MAC_NODE, outside ? stack.params.gatewayPublic : image.lpAddress[lp])
}

/** What came out of the VXLAN device. */
function fromVxlan(stack: Stack, lp: LpId, id: PacketId): Verdict {
  stack.veth = -1
  return fromDevice(stack, lp, id, MAC_VTEP, stack.image.lpVtep[lp])
}

/** Checks of the Ethernet header against the receiving device's MAC address, then IP. */
function fromDevice(stack: Stack, lp: LpId, id: PacketId, macHigh: number, macLow: number): Verdict {
  const { pool } = stack
  const frame = pool.view
  const at = pool.start(id)
  const type = ethernet.etherType(frame, at)
  if (type !== ethernet.TYPE_IPV4) return foreignType(stack, id, type)
  if (ethernet.destinationLow(frame, at) !== macLow || ethernet.destinationHigh(frame, at) !== macHigh) {
    if (!ethernet.isGroup(frame, at)) return Verdict.otherHost
    pool.setFlags(id, PacketFlag.TO_ALL, 0)
  }
  const verdict = receiveIp(stack, id)
  return verdict === Verdict.continue ? ipInput(stack, lp, id) : verdict
}

/** A VLAN that no interface here carries counts as another host's, as in the kernel. */
function foreignType(stack: Stack, id: PacketId, type: number): Verdict {
  const { pool } = stack
  const isVlan = type === ethernet.TYPE_VLAN && pool.pull(id, L2 + 2)
  return isVlan && (pool.view.getUint16(pool.start(id) + L2) & VLAN_ID) !== 0 ? Verdict.otherHost : Verdict.unhandledProtocol
}

/** A whole IPv4 packet: connection, destination, and on its way. */
function ipInput(stack: Stack, lp: LpId, id: PacketId): Verdict {
  const { pool } = stack
  const ip = pool.start(id) + L2
  const tracking = tracks(stack, lp)
  if (ipv4.isFragment(pool.view, ip)) {
    if (tracking || routeOf(stack, lp, ipv4.target(pool.view, ip)) === Way.local) return collect(stack, lp, id, tracking)
  }
  stack.connection = Tracked.NOT
  if (tracking && !isUnderlay(stack, lp, ip)) {
    track(stack, lp, id, ip)
    if (stack.params.services) {
      const verdict = served(stack, lp, id, ip)
      if (verdict !== Verdict.continue) return verdict
    }
    translateIn(stack, id, ip)
  }
  return routed(stack, lp, id)
}

/** kube-proxy's turn, and its REJECT where nobody stands behind the Service. */
function served(stack: Stack, lp: LpId, id: PacketId, ip: number): Verdict {
  const verdict = serve(stack, lp, ip, stack.veth >= 0)
  if (verdict === Verdict.serviceNoEndpoints) icmpError(stack, lp, id, icmp.UNREACHABLE, icmp.CODE_PORT_UNREACHABLE, 0, false)
  return verdict
}

/** VXLAN addressed to this host is not tracked here (the kernel does, for nothing: one UNREPLIED entry per outer source port). */
function isUnderlay(stack: Stack, lp: LpId, ip: number): boolean {
  const frame = stack.pool.view
  return (
    ipv4.protocol(frame, ip) === ipv4.PROTOCOL_UDP &&
    ipv4.target(frame, ip) === stack.image.lpAddress[lp] &&
    frame.getUint16(ip + ipv4.headerLength(frame, ip) + 2) === vxlan.PORT &&
    speaksVxlan(stack, lp)
  )
}

function routed(stack: Stack, lp: LpId, id: PacketId): Verdict {
  const { pool } = stack
  const ip = pool.start(id) + L2
  if (stack.params.dnsStandIn !== 0 && isForStandIn(stack, lp, ip)) return standIn(stack, lp, id)
  const way = routeOf(stack, lp, ipv4.target(pool.view, ip))
  if ((pool.flags(id) & PacketFlag.IP_GOOD) === 0 && isMartian(stack, lp, ipv4.source(pool.view, ip))) return Verdict.martianSource
  if (way !== Way.local) return forward(stack, lp, id, way)
  if (stack.connection === Tracked.NEW) {
    const verdict = confirm(stack, lp, way)
    if (verdict !== Verdict.continue) return verdict
  }
  translateOut(stack, id, ip)
  const verdict = localInput(stack, lp, id)
  if (verdict !== Verdict.continue) return verdict
  // What was inside the tunnel never was in fragments.
  stack.fragments.joined = -1
  return fromVxlan(stack, lp, id)
}

/** Holds a fragment until its datagram is whole; then all of them go on, joined if they are for this host or cannot pass as they are. */
function collect(stack: Stack, lp: LpId, id: PacketId, tracking: boolean): Verdict {
  const { pool } = stack
  const collected = stack.fragments.collect(pool, lp, id, stack.clock[0])
  if (collected.state === 'invalid') return Verdict.fragmentInvalid
  if (collected.state === 'held') {
    stack.carrier.fragmentsDue(lp)
    return Verdict.held
  }
  const [first, ...others] = collected.packets
  const ip = pool.start(first) + L2
  const way = routeOf(stack, lp, ipv4.target(pool.view, ip))
  if (way === Way.local || mustRecut(pool, collected.packets, mtuOf(stack, way), way === Way.vxlan)) {
    join(stack.fragments, pool, collected.packets)
    pool.setFlags(first, 0, PacketFlag.L4_GOOD | PacketFlag.OUTER_GOOD)
    for (const other of others) stack.carrier.finish(lp, other, Verdict.delivered)
    conclude(stack, lp, first, ipInput(stack, lp, first), Verdict.held)
    stack.fragments.joined = -1
    return Verdict.held
  }
  stack.connection = Tracked.NOT
  if (tracking && isDatagramRight(pool, collected.packets)) track(stack, lp, first, ip, datagramLength(pool, collected.packets))
  let denied: Verdict = stack.params.services ? served(stack, lp, first, ip) : Verdict.continue
  for (const packet of collected.packets) {
    // The first fragment's way out confirms a new connection; the others then belong to it. So they do where policies end it.
    const { connection } = stack
    translateIn(stack, packet, pool.start(packet) + L2)
    const verdict = denied === Verdict.continue ? routed(stack, lp, packet) : denied
    conclude(stack, lp, packet, verdict, Verdict.held)
    if (isDenial(verdict)) denied = verdict
    stack.admitted = true
    if (connection !== Tracked.NEW) stack.connection = connection
    else if (stack.connection === Tracked.NEW) stack.connection = Tracked.NOT
  }
  stack.admitted = false
  return Verdict.held
}

/** Fragments whose others never came. */
export function expireFragments(stack: Stack, lp: LpId): void {
  for (const id of stack.fragments.expired(lp, stack.clock[0])) stack.carrier.finish(lp, id, Verdict.fragmentTimeout)
}
