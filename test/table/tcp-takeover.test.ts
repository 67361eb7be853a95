// Who may take a TCP port from whom: each condition by itself. How many of 64 ports change hands is in `linux-tcp.test.ts`.
import { describe, expect, it } from 'vitest'
import { Direction } from '../../src/table/conntrack.js'
import { HARDER_TRIES } from '../../src/table/nat-ports.js'
import { takePort } from '../../src/table/port-takeover.js'
import { Status } from '../../src/table/pulse.js'
import { TcpKind } from '../../src/table/tcp-state.js'
import { TcpTalk } from '../support/tcp-talk.js'

/** Ends a connection whose client began at `first`, and lets a segment ask for its port. */
function taken(
  first: number,
  end: number,
  ask: { kind?: number; direction?: number; tries?: number; translated?: boolean; last?: string } = {},
): boolean {
  const talk = new TcpTalk(first, 5000).open()
  talk.client('FA', 1, 1)
  if (ask.last !== 'FIN_WAIT') talk.server('FA', 1, 2)
  if (ask.last === undefined || ask.last === 'TIME_WAIT') talk.client('A', 2, 2)
  if (ask.last === 'CLOSE') talk.server('R', 2, 0)
  const { conntrack, connection } = talk.stack
  if (ask.translated === false) conntrack.setState(connection >> 2, 0, Status.SOURCE_NAT)
  Object.assign(conntrack.tcp.segment, { kind: ask.kind ?? TcpKind.syn, end: end | 0 })
  const was = takePort(conntrack, (connection >> 2) * 4 + (ask.direction ?? Direction.REPLY), ask.tries ?? HARDER_TRIES)
  expect(talk.entry() === '-').toBe(was)
  return was
}

describe('a port of a connection that is over', () => {
  it('goes to a SYN with a higher number than the last of it', () => {
    // It ended after its FIN, at 2.
    expect([1002, 1003, 1001 + 2 ** 31].map(end => taken(1000, end))).toEqual([false, true, true])
    expect([1003 + 2 ** 31, 1000, 5].map(end => taken(1000, end))).toEqual([false, false, false])
  })

  it('goes to a higher number across the place where numbers wrap around', () => {
    expect([2 ** 32 - 1, 0, 1, 2, 1000].map(end => taken(2 ** 32 - 2, end))).toEqual([false, false, true, true, true])
  })

  it('is free in TIME_WAIT and CLOSE only', () => {
    expect(['TIME_WAIT', 'CLOSE', 'LAST_ACK', 'FIN_WAIT'].map(last => taken(1000, 9000, { last }))).toEqual([true, true, false, false])
  })

  it('goes to SYNs only, and not before the last tries', () => {
    const { ack, synAck } = TcpKind
    expect([ack, synAck].map(kind => taken(1000, 9000, { kind }))).toEqual([false, false])
    expect([1, 32, 33, 128].map(tries => taken(1000, 9000, { tries }))).toEqual([true, true, false, false])
  })

  it('is the external port of a translated connection', () => {
    expect(taken(1000, 9000, { direction: Direction.ORIGINAL })).toBe(false)
    expect(taken(1000, 9000, { translated: false })).toBe(false)
  })
})
