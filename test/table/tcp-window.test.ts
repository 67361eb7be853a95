// Which segments are in window: what the kernel takes, lets pass without believing it, and calls INVALID, at every edge; then two laws:
// no conversation that keeps to RFC 9293 is ever INVALID, and it makes no difference where the sequence numbers begin.
import { describe, expect, it } from 'vitest'
import { RandomStream } from '../support/random-stream.js'
import { converse } from '../support/tcp-converse.js'
import { type More, TcpTalk } from '../support/tcp-talk.js'

const FINE = 'ESTABLISHED 432000 ASSURED'
const WAITS = 'ESTABLISHED 300 ASSURED'
/** Let through without a change: the entry still is what it was, ten seconds later. */
const PASSES = 'ESTABLISHED 431990 ASSURED'

/** A connection in which nothing has been said yet; the next segment comes ten seconds after. */
function quiet(client: More = {}, server: More = {}): TcpTalk {
  const talk = new TcpTalk().open(client, server)
  talk.pass(10)
  return talk
}

describe('a segment', () => {
  it('may begin anywhere in the window of the receiver, up to its end', () => {
    expect(quiet().client('PA', 64241, 1, { length: 0 })).toBe(WAITS)
    // More than allowed: it passes, and what it acknowledges is not believed.
    expect(quiet().client('PA', 64242, 1, { length: 1 })).toBe(PASSES)
    expect(quiet().client('PA', 64242, 1, { length: 64239 })).toBe('INVALID')
    expect(quiet().client('PA', 200_000, 1, { length: 1 })).toBe('INVALID')
  })

  it('may repeat what the receiver might still not have', () => {
    const talk = (): TcpTalk => {
      const on = new TcpTalk().open()
      for (let i = 0; i < 70; i++) {
        on.client('PA', 1 + i * 1000, 1, { length: 1000 })
        on.server('A', 1, 1001 + i * 1000)
      }
      on.pass(10)
      return on
    }
    // The last byte is 70,000, the window 64,240.
    expect(talk().client('PA', 70_001 - 64_240 - 10, 1, { length: 10 })).toBe(FINE)
    expect(talk().client('PA', 70_001 - 64_240 - 11, 1, { length: 10 })).toBe(PASSES)
    // Acknowledgments may be older: 66,000 whatever the window.
    expect(talk().server('A', 1, 70_001 - 66_000)).toBe(FINE)
    expect(talk().server('A', 1, 70_001 - 66_001)).toBe(PASSES)
  })

  it('may not acknowledge what was never sent', () => {
    expect(quiet().server('A', 1, 1)).toBe(FINE)
    expect(quiet().server('A', 1, 2)).toBe('INVALID')
    expect(quiet().client('A', 1, 2)).toBe('INVALID')
  })

  it('that goes over the window may be acknowledged all the same', () => {
    const talk = quiet()
    talk.client('PA', 64_242, 1, { length: 100 })
    expect(talk.server('A', 1, 64_342)).toBe(FINE)
  })

  it('is judged by the window as scaled, if both sides offer to scale', () => {
    const far = (client: More, server: More): string => {
      const talk = quiet(client, server)
      talk.server('A', 1, 1, { window: 1000 })
      return talk.client('PA', 300_000, 1, { length: 1000 })
    }
    expect(far({ scale: 2 }, { scale: 9 })).toBe(WAITS)
    expect(far({}, { scale: 9 })).toBe('INVALID')
    expect(far({ scale: 2 }, {})).toBe('INVALID')
    // At most 14.
    const widest = (seq: number): string => {
      const talk = quiet({ scale: 0 }, { scale: 255 })
      talk.server('A', 1, 1, { window: 65535 })
      talk.pass(10)
      return talk.client('PA', seq, 1)
    }
    expect(widest(1 + (65535 << 14))).toBe(WAITS)
    expect(widest(2 + (65535 << 14))).toBe(PASSES)
  })

  it('is not judged by the scaled window of a SYN: that one is never scaled', () => {
    expect(quiet({ scale: 14 }, { scale: 14, window: 100 }).client('PA', 200_000, 1, { length: 1 })).toBe('INVALID')
  })

  it('acknowledges as far as its SACK blocks reach, if the other side permits them', () => {
    const sacked = (permitsSack: boolean): string => {
      const talk = quiet({ permitsSack }, { permitsSack })
      talk.client('PA', 1, 1, { length: 1000 })
      // What was never sent may not be in a block either.
      return talk.server('A', 1, 1, { sack: [500, 1002] })
    }
    expect([sacked(true), sacked(false)]).toEqual(['INVALID', WAITS])
    const talk = quiet({ permitsSack: true }, { permitsSack: true })
    for (let i = 0; i < 100; i++) talk.client('PA', 1 + i * 640, 1, { length: 640 })
    talk.server('A', 1, 1, { sack: [1000, 64_001] })
    // The window then reaches from the block's end on.
    expect(talk.client('PA', 64_001 + 64_240, 1)).toBe(WAITS)
  })

  it.each([
    ['the client', 'client'],
    ['the server', 'server'],
  ] as const)('may be a keep-alive of %s, one byte behind', (_, side) => {
    expect(quiet()[side]('A', 0, 1)).toBe(FINE)
  })
})

describe('a conversation that keeps to the rules', () => {
  it.each(Array.from({ length: 30 }, (_, seed) => seed))('is never INVALID (seed %i)', seed => {
    const random = RandomStream.named(seed, 'tcp', 'talk')
    const first = [random.word() | 1, random.word() | 1]
    const said = converse(new TcpTalk(first[0], first[1]), random, 400)
    expect(said.filter(text => !text.startsWith('ESTABLISHED'))).toEqual([])
  })

  it('is judged the same wherever its numbers begin', () => {
    const plain = converse(new TcpTalk(1000, 5000), RandomStream.named(3, 'tcp', 'wrap'), 2000)
    for (const first of [2 ** 31 - 500, 2 ** 32 - 500, 2 ** 32 - 1]) {
      expect(converse(new TcpTalk(first, first - 77), RandomStream.named(3, 'tcp', 'wrap'), 2000)).toEqual(plain)
    }
  })
})
