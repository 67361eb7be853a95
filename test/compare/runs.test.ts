import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { runsText } from '../../src/cli/compare-runs.js'
import { type ComparedRun, compareRuns, firstDifference } from '../../src/compare/runs.js'
import { type RunResult, run } from '../../src/index.js'

const scenario = (rate: string, seed = 1) => ({
  apiVersion: 'vxlane/v1',
  name: 'pair',
  seed,
  duration: '50ms',
  cluster: { agentPoolProfiles: [{ name: 'np', count: 3 }] },
  workloads: [{ namespace: 'shop', name: 'web', replicas: 9 }],
  traffic: [
    {
      name: 'all',
      from: { workload: 'shop/web' },
      to: { workload: 'shop/web', port: 80 },
      protocol: 'udp',
      size: '200B',
      rate,
      arrivals: 'poisson',
    },
  ],
})

let first: RunResult
beforeAll(async () => {
  first = await run(scenario('1000/s'), { workers: 0 })
}, 60_000)
const bare = (result: RunResult): ComparedRun => ({ result, series: null })

describe('two runs', () => {
  it('of one scenario and seed are equal, whatever the workers', async () => {
    const again = await run(scenario('1000/s'), { workers: 2 })
    const comparison = compareRuns(bare(first), bare(again))
    expect(comparison).toMatchObject({ verdict: 'equal', metrics: { changed: [] }, firstDifference: null })
    expect(comparison.metrics.compared).toBeGreaterThan(30)
    expect(runsText(comparison)).toMatch(/^EQUAL/)
  })

  it('of another scenario are other work, and every number that moved is named', async () => {
    const faster = await run(scenario('2000/s'), { workers: 0 })
    const { verdict, metrics, firstDifference: parting } = compareRuns(bare(first), bare(faster))
    expect(verdict).toBe('different')
    expect(metrics.changed.find(({ name }) => name === 'totals.sent')).toEqual({
      name: 'totals.sent',
      unit: 'count',
      a: first.totals.sent,
      b: faster.totals.sent,
    })
    expect(parting?.interval).toBe(0)
  })

  it('that came out otherwise have changed, from an interval on, at nodes', () => {
    const checkpoints = first.checkpoints.map((digest, i) => (i >= 37 ? digest.replace(/^./, sign => (sign === '0' ? '1' : '0')) : digest))
    const other: RunResult = {
      ...first,
      digest: `f${first.digest.slice(1)}`,
      checkpoints,
      drops: { total: 1, byReason: { noRoute: 1 } },
      latencyNs: { ...first.latencyNs, p99: first.latencyNs.p99 * 2 },
    }
    const rows = (delivered: number) => ({
      header: { version: 1, kind: 'header', names: ['n0', 'n1'] } as never,
      intervals: [
        { interval: 37, lp: [1], sent: [5], delivered: [delivered], dropped: [0], bytesDelivered: [0], queuePeak: [1], conntrack: [2] },
      ] as never,
    })
    const comparison = compareRuns({ result: first, series: rows(5) }, { result: other, series: rows(4) })
    expect(comparison.verdict).toBe('changed')
    expect(comparison.metrics.changed.map(({ name }) => name)).toEqual(['latencyNs.p99', 'drops.byReason.noRoute'])
    expect(comparison.firstDifference).toMatchObject({ interval: 37, nodes: [{ node: 'n1', column: 'delivered', a: 5, b: 4 }] })
    const text = runsText(comparison)
    expect(text).toMatch(/^CHANGED/)
    expect(text).toContain('+100.00 %')
    expect(text).toContain('they part between 18.5 ms and 19 ms')
  })
})

describe('the first difference', () => {
  it('is what a walk from the beginning finds', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), fc.nat(80), (lengthA, lengthB, at) => {
        const a = Array.from({ length: lengthA }, (_, i) => `${i}`)
        const b = Array.from({ length: lengthB }, (_, i) => (i < at ? `${i}` : `${i}x`))
        const walked = a.findIndex((digest, i) => i < b.length && digest !== b[i])
        expect(firstDifference(a, b)).toBe(walked < 0 ? null : walked)
      }),
    )
  })
})
