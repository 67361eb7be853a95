// Sizes against their distributions: Kolmogorov's distance, and the mean against the exact one, clamping and rounding to bytes included.
import { describe, expect, it } from 'vitest'
import type { Distribution } from '../../src/base/distribution.js'
import { SIMPLE_IMIX } from '../../src/base/distribution.js'
import { drawSize } from '../../src/traffic/sizes.js'
import { distanceMost, distanceOf, flowsOf, momentsOf } from '../support/draws.js'

const DRAWS = 30_000
const LEAST = 28
const MOST = 65535

/** P(size <= bytes) of what is rounded to whole bytes and clamped. */
const clamped =
  (cdf: (x: number) => number, least: number, most: number) =>
  (bytes: number): number =>
    bytes < least ? 0 : bytes >= most ? 1 : cdf(bytes + 0.5)

/** Abramowitz and Stegun 7.1.26 would be too coarse; the series of Marsaglia (2004) is exact to 1e-15. */
function normal(x: number): number {
  if (Math.abs(x) > 8) return x > 0 ? 1 : 0
  let term = x
  let sum = x
  for (let i = 3; Math.abs(term) > 1e-16 * Math.abs(sum) && i < 400; i += 2) {
    term *= (x * x) / i
    sum += term
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI)
}

const CASES: readonly (readonly [string, Distribution, (bytes: number) => number])[] = [
  ['uniform', { kind: 'uniform', least: 100, most: 119 }, bytes => Math.min(1, Math.max(0, (bytes - 99) / 20))],
  ['exponential', { kind: 'exponential', mean: 500, least: LEAST, most: MOST }, clamped(x => 1 - Math.exp(-x / 500), LEAST, MOST)],
  ['exponential, cut short', { kind: 'exponential', mean: 800, least: 200, most: 1500 }, clamped(x => 1 - Math.exp(-x / 800), 200, 1500)],
  [
    'lognormal',
    { kind: 'lognormal', median: 300, sigma: 1.2, least: LEAST, most: 9000 },
    clamped(x => normal(Math.log(x / 300) / 1.2), LEAST, 9000),
  ],
  ['pareto', { kind: 'pareto', scale: 60, shape: 1.3, most: 20_000 }, clamped(x => (x <= 60 ? 0 : 1 - (60 / x) ** 1.3), 60, 20_000)],
  ['imix', SIMPLE_IMIX, bytes => (bytes < 40 ? 0 : bytes < 576 ? 7 / 12 : bytes < 1500 ? 11 / 12 : 1)],
  [
    'a table',
    {
      kind: 'empirical',
      values: [
        { value: 900, weight: 1 },
        { value: 28, weight: 3 },
        { value: 65535, weight: 0.5 },
      ],
    },
    bytes => (bytes < 28 ? 0 : bytes < 900 ? 3 / 4.5 : bytes < MOST ? 4 / 4.5 : 1),
  ],
]

describe('sizes', () => {
  it.each(CASES)('%s', (_, size, cdf) => {
    const { flows, image } = flowsOf({ size })
    const sample = Array.from({ length: DRAWS }, () => drawSize(flows, image, 0, 0))
    expect(sample.every(bytes => Number.isInteger(bytes) && bytes >= LEAST && bytes <= MOST)).toBe(true)
    expect(distanceOf(sample, cdf, bytes => cdf(bytes - 1))).toBeLessThan(distanceMost(DRAWS))
    let mean = LEAST
    let square = 0
    for (let bytes = LEAST; bytes < MOST; bytes++) {
      mean += 1 - cdf(bytes)
      square += (2 * bytes + 1) * (1 - cdf(bytes))
    }
    const variance = square + LEAST ** 2 - mean ** 2
    expect(Math.abs(momentsOf(sample).mean - mean)).toBeLessThan(4.5 * Math.sqrt(variance / DRAWS))
  })

  it('constant draws nothing and is what it says', () => {
    const { flows, image } = flowsOf({ size: { kind: 'constant', value: 777 } })
    const before = flows.words.slice()
    expect([drawSize(flows, image, 0, 0), drawSize(flows, image, 0, 0)]).toEqual([777, 777])
    expect(flows.words).toEqual(before)
  })
})
