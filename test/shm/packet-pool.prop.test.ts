// The packet pool against plain byte arrays: growth keeps packets, and pull, trim, prepend, strip and new tails do to a frame what they
// would do to an array.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PacketId } from '../../src/base/brand.js'
import { PacketPool, Slot } from '../../src/shm/packet-pool.js'

const HEADER_SPACE = 160

interface Model {
  readonly id: PacketId
  bytes: Uint8Array
  /** Bytes in the slot are a prefix of at least this length. */
  readonly flow: number
}

type Step = readonly [what: number, which: number, amount: number, filler: number]

const concat = (a: Uint8Array, b: Uint8Array): Uint8Array => Uint8Array.from([...a, ...b])
const filled = (length: number, filler: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (filler * 31 + i * 7) & 0xff)

/** One pool, and the frames it should hold. */
class Pair {
  readonly pool = new PacketPool(4096)
  private models: Model[] = []
  private made = 0

  perform([what, which, amount, filler]: Step): void {
    if (what < 3 || this.models.length === 0) this.make(what, amount, filler)
    else this.change(what, which, amount, filler)
  }

  private change(what: number, which: number, amount: number, filler: number): void {
    const model = this.models[which % this.models.length]
    if (what === 3) this.release(model)
    else if (what === 4) this.pull(model, amount)
    else if (what === 5) this.trim(model, amount)
    else if (what === 6) this.prepend(model, amount, filler)
    else if (what === 7) this.strip(model, amount)
    else this.retail(model, amount, filler)
  }

  private make(what: number, amount: number, filler: number): void {
    const { pool } = this
    const flow = this.made++
    if (what === 0) {
      const head = Math.min(amount, Slot.HEAD_MOST)
      const id = pool.allocate(head, amount - head, flow, 0)
      pool.bytes.set(filled(head, filler), pool.start(id))
      this.models.push({ id, bytes: concat(filled(head, filler), new Uint8Array(amount - head)), flow })
    } else {
      const bytes = filled(amount, filler)
      this.models.push({ id: pool.allocateFrom(bytes.slice(), flow, 0), bytes, flow })
    }
  }

  private release(model: Model): void {
    this.pool.release(model.id)
    this.models = this.models.filter(other => other !== model)
  }

  private pull(model: Model, amount: number): void {
    const { pool } = this
    const n = amount % (HEADER_SPACE + 10)
    const before = pool.head(model.id)
    const can = n <= before || (n <= model.bytes.length && n <= HEADER_SPACE)
    expect(pool.pull(model.id, n)).toBe(can)
    if (can) expect(pool.head(model.id)).toBe(Math.max(n, before))
  }

  private trim(model: Model, amount: number): void {
    const length = amount % (model.bytes.length + 1)
    this.pool.trim(model.id, length)
    model.bytes = model.bytes.slice(0, length)
  }

  private prepend(model: Model, amount: number, filler: number): void {
    const { pool } = this
    const n = amount % (Slot.HEADROOM + 1)
    if (pool.head(model.id) + Slot.HEADROOM > HEADER_SPACE) return
    pool.prepend(model.id, n)
    pool.bytes.set(filled(n, filler), pool.start(model.id))
    model.bytes = concat(filled(n, filler), model.bytes)
  }

  private strip(model: Model, amount: number): void {
    const n = amount % (this.pool.head(model.id) + 1)
    this.pool.strip(model.id, n)
    model.bytes = model.bytes.slice(n)
  }

  private retail(model: Model, amount: number, filler: number): void {
    const { pool } = this
    const head = model.bytes.slice(0, pool.head(model.id))
    if (filler % 2 === 0) pool.setTail(model.id, filled(amount, filler))
    else pool.setZeroTail(model.id, amount)
    model.bytes = concat(head, filler % 2 === 0 ? filled(amount, filler) : new Uint8Array(amount))
  }

  check(): void {
    const { pool } = this
    expect(pool.live).toBe(this.models.length)
    expect(new Set(this.models.map(({ id }) => id)).size).toBe(this.models.length)
    for (const { id, bytes, flow } of this.models) {
      expect(Buffer.from(pool.copyFrame(id)).equals(bytes)).toBe(true)
      expect([pool.length(id), pool.head(id) + pool.tail(id), pool.flow(id)]).toEqual([bytes.length, bytes.length, flow])
      const inSlot = pool.bytes.subarray(pool.start(id), pool.start(id) + pool.head(id))
      expect(Buffer.from(inSlot).equals(bytes.subarray(0, pool.head(id)))).toBe(true)
    }
  }
}

describe('packet pool', () => {
  it('does to frames what one would do to byte arrays', () => {
    const amount = fc.oneof(fc.nat(170), fc.constantFrom(0, Slot.HEADROOM, Slot.HEAD_MOST, Slot.HEAD_MOST + 1, HEADER_SPACE), fc.nat(2000))
    const step = fc.tuple(fc.nat(8), fc.nat(20), amount, fc.nat(255))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const pair = new Pair()
        for (const one of steps) {
          pair.perform(one)
          pair.check()
        }
      }),
      { numRuns: 300, seed: 7 },
    )
  })

  it('holds what its packets hold, thousands at a time', () => {
    const pair = new Pair()
    for (let i = 0; i < 3000; i++) pair.perform([i % 2, 0, i % 300, i & 0xff])
    pair.check()
  })

  it('says that it is full, and what to do', () => {
    const pool = new PacketPool(2)
    while (pool.live < 2) pool.allocate(10, 0, 0, 0)
    expect(() => pool.allocate(10, 0, 0, 0)).toThrow(/more workers have more pools/)
  })

  it('reuses the slot that was released last, so that few are touched', () => {
    const pool = new PacketPool(8)
    const first = pool.allocate(10, 0, 0, 0)
    for (let i = 0; i < 100; i++) {
      const id = pool.allocate(10, 0, i, 0)
      expect(id).toBe(1)
      pool.release(id)
    }
    expect(first).toBe(0)
  })

  it('forgets a tail with its packet', () => {
    const pool = new PacketPool(1)
    const id = pool.allocateFrom(filled(500, 1), 0, 0)
    pool.release(id)
    const next = pool.allocate(10, 490, 0, 0)
    expect(next).toBe(id)
    expect(pool.tailBytes(next)).toBeNull()
    expect(
      pool
        .copyFrame(next)
        .subarray(10)
        .every(byte => byte === 0),
    ).toBe(true)
  })
})
