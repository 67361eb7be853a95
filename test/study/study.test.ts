// Studies from the library: answers against arithmetic, what executors may do to them, and that nothing is computed twice.
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import { describe, expect, test } from 'vitest'
import { study } from '../../src/index.js'
import type { PointOutcome, StudyExecutor } from '../../src/study/executor.js'
import { computeBatch, soloExecutor, threadExecutor } from '../../src/study/local.js'
import type { PointTask } from '../../src/study/point.js'

const POOL = 'cluster.agentPoolProfiles[0]'
const base = {
  apiVersion: 'vxlane/v1',
  cluster: { networkProfile: { podCidr: '10.244.0.0/16' }, agentPoolProfiles: [{ count: 3, maxPods: 30 }] },
  workloads: [{ namespace: 'shop', name: 'web', replicas: 20 }],
}
const head = { apiVersion: 'vxlane-study/v1', name: 's', base }
const largest = { path: `${POOL}.count`, between: [1, 1000], largestWhere: 'resources.exhausted == none' }
const cidrs = ['10.224.0.0/26', '10.224.0.0/24', '10.224.0.0/22']
const search = {
  ...head,
  vary: [{ path: 'vnet.subnets', values: cidrs.map(cidr => ({ 'aks-nodes': { cidr } })) }],
  find: largest,
  measure: ['limit', 'bindingResource', 'resources.nodeSubnet.peak'],
}
const grid = {
  ...head,
  vary: [
    { path: `${POOL}.count`, range: { from: 2, to: 10, step: 2 } },
    { path: `${POOL}.maxPods`, values: [30, 110] },
  ],
  measure: ['maxNodes', 'maxPods', 'resources.podCidr.used', 'bindingResource'],
}

/** Computes in this thread, in an order of its own, and remembers what it was asked. */
function scrambled(log: string[], stopAfter = Number.POSITIVE_INFINITY): StudyExecutor {
  return {
    async *execute(context, source) {
      const waiting: PointTask[] = []
      while (log.length < stopAfter) {
        // Everything there is, answered from the back, a few at a time.
        if (waiting.length === 0) waiting.push(...(await source.take(7)))
        if (waiting.length === 0) return
        const points = waiting.splice(-2)
        log.push(...points.map(({ id }) => id))
        yield await computeBatch({ context, points })
      }
    },
  }
}
const fresh = () => join(mkdtempSync(join(tmpdir(), 'vxlane-study-')), 'out')
const ids = (folder: string) =>
  readFileSync(join(folder, 'points.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line).id as string)

describe('answers', () => {
  test('the largest cluster of each subnet: min(usable addresses, 256 blocks)', async () => {
    const { combinations, answer } = await study(search, { workers: 'solo' })
    expect(combinations.map(({ measures }) => measures)).toEqual([
      { limit: 59, bindingResource: 'nodeSubnet', 'resources.nodeSubnet.peak': 59 },
      { limit: 251, bindingResource: 'nodeSubnet', 'resources.nodeSubnet.peak': 251 },
      { limit: 256, bindingResource: 'podCidr', 'resources.nodeSubnet.peak': 256 },
    ])
    expect(answer[2]).toContain('256 nodes is the limit; the pod CIDR binds first')
  })
  test('the smallest value: nodes that 4,000 pods need at 30 each', async () => {
    const needs = { path: `${POOL}.count`, between: [1, 1000], smallestWhere: 'resources.maxPods.exhausted == false' }
    const found = await study({ ...head, set: { 'workloads[0].replicas': 4000 }, find: needs }, { workers: 'solo' })
    // From 257 nodes on the pod CIDR is too small, so that the search sees no one limit and says so.
    expect(found.combinations[0].measures.limit).toBe(134)
    expect(found.combinations[0].search).toMatchObject({ monotone: false })
    expect(found.answer[0]).toMatch(/^134 nodes is the least that holds; .*; not one limit: .* contradict/)
  })
  test('a grid measures every point', async () => {
    const { combinations, points } = await study(grid, { workers: 'solo' })
    expect(points).toEqual({ total: 10, failed: 0 })
    expect(combinations[3]).toMatchObject({
      values: { [`${POOL}.count`]: 4, [`${POOL}.maxPods`]: 110 },
      measures: { maxNodes: 256, maxPods: 28_160, 'resources.podCidr.used': 4, bindingResource: 'podCidr' },
    })
  })
  test('a run measures what packets do, each seed its own; the mean carries an interval', async () => {
    const traffic = [
      { from: { workload: 'shop/web' }, to: { workload: 'shop/web', port: 80 }, size: '200B', rate: '200/s', arrivals: 'poisson' },
    ]
    const { combinations } = await study(
      {
        ...head,
        base: { ...base, duration: '50ms', traffic },
        mode: 'run',
        seeds: 4,
        vary: [{ path: 'traffic[0].rate', values: ['100/s', '400/s'] }],
        measure: ['totals.sent', 'drops.total'],
      },
      { workers: 'solo' },
    )
    // 20 pods of 100 and of 400 packets a second for 50 ms.
    for (const [i, expected] of [100, 400].entries()) {
      const { mean, low, high, count } = combinations[i].intervals?.['totals.sent'] ?? { mean: 0, low: 0, high: 0, count: 0 }
      expect(count).toBe(4)
      expect(Math.abs(mean - expected)).toBeLessThan(4 * Math.sqrt(expected / 4))
      expect(low).toBeLessThan(mean)
      expect(high).toBeGreaterThan(mean)
      expect(combinations[i].measures['totals.sent']).toBe(mean)
    }
  })
})

describe('executors', () => {
  test('whoever computes the points in whatever order, the summary is the same', async () => {
    const alone = await study(search, { executor: soloExecutor })
    expect(await study(search, { executor: scrambled([]) })).toEqual(alone)
    expect(await study(search, { executor: threadExecutor(2) })).toEqual(alone)
  })
  test('a thread that dies fails the point that killed it, and no other', async () => {
    const names = ['a', 'kill', 'b', 'c', 'd', 'e']
    const entry = new URL('./threads/mortal.mjs', import.meta.url)
    const found = await study({ ...head, vary: [{ path: 'name', values: names }] }, { executor: threadExecutor(2, entry) })
    expect(found.points).toEqual({ total: 6, failed: 1 })
    expect(found.failed[0]).toMatchObject({ set: ['name=kill'], command: 'vxlane plan SCENARIO --set name=kill' })
    expect(found.failed[0].reason).toContain('the thread ended')
  })
  test('a scenario with a mistake fails with its reason; too little of something does not', async () => {
    const found = await study(
      { ...head, vary: [{ path: 'cluster.networkProfile.podCidr', values: ['10.244.0.0/16', '10.0.0.0/16', '10.244.0.0/24'] }] },
      { workers: 'solo' },
    )
    expect(found.points).toEqual({ total: 3, failed: 1 })
    expect(found.failed[0].reason).toContain('PodCidrOverlapsServiceCidr')
    expect(found.combinations.map(({ measures }) => measures.bindingResource)).toEqual(['podCidr', null, 'podCidr'])
    expect(found.combinations[2].measures.timeToExhaustion).toBe(0)
  })
})

describe('going on', () => {
  test('a study that stopped anywhere goes on there: same summary, no point twice', async () => {
    const whole = fresh()
    const log: string[] = []
    await study(search, { out: whole, executor: scrambled(log) })
    const expected = readFileSync(join(whole, 'summary.json'), 'utf8')
    expect(new Set(ids(whole)).size).toBe(log.length)
    for (const stop of [0, 2, 9, 20]) {
      const out = fresh()
      const first: string[] = []
      await expect(study(search, { out, executor: scrambled(first, stop) })).rejects.toThrow('interrupted')
      const rest: string[] = []
      await study(search, { out, executor: scrambled(rest) })
      expect(readFileSync(join(out, 'summary.json'), 'utf8')).toBe(expected)
      const all = [...first, ...rest]
      expect([all.length, new Set(all).size]).toEqual([log.length, log.length])
      expect(ids(out).toSorted()).toEqual(log.toSorted())
    }
  })
  test('what another study of the same folder has computed is not computed again', async () => {
    const out = fresh()
    await study(grid, { out, executor: soloExecutor })
    const log: string[] = []
    const more = { ...grid, vary: [grid.vary[0], { path: `${POOL}.maxPods`, values: [250, 110] }] }
    const found = await study(more, { out, executor: scrambled(log) })
    expect(log).toHaveLength(5)
    expect(found.combinations).toHaveLength(10)
    expect(ids(out)).toHaveLength(15)
  })
  test('two combinations that are one scenario are computed once', async () => {
    const log: string[] = []
    await study({ ...head, vary: [{ path: `${POOL}.count`, values: [3, 3] }] }, { executor: scrambled(log) })
    expect(log).toHaveLength(1)
  })
  test('an aborted study ends soon and says so', async () => {
    const stop = new AbortController()
    const onProgress = () => stop.abort()
    await expect(study(search, { signal: stop.signal, workers: 2, onProgress })).rejects.toThrow('interrupted')
  })
})

if (process.env.VXLANE_LONG)
  test('a thousand points of a plan take two cores ten seconds at most, in work done', async () => {
    const vary = [
      { path: `${POOL}.count`, range: { from: 3, to: 102, step: 1 } },
      { path: `${POOL}.maxPods`, range: { from: 25, to: 250, step: 25 } },
    ]
    // Time of all threads: a machine that is busy with other things takes longer by the clock, but has no more to do.
    const before = process.cpuUsage()
    const { points } = await study({ ...grid, vary }, { workers: 2, out: fresh() })
    const { user, system } = process.cpuUsage(before)
    expect(points).toEqual({ total: 1000, failed: 0 })
    expect((user + system) / 1e6).toBeLessThan(20)
  }, 300_000)

test('points are written as CSV and Parquet too', async () => {
  const out = fresh()
  await study(search, { out, workers: 'solo' })
  const csv = readFileSync(join(out, 'points.csv'), 'utf8').split('\r\n')
  expect(csv[0]).toBe(
    'combination,vnet.subnets,cluster.agentPoolProfiles[0].count,holds,seed,resources.nodeSubnet.peak,bindingResource,refused,failure,id',
  )
  expect(csv[1]).toMatch(/^0,"\{""aks-nodes"":\{""cidr"":""10\.224\.0\.0\/26""\}\}",1,true,,1,nodeSubnet,,,[0-9a-f]{64}$/)
  const bytes = readFileSync(join(out, 'points.parquet'))
  const rows = await parquetReadObjects({ file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer })
  expect(rows).toHaveLength(csv.length - 2)
  expect(rows[0]).toMatchObject({ combination: 0, holds: true, [`${POOL}.count`]: 1, bindingResource: 'nodeSubnet', failure: null })
})

test('outcomes for points that nobody asked for are left alone', async () => {
  const stray: StudyExecutor = {
    async *execute(context, source, signal) {
      yield [{ id: 'x', kind: 'failed', reason: 'stray' } satisfies PointOutcome]
      yield* soloExecutor.execute(context, source, signal)
    },
  }
  expect((await study(grid, { executor: stray })).points).toEqual({ total: 10, failed: 0 })
})
