// The VNet (and the outside beyond the appliance) as a switch: which logical process a frame on the wire reaches. Unicast only, as in
// Azure: a VNet carries neither broadcast nor multicast. Its own router (the subnet's .1, where no appliance took its place) sends
// on by IP address and writes the MAC addresses anew.
import { Interface, Location, RouteKind } from '../image/kinds.js'
import { lpOf } from '../table/address-index.js'
import { lookup } from '../table/fib.js'
import { OUTBOUND } from '../table/nsg.js'
import { MAC_NODE, MAC_OUTSIDE } from '../wire/address.js'
import * as ethernet from '../wire/ethernet.js'
import * as ipv4 from '../wire/ipv4.js'
import { balanced, NOT_BALANCED } from './balancer.js'
import { groupAdmits } from './nsg.js'
import type { LpId, PacketId, Stack } from './stack.js'
import { Verdict } from './verdict.js'

/** The receiver of the frame that `lp` puts on the wire, or minus the verdict of its loss. */
export function receiverOf(stack: Stack, lp: LpId, id: PacketId, interfaceNumber: number): number {
  const { image, params, pool } = stack
  if (pool.head(id) < ethernet.HEADER_LEN && !pool.pull(id, ethernet.HEADER_LEN)) return -Verdict.ethernetTooShort
  if (params.nsg && !groupAdmits(stack, lp, id, OUTBOUND)) return -Verdict.nsgDenied
  const frame = pool.view
  const at = pool.start(id)
  if (ethernet.isGroup(frame, at)) return -Verdict.broadcastBlocked
  if (params.services) {
    const to = balanced(stack, lp, id)
    if (to !== NOT_BALANCED) return to
  }
  const high = ethernet.destinationHigh(frame, at)
  const low = ethernet.destinationLow(frame, at)
  if (interfaceNumber === Interface.outside) return outsideReceiver(stack, id)
  if (high === MAC_OUTSIDE) return low === params.gatewayPublic && params.gatewayLp >= 0 ? params.gatewayLp : -Verdict.unknownMac
  if (high !== MAC_NODE) return -Verdict.unknownMac
  const target = targetOf(stack, id)
  // Without encapsulation the VNet itself knows the pods (Azure's routing domain, kubenet's user-defined routes, addresses of its own), whatever gateway the default route names.
  if (!params.vxlan && target !== 0) {
    const value = lookup(image.fib, target)
    if (value >>> 28 === RouteKind.podBlock) return readdress(stack, id, value & 0x0fffffff)
    if (value >>> 28 === RouteKind.podAddress) {
      const pod = image.podAt[value & 0x0fffffff]
      if (pod >= 0) return readdress(stack, id, image.podLp[pod])
      // The address may be a node's at this moment, in a subnet that nodes share with their pods.
      if (hostAt(stack, lp, target) < 0) return -Verdict.noSuchHost
    }
  }
  if (low === params.gatewayAddress) {
    // Azure's own devices stand on the way to the internet alone; what lies on premises is reached by another gateway.
    if (params.snat !== null && isInternet(stack, lp, target)) return params.gatewayLp
    // The VNet's own routes to its hosts and peers are longer than a user-defined 0.0.0.0/0, so they win over an appliance at the .1.
    const host = hostAt(stack, lp, target)
    if (host >= 0 && (image.lpFar[host] === 0 || ((params.snat !== null || params.gatewayLp < 0) && !isInternet(stack, lp, target))))
      return readdress(stack, id, host)
  }
  const owner = lpOf(image.addressKey, image.addressLp, low)
  if (owner >= 0 && owner !== lp && image.lpAddress[owner] === low) return owner
  if (low !== params.gatewayAddress) return -Verdict.unknownMac
  return isVnetAddress(stack, target) ? -Verdict.noSuchHost : -Verdict.noOutbound
}

/** Neither the VNet's nor a pod's address, nor that of a host which no outbound device leads to. */
function isInternet(stack: Stack, lp: LpId, target: number): boolean {
  const { params, image } = stack
  if (target === 0 || ((target ^ params.podCidrBase) & params.podCidrMask) === 0 || isVnetAddress(stack, target)) return false
  const host = hostAt(stack, lp, target)
  return host < 0 || image.lpLocation[host] === Location.internet
}

/** Another host whose own address this is, or -1. */
function hostAt(stack: Stack, lp: LpId, target: number): number {
  const { image } = stack
  const host = target === 0 ? -1 : lpOf(image.addressKey, image.addressLp, target)
  return host >= 0 && host !== lp && image.lpAddress[host] === target && target !== stack.params.gatewayAddress ? host : -1
}

/** Beyond the appliance: the endpoint that owns the address, else the outside's router (the first internet endpoint's host). */
function outsideReceiver(stack: Stack, id: PacketId): number {
  const { image, params } = stack
  const host = lpOf(image.addressKey, image.addressLp, targetOf(stack, id))
  if (host >= 0 && host !== params.gatewayLp && image.lpFar[host] === 1) return host
  return params.internetLp >= 0 ? params.internetLp : -Verdict.noSuchHost
}

/** Destination address of an IPv4 frame, or 0. */
function targetOf(stack: Stack, id: PacketId): number {
  const { pool } = stack
  if (!pool.pull(id, ethernet.HEADER_LEN + ipv4.MIN_HEADER_LEN)) return 0
  const at = pool.start(id)
  return ethernet.etherType(pool.view, at) === ethernet.TYPE_IPV4 ? ipv4.target(pool.view, at + ethernet.HEADER_LEN) : 0
}

function readdress(stack: Stack, id: PacketId, host: number): number {
  const at = stack.pool.start(id)
  ethernet.write(stack.pool.view, at, MAC_NODE, stack.image.lpAddress[host], MAC_NODE, stack.params.gatewayAddress, ethernet.TYPE_IPV4)
  return host
}

/** Whether the address belongs to the VNet or a peered one. */
export function isVnetAddress(stack: Stack, address: number): boolean {
  for (const [base, mask] of stack.params.vnetRanges) if (((address ^ base) & mask) === 0) return true
  return false
}
