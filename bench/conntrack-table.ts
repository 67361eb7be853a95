// A connection table as benchmarks and tests fill it: connection `i` has a tuple of its own that costs nothing to know, some hosts share the
// table, and TCP connections go through the very steps that segments take.
import type { Conntrack } from '../src/table/conntrack.js'
import { beginTcp, followTcp } from '../src/table/tcp-connection.js'
import { TcpKind } from '../src/table/tcp-state.js'
import { ACK, FIN, SYN } from '../src/wire/tcp.js'

export const HOSTS = 1000
export const TCP = 6
export const UDP = 17
const WINDOW = 64_240
/** Server's sequence numbers, from the client's. */
const SERVER = 0x55555555

export const clock = Float64Array.of(1e9)

const sourceOf = (i: number): number => (0x0af40000 + (i >>> 4)) | 0
/** Some services, each of many clients. */
const targetOf = (i: number): number => (0x0a000000 + (Math.imul(i, 0x9e3779b1) >>> 25)) | 0
const portOf = (i: number): number => 32768 + (i & 15)

/** The reference of connection `i`, original direction. */
export const find = (table: Conntrack, protocol: number, i: number): number =>
  table.find(i % HOSTS, protocol, sourceOf(i), targetOf(i), (portOf(i) << 16) | 443, clock)

function speak(table: Conntrack, reference: number, kind: number, flags: number, sequence: number, acknowledgment: number): void {
  const { segment } = table.tcp
  segment.kind = kind
  segment.flags = flags
  segment.sequence = sequence
  segment.end = (sequence + (flags & (SYN | FIN) ? 1 : 0)) | 0
  segment.acknowledgment = acknowledgment
  segment.sack = acknowledgment
  segment.window = WINDOW
  if (reference < 0) beginTcp(table, ~reference, clock)
  else followTcp(table, reference, clock)
}

/** An ACK of the client's of connection `i`, which is established. */
export const acknowledge = (table: Conntrack, reference: number, i: number): void =>
  speak(table, reference, TcpKind.ack, ACK, i + 1, (i ^ SERVER) + 1)

/** Adds connection `i`: UDP's as its first datagram does, TCP's with the three segments of its handshake. `external` as its source, if not 0. */
export function begin(table: Conntrack, protocol: number, i: number, external = 0): void {
  const target = targetOf(i)
  const source = sourceOf(i)
  const seen = external === 0 ? source : external + (i >>> 4)
  const record = table.add(i % HOSTS, protocol, source, target, (portOf(i) << 16) | 443, target, seen, (443 << 16) | portOf(i), clock)
  if (protocol === UDP) {
    table.arm(record, clock, 1e12)
    return
  }
  speak(table, ~record, TcpKind.syn, SYN, i, 0)
  speak(table, record * 4 + 1, TcpKind.synAck, SYN | ACK, i ^ SERVER, i + 1)
  acknowledge(table, record * 4, i)
}

/** Both ends of connection `i` are done: it waits in TIME_WAIT. */
export function close(table: Conntrack, i: number): void {
  const reference = find(table, TCP, i)
  speak(table, reference, TcpKind.fin, FIN | ACK, i + 1, (i ^ SERVER) + 1)
  speak(table, reference + 1, TcpKind.fin, FIN | ACK, (i ^ SERVER) + 1, i + 2)
  speak(table, reference, TcpKind.ack, ACK, i + 2, (i ^ SERVER) + 2)
}
