// ip_forward: what a router does with a packet that is not for itself. The order of the checks is the kernel's, since it decides which
// error a sender sees.
import { PacketFlag } from '../shm/packet-pool.js'
import * as ethernet from '../wire/ethernet.js'
import * as icmp from '../wire/icmp.js'
import * as ipv4 from '../wire/ipv4.js'
import { icmpError } from './icmp-error.js'
import { output } from './output.js'
import { police } from './policy.js'
import { mtuOf, Way } from './route.js'
import type { LpId, PacketId, Stack } from './stack.js'
import { Verdict } from './verdict.js'

/** Sends the packet one hop on. */
export function forward(stack: Stack, lp: LpId, id: PacketId, way: number): Verdict {
  const { pool } = stack
  const ip = pool.start(id) + ethernet.HEADER_LEN
  if (way >= Way.none) return refuse(stack, lp, id, way)
  if (pool.flags(id) & PacketFlag.TO_ALL) return Verdict.notForHost
  const frame = pool.view
  if (ipv4.ttl(frame, ip) <= 1) {
    icmpError(stack, lp, id, icmp.TIME_EXCEEDED, 0, 0, false)
    return Verdict.ttlExceeded
  }
  const mtu = mtuOf(stack, way)
  if (ipv4.totalLength(frame, ip) > mtu && (ipv4.flags(frame, ip) & ipv4.DONT_FRAGMENT) !== 0) {
    icmpError(stack, lp, id, icmp.UNREACHABLE, icmp.CODE_FRAGMENTATION_NEEDED, mtu, false)
    return Verdict.fragmentationNeeded
  }
  if (stack.params.policies) {
    const verdict = police(stack, lp, id, way)
    if (verdict !== Verdict.continue) return verdict
  }
  ipv4.decrementTtl(frame, ip)
  return output(stack, lp, id, way)
}

/** Routes that refuse (ip_error). */
function refuse(stack: Stack, lp: LpId, id: PacketId, way: number): Verdict {
  if (way === Way.blackhole) return Verdict.routeBlackhole
  if (way === Way.prohibit) {
    icmpError(stack, lp, id, icmp.UNREACHABLE, icmp.CODE_PROHIBITED, 0, false)
    return Verdict.routeProhibit
  }
  const code = way === Way.unreachable ? icmp.CODE_HOST_UNREACHABLE : icmp.CODE_NET_UNREACHABLE
  icmpError(stack, lp, id, icmp.UNREACHABLE, code, 0, false)
  return way === Way.unreachable ? Verdict.routeUnreachable : Verdict.noRoute
}
