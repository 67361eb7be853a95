// Windows of silent connections are packed into their records: whatever packs comes out as it went in, and connections that take turns at a
// few rows fare as each would alone. What is worth packing does pack: the windows of ends that wait for each other, or are done.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMeet } from '../../src/datapath/express-meet.js'
import { Direction } from '../../src/table/conntrack.js'
import { Pulse, Status } from '../../src/table/pulse.js'
import { PACKED_WORDS, packRow, unpackRow } from '../../src/table/tcp-pack.js'
import { TcpFlag, TcpRow } from '../../src/table/tcp-window.js'
import { parseIpv4 } from '../../src/wire/address.js'
import { RandomStream } from '../support/random-stream.js'
import { NODE, stackLab } from '../support/stack-lab.js'
import { conversation } from '../support/tcp-converse.js'
import { INET, POD, TcpTalk } from '../support/tcp-talk.js'

const LONG = process.env.VXLANE_LONG !== undefined
const AT = 7
/** Bits that belong to nobody must not get lost, nor come back. */
const NOISE = 0x5a5a5a5a

/** The row as it comes back, or null if it is not packed. */
function returned(row: Int32Array): Int32Array | null {
  const packed = new Int32Array(PACKED_WORDS).fill(NOISE)
  const from = new Int32Array(AT + TcpRow.WORDS).fill(NOISE)
  from.set(row, AT)
  if (!packRow(from, AT, packed)) return null
  expect(packed[PACKED_WORDS - 1] >>> 20).toBe(0)
  const into = new Int32Array(AT + TcpRow.WORDS + 1).fill(NOISE)
  unpackRow(packed, into, AT)
  expect([into[AT - 1], into[AT + TcpRow.WORDS]]).toEqual([NOISE, NOISE])
  return into.slice(AT, AT + TcpRow.WORDS)
}

const word = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.constantFrom(0, 1, -1, 2 ** 31 - 1, -(2 ** 31)))
const often = <T>(usual: fc.Arbitrary<T>, ...seldom: fc.Arbitrary<T>[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 12, arbitrary: usual }, ...seldom.map(arbitrary => ({ weight: 1, arbitrary })))
const small = often(fc.nat(3), fc.nat(70_000))
const window = often(fc.constantFrom(0, 1, 64_240, 65_535), fc.nat(65_536), word)
const side = often(fc.nat(63), fc.nat(255))
const scale = often(fc.nat(15), fc.nat(255))
const flags = fc.tuple(side, scale).map(([low, shift]) => low | (shift << TcpFlag.SCALE_SHIFT))

/** Rows near to what conversations leave behind, a step away from it here and there. */
const likely = fc
  .record({
    ends: fc.tuple(word, word),
    unacked: fc.tuple(small, small),
    offers: fc.tuple(window, window),
    windows: fc.option(fc.tuple(window, window)),
    flags: fc.tuple(flags, flags),
    scaled: fc.boolean(),
    last: fc.nat(15),
    behind: fc.tuple(small, small, small),
    lastWindow: often(fc.constant(null), window),
    lastFlags: fc.oneof(
      fc.constant(0),
      fc.nat(255).map(n => n << TcpFlag.REPEATS_SHIFT),
      fc.nat(0xffffff),
    ),
    from: fc.nat(1),
    none: fc.boolean(),
  })
  .map(({ ends, unacked, offers, windows, flags: both, scaled, last, behind, lastWindow, lastFlags, from: ofReply, none }) => {
    const row = new Int32Array(TcpRow.WORDS)
    const scales = scaled ? both.map(bits => bits >>> TcpFlag.SCALE_SHIFT) : [0, 0]
    for (const i of [0, 1]) {
      const s = i * TcpRow.SIDE_WORDS
      const peer = (1 - i) * TcpRow.SIDE_WORDS
      row[s + TcpRow.END] = ends[i]
      row[s + TcpRow.FLAGS] = scaled ? both[i] : both[i] & 0xff
      const isAcked = (both[1 - i] & TcpFlag.HAS_MOST_ACK) !== 0
      const from = isAcked ? (ends[i] - unacked[i]) | 0 : ends[i]
      if (isAcked) row[peer + TcpRow.MOST_ACK] = from
      row[s + TcpRow.MOST_END] = from + (offers[i] << (scales[1 - i] & 15))
      row[s + TcpRow.WINDOW] = windows ? windows[i] : offers[1 - i] << (scales[i] & 15)
    }
    row[TcpRow.LAST] = last
    row[TcpRow.LAST_FLAGS] = lastFlags
    if (none) return row
    row[TcpRow.LAST_END] = row[ofReply * TcpRow.SIDE_WORDS + TcpRow.END] - behind[0]
    row[TcpRow.LAST_ACK] = row[ofReply * TcpRow.SIDE_WORDS + TcpRow.MOST_ACK] - behind[1]
    row[TcpRow.LAST_SEQUENCE] = row[TcpRow.LAST_END] - behind[2]
    row[TcpRow.LAST_WINDOW] = lastWindow ?? offers[1 - ofReply]
    return row
  })

describe('packed windows', () => {
  it('come out as they went in, or are not packed', () => {
    let packs = 0
    const check = (row: Int32Array): void => {
      const back = returned(row)
      if (!back) return
      packs++
      expect(back).toEqual(row)
    }
    const any = fc.array(word, { minLength: TcpRow.WORDS, maxLength: TcpRow.WORDS }).map(words => Int32Array.from(words))
    fc.assert(fc.property(fc.oneof(any, likely), check), { numRuns: LONG ? 2_000_000 : 50_000, seed: 1 })
    expect(packs).toBeGreaterThan(LONG ? 200_000 : 5_000)
  })
})

/** A conversation to its end, however it ends; what the router says to each segment. */
function* life(talk: TcpTalk, random: RandomStream): Generator<string> {
  const [client, server] = yield* conversation(talk, random, random.below(60))
  // All that is on its way arrives.
  for (const end of [client, server]) end.received = Math.max(end.received, (end === client ? server : client).sent)
  yield talk.client('A', client.sent, client.received)
  yield talk.server('A', server.sent, server.received)
  const [c, s] = [client.sent, server.sent]
  const end = random.below(5)
  if (end === 0) return
  if (end === 1) yield random.below(2) ? talk.client('RA', c, s) : talk.server('R', s, 0)
  else if (end === 2) {
    yield talk.server('FA', s, c)
    yield talk.client('FA', c, s + 1)
    yield talk.client('FA', c, s + 1)
    yield talk.server('A', s + 1, c + 1)
  } else {
    yield talk.client('FA', c, s)
    yield talk.server('A', s, c + 1)
    yield talk.server('FA', s, c + 1)
    yield talk.client('A', c + 1, s + 1)
  }
  // Somebody asks again: late, out of window, or for the next connection of the same ports.
  if (end === 3) {
    yield talk.client('A', c - 10, s)
    yield talk.server('SA', 70_000, 70_001)
    yield talk.client('S', c + 200_000, 0, { scale: 7, permitsSack: true })
    yield talk.server('A', s + 1, c + 1)
  }
}

/** A life whose every draw comes from its own number. */
function lifeOf(number: number, talk: TcpTalk): Generator<string> {
  return life(talk, RandomStream.named(number, 'tcp', 'life'))
}

describe('connections that take turns at a few rows', () => {
  const LIVES = LONG ? 4000 : 200
  const first = (i: number): [number, number] => [Math.imul(i + 1, 0x9e3779b1), Math.imul(i + 1, 0x85ebca77)]

  it('fare as each does alone', () => {
    const stack = stackLab()
    const random = RandomStream.named(1, 'tcp', 'turns')
    const said = Array.from({ length: LIVES }, (): string[] => [])
    const lives = said.map((_, i) => lifeOf(i, new TcpTalk(...first(i), 20_000 + i, stack)))
    for (let left = lives.map((_, i) => i); left.length > 0; ) {
      const i = left[random.below(left.length)]
      const { done, value } = lives[i].next()
      if (done) left = left.filter(other => other !== i)
      else said[i].push(value)
    }
    // So many at a time, so few rows.
    expect(stack.conntrack.used.reduce((sum, count) => sum + count)).toBeGreaterThan(LIVES / 2)
    expect(stack.conntrack.tcp.count).toBeLessThan(LIVES / 3)
    for (let i = 0; i < LIVES; i++) expect(said[i]).toEqual([...lifeOf(i, new TcpTalk(...first(i), 20_000 + i))])
  })

  it.each([
    ['no options', {}, {}],
    ['the options of Linux', { scale: 7, permitsSack: true }, { scale: 7, permitsSack: true, window: 65_160 }],
    ['a side that does not scale', { scale: 7, permitsSack: true }, {}],
  ])('give them up when nobody speaks: ends with %s', (_, client, server) => {
    const offer = client.scale === undefined || server.scale === undefined ? 64_240 : 502
    const isPacked = ({ stack: { conntrack } }: TcpTalk): boolean =>
      packRow(conntrack.tcp.words, conntrack.tcp.at, new Int32Array(PACKED_WORDS))
    const talk = new TcpTalk(1000, -5000)
    talk.client('S', 0, 0, client)
    expect(isPacked(talk)).toBe(true)
    talk.server('SA', 0, 1, server)
    expect(isPacked(talk)).toBe(true)
    talk.client('A', 1, 1, { window: offer })
    expect(isPacked(talk)).toBe(true)
    // A request and its response, of segments as they fit an MTU of 1,500.
    talk.client('PA', 1, 1, { length: 1448, window: offer })
    talk.server('A', 1, 1449, { window: offer })
    for (let i = 0; i < 10; i++) talk.server('PA', 1 + i * 1448, 1449, { length: 1448, window: offer })
    talk.client('A', 1449, 14_481, { window: offer })
    expect(isPacked(talk)).toBe(true)
    // A keep-alive probe and its answer.
    talk.client('A', 1448, 14_481, { window: offer })
    expect(isPacked(talk)).toBe(true)
    talk.server('A', 14_481, 1449, { window: offer })
    expect(isPacked(talk)).toBe(true)
    // The same once more, and again.
    for (let i = 0; i < 300; i++) {
      talk.server('A', 14_481, 1449, { window: offer })
      expect(isPacked(talk)).toBe(true)
    }
    talk.client('FA', 1449, 14_481, { window: offer })
    expect(isPacked(talk)).toBe(true)
    talk.server('FA', 14_481, 1450, { window: offer })
    expect(isPacked(talk)).toBe(true)
    expect(talk.client('A', 1450, 14_482, { window: offer })).toBe('TIME_WAIT 120 ASSURED')
    expect(isPacked(talk)).toBe(true)
  })

  it('give them up in the midst of a transfer whose windows stand still', () => {
    const talk = new TcpTalk(1000, -5000).open()
    for (let i = 0; i < 10; i++) talk.server('PA', 1 + i * 1410, 1, { length: 1410 })
    talk.client('A', 1, 4 * 1410 + 1)
    const { tcp } = talk.stack.conntrack
    expect(packRow(tcp.words, tcp.at, new Int32Array(PACKED_WORDS))).toBe(true)
  })

  it("are nobody's remembered datagrams, whatever their windows look like", () => {
    const { conntrack, clock } = new TcpTalk().open().stack
    const record = conntrack.find(NODE, 6, parseIpv4(POD)!, parseIpv4(INET)!, (40002 << 16) | 80, clock) >> 2
    const meet = createMeet(conntrack, clock)
    conntrack.setState(record, 0, Status.SEEN_REPLY)
    // In place of a generation there may be any number.
    for (const generation of [0, 1, conntrack.pulses.generation(record)]) {
      conntrack.pulses.words[record * Pulse.WORDS + Pulse.GENERATION] = generation
      expect(meet(record, generation, Direction.ORIGINAL)).toBe(false)
      expect(meet(record, generation, Direction.REPLY)).toBe(false)
    }
  })
})
