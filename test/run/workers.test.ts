import { availableParallelism } from 'node:os'
import { expect, it } from 'vitest'
import { MAX_WORKERS, workersFor } from '../../src/run/workers.js'

it('gives a run as many threads as it can use', () => {
  expect(workersFor(undefined, 1000)).toBe(Math.min(availableParallelism(), MAX_WORKERS))
  expect([workersFor(4, 1000), workersFor(4, 3), workersFor(500, 1000), workersFor(1, 0)]).toEqual([4, 3, MAX_WORKERS, 1])
  expect([workersFor('solo', 10), workersFor(0, 10)]).toEqual([0, 0])
})
