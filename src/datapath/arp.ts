// ARP at a pod's veth and at a host's wire. The host's end of a veth answers by proxy, with its own MAC, for whatever the node routes
// elsewhere or owns itself, even addresses nobody has; not for the asking pod's own address, nor duplicate-address probes
// (Linux arp_process; recorded in case arp-of-pod). On the VNet a host answers for its own address.

import { Interface } from '../image/kinds.js'
import { MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW, MAC_NODE } from '../wire/address.js'
import * as arp from '../wire/arp.js'
import * as ethernet from '../wire/ethernet.js'
import { nodeRoute, Way } from './route.js'
import { conclude, type LpId, make, type PacketId, type Stack } from './stack.js'
import { Verdict } from './verdict.js'

const L2 = ethernet.HEADER_LEN

/** A pod's ARP message at the host's end of its veth. */
export function arpFromPod(stack: Stack, lp: LpId, pod: number, id: PacketId): Verdict {
  const question = questionAt(stack, id)
  if (question === 0) return Verdict.arpUnanswered
  const target = arp.targetIp(stack.pool.view, question)
  const way = nodeRoute(stack, lp, target)
  const leadsBack = way === Way.pod && stack.routePod === pod
  if (leadsBack || arp.senderIp(stack.pool.view, question) === 0) return Verdict.arpUnanswered
  const reply = makeReply(stack, lp, id, MAC_HOST_VETH_HIGH, MAC_HOST_VETH_LOW)
  if (stack.tapped[lp] !== 0) stack.carrier.tap(lp, Interface.pod, pod, reply, 1)
  stack.carrier.finish(lp, reply, Verdict.delivered)
  return Verdict.delivered
}

/** An ARP message from the wire. */
export function arpFromWire(stack: Stack, lp: LpId, id: PacketId): Verdict {
  const question = questionAt(stack, id)
  if (question === 0 || arp.targetIp(stack.pool.view, question) !== stack.image.lpAddress[lp]) return Verdict.arpUnanswered
  const reply = makeReply(stack, lp, id, MAC_NODE, stack.image.lpAddress[lp])
  conclude(stack, lp, reply, stack.carrier.transmit(lp, reply, Interface.eth0), Verdict.held)
  return Verdict.delivered
}

/** Where the request lies, or 0 if the frame holds none. */
function questionAt(stack: Stack, id: PacketId): number {
  const { pool } = stack
  if (!pool.pull(id, L2 + arp.LENGTH)) return 0
  const at = pool.start(id) + L2
  return arp.isWellFormed(pool.view, at, at + arp.LENGTH) && arp.operation(pool.view, at) === arp.REQUEST ? at : 0
}

function makeReply(stack: Stack, lp: LpId, request: PacketId, macHigh: number, macLow: number): PacketId {
  const { pool } = stack
  const reply = make(stack, lp, L2 + arp.LENGTH, 0, -1)
  const frame = pool.view
  const question = pool.start(request) + L2
  const askerHigh = arp.senderMacHigh(frame, question)
  const askerLow = arp.senderMacLow(frame, question)
  const at = pool.start(reply)
  ethernet.write(frame, at, askerHigh, askerLow, macHigh, macLow, ethernet.TYPE_ARP)
  const target = arp.targetIp(frame, question)
  arp.write(frame, at + L2, arp.REPLY, macHigh, macLow, target, askerHigh, askerLow, arp.senderIp(frame, question))
  return reply
}
