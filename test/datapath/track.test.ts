// A packet as it enters a host: which connection it belongs to, if any. Damaged headers, fragments, ICMP errors and odd lengths are taken
// for what the kernel takes them for; lifetimes and states have tests of their own under `table`.
import { describe, expect, it } from 'vitest'
import { confirm } from '../../src/datapath/masquerade.js'
import { Way } from '../../src/datapath/route.js'
import { type Stack, Tracked } from '../../src/datapath/stack.js'
import { touchUdp, track } from '../../src/datapath/track.js'
import { Direction } from '../../src/table/conntrack.js'
import { Status } from '../../src/table/pulse.js'
import { TcpRow } from '../../src/table/tcp-window.js'
import { ACK, SYN, URG } from '../../src/wire/tcp.js'
import { fragmentsOf, frame, type Ip, icmpPacket, tcpPacket, udpPacket } from '../support/frame-builder.js'
import { NODE, stackLab } from '../support/stack-lab.js'
import { INET, POD, tcpBytes } from '../support/tcp-talk.js'

const NODE_ADDRESS = '10.224.0.4'
const OUT: Ip = { from: POD, to: INET }
const BACK: Ip = { from: INET, to: NODE_ADDRESS }
const L2 = 14

/** What tracking says: `new`, `none`, or the direction of the connection, `related` added. */
function said(stack: Stack, bytes: Uint8Array, whole = 0): string {
  const id = stack.pool.allocateFrom(frame('020000000000', '020000000001', bytes), -1, 0)
  track(stack, NODE as never, id, stack.pool.start(id) + L2, whole)
  stack.pool.release(id)
  if (stack.connection === Tracked.NEW) return 'new'
  if (stack.connection === Tracked.NOT) return 'none'
  return `${(stack.connection & 3) === Direction.ORIGINAL ? 'original' : 'reply'}${stack.related ? ' related' : ''}`
}

/** The same, and a new connection is confirmed on its way out. */
function sent(stack: Stack, bytes: Uint8Array): string {
  const answer = said(stack, bytes)
  if (answer === 'new') confirm(stack, NODE as never, Way.gateway)
  return answer
}

const changed = (bytes: Uint8Array, at: number, value: number): Uint8Array => bytes.map((byte, i) => (i === at ? value : byte))

describe('tracking', () => {
  it('tells the first packet, the original direction and the answers apart', () => {
    const stack = stackLab()
    expect(sent(stack, udpPacket(OUT, 40000, 53))).toBe('new')
    expect(sent(stack, udpPacket(OUT, 40000, 53))).toBe('original')
    expect(sent(stack, udpPacket(BACK, 53, 40000))).toBe('reply')
    expect(said(stack, udpPacket(BACK, 53, 40001))).toBe('new')
    expect(said(stack, udpPacket({ ...BACK, to: POD }, 53, 40000))).toBe('new')
  })

  it.each([
    ['a wrong checksum', changed(tcpPacket(OUT, 40000, 80, SYN, 1), 36, 1)],
    ['a header longer than the segment', changed(tcpPacket(OUT, 40000, 80, SYN, 1), 32, 0x60)],
    ['a header shorter than a header', changed(tcpPacket(OUT, 40000, 80, SYN, 1), 32, 0x40)],
    ['flags that go together nowhere', tcpPacket(OUT, 40000, 80, SYN | ACK | URG, 1)],
    ['an acknowledgment of nothing', tcpPacket(OUT, 40000, 80, SYN | ACK, 1)],
  ])('has no part of a segment with %s', (_, bytes) => {
    expect(said(stackLab(), bytes)).toBe('none')
  })

  it('does not believe the first fragment of a TCP header that is cut', () => {
    const [first] = fragmentsOf(tcpPacket(OUT, 40000, 80, SYN, 1, 0, 100), 16)
    expect(said(stackLab(), first, 120)).toBe('none')
  })

  it('counts all of a segment of which it sees the first fragment', () => {
    const stack = stackLab()
    sent(stack, tcpPacket(OUT, 40000, 80, SYN, 1000))
    sent(stack, tcpPacket(BACK, 80, 40000, SYN | ACK, 5000, 1001))
    const [first] = fragmentsOf(tcpPacket(OUT, 40000, 80, ACK, 1001, 5001, 2000), 1000)
    expect(said(stack, first, 2020)).toBe('original')
    const { at, words } = stack.conntrack.tcp
    expect(words[at + TcpRow.LAST_END]).toBe(3001)
    expect(said(stack, tcpPacket(BACK, 80, 40000, ACK, 5001, 3001))).toBe('reply')
  })

  it('reads TCP behind IP options', () => {
    const plain = tcpBytes(POD, INET, [40000, 80], SYN, 1000, 0, { scale: 3, permitsSack: true })
    const withOptions = Uint8Array.of(...plain.subarray(0, 20), ...Array<number>(40).fill(1), ...plain.subarray(20))
    withOptions[0] = 0x4f
    withOptions[3] = withOptions.length
    const stack = stackLab()
    expect(said(stack, withOptions)).toBe('new')
    expect(stack.conntrack.tcp.segment).toMatchObject({ end: 1001, scale: 3, permitsSack: true })
  })

  it('knows ICMP errors about a TCP connection, from either side, if they are for its end', () => {
    const stack = stackLab()
    sent(stack, tcpPacket(OUT, 40000, 80, SYN, 1000))
    const outside = tcpPacket({ from: NODE_ADDRESS, to: INET }, 40000, 80, SYN, 1000)
    const error = (ip: Ip, quoted: Uint8Array, type = 3): Uint8Array => icmpPacket(ip, type, 1, 0, quoted)
    expect(said(stack, error(BACK, outside.subarray(0, 28)))).toBe('reply related')
    expect(said(stack, error({ from: '203.0.113.99', to: NODE_ADDRESS }, outside))).toBe('reply related')
    expect(said(stack, error({ from: INET, to: '10.224.0.5' }, outside))).toBe('none')
    // Of the quoted header there must be the ports; a redirect is nobody's.
    expect(said(stack, error(BACK, outside.subarray(0, 22)))).toBe('none')
    expect(said(stack, error(BACK, outside, 5))).toBe('none')
    const answer = tcpPacket({ from: INET, to: POD }, 80, 40000, SYN | ACK, 5000, 1001)
    expect(said(stack, error(OUT, answer))).toBe('original related')
    // No error changes the connection.
    expect(stack.conntrack.state(stack.connection >> 2) & Status.SEEN_REPLY).toBe(0)
  })

  it('touches a UDP connection as a datagram of it does', () => {
    const stack = stackLab()
    const { clock, conntrack } = stack
    sent(stack, udpPacket(OUT, 40000, 53))
    const record = stack.connection >> 2
    const left = (direction: number): string => {
      touchUdp(conntrack, record * 4 + direction, clock)
      const state = conntrack.state(record)
      return `${(conntrack.deadline(record) - clock[0]) / 1e9}${state & Status.ASSURED ? ' assured' : state & Status.SEEN_REPLY ? '' : ' unreplied'}`
    }
    expect(left(Direction.ORIGINAL)).toBe('30 unreplied')
    expect(left(Direction.REPLY)).toBe('30')
    clock[0] = 2e9
    expect(left(Direction.ORIGINAL)).toBe('30')
    clock[0] += 1
    expect(left(Direction.ORIGINAL)).toBe('120 assured')
  })

  it('gives TCP no side rows where there is none', () => {
    const stack = stackLab()
    sent(stack, udpPacket(OUT, 40000, 53))
    expect(stack.conntrack.tcp.count).toBe(0)
    sent(stack, tcpPacket(OUT, 40000, 80, SYN, 1000))
    expect(stack.conntrack.tcp.count).toBe(1)
  })
})
