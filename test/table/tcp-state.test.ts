// Connection states and lifetimes against what conntrack printed on Linux (facts.json, conntrack_timeouts): the same packets through the
// tracker of a node, and after each of them the state, the flags and the seconds that are left.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { confirm } from '../../src/datapath/masquerade.js'
import { Way } from '../../src/datapath/route.js'
import { type Stack, Tracked } from '../../src/datapath/stack.js'
import { track } from '../../src/datapath/track.js'
import { Status } from '../../src/table/pulse.js'
import { hasValidFlags, nextTcpState, TCP_LIFE, TcpState } from '../../src/table/tcp-state.js'
import { ACK, FIN, PSH, RST, SYN, URG } from '../../src/wire/tcp.js'
import { frame, icmpPacket, packet, tcpPacket, udpPacket } from '../support/frame-builder.js'
import { NODE, stackLab } from '../support/stack-lab.js'

interface Row {
  readonly event: string
  readonly entry: string
}
const facts = JSON.parse(readFileSync(new URL('../golden/kernel/facts.json', import.meta.url), 'utf8')).conntrack_timeouts as {
  readonly sysctl: Readonly<Record<string, number>>
  readonly udp: readonly Row[]
  readonly tcp: readonly Row[]
}

const POD = '10.244.0.4'
const NODE_ADDRESS = '10.224.0.4'
const INET = '203.0.113.10'
const L2 = 14
const SECOND = 1e9

/** Runs a packet through the tracker; a new connection is confirmed on its way out to the internet. */
function pass(stack: Stack, bytes: Uint8Array): void {
  const id = stack.pool.allocateFrom(frame('020000000000', '020000000001', bytes), -1, 0)
  track(stack, NODE as never, id, stack.pool.start(id) + L2)
  if (stack.connection === Tracked.NEW) confirm(stack, NODE as never, Way.gateway)
  stack.pool.release(id)
}

/** The entry in the words of `conntrack -L`: seconds left, TCP state, flags. */
function shown(stack: Stack): string {
  if (stack.connection < 0 || stack.conntrack.deadline(stack.connection >> 2) <= stack.clock[0]) return '(no entry)'
  const record = stack.connection >> 2
  const state = stack.conntrack.state(record)
  const left = Math.ceil((stack.conntrack.deadline(record) - stack.clock[0]) / SECOND) - 1
  const flags = state & Status.ASSURED ? ' [ASSURED]' : state & Status.SEEN_REPLY ? '' : ' [UNREPLIED]'
  const name = stack.tupleProtocol === 6 ? ` ${STATE_NAMES[stack.conntrack.protocolState(record)]}` : ''
  return `${left}${name}${flags}`
}

const STATE_NAMES = ['NONE', 'SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE', 'SYN_SENT2']

/** The same out of what Linux printed. */
function recorded({ entry }: Row): string {
  const match = /^\S+ \d+ (\d+)(?: ([A-Z_0-9]+))? src=/.exec(entry)
  if (!match) return entry
  const flag = /\[(UNREPLIED|ASSURED)\]/.exec(entry)
  return `${match[1]}${match[2] ? ` ${match[2]}` : ''}${flag ? ` ${flag[0]}` : ''}`
}

const toServer = (flags: number, sequence = 1000, acknowledgment = 0, length = 0): Uint8Array =>
  tcpPacket({ from: POD, to: INET }, 40002, 80, flags, sequence, acknowledgment, length)
const toClient = (flags: number, sequence = 0, acknowledgment = 0): Uint8Array =>
  tcpPacket({ from: INET, to: NODE_ADDRESS }, 80, 40002, flags, sequence, acknowledgment)

/** What each recorded event was on the wire. */
const TCP_EVENTS: Readonly<Record<string, Uint8Array>> = {
  SYN: toServer(SYN),
  'SYN-ACK': toClient(SYN | ACK, 5000, 1001),
  ACK: toServer(ACK, 1001, 5001),
  data: toServer(ACK | PSH, 1001, 5001, 100),
  'ACK of data': toClient(ACK, 5001, 1101),
  'client FIN': toServer(FIN | ACK, 1101, 5001),
  'ACK of FIN': toClient(ACK, 5001, 1102),
  'server FIN': toClient(FIN | ACK, 5001, 1102),
  'last ACK': toServer(ACK, 1102, 5002),
  'SYN of a new connection with the same ports, higher sequence number': toServer(SYN, 1_000_000),
  'RST of the server': toClient(RST | ACK, 0, 1_000_001),
}

describe('connection states', () => {
  it('follow TCP as Linux showed it', () => {
    const stack = stackLab()
    for (const row of facts.tcp) {
      stack.clock[0] += 1e8
      const bytes = TCP_EVENTS[row.event]
      expect(bytes, row.event).toBeDefined()
      pass(stack, bytes)
      expect(`${row.event}: ${shown(stack)}`).toBe(`${row.event}: ${recorded(row)}`)
    }
  })

  it('follow UDP as Linux showed it', () => {
    const stack = stackLab()
    const ask = udpPacket({ from: POD, to: INET }, 40000, 53)
    const answer = udpPacket({ from: INET, to: NODE_ADDRESS }, 53, 40000)
    const at = [0, 0.1, 1.9, 2.5, 2.6]
    facts.udp.forEach((row, i) => {
      stack.clock[0] = at[i] * SECOND
      pass(stack, row.event.startsWith('answer') ? answer : ask)
      expect(`${row.event}: ${shown(stack)}`).toBe(`${row.event}: ${recorded(row)}`)
    })
  })

  it('last as long as the kernel is set to', () => {
    const { sysctl } = facts
    const names = ['syn_sent', 'syn_recv', 'established', 'fin_wait', 'close_wait', 'last_ack', 'time_wait', 'close']
    expect([...TCP_LIFE.subarray(1, 9)]).toEqual(names.map(name => sysctl[`nf_conntrack_tcp_timeout_${name}`] * SECOND))
    const lifeOf = (bytes: Uint8Array): string => {
      const stack = stackLab()
      pass(stack, bytes)
      return shown(stack)
    }
    const ip = { from: POD, to: INET }
    expect(lifeOf(icmpPacket(ip, 8, 0, 1 << 16))).toBe(`${sysctl.nf_conntrack_icmp_timeout - 1} [UNREPLIED]`)
    expect(lifeOf(packet(ip, 253, new Uint8Array(8)))).toBe(`${sysctl.nf_conntrack_generic_timeout - 1} [UNREPLIED]`)
    // tcp_loose: a lone ACK is picked up mid-stream.
    expect(lifeOf(toServer(ACK))).toBe(`${sysctl.nf_conntrack_tcp_timeout_unacknowledged - 1} ESTABLISHED [UNREPLIED]`)
  })

  it.each([RST, FIN | ACK, SYN | ACK, 0, SYN | FIN, RST | SYN, FIN, URG])('do not begin with flags %i', flags => {
    const stack = stackLab()
    pass(stack, toServer(flags))
    expect(shown(stack)).toBe('(no entry)')
    expect(stack.conntrack.used[NODE]).toBe(0)
  })

  it('allow only the combinations of flags that tcp_valid_flags allows', () => {
    const allowed = [SYN, SYN | URG, SYN | ACK, RST, RST | ACK, FIN | ACK, FIN | ACK | URG, ACK, ACK | URG]
    for (let flags = 0; flags < 256; flags++) expect(hasValidFlags(flags)).toBe(allowed.includes(flags & ~(PSH | 0xc0)))
  })

  it('stay states: every transition ends in one, or is ignored or invalid', () => {
    for (let flags = 0; flags < 64; flags++) {
      for (let state = TcpState.none; state <= TcpState.synSent2; state++) {
        for (const direction of [0, 1]) {
          const next = nextTcpState(direction, flags, state)
          expect(next).toBeGreaterThanOrEqual(TcpState.synSent)
          expect(next).toBeLessThanOrEqual(TcpState.invalid)
        }
      }
    }
  })

  it('are left by a RST before any answer: the entry is gone at once', () => {
    const stack = stackLab()
    pass(stack, toServer(SYN))
    expect(shown(stack)).toBe('119 SYN_SENT [UNREPLIED]')
    pass(stack, toClient(RST | ACK, 0, 1001))
    expect(shown(stack)).toBe('(no entry)')
  })
})
