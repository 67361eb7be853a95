// The load balancer in front of Services of type LoadBalancer, as part of the fabric: it hands a packet for a frontend to a healthy node and
// leaves its addresses alone (floating IP); answers go straight back to the client. Nodes are healthy while they have an endpoint
// (externalTrafficPolicy Local, by the health check node port) or all of them (Cluster); which one gets a connection is a hash of its
// five-tuple, as in Azure's default distribution mode.
import { mix32 } from '../base/random.js'
import { LpKind, ServiceKind } from '../image/kinds.js'
import { lpOf } from '../table/address-index.js'
import { listenerOf, serviceAt } from '../table/service.js'
import { MAC_NODE } from '../wire/address.js'
import * as ethernet from '../wire/ethernet.js'
import * as ipv4 from '../wire/ipv4.js'
import type { LpId, PacketId, Stack } from './stack.js'
import { Verdict } from './verdict.js'

const L2 = ethernet.HEADER_LEN
const PORTS_LEN = 4
/** The packet has nothing to do with a frontend. */
export const NOT_BALANCED = -1000

/** The receiver of a frame to or from a frontend, minus the verdict of its loss, or {@link NOT_BALANCED}. */
export function balanced(stack: Stack, lp: LpId, id: PacketId): number {
  const { image, pool, params } = stack
  if (!pool.pull(id, L2 + ipv4.MIN_HEADER_LEN + PORTS_LEN)) return NOT_BALANCED
  const frame = pool.view
  const at = pool.start(id)
  const ip = at + L2
  if (ethernet.etherType(frame, at) !== ethernet.TYPE_IPV4 || ipv4.fragmentOffset(frame, ip) !== 0) return NOT_BALANCED
  const l4 = ip + ipv4.headerLength(frame, ip)
  if (l4 + PORTS_LEN > at + pool.head(id)) return NOT_BALANCED
  const protocol = ipv4.protocol(frame, ip)
  if (image.lpKind[lp] !== LpKind.node) {
    const row = frontendAt(stack, ipv4.target(frame, ip), protocol, frame.getUint16(l4 + 2))
    if (row < 0) return NOT_BALANCED
    const node = nodeFor(stack, row, mix32(ipv4.source(frame, ip) ^ mix32(ipv4.target(frame, ip) ^ mix32(frame.getInt32(l4) ^ protocol))))
    return node < 0 ? -Verdict.noHealthyNode : send(stack, at, node)
  }
  if (frontendAt(stack, ipv4.source(frame, ip), protocol, frame.getUint16(l4)) < 0) return NOT_BALANCED
  const client = lpOf(image.addressKey, image.addressLp, ipv4.target(frame, ip))
  if (client >= 0) return send(stack, at, client)
  return params.internetLp >= 0 ? send(stack, at, params.internetLp) : -Verdict.noSuchHost
}

function frontendAt({ image }: Stack, address: number, protocol: number, port: number): number {
  const row = serviceAt(image.serviceAddress, image.serviceListener, image.serviceSlot, address, listenerOf(protocol, port))
  return row >= 0 && image.serviceKind[row] === ServiceKind.frontend ? row : -1
}

function nodeFor(stack: Stack, row: number, hash: number): number {
  const { image, params } = stack
  const count = image.balancerCount[row]
  const first = image.balancerFirst[row]
  if (params.changes) return nodeAmong(stack, row, first, first + count, hash)
  return count === 0 ? -1 : image.balancerLp[first + ((hash >>> 0) % count)]
}

/**
 * Where nodes and endpoints come and go: the healthy node with the highest weight for this connection (rendezvous hashing, Thaler and
 * Ravishankar 1998), so that a node that goes or comes moves no more than its own share. (Azure's keeps established flows even then.)
 */
function nodeAmong(stack: Stack, row: number, from: number, to: number, hash: number): number {
  const { image, clock } = stack
  let best = -1
  let most = -1
  for (let i = from; i < to; i++) {
    const lp = image.balancerLp[i]
    const weight = mix32(hash ^ mix32(lp + 1)) >>> 0
    if (weight <= most || image.balancerJoinNs[i] > clock[0] || image.balancerLeaveNs[i] <= clock[0]) continue
    if (image.serviceLocal[row] === 1 && !hasEndpoint(stack, row, lp)) continue
    best = lp
    most = weight
  }
  return best
}

function hasEndpoint({ image, clock }: Stack, row: number, lp: number): boolean {
  const first = image.serviceFirst[row]
  for (let i = first; i < first + image.serviceCount[row]; i++) {
    const pod = image.endpointPod[i]
    if (image.endpointLp[i] === lp && image.podStartNs[pod] <= clock[0] && clock[0] < image.podStopNs[pod]) return true
  }
  return false
}

function send({ image, pool, params }: Stack, at: number, to: number): number {
  ethernet.write(pool.view, at, MAC_NODE, image.lpAddress[to], MAC_NODE, params.gatewayAddress, ethernet.TYPE_IPV4)
  return to
}
