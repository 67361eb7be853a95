import { expect, test } from 'vitest'
import { type Distribution, meanOf, SIMPLE_IMIX } from '../../src/base/distribution.js'

test('the simple IMIX has a mean of 340.33 bytes', () => {
  expect(meanOf(SIMPLE_IMIX)).toBeCloseTo((7 * 40 + 4 * 576 + 1500) / 12, 10)
})

test.each<[Distribution, number]>([
  [{ kind: 'constant', value: 7 }, 7],
  [{ kind: 'uniform', least: 1, most: 4 }, 2.5],
  [{ kind: 'exponential', mean: 100, least: 0, most: 1e9 }, 100],
  [{ kind: 'lognormal', median: 10, sigma: 1, least: 0, most: 1e9 }, 10 * Math.exp(0.5)],
  [{ kind: 'pareto', scale: 100, shape: 2, most: 1e12 }, 200],
  [{ kind: 'pareto', scale: 100, shape: 1, most: 100 * Math.E }, 200],
])('%j has mean %d', (distribution, mean) => {
  expect(meanOf(distribution)).toBeCloseTo(mean, 6)
})

// E[clamp(X)] by summing the quantile function, which needs no formula of the mean.
test.each<[Distribution, (u: number) => number]>([
  [{ kind: 'exponential', mean: 300, least: 28, most: 1450 }, u => Math.min(1450, Math.max(28, -300 * Math.log(1 - u)))],
  [{ kind: 'pareto', scale: 64, shape: 1.3, most: 1450 }, u => Math.min(1450, 64 * (1 - u) ** (-1 / 1.3))],
])('the mean of %j includes clamping', (distribution, quantile) => {
  const steps = 200_000
  let sum = 0
  for (let i = 0; i < steps; i++) sum += quantile((i + 0.5) / steps)
  expect(meanOf(distribution)).toBeCloseTo(sum / steps, 1)
})
