// The packet ring: what goes in comes out, in order and whole, with and without tail bytes of its own, through many laps of a tiny ring,
// however the two ends take turns; a full one says so and drops nothing.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PacketPool } from '../../src/shm/packet-pool.js'
import { createReceiver, createRing, createTransmitter, type Receiver, type Transmitter } from '../../src/shm/ring.js'

const CELLS = 16
const CELL_BYTES = 224
const MOST_TAIL = (CELLS - 1) * CELL_BYTES

interface Sent {
  readonly time: number
  readonly head: number
  readonly tail: number
  readonly hasBytes: boolean
}

/** Both ends of one ring, each with a pool of its own, and a list of what must come out. */
class Pair {
  readonly source = new PacketPool(4)
  readonly target = new PacketPool(4)
  private readonly transmitter: Transmitter
  private readonly receiver: Receiver
  private readonly expected: [event: number[], frame: string, fields: number[]][] = []
  private readonly at = new Float64Array(3)
  sent = 0
  received = 0

  constructor(cells = CELLS) {
    const ring = createRing(cells)
    this.transmitter = createTransmitter(ring, this.source)
    this.receiver = createReceiver(ring, this.target, (id, times, origin, sequence, lp, kind) => {
      this.received++
      expect([[times[0], origin, sequence, lp, kind], frameOf(this.target, id), fieldsOf(this.target, id)]).toEqual(this.expected.shift())
      this.target.release(id)
    })
  }

  /** Whether the packet went in. */
  send({ time, head, tail, hasBytes }: Sent): boolean {
    const { source } = this
    const n = this.sent
    const id = source.allocate(head, tail, n, 64)
    source.setOrigin(id, n * 3, n * 5)
    source.times[source.sentAt(id)] = n + 0.5
    source.bytes.fill(n & 0xff, source.start(id), source.start(id) + head)
    if (hasBytes)
      source.setTail(
        id,
        Uint8Array.from({ length: tail }, (_, i) => (i + n) & 0xff),
      )
    this.at[2] = time
    const went = this.transmitter.send(id, this.at, 2, n, ~n, n + 1, n & 7)
    if (went) {
      this.expected.push([[time, n, ~n, n + 1, n & 7], frameOf(source, id), fieldsOf(source, id)])
      this.sent++
    }
    source.release(id)
    expect(source.live).toBe(0)
    return went
  }

  publish(): void {
    this.transmitter.publish()
  }

  drain(): number {
    return this.receiver.drain()
  }
}

type Id = ReturnType<PacketPool['allocate']>
const frameOf = (pool: PacketPool, id: Id): string => Buffer.from(pool.copyFrame(id)).toString('hex')
const fieldsOf = (pool: PacketPool, id: Id): number[] => [
  pool.flow(id),
  pool.origin(id),
  pool.serial(id),
  pool.times[pool.sentAt(id)],
  pool.head(id),
  pool.tail(id),
  pool.flags(id),
]

const packet: fc.Arbitrary<Sent> = fc.record({
  time: fc.double({ min: 0, max: 2 ** 53, noNaN: true }),
  head: fc.nat(110),
  tail: fc.oneof(fc.constant(0), fc.constantFrom(1, CELL_BYTES - 1, CELL_BYTES, CELL_BYTES + 1, MOST_TAIL), fc.nat(MOST_TAIL)),
  hasBytes: fc.boolean(),
})

describe('packet ring', () => {
  it('brings everything through, in order, whoever takes turns when', () => {
    const action = fc.oneof({ weight: 5, arbitrary: packet }, fc.constantFrom('publish' as const, 'drain' as const))
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120 }), actions => {
        const pair = new Pair()
        for (const act of actions) {
          if (act === 'publish') pair.publish()
          else if (act === 'drain') pair.drain()
          else if (!pair.send(act)) {
            // Full: what is in there was published, so that draining makes room.
            expect(pair.drain()).toBeGreaterThan(0)
            expect(pair.send(act)).toBe(true)
          }
        }
        pair.publish()
        pair.drain()
        expect(pair.received).toBe(pair.sent)
        expect(pair.target.live).toBe(0)
      }),
      { numRuns: 150, seed: 6 },
    )
  })

  it('runs many laps', () => {
    const pair = new Pair()
    for (let i = 0; i < 20_000; i++) {
      const sent = { time: i, head: i % 100, tail: i % 700, hasBytes: i % 3 === 0 }
      if (!pair.send(sent)) {
        pair.drain()
        expect(pair.send(sent)).toBe(true)
      }
    }
    pair.publish()
    pair.drain()
    expect(pair.received).toBe(20_000)
  })

  it('shows nothing before it is published, and publishes by itself every 64 packets', () => {
    const pair = new Pair(128)
    const plain = { time: 1, head: 42, tail: 100, hasBytes: false }
    for (let i = 0; i < 63; i++) pair.send(plain)
    expect(pair.drain()).toBe(0)
    pair.send(plain)
    expect(pair.drain()).toBe(64)
    pair.send(plain)
    expect(pair.drain()).toBe(0)
    pair.publish()
    expect(pair.drain()).toBe(1)
    expect(pair.drain()).toBe(0)
  })

  it('holds exactly its cells, and refuses whole what does not fit', () => {
    const pair = new Pair()
    const plain = { time: 1, head: 42, tail: 100, hasBytes: false }
    for (let i = 0; i < CELLS; i++) expect(pair.send(plain)).toBe(true)
    expect(pair.send(plain)).toBe(false)
    expect(pair.drain()).toBe(CELLS)
    for (let i = 0; i < CELLS - 2; i++) pair.send(plain)
    expect(pair.send({ time: 1, head: 42, tail: CELL_BYTES + 1, hasBytes: true })).toBe(false)
    expect(pair.send({ time: 1, head: 42, tail: CELL_BYTES, hasBytes: true })).toBe(true)
    pair.publish()
    expect(pair.drain()).toBe(CELLS - 1)
  })

  it('keeps a tail that exists only as a length', () => {
    const pair = new Pair()
    pair.send({ time: 1, head: 42, tail: 60_000, hasBytes: false })
    pair.publish()
    expect(pair.drain()).toBe(1)
  })
})
