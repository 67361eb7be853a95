// The times of one workload, of two builds. What made the choice of methods (test/compare/false-alarms.test.ts repeats it):
//
// - Everything is said of logarithms: a slowdown is a factor, and so is a busy neighbour. The estimate is Hodges-Lehmann's, for single times
//   on a shared machine are wild upwards.
// - Builds that took turns (ABBA) are compared pair by pair with Wilcoxon's signed ranks. What the machine does for longer than a pair
//   takes is in both halves of it and cancels; of two builds that are the same, each sign is a fair coin whatever the noise looks like, so the
//   test is exact without knowing it. Ranks of all times together (Mann-Whitney) find the same slowdown far more rarely.
// - The calibration kernel that ran beside each sample tells a slow moment from slow code, but how well differs by machine and workload. So
//   a share of it is taken out, in quarters between none and all: the one that leaves the least absolute deviations. Turning the sign of a
//   pair turns both its logarithms and leaves that share where it is: the test stays exact.
// - Samples taken apart have nothing that cancels. There the whole of the calibration is taken out, as the machine may have had another speed
//   all along, and Mann-Whitney compares what is left. A shift must also be twice the floor, for what differs between two sittings is seen by
//   no test within them.
// - Noise: what a build shows against itself. Samples of one build are taken two by two as they were measured; with signs of fair coins
//   their differences are what a comparison of equal builds would see. `noise` is what 95 of 100 such shifts stay below.
import type { BenchSample } from '../bench/saved.js'
import { bootstrapInterval, Draws, median, quantile, shiftOf, shiftPaired } from './shift.js'
import { mannWhitney, signedRank } from './statistics.js'

export type Method = 'paired' | 'apart'

/** All in logarithms of time; differences are B less A. */
export interface LogTimes {
  readonly shift: number
  readonly interval: readonly [number, number]
  readonly p: number
  /** The smallest p that so many samples can give at all. */
  readonly leastP: number
  readonly noise: number | null
  readonly calibration: number
}

/** Resamplings that estimate the noise; its 95 % quantile needs no more. */
const SIGNINGS = 400

/** Means and differences that resampling may look at: with thousands of samples a few hundred resamples say as much. */
const MOST_LOOKS = 2e7
const FEWEST = 100
const affordable = (asked: number, looks: number): number => Math.min(asked, Math.max(FEWEST, Math.floor(MOST_LOOKS / looks)))

export function compareTimes(
  a: readonly BenchSample[],
  b: readonly BenchSample[],
  { method, name, seed, resamples }: { method: Method; name: string; seed: number; resamples: number },
): LogTimes {
  const draws = Draws.of(seed, name, 'interval')
  const { groups, calibration } = method === 'paired' ? pairedGroups(a, b) : apartGroups(a, b)
  const shift = shiftOf(groups)
  // Whoever is named first, the same numbers come out: samples are always resampled from the faster build on.
  const isTurned = method === 'apart' && shift < 0
  const [first, second = first] = groups
  const ends = bootstrapInterval(isTurned ? [second, first] : groups, affordable(resamples, first.length * second.length), draws)
  const { p } = method === 'paired' ? signedRank(groups[0]) : mannWhitney(groups[0], groups[1])
  return {
    shift,
    interval: isTurned ? [-ends[1], -ends[0]] : ends,
    p,
    leastP: leastP(groups),
    noise: noiseOf(a, b, { method, calibration, draws: Draws.of(seed, name, 'noise') }),
    calibration,
  }
}

/** Of n pairs, all the signs alike; of two samples, one wholly above the other. */
const leastP = (groups: readonly (readonly number[])[]): number =>
  groups.length === 1
    ? signedRank(groups[0].map((_, i) => i + 1)).p
    : mannWhitney(
        groups[0].map((_, i) => i - groups[0].length),
        groups[1].map((_, i) => i),
      ).p

interface Adjusted {
  readonly groups: readonly (readonly number[])[]
  readonly calibration: number
}

/** A sample of A with the one of B that was taken beside it: of each round the first with the first, the second with the second. */
export function pairsOf(a: readonly BenchSample[], b: readonly BenchSample[]): (readonly [BenchSample, BenchSample])[] {
  const waiting = new Map<number, BenchSample[]>()
  for (const sample of b) waiting.set(sample.round, [...(waiting.get(sample.round) ?? []), sample])
  return a.flatMap(sample => {
    const other = waiting.get(sample.round)?.shift()
    return other === undefined ? [] : [[sample, other] as const]
  })
}

const timeBetween = (from: BenchSample, to: BenchSample): number => Math.log(to.ns) - Math.log(from.ns)
const calibrationBetween = (from: BenchSample, to: BenchSample): number => Math.log(to.calibrationNs) - Math.log(from.calibrationNs)

function pairedGroups(a: readonly BenchSample[], b: readonly BenchSample[]): Adjusted {
  const pairs = pairsOf(a, b)
  const times = pairs.map(pair => timeBetween(...pair))
  const machine = pairs.map(pair => calibrationBetween(...pair))
  const calibration = shareOf(machine, times)
  return { groups: [times.map((value, i) => value - calibration * machine[i])], calibration }
}

function apartGroups(a: readonly BenchSample[], b: readonly BenchSample[]): Adjusted {
  const normalised = (samples: readonly BenchSample[]) => samples.map(({ ns, calibrationNs }) => Math.log(ns / calibrationNs))
  return { groups: [normalised(a), normalised(b)], calibration: 1 }
}

/** A slope fitted without steps would leave a pair with nothing, which ranks cannot use. */
const SHARES = [0, 0.25, 0.5, 0.75, 1]

/** The share of x that leaves the least of y, by absolute deviations from zero. */
export function shareOf(x: readonly number[], y: readonly number[]): number {
  const left = SHARES.map(share => y.reduce((total, value, i) => total + Math.abs(value - share * x[i]), 0))
  return SHARES[left.indexOf(Math.min(...left))]
}

function noiseOf(
  a: readonly BenchSample[],
  b: readonly BenchSample[],
  { method, calibration, draws }: { method: Method; calibration: number; draws: Draws },
): number | null {
  const within = [...differencesWithin(a, calibration), ...differencesWithin(b, calibration)]
  if (within.length < 2) return null
  // Sorted, so that it does not matter which build is named first.
  within.sort((one, other) => one - other)
  const signings = affordable(SIGNINGS, within.length ** 2)
  const shifts = Float64Array.from({ length: signings }, () => Math.abs(shiftPaired(draws.signs(within)))).sort()
  const compared = method === 'paired' ? pairsOf(a, b).length : (2 * a.length * b.length) / (a.length + b.length)
  return quantile(shifts, 0.95) * Math.sqrt(within.length / compared)
}

/** How far two samples of one build lie apart that were taken one after the other: the first and second, the third and fourth, … */
function differencesWithin(samples: readonly BenchSample[], calibration: number): number[] {
  const found: number[] = []
  for (let i = 1; i < samples.length; i += 2) {
    const [from, to] = [samples[i - 1], samples[i]]
    found.push(Math.abs(timeBetween(from, to) - calibration * calibrationBetween(from, to)))
  }
  return found
}

export const medianNs = (samples: readonly BenchSample[]): number => median(samples.map(({ ns }) => ns))
