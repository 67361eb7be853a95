// The TCP states of connection tracking and how segments move them: the table of the kernel's nf_conntrack_proto_tcp.c, by
// direction, kind of segment and state. `ignored` segments pass and change nothing; `invalid` ones pass untracked, untranslated.
import { ACK, FIN, RST, SYN, URG } from '../wire/tcp.js'

export const enum TcpState {
  none = 0,
  synSent = 1,
  synReceived = 2,
  established = 3,
  finWait = 4,
  closeWait = 5,
  lastAck = 6,
  timeWait = 7,
  close = 8,
  synSent2 = 9,
  ignored = 10,
  invalid = 11,
}

const SECOND = 1e9
/** Lifetimes in ns by state (net.netfilter.nf_conntrack_tcp_timeout_*). */
export const TCP_LIFE = Float64Array.of(0, 120, 60, 432000, 120, 60, 30, 120, 10, 120).map(s => s * SECOND)
/** The most that is left to a connection with data unacknowledged, a closed window, or the same segment over and over. */
export const TCP_LIFE_STALLED = 300 * SECOND

/** What a segment is to the table: its flags in the order in which they count. */
export const enum TcpKind {
  syn = 0,
  synAck = 1,
  fin = 2,
  ack = 3,
  rst = 4,
  none = 5,
}

// Columns are the states none .. synSent2, in the letters of STATES.
const STATES = '-SREFCLTX2iv'
const ROWS = [
  // original: SYN, SYN-ACK, FIN, ACK, RST, none
  ['SSiiiiiSS2', 'vvRvvvvvvR', 'vvFFLLLTXv', 'EvEECCTTXv', 'vXXXXXXXXX', 'vvvvvvvvvv'],
  // reply
  ['v2vvvvvSv2', 'vRiiiiiiiR', 'vvFFLLLTXv', 'viRECCTTXi', 'vXXXXXXXXX', 'vvvvvvvvvv'],
]
const TRANSITIONS = Uint8Array.from(ROWS.flat().flatMap(row => [...row].map(letter => STATES.indexOf(letter))))

export const tcpKindOf = (flags: number): number => {
  if (flags & RST) return TcpKind.rst
  if (flags & SYN) return flags & ACK ? TcpKind.synAck : TcpKind.syn
  if (flags & FIN) return TcpKind.fin
  return flags & ACK ? TcpKind.ack : TcpKind.none
}

/** The state after a segment with these flags in this direction (0 original, 1 reply). */
export const nextTcpState = (direction: number, flags: number, state: number): number =>
  TRANSITIONS[(direction * 6 + tcpKindOf(flags)) * 10 + state]

/** Flag combinations that nf_conntrack takes for valid (tcp_valid_flags); PSH and the ECN bits do not matter. */
export function hasValidFlags(flags: number): boolean {
  switch (flags & (FIN | SYN | RST | ACK | URG)) {
    case SYN:
    case SYN | URG:
    case SYN | ACK:
    case RST:
    case RST | ACK:
    case FIN | ACK:
    case FIN | ACK | URG:
    case ACK:
    case ACK | URG:
      return true
    default:
      return false
  }
}
