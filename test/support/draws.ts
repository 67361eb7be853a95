// Flows of one traffic entry without an engine, and how far a sample lies from a distribution.
import { compile } from '../../src/cluster/compile.js'
import { planCluster } from '../../src/cluster/plan.js'
import { type ImageColumns, openImage } from '../../src/image/image.js'
import type { DatagramTraffic } from '../../src/scenario/model.js'
import { createFlows, type Flows } from '../../src/traffic/flows.js'
import { makeScenario, udp, workload } from '../cluster/make-scenario.js'

export function flowsOf(entry: Partial<DatagramTraffic>, pods = 1, seed = 1): { readonly flows: Flows; readonly image: ImageColumns } {
  const workloads = [workload('a/from', pods), workload('a/to', 1)]
  const scenario = makeScenario({ seed, workloads, traffic: [udp('all', 'a/from', 'a/to', entry)] })
  const image = openImage(compile(scenario, planCluster(scenario), { shards: 1, readReplay: () => [] }))
  return { flows: createFlows(image, () => true), image }
}

/** Kolmogorov's distance of a sample from a distribution function, at the sample's points and just before them. */
export function distanceOf(sample: readonly number[], cdf: (x: number) => number, below: (x: number) => number = cdf): number {
  const sorted = [...sample].sort((a, b) => a - b)
  const n = sorted.length
  let worst = 0
  for (let i = 0; i < n; i++) {
    if (i + 1 === n || sorted[i + 1] !== sorted[i]) worst = Math.max(worst, Math.abs((i + 1) / n - cdf(sorted[i])))
    if (i === 0 || sorted[i - 1] !== sorted[i]) worst = Math.max(worst, Math.abs(i / n - below(sorted[i])))
  }
  return worst
}

/** The distance that chance exceeds once in 100,000 samples (Dvoretzky, Kiefer, Wolfowitz, with Massart's constant). */
export const distanceMost = (n: number): number => Math.sqrt(Math.log(2 / 1e-5) / (2 * n))

export function momentsOf(sample: readonly number[]): { readonly mean: number; readonly variance: number } {
  const mean = sample.reduce((sum, value) => sum + value, 0) / sample.length
  return { mean, variance: sample.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (sample.length - 1) }
}
