// What a load balancer or NAT gateway does with a packet: source address and port rewritten on the way out, the destination on the way back,
// on the real bytes, checksums incrementally. Both are the fabric's own translation, not routers: the TTL stays, nothing is checked
// beyond the IPv4 header, no ICMP is sent. TCP and UDP pass, fragments and other protocols do not ("Outbound rules", "What is Azure NAT
// Gateway"), ICMP errors about a translated flow among them. What comes from outside and answers nobody is dropped.
import { LpKind } from '../image/kinds.js'
import { lpOf } from '../table/address-index.js'
import { SnatFlow } from '../table/snat-flows.js'
import { IN, OUT } from '../table/snat-table.js'
import { MAC_OUTSIDE } from '../wire/address.js'
import * as ethernet from '../wire/ethernet.js'
import * as ipv4 from '../wire/ipv4.js'
import * as tcp from '../wire/tcp.js'
import * as udp from '../wire/udp.js'
import { receiveIp } from './receive.js'
import { createSnatDevice, followPool, type SnatDevice } from './snat-device.js'
import { resetSender, toInside, toOutside } from './snat-reset.js'
import { Count, type LpId, type PacketId, type Stack } from './stack.js'
import { FROM, rewrite, TO } from './translate.js'
import { Verdict } from './verdict.js'

const L2 = ethernet.HEADER_LEN

/** A frame from the wire of either side. */
export function snatInput(stack: Stack, lp: LpId, id: PacketId): Verdict {
  const { pool, params } = stack
  if (!pool.pull(id, L2)) return Verdict.ethernetTooShort
  const at = pool.start(id)
  if (ethernet.etherType(pool.view, at) !== ethernet.TYPE_IPV4) return Verdict.unhandledProtocol
  const fromOutside = ethernet.destinationHigh(pool.view, at) === MAC_OUTSIDE
  const sender = ethernet.sourceLow(pool.view, at)
  const verdict = receiveIp(stack, id)
  if (verdict !== Verdict.continue) return verdict
  const unfit = unfitness(stack, id)
  if (unfit !== Verdict.continue) return unfit
  if (stack.snat === null) stack.snat = createSnatDevice(stack, lp, params.snat!)
  followPool(stack, stack.snat)
  stack.snat.table.advance()
  const result = fromOutside ? inwards(stack, stack.snat, lp, id) : outwards(stack, stack.snat, lp, id, sender)
  schedule(stack, stack.snat, lp)
  return result
}

/** The device's timers, once a second while it has flows. */
export function snatDue(stack: Stack, lp: LpId): void {
  const device = stack.snat
  if (device === null) return
  device.isTimed = false
  followPool(stack, device)
  device.table.settle()
  schedule(stack, device, lp)
}

function schedule(stack: Stack, device: SnatDevice, lp: LpId): void {
  if (device.isTimed || device.table.flows.live === 0) return
  device.isTimed = true
  stack.carrier.snatDue(lp)
}

/** Why the device does not translate the packet, or `continue`. */
function unfitness({ pool }: Stack, id: PacketId): Verdict {
  const frame = pool.view
  const ip = pool.start(id) + L2
  if (ipv4.isFragment(frame, ip)) return Verdict.snatFragment
  const protocol = ipv4.protocol(frame, ip)
  const length = ipv4.totalLength(frame, ip) - ipv4.headerLength(frame, ip)
  if (protocol === ipv4.PROTOCOL_UDP) return length < udp.HEADER_LEN ? Verdict.udpTooShort : Verdict.continue
  if (protocol === ipv4.PROTOCOL_TCP) return length < tcp.MIN_HEADER_LEN ? Verdict.tcpInvalid : Verdict.continue
  return Verdict.snatProtocol
}

function outwards(stack: Stack, device: SnatDevice, lp: LpId, id: PacketId, sender: number): Verdict {
  const { image, pool } = stack
  const { table } = device
  const frame = pool.view
  const ip = pool.start(id) + L2
  const l4 = ip + ipv4.headerLength(frame, ip)
  const protocol = ipv4.protocol(frame, ip)
  const target = ipv4.target(frame, ip)
  // Its own public addresses have no inbound rule.
  if (lpOf(image.addressKey, image.addressLp, target) === lp) return Verdict.snatUnsolicited
  const owner = lpOf(image.addressKey, image.addressLp, sender)
  if (!serves(stack, device, owner)) return Verdict.noOutbound
  const source = ipv4.source(frame, ip)
  const ports = frame.getInt32(l4)
  let record = table.fromInside(protocol, source, target, ports)
  const flags = protocol === ipv4.PROTOCOL_TCP ? tcp.flags(frame, l4) : 0
  const begins = protocol === ipv4.PROTOCOL_UDP || (flags & (tcp.SYN | tcp.ACK | tcp.RST | tcp.FIN)) === tcp.SYN
  if (record >= 0 && begins && table.isClosed(record)) {
    table.forget(record)
    record = -1
  }
  if (record < 0) {
    if (!begins) return unknownSegment(stack, device, lp, ip, owner, flags)
    record = table.begin(owner, protocol, source, target, ports)
    if (record < 0) return Verdict.snatPortsExhausted
  }
  if (protocol === ipv4.PROTOCOL_UDP) table.followUdp(record, OUT)
  else table.followTcp(record, OUT, flags, tcp.acknowledgment(frame, l4))
  const { words } = table.flows
  const w = record * SnatFlow.WORDS
  rewrite(frame, ip, FROM, words[w + SnatFlow.EXTERNAL], words[w + SnatFlow.ANSWER_PORTS] & 0xffff)
  stack.counts[Count.MASQUERADED]++
  return toOutside(stack, lp, id)
}

/** A load balancer serves the nodes of its pool, a NAT gateway every host of the subnet it is attached to. */
function serves({ image, params }: Stack, { blocks }: SnatDevice, owner: number): boolean {
  if (owner < 0) return false
  if (blocks !== null) return blocks.has(owner)
  return image.lpKind[owner] === LpKind.node || ((image.lpAddress[owner] ^ params.nodeSubnetBase) & params.nodeSubnetMask) === 0
}

/** A segment in the middle of a connection that the device does not know, or not any more. */
function unknownSegment(stack: Stack, device: SnatDevice, lp: LpId, ip: number, owner: number, flags: number): Verdict {
  if (device.blocks === null && (flags & tcp.RST) === 0) resetSender(stack, lp, ip, owner)
  return Verdict.snatNoConnection
}

function inwards(stack: Stack, device: SnatDevice, lp: LpId, id: PacketId): Verdict {
  const { pool } = stack
  const { table } = device
  const frame = pool.view
  const ip = pool.start(id) + L2
  const l4 = ip + ipv4.headerLength(frame, ip)
  const protocol = ipv4.protocol(frame, ip)
  const record = table.fromOutside(protocol, ipv4.source(frame, ip), ipv4.target(frame, ip), frame.getInt32(l4))
  if (record < 0) return Verdict.snatUnsolicited
  if (protocol === ipv4.PROTOCOL_UDP) table.followUdp(record, IN)
  else table.followTcp(record, IN, tcp.flags(frame, l4), tcp.acknowledgment(frame, l4))
  const { words } = table.flows
  const w = record * SnatFlow.WORDS
  rewrite(frame, ip, TO, words[w + SnatFlow.SOURCE], words[w + SnatFlow.PORTS] >>> 16)
  return toInside(stack, lp, id, words[w + SnatFlow.KEY] >> 8)
}
