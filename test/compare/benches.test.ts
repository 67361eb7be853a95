// Verdicts on benchmarks: other work is said first, a planted slowdown is found, and nothing depends on who is named first or on the clock.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BenchSample, SavedBench } from '../../src/bench/saved.js'
import { type BenchComparison, compareBenches } from '../../src/compare/benches.js'
import { pairsOf, shareOf } from '../../src/compare/times.js'
import { bench, drawsOf, inTurn, samplesOf, workload } from './make-bench.js'

const draws = drawsOf('benches')
const one = (name: string, factor = 1, rounds = 8) => workload(name, samplesOf(draws, { factor, rounds }))
const verdicts = ({ workloads }: BenchComparison) => workloads.map(({ verdict }) => verdict)

describe('other work', () => {
  it('is no regression, is named, and its times are not judged', () => {
    const a = bench('a', [workload('run', samplesOf(draws), { packets: 10, digest: 'x', drops: 1 })])
    const b = bench('b', [workload('run', samplesOf(draws, { factor: 3 }), { packets: 11, digest: 'x', late: 2 })])
    const { verdict, workloads, counts } = compareBenches(a, b)
    expect(verdict).toBe('different')
    expect(counts).toMatchObject({ different: 1, regressed: 0 })
    expect(workloads[0]).toMatchObject({
      time: null,
      exact: [
        { name: 'packets', a: 10, b: 11 },
        { name: 'drops', a: 1, b: null },
        { name: 'late', a: null, b: 2 },
      ],
    })
  })
  it('is what another suite holds under the same names, and what only one side has', () => {
    const other = compareBenches(bench('a', [one('run')]), bench('b', [one('run')], { suite: 'full-1' }))
    expect(other).toMatchObject({ verdict: 'different', notes: [expect.stringContaining('quick-1, full-1')] })
    const partly = compareBenches(bench('a', [one('x'), one('both')]), bench('b', [one('both'), one('y')]))
    expect(verdicts(partly).filter(verdict => verdict.startsWith('only'))).toEqual(['onlyInA', 'onlyInB'])
    expect(partly.workloads.map(({ name, units }) => [name, units.a, units.b])).toEqual([
      ['x', 1000, null],
      ['both', 1000, 1000],
      ['y', null, 1000],
    ])
  })
  it('a value that only looks equal is not', () => {
    const a = bench('a', [workload('run', samplesOf(draws), { n: 1 })])
    expect(compareBenches(a, bench('b', [workload('run', samplesOf(draws), { n: '1' })])).verdict).toBe('different')
  })
})

describe('times of builds that took turns', () => {
  it('a tenth slower is regressed, a tenth faster improved, the same equal', () => {
    const [a, b] = inTurn([one('slow'), one('fast'), one('same', 1, 20)], [one('slow', 1.1), one('fast', 1 / 1.1), one('same', 1, 20)])
    const comparison = compareBenches(a, b)
    expect(verdicts(comparison)).toEqual(['regressed', 'improved', 'equal'])
    expect(comparison).toMatchObject({ verdict: 'regressed', method: 'paired', counts: { regressed: 1, improved: 1, equal: 1 } })
    const [{ time }] = comparison.workloads
    expect(time?.shift).toBeCloseTo(0.1, 1)
    expect(time?.interval[0]).toBeLessThan(0.1)
    expect(time?.interval[1]).toBeGreaterThan(0.09)
    expect(time).toMatchObject({ test: 'signedRank', a: { samples: expect.any(Array) } })
    expect(time?.pCorrected).toBeGreaterThanOrEqual(time?.p ?? 1)
  })
  it('what is real but below the floor has changed', () => {
    const [a, b] = inTurn([one('run', 1, 20)], [one('run', 1.015, 20)])
    expect(compareBenches(a, b).verdict).toBe('changed')
    expect(compareBenches(a, b, { floor: 0.005 }).verdict).toBe('regressed')
  })
  it('too few rounds prove nothing, and it is said', () => {
    const [a, b] = inTurn([one('run', 1, 1)], [one('run', 2, 1)])
    expect(compareBenches(a, b)).toMatchObject({ verdict: 'inconclusive', notes: [expect.stringContaining('too few samples')] })
    const [c, d] = inTurn([one('run', 1, 1)], [one('run', 1, 1)])
    expect(compareBenches(c, d).verdict).toBe('inconclusive')
    const single = (factor: number) => workload('run', samplesOf(draws, { rounds: 1, factor }).slice(0, 1))
    expect(compareBenches(...inTurn([single(1)], [single(9)]))).toMatchObject({
      verdict: 'inconclusive',
      workloads: [{ time: { noise: null } }],
    })
  })
  it('pairs are those of a round, in the order they were taken', () => {
    const at = (round: number, ns: number): BenchSample => ({ round, ns, calibrationNs: 1 })
    const pairs = pairsOf([at(0, 1), at(0, 2), at(1, 3), at(3, 4)], [at(0, 10), at(0, 20), at(1, 30), at(1, 40)])
    expect(pairs.map(([a, b]) => [a.ns, b.ns])).toEqual([
      [1, 10],
      [2, 20],
      [3, 30],
    ])
  })
  it('a thousand samples are judged in seconds', () => {
    const [a, b] = inTurn([one('run', 1, 500)], [one('run', 1.01, 500)])
    const before = process.cpuUsage()
    expect(compareBenches(a, b).verdict).toBe('changed')
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(15)
  })
  it('builds that were paired with others did not take turns with each other', () => {
    const a = bench('a', [one('run')], { order: 'ABBA', pairedWith: 'c' })
    const b = bench('b', [one('run')], { order: 'ABBA', pairedWith: 'a' })
    expect(compareBenches(a, b).method).toBe('apart')
  })
})

describe('times taken apart', () => {
  it('a machine of half the speed is no regression: the calibration says so', () => {
    const slow: typeof one = name =>
      workload(
        name,
        samplesOf(draws, { factor: 2 }).map(sample => ({ ...sample, calibrationNs: sample.calibrationNs * 2 })),
      )
    const comparison = compareBenches(
      bench('a', [one('run')]),
      bench('b', [slow('run')], { machine: { cpu: 'Old', cores: 2, memoryBytes: 8e9, os: 'linux' } }),
    )
    expect(comparison.verdict).toBe('equal')
    expect(comparison.notes).toEqual([
      expect.stringContaining('differ in cpu: Some CPU and Old'),
      expect.stringContaining('did not take turns'),
    ])
  })
  it('a shift between one and two floors has changed only', () => {
    const compared = (factor: number) => compareBenches(bench('a', [one('run', 1, 20)]), bench('b', [one('run', factor, 20)])).verdict
    expect([compared(1.045), compared(1.12), compared(1 / 1.12)]).toEqual(['changed', 'regressed', 'improved'])
  })
})

const factors = fc.array(fc.double({ min: 0.8, max: 1.25, noNaN: true }), { minLength: 1, maxLength: 4 })
const pairOf = (isPaired: boolean, all: readonly number[]): [SavedBench, SavedBench] => {
  const a = all.map((_, i) => one(`w${i}`, 1, 5))
  const b = all.map((factor, i) => one(`w${i}`, factor, 5))
  return isPaired ? inTurn(a, b) : [bench('a', a), bench('b', b)]
}
const MIRROR: Readonly<Record<string, string>> = { regressed: 'improved', improved: 'regressed', onlyInA: 'onlyInB', onlyInB: 'onlyInA' }
const few = { resamples: 200 }

describe('laws', () => {
  it('B against A is A against B in a mirror', () => {
    fc.assert(
      fc.property(fc.boolean(), factors, (isPaired, all) => {
        const [a, b] = pairOf(isPaired, all)
        const there = compareBenches(a, b, few)
        const back = compareBenches(b, a, few)
        expect(verdicts(back)).toEqual(verdicts(there).map(verdict => MIRROR[verdict] ?? verdict))
        there.workloads.forEach(({ time }, i) => {
          const turned = back.workloads[i].time
          if (time === null || turned === null) throw new Error('both were timed')
          expect(1 / (1 + turned.shift)).toBeCloseTo(1 + time.shift, 9)
          expect(1 / (1 + turned.interval[0])).toBeCloseTo(1 + time.interval[1], 9)
          expect(1 / (1 + turned.interval[1])).toBeCloseTo(1 + time.interval[0], 9)
          expect(turned.p).toBeCloseTo(time.p, 12)
          expect(turned.noise).toBeCloseTo(time.noise ?? Number.NaN, 12)
          expect(turned.a).toEqual(time.b)
        })
      }),
      { numRuns: 40 },
    )
  })
  it('the speed of the clock, or of a machine whose calibration shows it, changes nothing', () => {
    const scaled = (saved: SavedBench, ns: number, calibrationNs: number): SavedBench => ({
      ...saved,
      workloads: saved.workloads.map(one => ({
        ...one,
        samples: one.samples.map(sample => ({ ...sample, ns: sample.ns * ns, calibrationNs: sample.calibrationNs * calibrationNs })),
      })),
    })
    fc.assert(
      fc.property(fc.boolean(), factors, fc.constantFrom(0.25, 4, 1000), (isPaired, all, by) => {
        const [a, b] = pairOf(isPaired, all)
        const plain = compareBenches(a, b, few)
        const other = compareBenches(scaled(a, by, 1), scaled(b, by, 1), few)
        const machine = isPaired ? other : compareBenches(a, scaled(b, by, by), few)
        for (const found of [other, machine]) {
          expect(verdicts(found)).toEqual(verdicts(plain))
          found.workloads.forEach(({ time }, i) => void expect(time?.shift).toBeCloseTo(plain.workloads[i].time?.shift ?? Number.NaN, 9))
        }
      }),
      { numRuns: 30 },
    )
  })
  it('the same files and seed give the same object', () => {
    const [a, b] = pairOf(true, [1, 1.1])
    expect(compareBenches(a, b)).toEqual(compareBenches(a, b))
    expect(compareBenches(a, a).workloads.map(({ time }) => time?.shift)).toEqual([0, 0])
  })
  it('turning signs of pairs leaves the share of the calibration where it is', () => {
    const values = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }), fc.boolean()), { maxLength: 15 })
    fc.assert(
      fc.property(values, rows => {
        const turned = (value: number, isTurned: boolean) => (isTurned ? -value : value)
        const plain = shareOf(
          rows.map(([x]) => x),
          rows.map(([, y]) => y),
        )
        expect(
          shareOf(
            rows.map(([x, , t]) => turned(x, t)),
            rows.map(([, y, t]) => turned(y, t)),
          ),
        ).toBe(plain)
        expect(plain).toBeGreaterThanOrEqual(0)
        expect(plain).toBeLessThanOrEqual(1)
      }),
    )
  })
})
