// A TCP conversation through a masquerading node, segment by segment: a pod (client) talks to a host outside (server), and after each
// segment one reads what the node made of it. Sequence numbers count from each side's own first one, so a conversation can be held anew
// from other numbers, across the place where they wrap around.

import { confirm } from '../../src/datapath/masquerade.js'
import { Way } from '../../src/datapath/route.js'
import { type Stack, Tracked } from '../../src/datapath/stack.js'
import { track } from '../../src/datapath/track.js'
import { Status } from '../../src/table/pulse.js'
import { parseIpv4 } from '../../src/wire/address.js'
import { finish, halves, sum } from '../../src/wire/checksum.js'
import * as tcp from '../../src/wire/tcp.js'
import { frame, packet } from './frame-builder.js'
import { viewOf } from './kernel-case.js'
import { NODE, stackLab } from './stack-lab.js'

export const POD = '10.244.0.4'
export const INET = '203.0.113.10'
const NODE_ADDRESS = '10.224.0.4'
const SECOND = 1e9
const L2 = 14
const STATES = ['NONE', 'SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE', 'SYN_SENT2']
const LETTERS: Readonly<Record<string, number>> = { S: tcp.SYN, A: tcp.ACK, F: tcp.FIN, R: tcp.RST, P: tcp.PSH }

export interface More {
  readonly length?: number
  readonly window?: number
  /** Window scale offered. */
  readonly scale?: number
  readonly permitsSack?: boolean
  /** Edges of one SACK block, counted as the acknowledgment is. */
  readonly sack?: readonly [number, number]
}

/** Option bytes, filled up to whole words. */
export function optionsOf({ permitsSack, sack, scale }: More, sackBase = 0): number[] {
  const word = (n: number): number[] => [24, 16, 8, 0].map(shift => (n >>> shift) & 0xff)
  const bytes = [
    ...(permitsSack ? [1, 1, 4, 2] : []),
    ...(scale === undefined ? [] : [1, 3, 3, scale]),
    ...(sack ? [1, 1, 5, 10, ...sack.flatMap(edge => word((sackBase + edge) | 0))] : []),
  ]
  return bytes
}

/** A whole IPv4 packet with one TCP segment, checksum right. */
export function tcpBytes(
  from: string,
  to: string,
  ports: readonly [number, number],
  flags: number,
  seq: number,
  ack: number,
  more: More = {},
  sackBase = 0,
) {
  const options = optionsOf(more, sackBase)
  const segment = new Uint8Array(tcp.MIN_HEADER_LEN + options.length + (more.length ?? 0))
  const view = viewOf(segment)
  tcp.write(view, 0, ports[0], ports[1], seq, ack, flags, more.window ?? 64240)
  segment[12] = ((tcp.MIN_HEADER_LEN + options.length) >> 2) << 4
  segment.set(options, tcp.MIN_HEADER_LEN)
  const pseudo = [from, to].reduce((n, text) => n + halves(parseIpv4(text)!), 6 + segment.length)
  tcp.setCheck(view, 0, finish(sum(view, 0, segment.length, pseudo)))
  return packet({ from, to }, 6, segment)
}

export class TcpTalk {
  constructor(
    private readonly clientFirst = 1000,
    private readonly serverFirst = 5000,
    private readonly clientPort = 40002,
    readonly stack: Stack = stackLab(),
  ) {}

  pass(seconds: number): void {
    this.stack.clock[0] += seconds * SECOND
  }

  client(flags: string, seq: number, ack: number, more: More = {}): string {
    const { clientFirst, serverFirst } = this
    const bits = bitsOf(flags)
    const ackNumber = bits & tcp.ACK ? serverFirst + ack : 0
    return this.said(tcpBytes(POD, INET, [this.clientPort, 80], bits, (clientFirst + seq) | 0, ackNumber | 0, more, serverFirst))
  }

  server(flags: string, seq: number, ack: number, more: More = {}): string {
    const { clientFirst, serverFirst } = this
    const bits = bitsOf(flags)
    const ackNumber = bits & tcp.ACK ? clientFirst + ack : 0
    return this.said(tcpBytes(INET, NODE_ADDRESS, [80, this.clientPort], bits, (serverFirst + seq) | 0, ackNumber | 0, more, clientFirst))
  }

  /** SYN, SYN-ACK, ACK. */
  open(client: More = {}, server: More = {}): this {
    this.client('S', 0, 0, client)
    this.server('SA', 0, 1, server)
    this.client('A', 1, 1)
    return this
  }

  /** The entry in the words of `conntrack -L`. */
  entry(): string {
    const { clock, conntrack } = this.stack
    const ports = (this.clientPort << 16) | 80
    const reference = conntrack.find(NODE, 6, parseIpv4(POD)!, parseIpv4(INET)!, ports, clock)
    if (reference < 0) return '-'
    const record = reference >> 2
    const state = conntrack.state(record)
    const flag = state & Status.ASSURED ? ' ASSURED' : state & Status.SEEN_REPLY ? '' : ' UNREPLIED'
    return `${STATES[conntrack.protocolState(record)]} ${(conntrack.deadline(record) - clock[0]) / SECOND}${flag}`
  }

  private said(bytes: Uint8Array): string {
    const { stack } = this
    const id = stack.pool.allocateFrom(frame('020000000000', '020000000001', bytes), -1, 0)
    track(stack, NODE as never, id, stack.pool.start(id) + L2)
    stack.pool.release(id)
    if (stack.connection === Tracked.NOT) return 'INVALID'
    if (stack.connection === Tracked.NEW) confirm(stack, NODE as never, Way.gateway)
    return this.entry()
  }
}

const bitsOf = (letters: string): number => [...letters].reduce((bits, letter) => bits | LETTERS[letter], 0)
