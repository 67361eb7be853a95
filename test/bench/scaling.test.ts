// The benches of scaling, of cost per packet and of the barrier cannot rot: they run here in a small size. And docs/scaling.md shows what was
// measured: page and picture are those that the measurements beside them make.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { barrierCost } from '../../bench/barrier.js'
import { costOf } from '../../bench/cost-per-packet.js'
import { STEPS } from '../../bench/cost-steps.js'
import { measure, render } from '../../bench/scaling.js'
import { casesFor, flowsOf, inFlightOf } from '../../bench/scaling-cases.js'
import { bytesEach, claimsOf, of } from '../../bench/scaling-data.js'

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url))

it('has cases up to ten million flows, 20,000 nodes and a million pods, and no more workers than cores', () => {
  const cases = casesFor(16, 40_000_000)
  expect(Math.max(...cases.map(flowsOf))).toBe(10_000_000)
  expect(Math.max(...cases.map(({ nodes }) => nodes))).toBe(20_000)
  expect(Math.max(...cases.map(({ pods }) => pods))).toBe(1_000_000)
  expect(Math.max(...cases.map(({ workers }) => workers))).toBe(16)
  expect(Math.max(...casesFor(2, 40_000_000).map(({ workers }) => workers))).toBe(2)
  expect(new Set(cases.filter(({ series }) => series === 'nodes').map(flowsOf))).toEqual(new Set([100_000]))
  expect(cases.filter(({ series }) => series === 'flight').map(inFlightOf)).toEqual([5_000, 2_000_000])
})

it('measures, and draws a page and a picture of it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vxlane-scaling-'))
  try {
    const some = casesFor(2, 100_000, 100).filter(({ series, nodes, workers }) =>
      series === 'nodes' ? nodes <= 50 : nodes <= 10 && workers === 1,
    )
    const data = measure(some, 1, () => {})
    expect(data.measured.map(({ samples }) => samples[0].delivered > 0)).toEqual(some.map(() => true))
    writeFileSync(join(folder, 'scaling.json'), JSON.stringify(data))
    render(folder)
    expect(readFileSync(join(folder, 'scaling.md'), 'utf8')).toContain('not measured')
    const picture = readFileSync(join(folder, 'scaling.svg'), 'utf8')
    expect(picture).not.toContain('NaN')
    expect(picture.match(/<circle/g)?.length).toBeGreaterThan(2)
    expect(of(data, 'nodes')).toHaveLength(2)
    expect(claimsOf(data).map(({ held }) => held)).toEqual([null, null, null])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it('tells what each one more takes from the two ends', () => {
  const sample = (peakRssBytes: number) => [{ setupSeconds: 1, wallSeconds: 1, delivered: 1, peakRssBytes, barrierShare: 0 }]
  const [one] = casesFor(1, 1000)
  const list = [
    { case: { ...one, pods: 3_000 }, samples: sample(1_300_000) },
    { case: { ...one, pods: 1_000 }, samples: sample(1_100_000) },
  ]
  expect(bytesEach(list, ({ pods }) => pods)).toBe(100)
  expect(bytesEach(list.slice(1), ({ pods }) => pods)).toBeNull()
})

it('knows where the time of a packet goes', () => {
  const { nsPerPacket, shares } = costOf({ flows: 2_000, workers: 1, packets: 400_000, everyStep: true }, 1)
  expect(nsPerPacket).toBeGreaterThan(0)
  expect(STEPS.reduce((sum, step) => sum + shares.share[step], 0)).toBeCloseTo(1)
  // What the profiler sees is named; a room that is new and in no rule would land in "other".
  expect(shares.share.other).toBeLessThan(0.2)
  expect(shares.share['event queue'] + shares.share['parse, forward'] + shares.share.encapsulate).toBeGreaterThan(0.05)
})

it('measures what waiting at the barrier costs', async () => {
  const cost = await barrierCost({ flows: 1_000, workers: 2, windowUs: 100, packets: 40_000 })
  // A million packets a second in windows of 100 us, half of them in each shard.
  expect(cost.packetsPerWindow).toBeCloseTo(50, 0)
  expect(cost.share).toBeGreaterThanOrEqual(0)
  expect(cost.usPerWindow).toBeGreaterThanOrEqual(0)
})

it.skipIf(!existsSync(join(DOCS, 'scaling.json')))(
  'docs/scaling.md and its picture are what the measurements say; `node dist/bench/scaling.js render` renews them',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'vxlane-scaling-'))
    try {
      writeFileSync(join(folder, 'scaling.json'), readFileSync(join(DOCS, 'scaling.json')))
      render(folder)
      for (const name of ['scaling.md', 'scaling.svg'])
        expect(readFileSync(join(DOCS, name), 'utf8')).toBe(readFileSync(join(folder, name), 'utf8'))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)
