// Where two runs part, packet by packet: against a walk from the beginning, against runs of which it is known, and against a build whose
// data plane was changed in one place.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { firstEvent, type RepeatedSide } from '../../src/cli/compare-events.js'
import { eventLines, runsText } from '../../src/cli/compare-runs.js'
import { firstDifferingEnd } from '../../src/compare/first-event.js'
import { compareRuns, spanToRepeat } from '../../src/compare/runs.js'
import { loadScenario, type RunResult, run } from '../../src/index.js'
import { type EndMarks, marksWithin } from '../../src/run/witness.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'vxlane-events-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const scenario = (queue: number) => ({
  apiVersion: 'vxlane/v1',
  name: 'pair',
  duration: '20ms',
  cluster: { agentPoolProfiles: [{ name: 'np', count: 3 }] },
  fabric: { nicRate: '10Mbps', queue },
  workloads: [{ namespace: 'shop', name: 'web', replicas: 9 }],
  traffic: [
    {
      name: 'all',
      from: { workload: 'shop/web' },
      to: { workload: 'shop/web', port: 80 },
      protocol: 'udp',
      size: '200B',
      rate: '1000/s',
      arrivals: 'poisson',
    },
  ],
})

let wide: RunResult
let narrow: RunResult
const outOf = (name: string) => join(folder, name)
beforeAll(async () => {
  wide = await run(scenario(1000), { workers: 2, out: outOf('wide') })
  narrow = await run(scenario(1), { workers: 0, out: outOf('narrow') })
}, 120_000)

const side = (name: 'a' | 'b', result: RunResult, out: string, more: Partial<RepeatedSide> = {}): RepeatedSide => ({
  ...{ name, result, file: join(outOf(out), 'result.json'), scenario: null, build: null },
  ...more,
})
const partingOf = (a: RunResult, b: RunResult) => compareRuns({ result: a, series: null }, { result: b, series: null }).firstDifference!

describe('repeated', () => {
  it('a run has the checkpoints that it had, whatever threads it ran on', async () => {
    const loaded = await loadScenario(join(outOf('wide'), 'scenario.json'))
    expect(loaded.hash).toBe(wide.scenario.hash)
    const { checkpoints, lp } = marksWithin(loaded, { fromNs: 0, toNs: 20e6 })
    expect(checkpoints).toEqual(wide.checkpoints)
    expect(lp.length).toBe(wide.totals.delivered + wide.totals.dropped)
  })
  it('within a span, only what ended in it', async () => {
    const loaded = await loadScenario(join(outOf('wide'), 'scenario.json'))
    const { intervalNs, packets } = wide.throughput
    const { timeNs } = marksWithin(loaded, { fromNs: 7 * intervalNs, toNs: 9 * intervalNs })
    expect(timeNs.length).toBe(packets[7] + packets[8])
    expect(timeNs.every(time => time >= 7 * intervalNs)).toBe(true)
  })
})

describe('two runs of scenarios that differ', () => {
  it('part at the first packet for which a full queue had no place', async () => {
    const found = await firstEvent([side('a', wide, 'wide'), side('b', narrow, 'narrow')], partingOf(wide, narrow))
    const drops = marksOfDrops(await loadScenario(join(outOf('narrow'), 'scenario.json')))
    expect(found?.b.event).toMatchObject({ verdict: 'nicQueueFull', timeNs: drops[0], node: found?.node })
    expect(found?.a.before).toEqual(found?.b.before)
    expect(found?.b.before.length).toBe(Math.min(3, found?.order ?? -1))
    expect(found?.a.event?.timeNs ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(drops[0])
    expect(eventLines(found!).join('\n')).toMatch(/^ {2}b {2}[\d,]+ ns {2}nicQueueFull, packet \d+ of aks-np-\S+, 0 ns old: .*vxlan/m)
  })
  it('of which one is not what the result says are refused', async () => {
    const parting = partingOf(wide, narrow)
    const other = [side('a', wide, 'wide'), side('b', narrow, 'narrow', { scenario: join(outOf('wide'), 'scenario.json') })] as const
    await expect(firstEvent(other, parting)).rejects.toThrow(/is not the scenario that b ran/)
    const gone = [side('a', wide, 'nowhere'), side('b', narrow, 'narrow')] as const
    await expect(firstEvent(gone, parting)).rejects.toThrow(/--scenarios A B/)
    const foreign: RunResult = { ...narrow, checkpoints: narrow.checkpoints.map(() => 'f'.repeat(32)) }
    await expect(firstEvent([side('a', wide, 'wide'), side('b', foreign, 'narrow')], partingOf(wide, foreign))).rejects.toThrow(/--build-b/)
    await expect(firstEvent([side('a', wide, 'wide', { build: folder }), side('b', narrow, 'narrow')], parting)).rejects.toThrow(
      /no build of vxlane/,
    )
  })
})

/** When packets were dropped, in order: what ends otherwise without a queue that is full. */
function marksOfDrops(loaded: Awaited<ReturnType<typeof loadScenario>>): number[] {
  const delivered = marksWithin(
    { ...loaded, scenario: { ...loaded.scenario, fabric: { ...loaded.scenario.fabric, queue: 1000 } } },
    { fromNs: 0, toNs: 20e6 },
  )
  const narrowed = marksWithin(loaded, { fromNs: 0, toNs: 20e6 })
  const known = new Set(delivered.mark)
  return [...narrowed.timeNs].filter((_, row) => !known.has(narrowed.mark[row])).sort((a, b) => a - b)
}

/** A build in which the gap between frames is a byte longer. */
function otherBuild(): string {
  const build = outOf('build')
  cpSync(join(ROOT, 'dist'), join(build, 'dist'), { recursive: true })
  cpSync(join(ROOT, 'package.json'), join(build, 'package.json'))
  symlinkSync(join(ROOT, 'node_modules'), join(build, 'node_modules'))
  const file = join(build, 'dist/src/engine/link.js')
  const text = readFileSync(file, 'utf8')
  const changed = text.replace('const WIRE_OVERHEAD = 24', 'const WIRE_OVERHEAD = 25')
  expect(changed).not.toBe(text)
  writeFileSync(file, changed)
  return build
}

test('two builds part at the first packet that the change touched, each repeated by its own', async () => {
  const build = otherBuild()
  const other = (await import(pathToFileURL(join(build, 'dist/src/index.js')).href)) as { run: typeof run }
  const changed = await other.run(scenario(1000), { workers: 0, out: outOf('changed') })
  const parting = partingOf(wide, changed)
  const found = await firstEvent([side('a', wide, 'wide'), side('b', changed, 'changed', { build })], parting)
  const [a, b] = [found?.a.event, found?.b.event]
  expect(a).toMatchObject({ verdict: 'delivered', serial: b?.serial, origin: b?.origin, frame: b?.frame })
  // A byte at 10 Mbit/s, the first time that a packet crosses a wire.
  expect((b?.timeNs ?? 0) - (a?.timeNs ?? 0)).toBe(800)
  await expect(firstEvent([side('a', wide, 'wide'), side('b', changed, 'changed')], parting)).rejects.toThrow(/made by another build/)
}, 120_000)

test('runs of other durations part after all that both ran, or nowhere in it', async () => {
  const longer = await run({ ...scenario(1000), duration: '31ms' }, { workers: 0, out: outOf('longer') })
  const comparison = compareRuns({ result: wide, series: null }, { result: longer, series: null })
  expect(comparison.firstDifference).toBeNull()
  const span = spanToRepeat(wide, longer, comparison)
  expect(span).toEqual({ fromNs: 0, toNs: 20e6 })
  expect(await firstEvent([side('a', wide, 'wide'), side('b', longer, 'longer')], span!)).toBeNull()
  expect((await firstEvent([side('a', longer, 'longer'), side('b', narrow, 'narrow')], span!))?.b.event?.verdict).toBe('nicQueueFull')
  expect(runsText(comparison)).toContain('where they part is not known')
  expect(spanToRepeat(wide, wide, comparison)).toBeNull()
})

describe('the first place', () => {
  const marks = (rows: readonly (readonly [node: number, mark: number])[]): EndMarks => ({
    names: ['n0', 'n1', 'n2'],
    checkpoints: [],
    lp: Int32Array.from(rows, ([node]) => node),
    timeNs: Float64Array.from(rows, (_, i) => i),
    mark: Float64Array.from(rows, ([, mark]) => mark),
  })
  const rows = fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { maxLength: 12 })
  it('is what a walk over all nodes finds', () => {
    fc.assert(
      fc.property(rows, rows, fc.nat(12), (one, rest, shared) => {
        const [a, b] = [marks(one), marks([...one.slice(0, shared), ...rest])]
        const found = firstDifferingEnd(a, b)
        const listOf = ({ lp, mark }: EndMarks, node: number) => [...mark].filter((_, row) => lp[row] === node)
        const differs = [0, 1, 2].filter(node => String(listOf(a, node)) !== String(listOf(b, node)))
        expect(found === null).toBe(differs.length === 0)
        if (found === null) return
        const node = Number(found.node.slice(1))
        expect(differs).toContain(node)
        expect(listOf(a, node).slice(0, found.order)).toEqual(listOf(b, node).slice(0, found.order))
        expect(listOf(a, node)[found.order]).not.toBe(listOf(b, node)[found.order])
      }),
    )
  })
  it('is nowhere between a run and itself', () => {
    fc.assert(fc.property(rows, one => void expect(firstDifferingEnd(marks(one), marks(one))).toBeNull()))
  })
})
