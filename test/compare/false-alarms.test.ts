// How often equal builds are called different, and how often a build that is a tenth slower is found: with noise as it was recorded on a
// machine that other work kept busy, and with noise made up to be worse. Here are the reasons for the methods of `compare/times.ts`.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { BenchSample } from '../../src/bench/saved.js'
import { type BenchVerdict, compareBenches } from '../../src/compare/benches.js'
import { bootstrapInterval, Draws } from '../../src/compare/shift.js'
import { mannWhitney } from '../../src/compare/statistics.js'
import { compareTimes } from '../../src/compare/times.js'
import { bench, drawsOf, inTurn, type Noise, neighbours, samplesOf, workload } from './make-bench.js'

interface Recorded {
  /** One build's samples in the order in which they were taken: [processor time, calibration beside it], ns. */
  readonly samples: readonly (readonly [number, number])[]
}
const recorded = JSON.parse(readFileSync(new URL('../golden/bench-noise.json', import.meta.url), 'utf8')) as Recorded

const ROUNDS = 12
const TRIALS = 100
const few = { resamples: 100 }

/** A comparison as it might have been: rounds of four recorded samples in turn, A B B A or B A A B, with B made slower. */
function comparison(draws: Draws, factor: number): [BenchSample[], BenchSample[]] {
  const sides: [BenchSample[], BenchSample[]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    const start = 4 * Math.floor(draws.uniform() * Math.floor(recorded.samples.length / 4))
    const first = draws.uniform() < 0.5 ? 0 : 1
    for (const [i, side] of [first, 1 - first, 1 - first, first].entries()) {
      const [ns, calibrationNs] = recorded.samples[start + i]
      sides[side].push({ round, ns: side === 1 ? ns * factor : ns, calibrationNs })
    }
  }
  return sides
}

const share = (count: number): number => count / TRIALS

describe('with the noise of a busy machine', () => {
  const trials = (name: string, factor: number): [BenchSample[], BenchSample[]][] => {
    const draws = drawsOf(name)
    return Array.from({ length: TRIALS }, () => comparison(draws, factor))
  }
  const verdictsOf = (name: string, factor: number): BenchVerdict[] =>
    trials(name, factor).map(([a, b]) => compareBenches(...inTurn([workload('w', a)], [workload('w', b)]), few).verdict)

  it('is recorded noise: single times differ by more than what is looked for', () => {
    const times = recorded.samples.map(([ns]) => ns).sort((a, b) => a - b)
    expect(times.length).toBeGreaterThanOrEqual(100)
    expect(times[Math.floor(times.length * 0.95)] / times[Math.floor(times.length * 0.05)]).toBeGreaterThan(1.1)
  })
  it('equal builds are called slower, or faster, at most one time in twenty', () => {
    const verdicts = verdictsOf('equal', 1)
    // Each of the two words has a right to 2.5 %; three standard deviations of the simulation on top.
    for (const word of ['regressed', 'improved'])
      expect(share(verdicts.filter(verdict => verdict === word).length)).toBeLessThanOrEqual(0.07)
  })
  it('a build that is a tenth slower is found nine times in ten, never the other way round', () => {
    const verdicts = verdictsOf('slower', 1.1)
    expect(share(verdicts.filter(verdict => verdict === 'regressed').length)).toBeGreaterThanOrEqual(0.9)
    expect(verdicts).not.toContain('improved')
  })
  it('pairs find it more often than ranks of all times together do', () => {
    const found = trials('methods', 1.1).map(([a, b]) => {
      const paired = compareTimes(a, b, { method: 'paired', name: 'w', seed: 1, resamples: 10 }).p
      const apart = mannWhitney(
        a.map(({ ns }) => ns),
        b.map(({ ns }) => ns),
      ).p
      return [paired <= 0.05, apart <= 0.05]
    })
    const [paired, apart] = [0, 1].map(method => share(found.filter(one => one[method]).length))
    expect(paired).toBeGreaterThan(apart)
  })
})

describe('with noise that is worse', () => {
  /** A neighbour comes and goes over several rounds, and only a part of what it costs shows in the calibration. */
  const tides: Noise = (draws, round) => {
    const tide = 0.3 * Math.sin(round * 1.7)
    const [time, calibration] = neighbours(draws, round)
    return [tide + time, 0.4 * tide + calibration]
  }
  const verdictsOf = (noise: Noise, factor: number, rounds: number): BenchVerdict[] => {
    const draws = drawsOf(`worse ${factor} ${rounds} ${noise.name}`)
    const one = (by: number) => [workload('w', samplesOf(draws, { noise, factor: by, rounds }))]
    return Array.from({ length: TRIALS }, () => compareBenches(...inTurn(one(1), one(factor)), few).verdict)
  }
  it.each([neighbours, tides])('false alarms stay rare, and a tenth is found: %o', noise => {
    const wrong = verdictsOf(noise, 1, 8).filter(verdict => verdict === 'regressed' || verdict === 'improved')
    expect(share(wrong.length)).toBeLessThanOrEqual(0.1)
    expect(share(verdictsOf(noise, 1.1, 8).filter(verdict => verdict === 'regressed').length)).toBeGreaterThanOrEqual(0.9)
  })
  it('many workloads together raise no more alarms than one', () => {
    const draws = drawsOf('family')
    const ten = () => Array.from({ length: 10 }, (_, i) => workload(`w${i}`, samplesOf(draws, { rounds: 8 })))
    const alarms = Array.from({ length: TRIALS }, () => compareBenches(...inTurn(ten(), ten()), { resamples: 20 }).counts)
    expect(share(alarms.filter(({ regressed, improved }) => regressed + improved > 0).length)).toBeLessThanOrEqual(0.1)
  })
  it('benchmarks taken apart, on a machine that had another speed: the calibration carries it', () => {
    const draws = drawsOf('apart')
    const slowed = (samples: BenchSample[]) => samples.map(one => ({ ...one, ns: one.ns * 1.2, calibrationNs: one.calibrationNs * 1.2 }))
    const compared = (factor: number) =>
      compareBenches(bench('a', [workload('w', samplesOf(draws))]), bench('b', [workload('w', slowed(samplesOf(draws, { factor })))]), few)
        .verdict
    const verdicts = (factor: number) => Array.from({ length: TRIALS }, () => compared(factor))
    expect(share(verdicts(1).filter(verdict => verdict === 'regressed').length)).toBeLessThanOrEqual(0.05)
    expect(share(verdicts(1.15).filter(verdict => verdict === 'regressed').length)).toBeGreaterThanOrEqual(0.9)
  })
})

describe('the bootstrap interval', () => {
  it.each([10, 20])('holds the truth about as often as it says, from %i pairs on', n => {
    const draws = Draws.of(5, 'coverage', String(n))
    const normal = () => Math.sqrt(-2 * Math.log(1 - draws.uniform())) * Math.cos(2 * Math.PI * draws.uniform())
    const held = Array.from({ length: 400 }, () => {
      const [low, high] = bootstrapInterval([Array.from({ length: n }, normal)], 400, draws)
      return low <= 0 && 0 <= high
    })
    // Resampling a few values knows less than there is to know: some percent short of 95, as in the literature.
    expect(held.filter(Boolean).length / held.length).toBeGreaterThan(0.88)
  })
})
