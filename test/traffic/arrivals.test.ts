// Arrivals against their laws: constant ones do not drift, Poisson gaps are exponential and without memory, on and off phases have their
// lengths, and a flow is as likely to be on at its start as later.
import { describe, expect, it } from 'vitest'
import type { DatagramTraffic } from '../../src/scenario/model.js'
import { firstArrival, nextArrival } from '../../src/traffic/arrivals.js'
import { Flow } from '../../src/traffic/flows.js'
import { distanceMost, distanceOf, flowsOf, momentsOf } from '../support/draws.js'

/** The first `count` exact times of flow `flow`. */
function timesOf({ flows, image }: ReturnType<typeof flowsOf>, count: number, flow = 0): number[] {
  const times: number[] = []
  firstArrival(flows, image, flow)
  for (let i = 0; i < count; i++, nextArrival(flows, image, flow)) times.push(flows.doubles[flow * Flow.DOUBLES + Flow.NEXT])
  return times
}

const gapsOf = (times: readonly number[]): number[] => times.slice(1).map((at, i) => at - times[i])
const exponential =
  (mean: number) =>
  (x: number): number =>
    1 - Math.exp(-x / mean)
const entry = (rate: number, arrivals: DatagramTraffic['arrivals']): Partial<DatagramTraffic> => ({ rate, arrivals })

describe('constant arrivals', () => {
  it('keep their rate for ever, fractions of a nanosecond included', () => {
    const times = timesOf(flowsOf(entry(3e5, { kind: 'constant' })), 300_001)
    expect(times[0]).toBeGreaterThanOrEqual(0)
    expect(times[0]).toBeLessThan(1e9 / 3e5)
    expect(Math.abs(times[300_000] - times[0] - 1e9)).toBeLessThan(1)
  })

  it('begin anywhere in their first interval', () => {
    const set = flowsOf(entry(1000, { kind: 'constant' }), 600)
    const phases = Array.from({ length: 600 }, (_, flow) => timesOf(set, 1, flow)[0] / 1e6)
    expect(distanceOf(phases, x => Math.min(1, Math.max(0, x)))).toBeLessThan(distanceMost(600))
  })
})

describe('Poisson arrivals', () => {
  const gaps = gapsOf(timesOf(flowsOf(entry(1000, { kind: 'poisson' })), 40_001))

  it('have exponential gaps', () => {
    expect(distanceOf(gaps, exponential(1e6))).toBeLessThan(distanceMost(gaps.length))
    const { mean, variance } = momentsOf(gaps)
    expect(Math.abs(mean - 1e6)).toBeLessThan((4.5 * 1e6) / Math.sqrt(gaps.length))
    // The fourth central moment of an exponential is nine times the square of its variance.
    expect(Math.abs(variance / 1e12 - 1)).toBeLessThan(4.5 * Math.sqrt(8 / gaps.length))
  })

  it('have gaps that know nothing of each other', () => {
    for (const lag of [1, 2, 3, 4, 5]) {
      let sum = 0
      for (let i = 0; i + lag < gaps.length; i++) sum += (gaps[i] / 1e6 - 1) * (gaps[i + lag] / 1e6 - 1)
      expect(Math.abs(sum) / Math.sqrt(gaps.length)).toBeLessThan(4.5)
    }
  })

  it('come from a start that is no arrival: the first gap is like all others', () => {
    const set = flowsOf(entry(1000, { kind: 'poisson' }), 700)
    const first = Array.from({ length: 700 }, (_, flow) => timesOf(set, 1, flow)[0])
    expect(distanceOf(first, exponential(1e6))).toBeLessThan(distanceMost(700))
  })
})

describe('onOff arrivals', () => {
  const [on, off, rate] = [2e6, 6e6, 10_000]
  const kind = { kind: 'onOff', onNs: on, offNs: off } as const
  const share = on / (on + off)

  it('keep their rate over time', () => {
    const times = timesOf(flowsOf(entry(rate, kind)), 60_000)
    const expected = rate * share * ((times.at(-1)! - times[0]) / 1e9)
    // Packets come in bunches of rate * on = 20; about 3,000 phases leave an error of some percent.
    const phases = times.at(-1)! / (on + off)
    expect(Math.abs(times.length / expected - 1)).toBeLessThan(
      (4.5 * Math.sqrt(2 * (1 - share) ** 2 + 1 / (rate * (on / 1e9)))) / Math.sqrt(phases),
    )
  })

  it('have the gap of a Poisson flow within a phase, and pauses between', () => {
    const gaps = gapsOf(timesOf(flowsOf(entry(rate, kind)), 60_000))
    // Gaps within a phase are exponential but cut by its end: of rate r + 1 / on.
    const within = 1 / (rate / 1e9 + 1 / on)
    const ended = 1 / on / (rate / 1e9 + 1 / on)
    // Up to a length that a pause hardly ever is below: a gap is one within a phase with probability 1 - ended.
    const short = gaps.filter(gap => gap < 0.3 * within).length / gaps.length
    expect(Math.abs(short - (1 - ended) * (1 - Math.exp(-0.3)))).toBeLessThan(0.01)
    const long = gaps.filter(gap => gap > off).length / gaps.length
    expect(long).toBeGreaterThan(ended * Math.exp(-1) * 0.9)
    expect(long).toBeLessThan(ended * Math.exp(-1) * 1.3)
  })

  it('are as likely on at their start as at any time', () => {
    const pods = 700
    const set = flowsOf(entry(rate, kind), pods)
    const slots = [0, 0, 0, 0]
    for (let flow = 0; flow < pods; flow++) {
      for (const at of timesOf(set, 200, flow)) if (at < 4e6) slots[Math.floor(at / 1e6)]++
    }
    const expected = pods * rate * share * 1e-3
    // In a millisecond a flow sends ten packets or none, more or less.
    for (const count of slots) expect(Math.abs(count - expected)).toBeLessThan(4.5 * Math.sqrt(pods * 25))
  })
})
