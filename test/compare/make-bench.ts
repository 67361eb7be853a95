// Saved benchmarks for tests: samples out of seeded draws, with the noise of a shared machine.
import type { BenchSample, BenchWorkload, SavedBench } from '../../src/bench/saved.js'
import { Draws } from '../../src/compare/shift.js'

/** A sample's two logarithms: of its time, and of the calibration beside it. */
export type Noise = (draws: Draws, round: number) => readonly [number, number]

/** Rarely wild, never fast: a tenth of the samples meet a neighbour, of whom the calibration sees a part. */
export const neighbours: Noise = draws => {
  const busy = draws.uniform() < 0.1 ? draws.uniform() : 0
  return [busy + 0.02 * (draws.uniform() - 0.5), 0.7 * busy + 0.02 * (draws.uniform() - 0.5)]
}

/** `rounds` rounds of two samples each: all times of `factor`, but for the noise. */
export function samplesOf(
  draws: Draws,
  { rounds = 8, factor = 1, noise = neighbours }: { rounds?: number; factor?: number; noise?: Noise } = {},
): BenchSample[] {
  return Array.from({ length: 2 * rounds }, (_, i) => {
    const [time, calibration] = noise(draws, i >> 1)
    return { round: i >> 1, ns: 1e9 * factor * Math.exp(time), calibrationNs: 1e8 * Math.exp(calibration) }
  })
}

export const workload = (
  name: string,
  samples: readonly BenchSample[],
  exact: BenchWorkload['exact'] = { packets: 1000, digest: 'd1' },
): BenchWorkload => ({
  name,
  kind: 'workload',
  unit: 'packets',
  units: 1000,
  exact,
  samples,
})

const MACHINE = { cpu: 'Some CPU', cores: 2, memoryBytes: 8e9, os: 'linux' }

export const bench = (build: string, workloads: readonly BenchWorkload[], more: Partial<SavedBench> = {}): SavedBench => ({
  schemaVersion: 1,
  kind: 'bench',
  suite: 'quick-1',
  engine: { version: '0.2.0', node: 'v20.20.2', build },
  machine: MACHINE,
  workloads,
  order: 'alone',
  ...more,
})

/** Two benchmarks that took turns. */
export const inTurn = (a: readonly BenchWorkload[], b: readonly BenchWorkload[]): [SavedBench, SavedBench] => [
  bench('a', a, { order: 'ABBA', pairedWith: 'b' }),
  bench('b', b, { order: 'ABBA', pairedWith: 'a' }),
]

export const drawsOf = (name: string): Draws => Draws.of(11, name, 'test')
