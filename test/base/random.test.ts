// Random numbers: the generator against the vectors its authors published, the streams against each other, and the exponential against
// the logarithm.
import { describe, expect, it } from 'vitest'
import { exponentialOf } from '../../src/base/exponential.js'
import { mix32, philox, StreamKey } from '../../src/base/random.js'
import { RandomStream } from '../support/random-stream.js'

const words = (...hex: string[]): number[] => hex.map(text => Number.parseInt(text, 16))

/** Upper end of what chance does once in 100,000 times: Wilson and Hilferty's approximation of the chi-square quantile. */
const chiSquareMost = (freedom: number): number => freedom * (1 - 2 / (9 * freedom) + 4.265 * Math.sqrt(2 / (9 * freedom))) ** 3

function chiSquare(counts: ArrayLike<number>, expected: number): number {
  let sum = 0
  for (let i = 0; i < counts.length; i++) sum += (counts[i] - expected) ** 2 / expected
  return sum
}

describe('philox', () => {
  // Random123, kat_vectors: philox 4x32, 10 rounds.
  it.each([
    [words('0', '0', '0', '0'), words('0', '0'), words('6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8')],
    [
      words('ffffffff', 'ffffffff', 'ffffffff', 'ffffffff'),
      words('ffffffff', 'ffffffff'),
      words('408f276d', '41c83b0e', 'a20bc7c6', '6d5451fd'),
    ],
    [
      words('243f6a88', '85a308d3', '13198a2e', '03707344'),
      words('a4093822', '299f31d0'),
      words('d16cfe09', '94fdcceb', '5001e420', '24126ea1'),
    ],
  ])('makes of counter %j and key %j what was published', ([c0, c1, c2, c3], [k0, k1], wanted) => {
    const out = new Int32Array(6)
    philox(c0, c1, c2, c3, k0, k1, out, 1)
    expect([...out].map(word => word >>> 0)).toEqual([0, ...wanted, 0])
  })

  it('has even bytes and even bits', () => {
    const out = new Int32Array(4)
    const bytes = new Float64Array(256)
    const bits = new Float64Array(32)
    const draws = 20_000
    for (let i = 0; i < draws; i++) {
      philox(i, 0, 0, 0, 1, 2, out, 0)
      for (const word of out) {
        for (let shift = 0; shift < 32; shift += 8) bytes[(word >>> shift) & 255]++
        for (let bit = 0; bit < 32; bit++) bits[bit] += (word >>> bit) & 1
      }
    }
    expect(chiSquare(bytes, (draws * 16) / 256)).toBeLessThan(chiSquareMost(255))
    expect(chiSquare(bits, draws * 2)).toBeLessThan(chiSquareMost(32))
  })
})

describe('streams', () => {
  it('are a function of seed, name and purpose alone', () => {
    const draw = (seed: number, name: string, purpose: string): string => {
      const stream = RandomStream.named(seed, name, purpose)
      return Array.from({ length: 8 }, () => stream.word()).join()
    }
    expect(draw(1, 'a/b/0', 'sizes')).toBe(draw(1, 'a/b/0', 'sizes'))
    const others = [
      draw(2, 'a/b/0', 'sizes'),
      draw(1, 'a/b/1', 'sizes'),
      draw(1, 'a/b/0', 'arrivals'),
      draw(1 + 2 ** 32, 'a/b/0', 'sizes'),
      draw(1, 'a/b', '0sizes'),
    ]
    expect(new Set([draw(1, 'a/b/0', 'sizes'), ...others]).size).toBe(6)
  })

  it('take a name in parts as they take it whole', () => {
    const whole = StreamKey.of(7).with('shop/web/12')
    const parts = StreamKey.of(7).with('shop/').with('').with('web/').with('12')
    expect([parts.key0, parts.key1]).toEqual([whole.key0, whole.key1])
  })

  it('have keys that never meet: of 200,000 pods no two', () => {
    const keys = new Set<string>()
    const root = StreamKey.of(1).with('shop/web/')
    for (let pod = 0; pod < 200_000; pod++) {
      const key = root.with(String(pod))
      keys.add(`${key.key0},${key.key1}`)
    }
    expect(keys.size).toBe(200_000)
  })

  it('of neighbouring names are not correlated', () => {
    const n = 20_000
    const streams = ['web/0', 'web/1', 'web/10', 'weB/0'].map(name => RandomStream.named(1, name, 'arrivals'))
    const draws = streams.map(stream => Float64Array.from({ length: n }, () => stream.uniform() - 0.5))
    for (let a = 0; a < draws.length; a++) {
      for (let b = a; b < draws.length; b++) {
        for (const lag of a === b ? [1, 2, 4] : [0, 1]) {
          let sum = 0
          for (let i = 0; i + lag < n; i++) sum += draws[a][i] * draws[b][i + lag]
          // The product of two independent ones has variance 1/144.
          expect(Math.abs(sum * 12) / Math.sqrt(n)).toBeLessThan(4.5)
        }
      }
    }
  })

  it('of first draws alone are even, too: over entities, not only over time', () => {
    const counts = new Float64Array(128)
    for (let pod = 0; pod < 64_000; pod++) counts[RandomStream.named(1, `shop/web/${pod}`, 'traffic').word() >>> 25]++
    expect(chiSquare(counts, 500)).toBeLessThan(chiSquareMost(127))
  })

  it('give uniform numbers inside (0, 1) and integers below any bound', () => {
    const stream = RandomStream.named(3, 'x', 'y')
    for (const bound of [1, 2, 3, 7, 1000, 2 ** 31, 2 ** 32 - 1, 2 ** 32]) {
      for (let i = 0; i < 200; i++) {
        const value = stream.below(bound)
        expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true)
      }
    }
    const counts = new Float64Array(7)
    for (let i = 0; i < 70_000; i++) counts[stream.below(7)]++
    expect(chiSquare(counts, 10_000)).toBeLessThan(chiSquareMost(6))
    for (let i = 0; i < 1000; i++) {
      const value = stream.uniform()
      expect(value > 0 && value < 1).toBe(true)
    }
  })

  it('are finished by a bijection', () => {
    const seen = new Set<number>()
    for (let i = 0; i < 100_000; i++) seen.add(mix32(i * 65_537))
    expect(seen.size).toBe(100_000)
  })
})

describe('exponentialOf', () => {
  it('is the logarithm of the uniform that the word stands for', () => {
    const stream = RandomStream.named(4, 'x', 'exponential')
    const edges = [0, 1, 2, 3, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1, ...Array.from({ length: 31 }, (_, bit) => 2 ** bit)]
    let worst = 0
    let least = 1
    for (const word of [...edges, ...Array.from({ length: 200_000 }, () => stream.word())]) {
      const found = exponentialOf(word)
      worst = Math.max(worst, Math.abs(found + Math.log((word + 0.5) / 2 ** 32)))
      least = Math.min(least, found)
    }
    expect(worst).toBeLessThan(3e-14)
    expect(least).toBeGreaterThan(0)
  })

  it('falls as the word rises, across every seam of its table', () => {
    for (let bit = 8; bit < 32; bit++) {
      for (let part = 0; part <= 256; part++) {
        const word = 2 ** bit + part * 2 ** (bit - 8)
        if (word < 2 ** 32 && exponentialOf(word) >= exponentialOf(word - 1)) expect.fail(`${word} rises`)
      }
    }
  })
})
