// Draws from a distribution, for the control plane: one value from two random words. The data plane's own sampler (`traffic/sizes.ts`) works
// on columns; both clamp to the distribution's bounds.
import type { Distribution } from './distribution.js'
import { exponentialOf } from './exponential.js'

const uniform = (word: number): number => ((word >>> 0) + 0.5) * 2.3283064365386963e-10

/** A value of the distribution from two 32-bit random words; the same words give the same value on every machine. */
export function sample(distribution: Distribution, word0: number, word1: number): number {
  switch (distribution.kind) {
    case 'constant':
      return distribution.value
    case 'uniform':
      return distribution.least + Math.floor(uniform(word0) * (distribution.most - distribution.least + 1))
    case 'exponential':
      return clamp(exponentialOf(word0 >>> 0) * distribution.mean, distribution.least, distribution.most)
    case 'lognormal':
      return clamp(distribution.median * Math.exp(distribution.sigma * normal(word0, word1)), distribution.least, distribution.most)
    case 'pareto':
      return clamp(distribution.scale * uniform(word0) ** (-1 / distribution.shape), distribution.scale, distribution.most)
    case 'empirical':
      return tableValue(distribution.values, uniform(word0))
  }
}

const clamp = (value: number, least: number, most: number): number => Math.round(Math.min(Math.max(value, least), most))

/** Box-Muller, one of the pair. */
const normal = (word0: number, word1: number): number => Math.sqrt(2 * exponentialOf(word0 >>> 0)) * Math.cos(2 * Math.PI * uniform(word1))

function tableValue(values: readonly { readonly value: number; readonly weight: number }[], share: number): number {
  const total = values.reduce((sum, { weight }) => sum + weight, 0)
  let below = 0
  for (const { value, weight } of values) {
    below += weight
    if (share * total <= below) return value
  }
  return values[values.length - 1].value
}
