// The connection table against a plain list of entries: adding, finding, refreshing, removing and expiring in any order and at any time,
// through growth of the index and several turns of the timer wheel.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConntrackPair, type Tuple } from '../support/conntrack-model.js'
import { RandomStream } from '../support/random-stream.js'

const LONG = process.env.VXLANE_LONG !== undefined
const LPS = 3
const PROTOCOLS = [6, 17, 1, 47]

/** A tuple out of few, so that they meet; echo requests have an id where others have ports. */
const tupleOf = (lp: number, protocol: number, source: number, target: number, port: number, size: number): Tuple => ({
  lp: lp % LPS,
  protocol: PROTOCOLS[protocol % PROTOCOLS.length],
  source: 0x0af40000 + (source % size),
  target: -0x35ff0000 + (target % size),
  ports: PROTOCOLS[protocol % PROTOCOLS.length] === 1 ? ((port % size) << 16) | 0x0800 : ((60000 + (port % size)) << 16) | 53 | 0,
})

const LIVES = [1, 5e8, 1e9, 30e9, 120e9, 600e9, 432_000e9]
const PASSES = [0, 1, 999_999_999, 1e9, 2.5e9, 40e9, 4095e9, 4096e9, 4097e9, 500_000e9]

type Step = readonly [what: number, a: number, b: number, c: number, d: number, e: number]

function perform(pair: ConntrackPair, [what, a, b, c, d, e]: Step, size: number): void {
  const tuple = tupleOf(a, b, c, d, e, size)
  const life = LIVES[(a + c + e) % LIVES.length]
  // Every other connection is translated to an address that all share, with its own port or another.
  const port = tuple.protocol === 1 ? tuple.ports >>> 16 : (tuple.ports >>> 16) + (d & 1)
  if (what < 5) pair.add(tuple, (e + c) & 1 ? tuple.source : 0x0ae00004, (e + c) & 1 ? tuple.ports >>> 16 : port, life)
  else if (what < 7) pair.find(tuple)
  else if (what < 9) pair.refresh(a * 7 + b, life)
  else if (what < 10) pair.remove(a * 5 + c)
  else if (what < 12) pair.mapping(tuple.lp, tuple.protocol, tuple.source, tuple.ports >>> 16)
  else pair.pass(PASSES[(a + b + c) % PASSES.length], what === 12)
}

describe('conntrack', () => {
  it('does what a list would do', () => {
    const step = fc.tuple(fc.nat(13), fc.nat(30), fc.nat(30), fc.nat(30), fc.nat(30), fc.nat(30))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), steps => {
        const pair = new ConntrackPair(LPS, 0)
        for (const one of steps) perform(pair, one, 3)
        pair.check()
      }),
      { numRuns: LONG ? 5000 : 200, seed: 1 },
    )
  })

  it.each([1, 2, 3])('does so with thousands of entries, through growth and turns of the wheel (seed %i)', seed => {
    const pair = new ConntrackPair(LPS, 0)
    const random = RandomStream.named(seed, 'conntrack', 'steps')
    const steps = LONG ? 60_000 : 4_000
    for (let i = 0; i < steps; i++) {
      // Mostly additions at first, so that the index grows; time passes rarely until then.
      const isGrowing = i < steps / 2
      const what = isGrowing && random.below(20) !== 0 ? random.below(9) : random.below(14)
      const [a, b, c, d, e] = Array.from({ length: 5 }, () => random.below(1 << 16))
      if (isGrowing && what >= 12) pair.pass(1000, what === 12)
      else perform(pair, [what, a, b, c, d, e], 40)
      if (i % 1000 === 999) pair.check()
    }
    expect(Math.max(...pair.table.peak)).toBeGreaterThan(300)
  })

  it('keeps the order of one source through growth, wherever its chain lies', () => {
    // A chain that wraps around the end of the index must not be turned about when the index grows.
    for (let source = 0; source < 2000; source++) {
      const pair = new ConntrackPair(LPS, 0)
      for (let i = 0; i < 4; i++) pair.add({ lp: 0, protocol: 17, source, target: 1000 + i, ports: (5000 << 16) | 53 }, -5, 40000 + i, 1e12)
      pair.mapping(0, 17, source, 5000)
      for (let i = 0; i < 400; i++) pair.table.add(1, 17, i, 77, i << 16, 77, i, i, new Float64Array(1))
      pair.mapping(0, 17, source, 5000)
    }
  })

  it('frees what ended a long time ago after one turn of the wheel', () => {
    const pair = new ConntrackPair(1, 0)
    for (let i = 0; i < 300; i++) pair.add({ lp: 0, protocol: 17, source: i, target: 1, ports: (9 << 16) | 9 }, i, 9, 30e9)
    const { length } = pair.table.words
    for (let round = 1; round < 20; round++) {
      pair.pass(432_000e9, true)
      expect(pair.table.used[0]).toBe(0)
      for (let i = 0; i < 300; i++) pair.add({ lp: 0, protocol: 17, source: i, target: round, ports: (9 << 16) | 9 }, i, 9, 30e9)
    }
    expect(pair.table.words.length).toBe(length)
    pair.check()
  })
})
