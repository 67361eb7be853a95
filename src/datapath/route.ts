// Where a host sends a packet: its addresses, its pods, and the cluster's routes (`table/fib.ts`). The answer is one of `Way`; the
// pod or logical process that goes with it is left in the stack.
import { LpKind, OwnRoute, RouteKind } from '../image/kinds.js'
import { lookup } from '../table/fib.js'
import type { LpId, Stack } from './stack.js'

/** Ways out of a host. */
export const enum Way {
  /** One of its own addresses. */
  local = 0,
  /** A pod of this node (`routePod`). */
  pod = 1,
  /** By VXLAN to another node (`routeLp`). */
  vxlan = 2,
  /** eth0, the destination itself is the next hop. */
  onLink = 3,
  /** eth0, by the VNet's router or the default gateway. */
  gateway = 4,
  /** The appliance's outside interface. */
  outside = 5,
  none = 6,
  unreachable = 7,
  blackhole = 8,
  prohibit = 9,
}

const ARGUMENT = 0x0fffffff

/** The way of a node for `target`. */
export function nodeRoute(stack: Stack, lp: LpId, target: number): number {
  const { image } = stack
  if (target === image.lpAddress[lp] || target >>> 24 === 127) return Way.local
  const value = lookup(image.fib, target)
  const kind = value >>> 28
  if (kind === RouteKind.podBlock) {
    const owner = value & ARGUMENT
    if (owner !== lp) {
      stack.routeLp = owner
      // A node that has no block yet has no tunnel either.
      return stack.params.vxlan && image.lpVtep[lp] !== 0 ? Way.vxlan : Way.gateway
    }
    if (target === image.lpVtep[lp] && stack.params.vxlan) return Way.local
    const pod = image.podAt[image.lpPodRow[lp] + ((target - image.lpBlockBase[lp]) | 0)]
    if (pod >= 0) {
      stack.routePod = pod
      return Way.pod
    }
    return ownBlockWay(image.lpOwnRoute[lp])
  }
  if (kind === RouteKind.onLink) return Way.onLink
  if (kind === RouteKind.podAddress) return podAddressWay(stack, lp, value & ARGUMENT)
  return kind === RouteKind.gateway ? Way.gateway : Way.none
}

/** A node has a /32 for each of its pods; the VNet leads to all others, and to addresses that no pod has. */
function podAddressWay(stack: Stack, lp: LpId, row: number): number {
  const { image, params } = stack
  const pod = image.podAt[row]
  if (pod >= 0) {
    if (image.podLp[pod] === lp) {
      stack.routePod = pod
      return Way.pod
    }
    stack.routeLp = image.podLp[pod]
  }
  return params.flat?.onLink ? Way.onLink : Way.gateway
}

/** The pod that has `target`, by what the route table says of it; -1 without one. */
export function podBehind({ image }: Stack, value: number, target: number): number {
  const kind = value >>> 28
  const argument = value & ARGUMENT
  if (kind === RouteKind.podBlock) return image.podAt[image.lpPodRow[argument] + ((target - image.lpBlockBase[argument]) | 0)]
  return kind === RouteKind.podAddress ? image.podAt[argument] : -1
}

// A node routes each of its pods by a /32. Addresses of its block that no pod has follow the default route, unless a refusing route
// for the whole block stands behind the pods' (Linux as observed, case unknown-destination).
function ownBlockWay(route: number): number {
  if (route === OwnRoute.unreachable) return Way.unreachable
  if (route === OwnRoute.blackhole) return Way.blackhole
  return route === OwnRoute.prohibit ? Way.prohibit : Way.gateway
}

/** The appliance knows the VNet by its inside interface and everything else by the outside. */
function applianceRoute(stack: Stack, lp: LpId, target: number): number {
  if (target === stack.image.lpAddress[lp] || target === stack.params.gatewayPublic || target >>> 24 === 127) return Way.local
  for (const [base, mask] of stack.params.vnetRanges) if (((target ^ base) & mask) === 0) return Way.onLink
  return Way.outside
}

export const routeOf = (stack: Stack, lp: LpId, target: number): number =>
  stack.image.lpKind[lp] === LpKind.node ? nodeRoute(stack, lp, target) : applianceRoute(stack, lp, target)

/** MTU of a way, bytes of IP. Veths have the MTU of the node's eth0. */
export const mtuOf = (stack: Stack, way: number): number => (way === Way.vxlan ? stack.params.overlayMtu : stack.params.mtu)

/** Address that a host shows in packets of its own on a way: its VTEP's through VXLAN, else its interface's (inet_select_addr). */
export function ownAddress(stack: Stack, lp: LpId, way: number): number {
  const { image, params } = stack
  if (way === Way.vxlan) return image.lpVtep[lp]
  return way === Way.outside ? params.gatewayPublic : image.lpAddress[lp]
}
