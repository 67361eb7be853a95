// How many connections a node tracks, against M/G/infinity: with arrivals at random (rate lambda) that stay for H on average, a table without
// limit holds lambda * H, whatever the distribution of H (`occupancy` of the closed formulas), and Little's law. A tracked connection stays for
// its hold and, after a RST, for ten seconds more (nf_conntrack_tcp_timeout_close).
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runShards } from '../support/any-run.js'

const analytic = JSON.parse(readFileSync(new URL('../golden/analytic.json', import.meta.url), 'utf8')) as {
  occupancy: { rows: { lambda: number; H: number; mean: number; sd: number }[] }
}

const LONG = process.env.VXLANE_LONG !== undefined
const CLOSE_S = 10
const BATCHES = 10

const scenario = (lambda: number, hold: unknown, durationS: number, seed: number): object => ({
  apiVersion: 'vxlane/v1',
  seed,
  duration: `${durationS}s`,
  cluster: {
    networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay', outboundType: 'userDefinedRouting' },
    agentPoolProfiles: [{ name: 'one', count: 1 }],
  },
  workloads: [
    { namespace: 'a', name: 'client', replicas: 10 },
    { namespace: 'a', name: 'web', replicas: 10 },
  ],
  traffic: [
    {
      name: 'calls',
      from: { workload: 'a/client' },
      to: { workload: 'a/web', port: 80 },
      arrivals: 'poisson',
      connections: { rate: `${lambda / 10}/s`, hold, request: 100, response: 100, close: 'rst' },
    },
  ],
})

/** Tracked connections of the node at the end of each interval. */
function levelsOf(run: object): number[] {
  const { series } = runShards(run, 1)
  return (series as { conntrack: number[] }[]).map(({ conntrack }) => conntrack[0])
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Mean of batch means and its standard error. */
function batched(values: readonly number[]): { mean: number; error: number } {
  const size = Math.floor(values.length / BATCHES)
  const means = Array.from({ length: BATCHES }, (_, i) => mean(values.slice(i * size, (i + 1) * size)))
  const all = mean(means)
  return { mean: all, error: Math.sqrt(means.reduce((sum, m) => sum + (m - all) ** 2, 0) / (BATCHES - 1) / BATCHES) }
}

/** Three distributions of one mean: the formula asks for nothing else. */
const holdsOf = (seconds: number): [string, unknown][] => [
  ['constant', `${seconds}s`],
  ['exponential', { kind: 'exponential', mean: `${seconds}s` }],
  ['bimodal', { kind: 'empirical', values: [{ value: `${seconds / 2}s`, weight: 9 }, { value: `${seconds * 5.5}s` }] }],
]

describe('connections tracked by a node', () => {
  const check = (lambda: number, H: number, hold: unknown, durationS: number): void => {
    const levels = [1, 2, 3].flatMap(seed => {
      const found = levelsOf(scenario(lambda, hold, durationS, seed))
      // Nothing is left of the empty beginning after the longest stay.
      return found.slice(Math.ceil(found.length * 0.4))
    })
    const { mean: found, error } = batched(levels)
    // A closed connection is collected by the second in which it expires: at most one window late at the end of an interval.
    const bias = lambda * 0.001
    expect(Math.abs(found - lambda * H)).toBeLessThanOrEqual(3 * error + bias)
    // Poisson: the variance is the mean. With some hundred samples it is known to about a fifth.
    const variance = mean(levels.map(level => (level - found) ** 2))
    expect(variance / (lambda * H)).toBeGreaterThan(0.6)
    expect(variance / (lambda * H)).toBeLessThan(1.6)
  }

  it.each(holdsOf(10))('are lambda * H on average: hold %s', (_, hold) => {
    check(10, 10 + CLOSE_S, hold, LONG ? 2000 : 1000)
  })

  // The first row of the closed formulas: 100 a second that stay for 120 s.
  const [{ lambda, H, mean: wanted, sd }] = analytic.occupancy.rows
  it.each(LONG ? holdsOf(H - CLOSE_S) : [])(
    `are ${wanted} at ${lambda}/s that stay for ${H} s: hold %s`,
    (_, hold) => {
      expect([wanted, Math.round(sd ** 2)]).toEqual([lambda * H, lambda * H])
      check(lambda, H, hold, 1700)
    },
    900_000,
  )
})
