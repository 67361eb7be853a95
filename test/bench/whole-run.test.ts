// The whole-run benchmark at smoke size: it runs, counts what it says, and every worker count does the same work.
import { describe, expect, it } from 'vitest'
import { runWhole, scenarioOf } from '../../bench/harness.js'
import { loadScenario, run } from '../../src/index.js'

describe('whole-run at smoke size', () => {
  it.each(['constant', 'poisson'] as const)('does the same work solo, with one worker and with two (%s arrivals)', async arrivals => {
    const results = []
    for (const workers of [0, 1, 2]) results.push(await runWhole({ flows: 400, workers, packets: 20_000, arrivals }))
    for (const { packets, packetsPerSecond } of results) {
      expect(packets).toBeGreaterThan(18_000)
      expect(packetsPerSecond).toBeGreaterThan(0)
    }
    expect(new Set(results.map(({ digest }) => digest)).size).toBe(1)
    expect(new Set(results.map(({ packets }) => packets)).size).toBe(1)
  })

  it('is what it says: every packet between two nodes is encapsulated, and the express path does what the steps do', async () => {
    const scenario = scenarioOf({ flows: 400, workers: 0, packets: 20_000, arrivals: 'poisson' })
    const express = await run(loadScenario(scenario), { workers: 0 })
    const steps = await run(loadScenario(scenario), { workers: 0, verify: true })
    expect(steps.digest).toBe(express.digest)
    expect({ ...steps, performance: null, engine: null }).toEqual({ ...express, performance: null, engine: null })
    expect(express.totals.encapsulated).toBeGreaterThan(express.totals.sent * 0.8)
    expect(express.totals.dropped).toBe(0)
  })
})
