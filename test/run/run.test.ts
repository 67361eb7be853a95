// The library's `run`, as a program calls it.
import { describe, expect, it } from 'vitest'
import { loadScenario, run, ScenarioError } from '../../src/index.js'

const scenario = {
  apiVersion: 'vxlane/v1',
  name: 'from an object',
  duration: '10ms',
  cluster: { agentPoolProfiles: [{ name: 'pool', count: 2 }] },
  workloads: [{ namespace: 'a', name: 'pods', replicas: 4 }],
  traffic: [
    { name: 'all', from: { workload: 'a/pods' }, to: { workload: 'a/pods', port: 80 }, protocol: 'udp', size: '200B', rate: '1000/s' },
  ],
}

describe('run', () => {
  it('takes an object or a loaded scenario and gives the same result', async () => {
    const one = await run(scenario, { workers: 1 })
    const two = await run(loadScenario(scenario), { workers: 'solo', verify: true })
    expect(one.totals.sent).toBeGreaterThan(0)
    expect({ ...two, engine: null, performance: null }).toEqual({ ...one, engine: null, performance: null })
  })

  it('refuses a scenario with every mistake', async () => {
    const wrong = { ...scenario, duration: 'soon', cluster: { agentPoolProfiles: [{ name: 'pool', count: -2 }] } }
    const error = await run(wrong).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ScenarioError)
    expect((error as ScenarioError).issues).toHaveLength(2)
  })

  it.each([1, 2, 'solo'] as const)('is partial when it is stopped at once, with workers %s', async workers => {
    const signal = AbortSignal.abort()
    const result = await run(scenario, { workers, signal })
    expect(result.partial).toBe(true)
    expect(result.simulatedNs).toBeLessThan(10_000_000)
    expect(result.totals.sent).toBe(result.totals.delivered + result.totals.dropped + result.totals.inFlight)
    expect(result.throughput.packets.length).toBe(Math.max(1, Math.ceil(result.simulatedNs / result.throughput.intervalNs)))
  })

  it('reports progress and can be stopped from there', async () => {
    const controller = new AbortController()
    const seen: number[] = []
    const result = await run(
      { ...scenario, duration: '10h' },
      {
        workers: 2,
        signal: controller.signal,
        onProgress: ({ timeNs, durationNs }) => {
          seen.push(timeNs)
          expect(durationNs).toBe(36_000e9)
          if (seen.length === 3) controller.abort()
        },
      },
    )
    expect(result.partial).toBe(true)
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    expect(result.simulatedNs).toBeGreaterThanOrEqual(seen[2])
  })
})
