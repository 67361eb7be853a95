// Longest-prefix match against the definition of it: of all prefixes that hold the address, the longest. The oracle is a list.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildFib, lookup, type Route } from '../../src/table/fib.js'
import { ip } from '../cluster/make-scenario.js'
import { RandomStream } from '../support/random-stream.js'

const LONG = process.env.VXLANE_LONG !== undefined
const MOST_VALUE = 0x7fffffff

const maskOf = (prefix: number): number => (prefix === 0 ? 0 : (-1 << (32 - prefix)) | 0)
const holds = ({ base, prefix }: Route, address: number): boolean => ((address ^ base) & maskOf(prefix)) === 0

/** Of routes of one prefix the last one counts. */
function naive(routes: readonly Route[], address: number): number {
  let best: Route | undefined
  for (const route of routes) if (holds(route, address) && (!best || route.prefix >= best.prefix)) best = route
  return best?.value ?? 0
}

/** First and last address of a prefix, their neighbours outside, and one within. */
const edgesOf = ({ base, prefix }: Route): number[] => {
  const last = base | ~maskOf(prefix)
  return [base, last, base - 1, last + 1, base ^ (~maskOf(prefix) & 0x5a5a5a5a)].map(address => address | 0)
}

function agrees(routes: readonly Route[], addresses: readonly number[]): void {
  const fib = buildFib(routes)
  for (const address of addresses) expect(lookup(fib, address)).toBe(naive(routes, address))
}

// Few distinct bits in each byte, so that prefixes nest and collide.
const address = fc
  .tuple(fc.constantFrom(0, 10, 127, 128, 255), fc.constantFrom(0, 1, 255), fc.constantFrom(0, 1, 128), fc.nat(255))
  .map(([a, b, c, d]) => (a << 24) | (b << 16) | (c << 8) | d)
const route = fc
  .record({ base: address, prefix: fc.nat(32), value: fc.integer({ min: 1, max: MOST_VALUE }) })
  .map(({ base, prefix, value }) => ({ base: base & maskOf(prefix), prefix, value }))

describe('fib', () => {
  it('knows nothing without routes', () => {
    const fib = buildFib([])
    expect([0, 1, -1, ip('10.0.0.1')].map(to => lookup(fib, to))).toEqual([0, 0, 0, 0])
  })

  it('holds a chain of all 33 prefix lengths', () => {
    const target = ip('10.244.213.77')
    const chain = Array.from({ length: 33 }, (_, prefix) => ({ base: target & maskOf(prefix), prefix, value: prefix + 1 }))
    const addresses = [target, ...Array.from({ length: 32 }, (_, bit) => target ^ (1 << bit))]
    agrees(chain, addresses)
    agrees([...chain].reverse(), addresses)
  })

  it('finds the longest prefix of any table, at every edge', () => {
    fc.assert(
      fc.property(fc.array(route, { maxLength: 30 }), fc.array(address, { maxLength: 20 }), (routes, others) => {
        agrees(routes, [...routes.flatMap(edgesOf), ...others])
      }),
      { numRuns: LONG ? 3000 : 150, seed: 2 },
    )
  })

  it('lets a later route of the same prefix win', () => {
    const base = ip('10.1.2.0')
    expect(
      lookup(
        buildFib([
          { base, prefix: 24, value: 1 },
          { base, prefix: 24, value: 2 },
        ]),
        base + 9,
      ),
    ).toBe(2)
  })

  it('holds values up to 2^31 - 1', () => {
    expect(lookup(buildFib([{ base: ip('10.1.2.128'), prefix: 25, value: MOST_VALUE }]), ip('10.1.2.200'))).toBe(MOST_VALUE)
  })

  it('holds five thousand blocks among whole ranges', () => {
    const random = RandomStream.named(5, 'fib', 'blocks')
    const blocks = Array.from({ length: 5000 }, (_, i) => ({ base: ip('10.64.0.0') + (i << 8), prefix: 24, value: i + 10 }))
    const routes: Route[] = [
      { base: 0, prefix: 0, value: 1 },
      { base: ip('10.224.0.0'), prefix: 12, value: 2 },
      { base: ip('10.224.0.0'), prefix: 16, value: 3 },
      ...blocks,
    ]
    const fib = buildFib(routes)
    for (let i = 0; i < 2000; i++) {
      const to = i % 2 === 0 ? ip('10.64.0.0') + random.below(6000 << 8) : random.word() | 0
      expect(lookup(fib, to)).toBe(naive(routes, to))
    }
  })
})
