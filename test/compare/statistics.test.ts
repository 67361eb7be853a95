// The rank tests against SciPy, R's manual and plain enumeration; the laws that hold for any samples.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { bootstrapInterval, Draws, median, quantile, shiftApart, shiftPaired } from '../../src/compare/shift.js'
import { holm, mannWhitney, midranks, normalQuantile, normalTail, signedRank } from '../../src/compare/statistics.js'

interface Golden {
  readonly rankSums: readonly { a: number[]; b: number[]; isExact: boolean; statistic: number; p: number; shift: number }[]
  readonly signedRanks: readonly { differences: number[]; statistic: number; p: number; shift: number }[]
  readonly intervals: readonly { groups: number[][]; interval: [number, number] }[]
  readonly published: {
    readonly depression: { x: number[]; y: number[]; V: number; pGreater: number }
    readonly permeability: { at: number[]; age: number[]; W: number; pGreater: number }
  }
  readonly normalTail: readonly [number, number][]
  readonly holm: readonly { p: number[]; corrected: number[] }[]
}
const golden = JSON.parse(readFileSync(new URL('../golden/statistics.json', import.meta.url), 'utf8')) as Golden

const nearTo = (found: number, expected: number): void =>
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1e-3, Math.abs(expected)))

describe('against SciPy', () => {
  test.each(golden.rankSums)(
    'Mann-Whitney of $a.length and $b.length values, exact: $isExact',
    ({ a, b, isExact, statistic, p, shift }) => {
      const found = mannWhitney(a, b)
      expect(found).toMatchObject({ isExact, statistic })
      nearTo(found.p, p)
      expect(shiftApart(a, b)).toBeCloseTo(shift, 12)
    },
  )

  test.each(golden.signedRanks)('signed ranks of $differences.length pairs, sum $statistic', ({ differences, statistic, p, shift }) => {
    const found = signedRank(differences)
    expect(found.statistic).toBe(statistic)
    nearTo(found.p, p)
    expect(shiftPaired(differences)).toBeCloseTo(shift, 12)
  })

  test.each(golden.normalTail)('the tail of the normal curve beyond %f', (z, tail) => {
    expect(Math.abs(normalTail(z) / tail - 1)).toBeLessThan(1e-9)
    if (z < 8) expect(normalQuantile(1 - tail)).toBeCloseTo(z, 5)
    expect(normalTail(-z)).toBeCloseTo(1 - tail, 14)
  })

  test.each(golden.intervals)('the bootstrap interval of $groups.length groups', ({ groups, interval }) => {
    const found = bootstrapInterval(groups, 4000, Draws.of(1, 'interval', 'test'))
    // Other draws: ends may move by a few hundredths of the width.
    const width = interval[1] - interval[0]
    expect(Math.abs(found[0] - interval[0]) / width).toBeLessThan(0.05)
    expect(Math.abs(found[1] - interval[1]) / width).toBeLessThan(0.05)
  })

  test.each(golden.holm)('Holm of $p', ({ p, corrected }) => {
    holm(p).forEach((value, i) => void nearTo(value, corrected[i]))
  })
})

describe('against the examples of the R manual', () => {
  it('Hamilton depression scale, paired', () => {
    const { x, y, V, pGreater } = golden.published.depression
    const found = signedRank(x.map((value, i) => value - y[i]))
    expect(found.statistic).toBe(V)
    expect(found.p / 2).toBeCloseTo(pGreater, 5)
  })
  it('permeability of membranes, two samples', () => {
    const { at, age, W, pGreater } = golden.published.permeability
    const found = mannWhitney(at, age)
    expect(found.statistic).toBe(W)
    expect(found.p / 2).toBeCloseTo(pGreater, 4)
  })
})

const numbers = (least: number, most: number) =>
  fc.array(
    fc.integer({ min: -50, max: 50 }).map(value => value / 8),
    { minLength: least, maxLength: most },
  )

describe('laws', () => {
  it('of two samples it does not matter which is first', () => {
    fc.assert(
      fc.property(numbers(1, 25), numbers(1, 25), (a, b) => {
        const found = mannWhitney(a, b)
        expect(mannWhitney(b, a)).toMatchObject({ p: found.p, statistic: a.length * b.length - found.statistic })
        expect(shiftApart(b, a)).toBe(-shiftApart(a, b) + 0)
        expect(found.p).toBeGreaterThan(0)
        expect(found.p).toBeLessThanOrEqual(1)
      }),
    )
  })
  it('turning every sign turns the estimate and keeps the p', () => {
    fc.assert(
      fc.property(numbers(1, 40), differences => {
        const turned = differences.map(value => -value)
        expect(signedRank(turned).p).toBeCloseTo(signedRank(differences).p, 12)
        expect(shiftPaired(turned)).toBe(-shiftPaired(differences) + 0)
      }),
      { examples: [[[0]], [[0, 0]]] },
    )
  })
  it('adding a number to one sample moves the estimate by it, and ranks stay ranks', () => {
    fc.assert(
      fc.property(numbers(1, 12), numbers(1, 12), fc.integer({ min: -9, max: 9 }), (a, b, by) => {
        expect(
          shiftApart(
            a,
            b.map(value => value + by),
          ),
        ).toBeCloseTo(shiftApart(a, b) + by, 12)
        const { ranks } = midranks(a)
        expect(ranks.reduce((total, rank) => total + rank, 0)).toBe((a.length * (a.length + 1)) / 2)
      }),
    )
  })
  it('a corrected p is never smaller than it was, keeps the order, and Bonferroni is never kinder', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }), values => {
        const corrected = holm(values)
        values.forEach((value, i) => {
          expect(corrected[i]).toBeGreaterThanOrEqual(value)
          expect(corrected[i]).toBeLessThanOrEqual(Math.min(1, value * values.length))
          values.forEach((other, j) => void (other > value && expect(corrected[j]).toBeGreaterThanOrEqual(corrected[i])))
        })
      }),
    )
  })
  it('the interval depends on the draws alone, and is a point where all values are equal', () => {
    const draws = () => Draws.of(7, 'x', 'y')
    fc.assert(
      fc.property(numbers(2, 9), numbers(2, 9), (a, b) => {
        const [low, high] = bootstrapInterval([a, b], 200, draws())
        expect([low, high]).toEqual(bootstrapInterval([a, b], 200, draws()))
        expect(low).toBeLessThanOrEqual(high)
      }),
      { numRuns: 30 },
    )
    expect(bootstrapInterval([[2, 2, 2]], 100, draws())).toEqual([2, 2])
    expect(bootstrapInterval([[2]], 100, draws())).toEqual([2, 2])
  })
  it('medians and quantiles', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([])]).toEqual([2, 2.5, Number.NaN])
    expect([quantile(Float64Array.of(0, 10), 0.25), quantile(Float64Array.of(5), 0.9)]).toEqual([2.5, 5])
  })
})

describe('where nothing differs', () => {
  /** Share of experiments whose p is at most each level: a right test gives no more than the level. */
  function alarms(p: (draws: Draws) => number): number[] {
    const draws = Draws.of(3, 'experiments', 'null')
    const found = Array.from({ length: 4000 }, () => p(draws))
    return [0.01, 0.05, 0.2, 0.5].map(level => found.filter(value => value <= level).length / found.length)
  }
  const skewed = (draws: Draws): number => (-Math.log(1 - draws.uniform())) ** 3
  const sampleOf = (n: number, draws: Draws): number[] => Array.from({ length: n }, () => skewed(draws))

  test.each([
    ['two samples of 9', (draws: Draws) => mannWhitney(sampleOf(9, draws), sampleOf(9, draws)).p],
    ['two samples of 30', (draws: Draws) => mannWhitney(sampleOf(30, draws), sampleOf(30, draws)).p],
    ['12 pairs', (draws: Draws) => signedRank(sampleOf(12, draws).map(value => value - skewed(draws))).p],
    [
      '12 pairs of whole numbers',
      (draws: Draws) => signedRank(sampleOf(12, draws).map(value => Math.ceil(value) - Math.ceil(skewed(draws)))).p,
    ],
  ])('p is uniform, or cautious: %s', (_, p) => {
    const shares = alarms(p)
    const levels = [0.01, 0.05, 0.2, 0.5]
    // Four standard deviations of the simulation.
    shares.forEach((share, i) => void expect(share).toBeLessThan(levels[i] + 4 * Math.sqrt((levels[i] * (1 - levels[i])) / 4000)))
    expect(shares[2]).toBeGreaterThan(0.14)
    expect(shares[3]).toBeGreaterThan(0.4)
  })
})
