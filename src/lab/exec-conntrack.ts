// `conntrack -L`: the connections that a node (or the NAT machine) tracks at that moment of the run, in conntrack-tools' words.
import { type Conntrack, Direction } from '../table/conntrack.js'
import { Entry } from '../table/conntrack-records.js'
import { Status } from '../table/pulse.js'
import { TcpState } from '../table/tcp-state.js'
import { formatIpv4 } from '../wire/address.js'
import * as icmp from '../wire/icmp.js'
import * as ipv4 from '../wire/ipv4.js'
import { PROTOCOL_SCTP } from './headers.js'

const SECOND = 1e9
const PROTOCOLS: Readonly<Record<number, string>> = {
  [ipv4.PROTOCOL_TCP]: 'tcp',
  [ipv4.PROTOCOL_UDP]: 'udp',
  [ipv4.PROTOCOL_ICMP]: 'icmp',
  [PROTOCOL_SCTP]: 'sctp',
}
/** Names of TCP's states, as the kernel prints them. */
const STATES: Readonly<Record<number, string>> = {
  [TcpState.synSent]: 'SYN_SENT',
  [TcpState.synReceived]: 'SYN_RECV',
  [TcpState.established]: 'ESTABLISHED',
  [TcpState.finWait]: 'FIN_WAIT',
  [TcpState.closeWait]: 'CLOSE_WAIT',
  [TcpState.lastAck]: 'LAST_ACK',
  [TcpState.timeWait]: 'TIME_WAIT',
  [TcpState.close]: 'CLOSE',
}

export interface ConntrackFilter {
  readonly extended: boolean
  readonly protocol: string | null
  readonly source: string | null
  readonly target: string | null
}

/** Live connections of a logical process, in the order of their records. */
function recordsOf(conntrack: Conntrack, lp: number, clock: Float64Array): number[] {
  const records = Array.from({ length: conntrack.words.length / Entry.WORDS }, (_, record) => record)
  // A record that was never used has no deadline.
  return records.filter(record => {
    const isLive = conntrack.deadline(record) > clock[0] && (conntrack.state(record) & Status.DEAD) === 0
    return isLive && conntrack.words[record * Entry.WORDS + 6] >>> 8 === lp
  })
}

/** Lines of the table of `lp` at clock[0], newest last. */
function entriesOf(conntrack: Conntrack, lp: number, clock: Float64Array, filter: ConntrackFilter): string[] {
  return recordsOf(conntrack, lp, clock)
    .filter(record => {
      const w = record * Entry.WORDS
      const name = PROTOCOLS[conntrack.words[w + 6] & 0xff] ?? 'unknown'
      const isProtocol = filter.protocol === null || filter.protocol === name
      const isSource = filter.source === null || formatIpv4(conntrack.words[w]) === filter.source
      return isProtocol && isSource && (filter.target === null || formatIpv4(conntrack.words[w + 1]) === filter.target)
    })
    .map(record => entryLine(conntrack, record, clock, filter.extended))
}

export function conntrackList(conntrack: Conntrack | null, lp: number, clock: Float64Array, filter: ConntrackFilter): string {
  const lines = conntrack ? entriesOf(conntrack, lp, clock, filter) : []
  const shown = `conntrack v1.4.7 (conntrack-tools): ${lines.length} flow entries have been shown.`
  return [shown, ...lines].map(line => `${line}\n`).join('')
}

export const conntrackCount = (conntrack: Conntrack | null, lp: number, clock: Float64Array): string =>
  `${conntrack ? recordsOf(conntrack, lp, clock).length : 0}\n`

function entryLine(conntrack: Conntrack, record: number, clock: Float64Array, extended: boolean): string {
  const { words } = conntrack
  const w = record * Entry.WORDS
  const protocol = words[w + 6] & 0xff
  const state = conntrack.state(record)
  const name = PROTOCOLS[protocol] ?? 'unknown'
  const left = Math.floor((conntrack.deadline(record) - clock[0]) / SECOND)
  const tcp = protocol === ipv4.PROTOCOL_TCP ? `${STATES[conntrack.protocolState(record)] ?? 'NONE'} ` : ''
  const unreplied = (state & Status.SEEN_REPLY) === 0 ? '[UNREPLIED] ' : ''
  const assured = (state & Status.ASSURED) === 0 ? '' : '[ASSURED] '
  const head = `${name.padEnd(8)} ${protocol} ${left} ${tcp}`
  const tuples = `${tupleText(words, w, protocol, 0)} ${unreplied}${tupleText(words, w + Direction.REPLY * 3, protocol, words[w + 2])} ${assured}`
  return `${extended ? 'ipv4     2 ' : ''}${head}${tuples}mark=0 use=1`
}

/** One direction: addresses and ports, of an echo its type, code and identifier. */
function tupleText(words: Int32Array, at: number, protocol: number, original: number): string {
  const addresses = `src=${formatIpv4(words[at])} dst=${formatIpv4(words[at + 1])}`
  const ports = words[at + 2]
  if (protocol !== ipv4.PROTOCOL_ICMP) return `${addresses} sport=${ports >>> 16} dport=${ports & 0xffff}`
  const isReply = original !== 0
  const type = isReply && ((original >>> 8) & 0xff) === icmp.ECHO_REQUEST ? icmp.ECHO_REPLY : (ports >>> 8) & 0xff
  return `${addresses} type=${type} code=${ports & 0xff} id=${ports >>> 16}`
}
