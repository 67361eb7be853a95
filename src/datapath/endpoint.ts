// Hosts outside the cluster: one address, one interface, no routing. They answer echo requests and, where a traffic entry asks for it,
// datagrams; everything else that is addressed to them is simply received.

import { Interface, Location } from '../image/kinds.js'
import { PacketFlag } from '../shm/packet-pool.js'
import { MAC_NODE, MAC_OUTSIDE } from '../wire/address.js'
import * as ethernet from '../wire/ethernet.js'
import * as ipv4 from '../wire/ipv4.js'
import { arpFromWire } from './arp.js'
import { consume } from './pod.js'
import { receiveIp } from './receive.js'
import type { LpId, PacketId, Stack } from './stack.js'
import { Verdict } from './verdict.js'

const L2 = ethernet.HEADER_LEN

/** A frame from the wire. */
export function endpointInput(stack: Stack, lp: LpId, id: PacketId): Verdict {
  const { image, pool } = stack
  if (!pool.pull(id, L2)) return Verdict.ethernetTooShort
  const type = ethernet.etherType(pool.view, pool.start(id))
  if (type === ethernet.TYPE_ARP) return arpFromWire(stack, lp, id)
  if (type !== ethernet.TYPE_IPV4) return Verdict.unhandledProtocol
  const verdict = receiveIp(stack, id)
  if (verdict !== Verdict.continue) return verdict
  // The outside's router hands its first host whatever no endpoint owns.
  if (ipv4.target(pool.view, pool.start(id) + L2) !== image.lpAddress[lp]) {
    return image.lpLocation[lp] === Location.internet ? Verdict.noSuchHost : Verdict.notAddressed
  }
  return consume(stack, lp, -1, id)
}

/** Sends an IPv4 packet of its own: to the appliance from outside, on the VNet to a neighbour or the router. */
export function endpointOutput(stack: Stack, lp: LpId, id: PacketId): Verdict {
  const { image, params, pool } = stack
  const at = pool.start(id)
  const address = image.lpAddress[lp]
  if (image.lpLocation[lp] === Location.internet) {
    ethernet.write(pool.view, at, MAC_OUTSIDE, params.gatewayPublic, MAC_OUTSIDE, params.gatewayNextHop, ethernet.TYPE_IPV4)
  } else {
    const target = ipv4.target(pool.view, at + L2)
    const near =
      ((target ^ params.nodeSubnetBase) & params.nodeSubnetMask) === 0 && ((address ^ params.nodeSubnetBase) & params.nodeSubnetMask) === 0
    ethernet.write(pool.view, at, MAC_NODE, near ? target : params.gatewayAddress, MAC_NODE, address, ethernet.TYPE_IPV4)
  }
  pool.setFlags(id, PacketFlag.IP_GOOD, 0)
  return stack.carrier.transmit(lp, id, Interface.eth0)
}
