// A TCP port held by a connection that is over may be taken from it: nf_nat_used_tuple_harder of the kernel (since 6.6). Only a SYN may
// take, only in the last tries of a round of the search, and only what waits in TIME_WAIT or CLOSE behind a translated source. Its
// sequence number must be higher, so that what is still under way for the old connection is no window of the new one.
import { type Conntrack, Direction } from './conntrack.js'
import { HARDER_TRIES } from './nat-ports.js'
import { Status } from './pulse.js'
import { originalEnd } from './tcp-open.js'
import { TcpKind, TcpState } from './tcp-state.js'
import { isBefore } from './tcp-window.js'

/** Ends the connection `reference`, found under the tuple that the segment in hand wants, if it may be taken over; whether it was. */
export function takePort(conntrack: Conntrack, reference: number, triesLeft: number): boolean {
  const { segment } = conntrack.tcp
  const record = reference >> 2
  if (triesLeft > HARDER_TRIES || segment.kind !== TcpKind.syn || (reference & 3) !== Direction.REPLY) return false
  if (conntrack.protocolState(record) < TcpState.timeWait || (conntrack.state(record) & Status.SOURCE_NAT) === 0) return false
  if (!isBefore(originalEnd(conntrack, record), segment.end)) return false
  conntrack.remove(record)
  return true
}
