// The packets of a probe, as a pod's or host's own kernel would send them: a TCP SYN, an empty UDP datagram, an SCTP INIT, an ICMP echo
// request; and what a listening socket answers to a SYN.

import { type LpId, make, type PacketId, type Stack } from '../datapath/stack.js'
import { PacketFlag } from '../shm/packet-pool.js'
import { finish, halves, sum } from '../wire/checksum.js'
import * as ethernet from '../wire/ethernet.js'
import * as icmp from '../wire/icmp.js'
import * as ipv4 from '../wire/ipv4.js'
import * as tcp from '../wire/tcp.js'
import * as udp from '../wire/udp.js'
import { PROTOCOL_SCTP } from './headers.js'

export type Protocol = 'TCP' | 'UDP' | 'SCTP' | 'ICMP'

const L2 = ethernet.HEADER_LEN
const L4 = L2 + ipv4.MIN_HEADER_LEN
const TTL = 64
const WINDOW = 64_240
const SEQUENCE = 1000
/** Common header 12 bytes and an INIT chunk of 20 (RFC 9260 sections 3.1 and 3.3.2). */
const SCTP_INIT_LENGTH = 32
const SCTP_INIT = 1

const IP_PROTOCOLS: Readonly<Record<Protocol, number>> = {
  TCP: ipv4.PROTOCOL_TCP,
  UDP: ipv4.PROTOCOL_UDP,
  SCTP: PROTOCOL_SCTP,
  ICMP: ipv4.PROTOCOL_ICMP,
}

const LENGTHS: Readonly<Record<Protocol, number>> = {
  TCP: tcp.MIN_HEADER_LEN,
  UDP: udp.HEADER_LEN,
  SCTP: SCTP_INIT_LENGTH,
  ICMP: icmp.HEADER_LEN,
}

/** A probe's packet in the hands of `lp`, its Ethernet header not yet written. */
export function makeProbe(
  stack: Stack,
  lp: LpId,
  protocol: Protocol,
  from: number,
  to: number,
  fromPort: number,
  toPort: number,
): PacketId {
  const id = makePacket(stack, lp, protocol, from, to)
  const { view } = stack.pool
  const at = stack.pool.start(id) + L4
  if (protocol === 'TCP') tcp.write(view, at, fromPort, toPort, SEQUENCE, 0, tcp.SYN, WINDOW)
  else if (protocol === 'UDP') udp.write(view, at, fromPort, toPort, udp.HEADER_LEN, 0)
  else if (protocol === 'SCTP') writeInit(view, at, fromPort, toPort)
  else icmp.write(view, at, icmp.ECHO_REQUEST, 0, (fromPort << 16) | 1)
  sumUp(view, at, protocol)
  return id
}

/** The SYN-ACK of a listener at `lp` for the SYN that reached it. */
export function makeSynAck(stack: Stack, lp: LpId, syn: PacketId): PacketId {
  const { pool } = stack
  const asked = pool.start(syn) + L4
  const from = ipv4.target(pool.view, asked - ipv4.MIN_HEADER_LEN)
  const to = ipv4.source(pool.view, asked - ipv4.MIN_HEADER_LEN)
  const ports = pool.view.getInt32(asked)
  const acknowledged = (tcp.sequence(pool.view, asked) + 1) | 0
  const id = makePacket(stack, lp, 'TCP', from, to)
  const at = pool.start(id) + L4
  tcp.write(pool.view, at, ports & 0xffff, ports >>> 16, SEQUENCE, acknowledged, tcp.SYN | tcp.ACK, WINDOW)
  sumUp(pool.view, at, 'TCP')
  return id
}

/** Whether the frame is a TCP SYN, which a listener would answer. */
export function isSyn(stack: Stack, id: PacketId): boolean {
  const { pool } = stack
  const at = pool.start(id)
  if (pool.head(id) < L4 + tcp.MIN_HEADER_LEN || ipv4.protocol(pool.view, at + L2) !== ipv4.PROTOCOL_TCP) return false
  return (tcp.flags(pool.view, at + L4) & (tcp.SYN | tcp.ACK)) === tcp.SYN
}

function makePacket(stack: Stack, lp: LpId, protocol: Protocol, from: number, to: number): PacketId {
  const length = LENGTHS[protocol]
  const id = make(stack, lp, L4 + length, 0, -1)
  const { pool } = stack
  const ip = pool.start(id) + L2
  ipv4.write(pool.view, ip, 0, ipv4.MIN_HEADER_LEN + length, 0, ipv4.DONT_FRAGMENT, TTL, IP_PROTOCOLS[protocol], from, to)
  pool.setFlags(id, PacketFlag.IP_GOOD | PacketFlag.L4_GOOD, 0)
  return id
}

function writeInit(frame: DataView, at: number, fromPort: number, toPort: number): void {
  const words = [(fromPort << 16) | toPort, 0, 0, (SCTP_INIT << 24) | 20, SEQUENCE, 65_535, (10 << 16) | 10, SEQUENCE]
  words.forEach((word, i) => {
    frame.setInt32(at + i * 4, word)
  })
}

/** Writes the transport checksum. SCTP's CRC is left 0: it is offloaded to the NIC, as Linux does, and nothing here reads it. */
function sumUp(frame: DataView, at: number, protocol: Protocol): void {
  const length = LENGTHS[protocol]
  const ip = at - ipv4.MIN_HEADER_LEN
  const pseudo = halves(ipv4.source(frame, ip)) + halves(ipv4.target(frame, ip)) + IP_PROTOCOLS[protocol] + length
  if (protocol === 'TCP') tcp.setCheck(frame, at, finish(sum(frame, at, length, pseudo)))
  else if (protocol === 'UDP') udp.setCheck(frame, at, finish(sum(frame, at, length, pseudo)) || 0xffff)
  else if (protocol === 'ICMP') icmp.setCheck(frame, at, finish(sum(frame, at, length)))
}
