import { describe, expect, it } from 'vitest'
import { loadScenario, MemoryError, run } from '../../src/index.js'
import { guardMemory, memoryHere, memoryNeed } from '../../src/run/memory.js'
import { prepare } from '../../src/run/prepare.js'

const scenario = (replicas: number, flows: number, queue = 1000) => ({
  apiVersion: 'vxlane/v1',
  duration: '1ms',
  fabric: { queue },
  workloads: [{ name: 'web', replicas }],
  traffic: [{ from: { workload: 'web' }, to: { workload: 'web', port: 80 }, size: '100B', rate: '1/s', flows }],
})
const prepared = (...sizes: Parameters<typeof scenario>) => prepare(loadScenario(scenario(...sizes)))

describe('the memory guard', () => {
  it('counts what grows: flows, queues, rings', () => {
    expect(memoryNeed(prepared(100, 100), 1).flows).toBe(10_000)
    expect(memoryNeed(prepared(100, 2000), 1).bytes - memoryNeed(prepared(100, 1000), 1).bytes).toBeGreaterThan(100_000 * 300)
    expect(memoryNeed(prepared(2, 1, 1_000_000), 1).bytes - memoryNeed(prepared(2, 1), 1).bytes).toBeGreaterThan(3 * 8e6)
    expect(memoryNeed(prepared(2, 1), 32).bytes).toBeGreaterThan(200e6)
  })

  it('lets everyday runs pass, and refuses in words what is far too large', () => {
    guardMemory(prepared(100, 10), 2)
    const refused = () => guardMemory(prepared(700, 28_000), 2, 4 * 2 ** 30)
    expect(refused).toThrow(MemoryError)
    expect(refused).toThrow(/needs about \d+\.\d GiB for 19,600,000 flows on 3 nodes, and there are 4\.0 GiB; .*--force/)
  })

  it('is asked before a run takes the memory', async () => {
    const huge = scenario(2, 1, 10_000_000)
    const nodes = Math.ceil(memoryHere() / 2 ** 27) + 10
    if (nodes > 1000) return
    await expect(run({ ...huge, cluster: { agentPoolProfiles: [{ count: nodes }] } } as object, { workers: 1 })).rejects.toThrow(
      /needs about/,
    )
  })
})
