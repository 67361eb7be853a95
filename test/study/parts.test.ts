// A study in parts: however it is cut, wherever the parts are computed and whatever happens on the way, put together it is the same bytes.
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { study } from '../../src/index.js'
import { VERSION } from '../../src/run/version.js'
import type { StudyExecutor } from '../../src/study/executor.js'
import { loadStudy } from '../../src/study/load.js'
import { computeBatch, soloExecutor } from '../../src/study/local.js'
import { studyPart } from '../../src/study/part.js'
import { type PartChoice, rangeOf } from '../../src/study/parts.js'
import { PointsMissing } from '../../src/study/study-error.js'

const POOL = 'cluster.agentPoolProfiles[0]'
const base = {
  apiVersion: 'vxlane/v1',
  cluster: { networkProfile: { podCidr: '10.244.0.0/16' }, agentPoolProfiles: [{ count: 3, maxPods: 30 }] },
  workloads: [{ namespace: 'shop', name: 'web', replicas: 20 }],
}
const head = { apiVersion: 'vxlane-study/v1', name: 's', base }
const grid = loadStudy({
  ...head,
  seeds: 2,
  vary: [
    { path: `${POOL}.count`, range: { from: 2, to: 8, step: 2 } },
    { path: `${POOL}.maxPods`, values: [30, 110] },
  ],
  measure: ['maxNodes', 'resources.podCidr.used', 'bindingResource'],
})
const search = loadStudy({
  ...head,
  vary: [{ path: 'cluster.networkProfile.podCidr', values: ['10.244.0.0/20', '10.244.0.0/19', '10.244.0.0/18'] }],
  find: { path: `${POOL}.count`, between: [1, 300], largestWhere: 'resources.exhausted == none' },
})
const fresh = () => join(mkdtempSync(join(tmpdir(), 'vxlane-parts-')), 'out')
const FILES = ['summary.json', 'points.csv', 'points.parquet']
const resultsIn = (out: string) => FILES.map(name => readFileSync(join(out, name)).toString('latin1'))
const shard = (index: number, of: number): PartChoice => ({ kind: 'shard', index, of })
const range = (first: number, last: number): PartChoice => ({ kind: 'range', first, last })

/** Fails the test if it gets a point. */
const idle: StudyExecutor = {
  async *execute(_context, source) {
    for (let tasks = await source.take(1); tasks.length > 0; tasks = await source.take(1)) {
      yield tasks.map(({ id, set }) => ({ id, kind: 'failed', reason: `computed again: ${set.join(' ')}` }))
    }
  },
}
/** Stops after so many points, as if killed. */
const mortal = (points: number): StudyExecutor => ({
  async *execute(context, source) {
    for (let i = 0; i < points; i++) yield await computeBatch({ context, points: await source.take(1) })
  },
})

test('shards cover every cell once, neighbours together, sizes one apart at most', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 60 }), (cells, of) => {
      const some = { ...grid, axes: [{ ...grid.axes[0], steps: Array.from({ length: cells }, () => []) }], seeds: 1 }
      const ranges = Array.from({ length: of }, (_, index) => rangeOf(shard(index, of), some))
      expect([ranges[0].from, ranges[of - 1].to]).toEqual([0, cells])
      for (const [i, { from }] of ranges.entries()) if (i > 0) expect(from).toBe(ranges[i - 1].to)
      const sizes = ranges.map(({ from, to }) => to - from)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    }),
  )
})

describe.each([
  ['a grid with seeds', grid],
  ['a search', search],
])('%s', (_, loaded) => {
  const alone = fresh()
  test('in any number of parts', async () => {
    await study(loaded, { out: alone, executor: soloExecutor })
    for (const of of [1, 3, 20]) {
      const out = fresh()
      // In any order: the last first.
      for (let index = of - 1; index >= 0; index--) await studyPart(loaded, { out, part: shard(index, of), executor: soloExecutor })
      expect(readdirSync(out).filter(name => name.startsWith('points-'))).toHaveLength(of)
      await study(loaded, { out, executor: idle })
      expect(resultsIn(out)).toEqual(resultsIn(alone))
      await study(loaded, { out, mergeOnly: true })
      expect(resultsIn(out)).toEqual(resultsIn(alone))
    }
  }, 120_000)
  test('killed and tried again, torn, twice, damaged, and partly missing', async () => {
    const out = fresh()
    await expect(studyPart(loaded, { out, part: shard(0, 2), executor: mortal(2) })).rejects.toThrow('interrupted')
    const torn = join(out, 'points-0-of-2.jsonl')
    truncateSync(torn, readFileSync(torn).length - 9)
    const again = await studyPart(loaded, { out, part: shard(0, 2), executor: soloExecutor })
    expect(again.points).toMatchObject({ known: 1, failed: 0 })
    // The same cells by another name, a line that says nothing, and one that somebody is still writing.
    await studyPart(loaded, { out, part: range(0, 1), executor: soloExecutor })
    appendFileSync(join(out, 'points-from-0-to-1.jsonl'), 'nonsense\n{"kind":"part"\n{"id":"half')
    const missing = study(loaded, { out, mergeOnly: true })
    await expect(missing).rejects.toThrow(PointsMissing)
    const { from, to } = rangeOf(shard(1, 2), loaded)
    const first = Math.max(from, 2)
    await expect(missing).rejects.toThrow(`these are in no part: ${first}..${to - 1}; compute them with --points ${first}..${to - 1},`)
    expect(readdirSync(out)).not.toContain('summary.json')
    // Without mergeOnly they are computed.
    await study(loaded, { out, executor: soloExecutor })
    expect(resultsIn(out)).toEqual(resultsIn(alone))
  }, 120_000)
})

test('a part goes on from what the folder’s own journal has', async () => {
  const out = fresh()
  await study(grid, { out, executor: soloExecutor })
  expect((await studyPart(grid, { out, part: shard(1, 3), executor: idle })).points).toEqual({ total: 5, known: 5, failed: 0 })
})

test('points that fail are in their part, and merging tells of them in the same words', async () => {
  const failing: StudyExecutor = {
    async *execute(context, source) {
      for (let tasks = await source.take(1); tasks.length > 0; tasks = await source.take(1)) {
        const [{ id, set }] = tasks
        yield set.includes(`${POOL}.count=4`)
          ? [{ id, kind: 'failed', reason: 'no memory' }]
          : await computeBatch({ context, points: tasks })
      }
    },
  }
  const alone = fresh()
  const summary = await study(grid, { out: alone, executor: failing })
  expect(summary.points.failed).toBe(4)
  const out = fresh()
  for (const index of [0, 1]) await studyPart(grid, { out, part: shard(index, 2), executor: failing })
  await study(grid, { out, mergeOnly: true })
  expect(resultsIn(out)).toEqual(resultsIn(alone))
  // Put together by a study that computes, they are tried again.
  expect((await study(grid, { out, executor: soloExecutor })).points.failed).toBe(0)
})

describe('what does not belong together', () => {
  test('parts of another version are refused', async () => {
    const out = fresh()
    await studyPart(grid, { out, part: shard(0, 2), executor: soloExecutor })
    const file = join(out, 'points-0-of-2.jsonl')
    writeFileSync(file, readFileSync(file, 'utf8').replace(`"engine":"${VERSION}"`, '"engine":"0.0.9"'))
    await expect(study(grid, { out, executor: idle })).rejects.toThrow(
      `points-0-of-2.jsonl was computed by vxlane 0.0.9, and this is ${VERSION}`,
    )
    // Computed again by this version, the part says so and counts.
    await studyPart(grid, { out, part: shard(0, 2), executor: soloExecutor })
    await studyPart(grid, { out, part: shard(1, 2), executor: soloExecutor })
    await study(grid, { out, mergeOnly: true })
  })
  test('parts of another study count where their points are the same, and are refused where nothing may be computed', async () => {
    const out = fresh()
    for (const index of [0, 1]) await studyPart(grid, { out, part: shard(index, 2), executor: soloExecutor })
    const smaller = { ...grid, axes: [{ ...grid.axes[0], steps: grid.axes[0].steps.slice(0, 2) }, grid.axes[1]] }
    await expect(study(smaller, { out, mergeOnly: true })).rejects.toThrow('is a part of another study')
    expect((await study(smaller, { out, executor: idle })).points).toEqual({ total: 8, failed: 0 })
  })
  test('a part that there is not', async () => {
    await expect(studyPart(grid, { out: fresh(), part: range(10, 16) })).rejects.toThrow('there are no points 10..16: this study has 16')
    await expect(studyPart(grid, { out: fresh(), part: shard(4, 4) })).rejects.toThrow('the last is 3/4')
  })
})
