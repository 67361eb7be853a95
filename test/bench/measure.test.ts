// Samples from processes of their own: what is kept, in which order, and what is said when a process misbehaves.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type Build, openBuild, thisBuild } from '../../src/bench/build.js'
import { figuresOf, REFERENCE_NS } from '../../src/bench/figures.js'
import { type MeasureOptions, type MeasureProgress, measure } from '../../src/bench/measure.js'
import { select } from '../../src/bench/select.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'vxlane-measure-'))
const NAMES = ['fib', 'histogram']

/** A build that answers what a line of JavaScript says; `n` counts its processes. */
function fakeBuild(name: string, sample: string, about: object = {}): string {
  const place = join(folder, name, 'dist/src/bench')
  mkdirSync(place, { recursive: true })
  writeFileSync(join(folder, name, 'package.json'), '{"name": "vxlane", "version": "9.9.9", "type": "module"}')
  const engine = { version: '9.9.9', node: process.version, build: name }
  const self = { protocol: 1, suite: '1/smoke', engine, names: NAMES, ...about }
  writeFileSync(
    join(place, 'child.js'),
    `import { appendFileSync, readFileSync } from 'node:fs'
const log = new URL('log', import.meta.url)
const { ask, name } = JSON.parse(process.argv[2])
const say = value => console.log(JSON.stringify(value))
const answer = { protocol: 1, units: 10, exact: { work: name }, ns: 100, wallNs: 200, calibrationNs: 50 }
if (ask === 'about') say(${JSON.stringify(self)})
else {
  appendFileSync(log, 'x')
  const n = readFileSync(log).length
  ${sample}
}`,
  )
  return join(folder, name)
}

const measured = async (builds: readonly Build[], rest: Partial<MeasureOptions> = {}) =>
  measure({ benches: select(NAMES.join()), builds: builds as MeasureOptions['builds'], runs: 2, size: 'smoke', ...rest })
const fake = async (name: string, sample: string): Promise<Build> => openBuild(fakeBuild(name, sample), 'smoke')

describe('one build alone', () => {
  it('takes as many samples as asked for, a warm-up before them', async () => {
    const seen: MeasureProgress[] = []
    const { saved, interrupted } = await measured([await thisBuild('smoke')], { onProgress: progress => seen.push(progress) })
    const [{ workloads, order, suite, engine }] = saved
    expect([saved.length, interrupted, order, suite]).toEqual([1, false, 'alone', '1/smoke'])
    expect(engine.build).toMatch(/^[0-9a-f]{12}$/)
    expect(workloads.map(({ name }) => name)).toEqual(NAMES)
    expect(workloads[0]).toMatchObject({ kind: 'kernel', unit: 'lookups', units: 200_000, exact: { lookups: 200_000 } })
    expect(workloads.map(({ samples }) => samples.map(({ round, turn }) => [round, turn]))).toEqual([
      [
        [0, 2],
        [1, 4],
      ],
      [
        [0, 3],
        [1, 5],
      ],
    ])
    for (const { ns, wallNs, calibrationNs } of workloads.flatMap(({ samples }) => samples)) {
      for (const time of [ns, wallNs, calibrationNs]) expect(time).toBeGreaterThan(0)
    }
    expect(seen.map(({ done, total, name }) => [done, total, name])).toEqual([0, 1, 2, 3, 4, 5].map(i => [i, 6, NAMES[i & 1]]))
    expect(seen.map(({ leftMs }) => leftMs === null)).toEqual([true, false, false, false, false, false])
  })

  it('a process that dies is named with its reason', async () => {
    await expect(measured([await fake('dies', `throw new TypeError('no such table')`)])).rejects.toThrow(
      /^benchmark fib of .*dies: the process ended with code 1: TypeError: no such table$/,
    )
    await expect(measured([await fake('killed', `process.kill(process.pid, 'SIGKILL')`)])).rejects.toThrow(/the process ended by SIGKILL$/)
    await expect(measured([await fake('chatty', `console.log('hello')`)])).rejects.toThrow('answered "hello\\n", which is no JSON')
    await expect(measured([await fake('strange', `say({ protocol: 1 })`)])).rejects.toThrow('answered something else than a sample')
  })

  it('other counters in another run are a fault', async () => {
    const build = await fake('unsteady', `say({ ...answer, exact: { work: name, packets: n > 4 ? 7 : 8 } })`)
    await expect(measured([build])).rejects.toThrow('benchmark fib: two runs of the same build counted differently: packets was 8, then 7')
  })

  it('keeps what was finished when it is interrupted', async () => {
    const build = await fake('endless', `if (n < 4) say(answer); else setInterval(() => {}, 1000)`)
    const stop = new AbortController()
    const onProgress = ({ done }: MeasureProgress) => done === 3 && setTimeout(() => stop.abort(), 300)
    const { saved, interrupted } = await measured([build], { signal: stop.signal, onProgress })
    expect(interrupted).toBe(true)
    expect(saved[0].workloads.map(({ name, samples }) => [name, samples.length])).toEqual([['fib', 1]])
  })
})

describe('two builds in turn', () => {
  it('A B B A in every round, for each benchmark', async () => {
    const builds = [await fake('before', 'say(answer)'), await fake('after', 'say({ ...answer, ns: 120 })')]
    const { saved } = await measured(builds, { runs: 4 })
    expect(saved.map(({ order, pairedWith }) => [order, pairedWith])).toEqual([
      ['ABBA', 'after'],
      ['ABBA', 'before'],
    ])
    const turns = saved.map(({ workloads }) => workloads[0].samples.map(({ round, turn }) => [round, turn]))
    // Four of warm-up, then fib A B B A, histogram A B B A, fib again.
    expect(turns).toEqual([
      [
        [0, 4],
        [0, 7],
        [1, 12],
        [1, 15],
      ],
      [
        [0, 5],
        [0, 6],
        [1, 13],
        [1, 14],
      ],
    ])
  })

  it('a build beside itself counts the same', async () => {
    const builds = [await thisBuild('smoke'), await openBuild(ROOT, 'smoke')]
    const { saved } = await measured(builds, { benches: select('fib'), runs: 1 })
    expect(saved[1].engine).toEqual(saved[0].engine)
    expect(saved[1].workloads[0].exact).toEqual(saved[0].workloads[0].exact)
    expect(saved.map(({ workloads }) => workloads[0].samples.length)).toEqual([2, 2])
  })
})

describe('what is no build to compare with', () => {
  const refusal = async (name: string): Promise<string> => {
    const place = join(folder, name)
    const error = await openBuild(place, 'smoke').catch((thrown: Error) => thrown)
    return (error as Error).message.replace(place, 'DIR')
  }
  const packageIn = (name: string, version: string, files: readonly string[]): string => {
    for (const file of ['package.json', ...files]) {
      mkdirSync(join(folder, name, file, '..'), { recursive: true })
      writeFileSync(join(folder, name, file), JSON.stringify({ name: 'vxlane', version }))
    }
    return name
  }

  it.each([
    ['nowhere', () => 'nowhere', 'DIR: NotABuild: there is no such folder; name a folder or a saved file'],
    ['something else', () => packageIn('empty/inner', '1', []) && 'empty', 'DIR: NotABuild: there is no vxlane in this folder; '],
    [
      'not compiled',
      () => packageIn('raw', '0.3.0', []),
      'DIR: NotBuilt: vxlane 0.3.0 there is not compiled; run npm ci and npm run build in it',
    ],
    [
      'too old',
      () => packageIn('old', '0.2.0', ['dist/src/cli/main.js']),
      'DIR: NoBenchmarks: vxlane 0.2.0 there has no benchmarks of its own; ',
    ],
    [
      'another suite',
      () => fakeBuild('other', '', { suite: '2/smoke' }) && 'other',
      'DIR: OtherSuite: vxlane 9.9.9 there has suite 2/smoke, this one has 1/smoke',
    ],
    ['another protocol', () => fakeBuild('foreign', '', { protocol: 2 }) && 'foreign', 'DIR: OtherProtocol: '],
    ['broken', () => fakeBuild('broken', '}') && 'broken', 'DIR: BuildBroken: the process ended with code 1: SyntaxError: '],
  ])('%s', async (_, make, said) => {
    expect(await refusal(make())).toContain(said)
  })
})

it('figures: median, least, spread of the middle half, and the calibration taken out', () => {
  const samples = [40, 10, 20, 30].map((ns, round) => ({ round, ns, calibrationNs: (ns / 10) * REFERENCE_NS, wallNs: 2 * ns }))
  const figures = figuresOf({ name: 'x', kind: 'kernel', unit: 'y', units: 5, exact: {}, samples })
  expect(figures.raw).toEqual({ median: 5, least: 2, spread: 0.6 })
  expect(figures.normalised).toEqual({ median: 2, least: 2, spread: 0 })
  expect([figures.perSecond, figures.wallNs]).toEqual([2e8, 50])
})
