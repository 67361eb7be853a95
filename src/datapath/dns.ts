// The DNS of a cluster whose scenario has no DNS pods: the client's own node answers at that address, as a node-local cache would, so that
// questions to it neither leave the cluster nor end for want of an endpoint.
import { LpKind } from '../image/kinds.js'
import { listenerOf, serviceAt } from '../table/service.js'
import * as ipv4 from '../wire/ipv4.js'
import { confirm } from './masquerade.js'
import { consume } from './pod.js'
import { Way } from './route.js'
import type { LpId, PacketId, Stack } from './stack.js'
import { Verdict } from './verdict.js'

const HOST = -1

/** Whether the packet at `ip` asks the DNS of a cluster without DNS pods, which the client's own node answers. */
export function isForStandIn(stack: Stack, lp: LpId, ip: number): boolean {
  const { image, params, pool } = stack
  const frame = pool.view
  if (ipv4.target(frame, ip) !== params.dnsStandIn || image.lpKind[lp] !== LpKind.node || ipv4.fragmentOffset(frame, ip) !== 0) return false
  const listener = listenerOf(ipv4.protocol(frame, ip), frame.getUint16(ip + ipv4.headerLength(frame, ip) + 2))
  return serviceAt(image.serviceAddress, image.serviceListener, image.serviceSlot, params.dnsStandIn, listener) >= 0
}

/** The node takes the packet for the DNS: its connection is entered, and whoever asked may be answered from that address. */
export function standIn(stack: Stack, lp: LpId, id: PacketId): Verdict {
  const verdict = confirm(stack, lp, Way.local)
  return verdict === Verdict.continue ? consume(stack, lp, HOST, id) : verdict
}
