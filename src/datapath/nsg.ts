// Network security groups at the NICs, as the VNet applies them: it sees the outermost IPv4 header alone, under VXLAN the nodes' addresses and
// UDP 4789, without encapsulation the pods' own. A packet is asked about as it leaves a guarded NIC and as it comes to one. Groups are
// stateful: the rules are asked about the first packet of a flow, the rest of it and its answers pass for as long as it lives.
import { LpKind } from '../image/kinds.js'
import { allowsRow, decidingRow, OUTBOUND } from '../table/nsg.js'
import * as ethernet from '../wire/ethernet.js'
import * as icmp from '../wire/icmp.js'
import * as ipv4 from '../wire/ipv4.js'
import * as vxlan from '../wire/vxlan.js'
import type { LpId, PacketId, Stack } from './stack.js'

const L2 = ethernet.HEADER_LEN
/** A flow that is silent for this long is forgotten (Azure: idle timeout of four minutes). */
const FLOW_LIFE = 240e9
/** What is known of a datagram whose further fragments carry no ports. */
const FRAGMENT_LIFE = 30e9

/** Whether the group of the NIC of `lp` lets the packet in or out (`OUTBOUND`); a NIC without a group lets everything pass. */
export function groupAdmits(stack: Stack, lp: LpId, id: PacketId, direction: number): boolean {
  const { clock, image, nicFlows, pool } = stack
  const group = image.lpNsg[lp]
  if (group < 0 || !pool.pull(id, Math.min(pool.length(id), L2 + ipv4.MIN_HEADER_LEN + 8))) return true
  const frame = pool.view
  const ip = pool.start(id) + L2
  const readable = pool.length(id) >= L2 + ipv4.MIN_HEADER_LEN && ethernet.etherType(frame, pool.start(id)) === ethernet.TYPE_IPV4
  // ARP is the fabric's own business, and what is no packet will not get far.
  if (!readable || nicFlows === null) return true
  const protocol = ipv4.protocol(frame, ip)
  const source = ipv4.source(frame, ip)
  const target = ipv4.target(frame, ip)
  const ports = portsOf(frame, ip, pool.start(id) + pool.head(id))
  const known = nicFlows.find(lp, protocol, source, target, ports, clock)
  if (known >= 0) {
    nicFlows.refresh(known >> 2, clock, FLOW_LIFE)
    return true
  }
  // Rules name no ports of ICMP; its tuple's numbers are an identifier.
  const named = protocol === ipv4.PROTOCOL_ICMP ? 0 : ports
  if (!allowsRow(image, decidingRow(image, group, direction, protocol, source, target, named))) return false
  if (!isTunnel(stack, protocol, ports)) remember(stack, lp, protocol, source, target, ports, FLOW_LIFE)
  if (ipv4.isFragment(frame, ip) && ports !== 0) remember(stack, lp, protocol, source, target, 0, FRAGMENT_LIFE)
  return true
}

/**
 * Nothing answers a tunnel's datagram on its own ports (each direction hashes its own), so it leaves no state: the rules are asked each time,
 * and what the express path has learnt of a flow holds.
 */
const isTunnel = ({ params }: Stack, protocol: number, ports: number): boolean =>
  params.vxlan && protocol === ipv4.PROTOCOL_UDP && (ports & 0xffff) === vxlan.PORT

function remember(stack: Stack, lp: LpId, protocol: number, source: number, target: number, ports: number, lifeNs: number): void {
  const { clock, nicFlows } = stack
  if (nicFlows === null || nicFlows.find(lp, protocol, source, target, ports, clock) >= 0) return
  const record = nicFlows.add(lp, protocol, source, target, ports, target, source, nicFlows.replyPortsOf(protocol, ports), clock)
  nicFlows.arm(record, clock, lifeNs)
}

/** Ports as source << 16 | target; of an echo its identifier and type as in connection tracking; 0 where there are none to read. */
function portsOf(frame: DataView, ip: number, end: number): number {
  const l4 = ip + ipv4.headerLength(frame, ip)
  if (ipv4.fragmentOffset(frame, ip) !== 0 || l4 + 8 > end) return 0
  const protocol = ipv4.protocol(frame, ip)
  if (protocol === ipv4.PROTOCOL_ICMP) return (icmp.identifier(frame, l4) << 16) | (icmp.type(frame, l4) << 8) | icmp.code(frame, l4)
  const hasPorts = protocol === ipv4.PROTOCOL_TCP || protocol === ipv4.PROTOCOL_UDP || protocol === ipv4.PROTOCOL_SCTP
  return hasPorts ? frame.getInt32(l4) : 0
}

/** Whether the rules let the tunnel's datagrams of a flow leave the NIC of a node: what the express path asks once. */
export function tunnelLeaves(stack: Stack, lp: LpId, remote: number, sourcePort: number): boolean {
  const { image } = stack
  const group = image.lpNsg[lp]
  if (group < 0 || image.lpKind[lp] !== LpKind.node) return true
  const ports = (sourcePort << 16) | vxlan.PORT
  return allowsRow(image, decidingRow(image, group, OUTBOUND, ipv4.PROTOCOL_UDP, image.lpAddress[lp], image.lpAddress[remote], ports))
}
