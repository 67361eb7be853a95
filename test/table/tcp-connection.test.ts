// A tracked TCP connection: the sequence that Linux showed (facts.json, conntrack_timeouts) with real sequence numbers, then the cases
// around it that nf_conntrack_tcp_packet knows: opening anew, being out of step, RST, and how long each of them lasts.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { RandomStream } from '../support/random-stream.js'
import { TcpTalk } from '../support/tcp-talk.js'

interface Row {
  readonly event: string
  readonly entry: string
}
const facts: readonly Row[] = JSON.parse(readFileSync(new URL('../golden/kernel/facts.json', import.meta.url), 'utf8')).conntrack_timeouts
  .tcp

/** What `conntrack -L` printed a moment later, in our words. */
function recorded({ entry }: Row): string {
  const match = /^tcp 6 (\d+) ([A-Z_0-9]+) src=/.exec(entry)
  if (!match) return '-'
  const flag = /\[(UNREPLIED|ASSURED)\]/.exec(entry)
  return `${match[2]} ${Number(match[1]) + 1}${flag ? ` ${flag[1]}` : ''}`
}

const EVENTS: readonly (readonly [string, (talk: TcpTalk) => string])[] = [
  ['SYN', talk => talk.client('S', 0, 0)],
  ['SYN-ACK', talk => talk.server('SA', 0, 1)],
  ['ACK', talk => talk.client('A', 1, 1)],
  ['data', talk => talk.client('PA', 1, 1, { length: 100 })],
  ['ACK of data', talk => talk.server('A', 1, 101)],
  ['client FIN', talk => talk.client('FA', 101, 1)],
  ['ACK of FIN', talk => talk.server('A', 1, 102)],
  ['server FIN', talk => talk.server('FA', 1, 102)],
  ['last ACK', talk => talk.client('A', 102, 2)],
  ['SYN of a new connection with the same ports, higher sequence number', talk => talk.client('S', 1_000_000, 0)],
  ['RST of the server', talk => talk.server('RA', -5000, 1_000_001)],
]

describe('a TCP connection', () => {
  it('goes through the states that Linux showed, and lives as long', () => {
    const talk = new TcpTalk()
    expect(EVENTS.map(([event]) => event)).toEqual(facts.map(({ event }) => event))
    for (const [i, [event, happens]] of EVENTS.entries()) {
      talk.pass(0.1)
      expect(`${event}: ${happens(talk)}`).toBe(`${event}: ${recorded(facts[i])}`)
    }
    expect(talk.stack.conntrack.used[0]).toBe(0)
  })

  it('does not live longer for a SYN sent again', () => {
    const talk = new TcpTalk()
    talk.client('S', 0, 0)
    talk.pass(30)
    expect(talk.client('S', 0, 0)).toBe('SYN_SENT 90 UNREPLIED')
    talk.pass(90)
    expect(talk.entry()).toBe('-')
  })

  it('may be opened from both sides at once', () => {
    const talk = new TcpTalk()
    talk.client('S', 0, 0)
    expect(talk.server('S', 0, 0)).toBe('SYN_SENT2 120')
    expect(talk.client('SA', 0, 1)).toBe('SYN_RECV 60')
    expect(talk.server('A', 1, 1)).toBe('ESTABLISHED 432000 ASSURED')
  })

  it('waits 300 s where data is not acknowledged, the window is closed, or the same segment comes again and again', () => {
    const waiting = new TcpTalk().open()
    expect(waiting.client('PA', 1, 1, { length: 10 })).toBe('ESTABLISHED 300 ASSURED')
    expect(waiting.server('A', 1, 6)).toBe('ESTABLISHED 300 ASSURED')
    expect(waiting.server('A', 1, 11)).toBe('ESTABLISHED 432000 ASSURED')

    const closed = new TcpTalk().open()
    expect(closed.server('A', 1, 1, { window: 0 })).toBe('ESTABLISHED 300 ASSURED')
    // One byte may ask whether the window is open again; more may not.
    expect(closed.client('PA', 1, 1, { length: 1 })).toBe('ESTABLISHED 300 ASSURED')
    expect(closed.server('A', 1, 2, { window: 5000 })).toBe('ESTABLISHED 432000 ASSURED')

    const stuck = new TcpTalk().open()
    const keepAlive = (): string => stuck.server('A', 0, 1)
    expect([keepAlive(), keepAlive(), keepAlive()]).toEqual(Array(3).fill('ESTABLISHED 432000 ASSURED'))
    expect(keepAlive()).toBe('ESTABLISHED 300 ASSURED')
    expect(stuck.client('A', 1, 1)).toBe('ESTABLISHED 432000 ASSURED')
  })

  it('is picked up mid-stream, and ASSURED once the other side has been heard', () => {
    const talk = new TcpTalk()
    expect(talk.client('PA', 777, 999, { length: 100 })).toBe('ESTABLISHED 300 UNREPLIED')
    expect(talk.server('A', 999, 877)).toBe('ESTABLISHED 300')
    // Its window scale is not known, so nothing of it is out of window.
    expect(talk.client('PA', 5_000_000, 999, { length: 100 })).toBe('ESTABLISHED 432000 ASSURED')
  })

  describe('opens anew', () => {
    const closed = (): TcpTalk => {
      const talk = new TcpTalk().open()
      talk.client('FA', 1, 1)
      talk.server('FA', 1, 2)
      expect(talk.client('A', 2, 2)).toBe('TIME_WAIT 120 ASSURED')
      return talk
    }

    it.each([100_000, -100_000])('from TIME_WAIT, with a sequence number %i further', seq => {
      expect(closed().client('S', seq, 0)).toBe('SYN_SENT 120 UNREPLIED')
    })

    it('from the other side, as a connection of its own', () => {
      const talk = closed()
      talk.server('S', 100_000, 0)
      expect(talk.entry()).toBe('-')
      // What the server opens is addressed to the node.
      expect(talk.stack.conntrack.used[0]).toBe(1)
    })

    it('from CLOSE at once only for the side that sent the RST', () => {
      const aborted = new TcpTalk().open()
      expect(aborted.client('R', 1, 0)).toBe('CLOSE 10 ASSURED')
      expect(aborted.client('S', 100_000, 0)).toBe('SYN_SENT 120 UNREPLIED')

      const refused = new TcpTalk().open()
      expect(refused.server('R', 1, 0)).toBe('CLOSE 10 ASSURED')
      expect(refused.client('S', 100_000, 0, { scale: 7 })).toBe('CLOSE 10 ASSURED')
      // The SYN was let through; its answer brings the connection back.
      expect(refused.server('SA', 70_000, 100_001, { scale: 7 })).toBe('SYN_RECV 60 ASSURED')
      expect(refused.client('A', 100_001, 70_001, { window: 1000 })).toBe('ESTABLISHED 432000 ASSURED')
      // 1000 * 2^7: the scale of the ignored SYN counts.
      expect(refused.server('PA', 70_001 + 100_000, 100_001, { length: 1000 })).toBe('ESTABLISHED 300 ASSURED')
    })
  })

  it('gets in step again when the other end accepts a SYN that was only let through', () => {
    const talk = new TcpTalk().open()
    expect(talk.client('S', 500_000, 0)).toBe('ESTABLISHED 432000 ASSURED')
    expect(talk.server('SA', 900_000, 500_000)).toBe('ESTABLISHED 432000 ASSURED')
    talk.client('S', 500_000, 0)
    expect(talk.server('SA', 900_000, 500_001)).toBe('SYN_RECV 60 ASSURED')
    expect(talk.client('A', 500_001, 900_001)).toBe('ESTABLISHED 432000 ASSURED')
  })

  it('ends when the other end refuses such a SYN', () => {
    const talk = new TcpTalk().open()
    talk.client('S', 500_000, 0)
    expect(talk.server('RA', -5000, 500_001)).toBe('CLOSE 10 ASSURED')
  })

  it('does not take a challenge ACK for the last one', () => {
    const talk = new TcpTalk().open()
    talk.client('FA', 1, 1)
    expect(talk.server('FA', 1, 2)).toBe('LAST_ACK 30 ASSURED')
    expect(talk.client('S', 500_000, 0)).toBe('LAST_ACK 30 ASSURED')
    expect(talk.server('A', 2, 2)).toBe('LAST_ACK 30 ASSURED')
    expect(talk.server('A', 2, 2)).toBe('TIME_WAIT 120 ASSURED')
  })

  describe('believes a RST', () => {
    it('only from what the other end has acknowledged on', () => {
      const talk = new TcpTalk().open()
      talk.server('PA', 1, 1, { length: 100 })
      talk.client('A', 1, 101)
      expect(talk.server('R', 50, 0)).toBe('INVALID')
      expect(talk.entry()).toBe('ESTABLISHED 432000 ASSURED')
      expect(talk.server('R', 101, 0)).toBe('CLOSE 10 ASSURED')
    })

    it('in window but not exact: the state stays, the time does not', () => {
      const talk = new TcpTalk().open()
      talk.server('PA', 1, 1, { length: 100 })
      talk.client('A', 1, 101)
      expect(talk.server('R', 200, 0)).toBe('ESTABLISHED 10 ASSURED')
      // The gap before it counts as data that nobody has acknowledged.
      expect(talk.client('A', 1, 101)).toBe('ESTABLISHED 300 ASSURED')
    })

    it('behind its own last data, acknowledged or not', () => {
      const talk = new TcpTalk().open()
      talk.server('PA', 1, 1, { length: 100 })
      expect(talk.server('RA', 101, 1)).toBe('CLOSE 10 ASSURED')
    })

    it('never out of window', () => {
      const talk = new TcpTalk().open()
      expect(talk.server('R', 10_000_000, 0)).toBe('INVALID')
      expect(talk.entry()).toBe('ESTABLISHED 432000 ASSURED')
      // Nor then from the other side: yet both together end the long wait.
      talk.pass(60)
      expect(talk.client('R', 10_000_000, 0)).toBe('INVALID')
      expect(talk.entry()).toBe('ESTABLISHED 300 ASSURED')
    })

    it('at any number once the connection is closing', () => {
      const talk = new TcpTalk().open()
      talk.client('FA', 1, 1)
      expect(talk.server('R', 10_000_000, 0)).toBe('CLOSE 10 ASSURED')
    })

    it('of a half-open connection, in answer to the ACK that was let through', () => {
      const talk = new TcpTalk()
      talk.client('S', 0, 0)
      expect(talk.server('A', 9_000_000, 1234)).toBe('SYN_SENT 120')
      expect(talk.client('R', 777_777, 0)).toBe('INVALID')
      expect(talk.client('R', 1234, 0)).toBe('CLOSE 10')
    })
  })

  it('has a state and a time to live after any segments whatever', () => {
    const states =
      /^(INVALID|-|(SYN_SENT2?|SYN_RECV|ESTABLISHED|FIN_WAIT|CLOSE_WAIT|LAST_ACK|TIME_WAIT|CLOSE) [\d.]+( ASSURED| UNREPLIED)?)$/
    const numbers = [0, 1, 2, 100, 64_241, 70_000, 1_000_000, 2 ** 31, -1, -66_001, 777]
    const seen = new Set<string>()
    for (let seed = 0; seed < 200; seed++) {
      const random = RandomStream.named(seed, 'tcp', 'any')
      const any = <Value>(of: readonly Value[]): Value => of[random.below(of.length)]
      const talk =
        seed % 2 ? new TcpTalk().open({ scale: random.below(15), permitsSack: true }, { scale: 3, permitsSack: true }) : new TcpTalk()
      for (let i = 0; i < 60; i++) {
        talk.pass(random.below(3))
        const more = { length: any([0, 0, 1, 1000]), window: any([0, 1000, 65535]), ...(random.below(4) === 0 && { scale: 200 }) }
        const flags = any(['S', 'SA', 'A', 'A', 'PA', 'PA', 'FA', 'R', 'RA', 'SF', 'F', 'P'])
        const said = talk[any(['client', 'server'] as const)](flags, any(numbers), any(numbers), more)
        expect(said).toMatch(states)
        if (said.includes(' ')) expect(Number(said.split(' ')[1])).toBeLessThanOrEqual(432_000)
        seen.add(said.split(' ')[0])
        expect(talk.stack.conntrack.used[0]).toBeGreaterThanOrEqual(talk.entry() === '-' ? 0 : 1)
      }
    }
    // Nothing is left out by chance.
    expect(seen.size).toBe(11)
  })
})
