import { availableParallelism } from 'node:os'
import { expect, it } from 'vitest'
import { MAX_WORKERS, workersFor } from '../../src/run/workers.js'

it('gives a run as many threads as it can use', () => {
  expect(workersFor(undefined, 1000)).toBe(Math.min(availableParallelism(), MAX_WORKERS))
  expect([workersFor(4, 1000), workersFor(4, 3), workersFor(500, 1000), workersFor(1, 0)]).toEqual([4, 3, MAX_WORKERS, 1])
  // Too little in a window for two to share: one.
  expect([workersFor(undefined, 1000, 3), workersFor(undefined, 1000, 79), workersFor(2, 1000, 3)]).toEqual([1, 1, 2])
  expect(workersFor(undefined, 1000, 1e6)).toBe(Math.min(availableParallelism(), MAX_WORKERS))
  expect([workersFor('solo', 10), workersFor(0, 10)]).toEqual([0, 0])
})
