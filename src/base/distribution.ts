// Distributions of sizes as a scenario states them, with their means. Sampling in the data plane is `traffic/sizes.ts`.

/** A distribution of a quantity in its own unit (bytes for sizes). Values outside [least, most] are clamped to the bound. */
export type Distribution =
  | { readonly kind: 'constant'; readonly value: number }
  /** Integers from least to most, both included, equally likely. */
  | { readonly kind: 'uniform'; readonly least: number; readonly most: number }
  | { readonly kind: 'exponential'; readonly mean: number; readonly least: number; readonly most: number }
  | { readonly kind: 'lognormal'; readonly median: number; readonly sigma: number; readonly least: number; readonly most: number }
  /** P(X > x) = (scale / x) ^ shape. */
  | { readonly kind: 'pareto'; readonly scale: number; readonly shape: number; readonly most: number }
  /** Each value with its weight (any positive numbers). */
  | { readonly kind: 'empirical'; readonly values: readonly { readonly value: number; readonly weight: number }[] }

/** The "simple IMIX" of router tests: 7 packets of 40 bytes, 4 of 576, 1 of 1500 (IP lengths). */
export const SIMPLE_IMIX: Distribution = {
  kind: 'empirical',
  values: [
    { value: 40, weight: 7 },
    { value: 576, weight: 4 },
    { value: 1500, weight: 1 },
  ],
}

/**
 * Mean of the distribution: exact for constant, uniform, empirical, exponential and Pareto (clamping included), before clamping for
 * the lognormal, whose clamped mean has no elementary form. For estimates of load, not for results.
 */
export function meanOf(distribution: Distribution): number {
  switch (distribution.kind) {
    case 'constant':
      return distribution.value
    case 'uniform':
      return (distribution.least + distribution.most) / 2
    case 'exponential': {
      const { mean, least, most } = distribution
      return least + mean * (Math.exp(-least / mean) - Math.exp(-most / mean))
    }
    case 'lognormal':
      return distribution.median * Math.exp(distribution.sigma ** 2 / 2)
    case 'pareto': {
      // E[min(X, most)] = scale + the integral of P(X > x) from scale to most.
      const { scale, shape, most } = distribution
      if (shape === 1) return scale + scale * Math.log(most / scale)
      return scale + (scale / (shape - 1)) * (1 - (scale / most) ** (shape - 1))
    }
    case 'empirical': {
      let sum = 0
      let weights = 0
      for (const { value, weight } of distribution.values) {
        sum += value * weight
        weights += weight
      }
      return sum / weights
    }
  }
}
