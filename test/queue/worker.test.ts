// How workers come, go and fail: drained, cut short, killed by a point, of another version, fed with what no study has put there.
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { queueExecutor, StudyInterrupted, type StudySummary, study } from '../../src/index.js'
import { QUEUE } from '../../src/queue/names.js'
import { hasQueue, type OwnRedis, ownRedis } from '../support/redis.js'
import { gridOf, type Running, start, studyFolder, until } from '../support/study-queue.js'

const { folder, write } = studyFolder()
const elsewhere = studyFolder().folder
const WORKER = fileURLToPath(new URL('threads/worker.mjs', import.meta.url))
const GATED = fileURLToPath(new URL('threads/gated-worker.mjs', import.meta.url))
const POISON = new URL('threads/poison.mjs', import.meta.url).href

describe.skipIf(!hasQueue('worker.test'))('a worker', () => {
  let redis: OwnRedis
  let running: Running[] = []
  const work = (...words: string[]): Running => {
    const worker = start(elsewhere, ['worker', '--redis', redis.url, '--concurrency', '1', ...words])
    running.push(worker)
    return worker
  }
  /** Studies that were submitted: none may go on into the next test. */
  let submitted: Promise<unknown>[] = []
  let end = new AbortController()
  const submit = (file: string, signal?: AbortSignal): Promise<StudySummary> => {
    const ends = signal ? AbortSignal.any([signal, end.signal]) : end.signal
    const done = study(join(folder, file), { signal: ends, executor: queueExecutor({ url: redis.url }) })
    submitted.push(done.catch(() => null))
    return done
  }
  const inState = (state: 'wait' | 'active'): Promise<number> => redis.client.llen(`vxlane:${QUEUE}:${state}`)

  beforeAll(async () => {
    redis = await ownRedis()
  })
  afterEach(async () => {
    for (const { child } of running) child.kill('SIGKILL')
    await Promise.all(running.map(({ done }) => done))
    running = []
    end.abort()
    await Promise.all(submitted)
    submitted = []
    end = new AbortController()
    await redis.client.flushall()
  })

  /** A worker that has begun one of four points, of which none ends before the gate is opened. */
  const inTheMiddle = async (): Promise<{ worker: Running; open(): void }> => {
    const gate = mkdtempSync(join(elsewhere, 'gate-'))
    const words = ['worker', '--redis', redis.url, '--concurrency', '1', '--grace', '60s']
    const worker = start(elsewhere, words, { VXLANE_GATE: gate }, GATED)
    running.push(worker)
    await until(async () => existsSync(join(gate, 'begun')) && (await inState('wait')) === 3)
    return { worker, open: () => writeFileSync(join(gate, 'open'), '') }
  }

  test.each(['SIGTERM', 'SIGINT'] as const)('%s: finishes what it has begun, gives the rest back, ends with 0', async signal => {
    const stop = new AbortController()
    const done = submit(fourPoints(), stop.signal)
    const { worker, open } = await inTheMiddle()
    worker.child.kill(signal)
    await until(() => worker.err().includes('ending'))
    open()
    const { code, err } = await worker.done
    expect([code, await inState('active'), await inState('wait')]).toEqual([0, 0, 3])
    expect(err).toMatch(
      /ready: .*\nvxlane worker: ending after the points under way; once more gives them back\nvxlane worker: ended: 1 point computed\n$/,
    )
    stop.abort()
    await expect(done).rejects.toThrow(StudyInterrupted)
    // What no worker has begun is taken back.
    await until(async () => (await inState('wait')) === 0)
  })

  test('a second signal gives back what it has begun, too', async () => {
    const stop = new AbortController()
    const done = submit(fourPoints(), stop.signal)
    const { worker } = await inTheMiddle()
    worker.child.kill('SIGTERM')
    await until(() => worker.err().includes('ending'))
    worker.child.kill('SIGTERM')
    const { code, err } = await worker.done
    expect([code, await inState('active'), await inState('wait')]).toEqual([0, 0, 4])
    expect(err).toMatch(/ended: 0 points computed, 1 given back\n$/)
    stop.abort()
    await expect(done).rejects.toThrow(StudyInterrupted)
  })

  test('points that take their thread or their worker with them fail, and nothing else does', async () => {
    const file = write('poison', 'vary: [{ path: "cluster.agentPoolProfiles[0].maxPods", range: { from: 10, to: 20, step: 1 } }]\n')
    let isOver = false
    let deaths = 0
    const keepWorking = async (): Promise<void> => {
      while (!isOver) {
        const worker = start(elsewhere, [redis.url, POISON], {}, WORKER)
        running = [worker]
        if ((await worker.done).code === null) deaths++
      }
    }
    const keeping = keepWorking()
    const { points, failed } = await submit(file)
    isOver = true
    running[0].child.kill('SIGTERM')
    await keeping
    expect(points).toEqual({ total: 11, failed: 2 })
    const command = (maxPods: number): string => `vxlane plan base.yaml --set 'cluster.agentPoolProfiles[0].maxPods=${maxPods}'`
    expect(failed.map(({ reason, command }) => [reason, command])).toEqual([
      [expect.stringContaining('the thread ended: '), command(13)],
      ['3 workers ended while they computed this point; it may need more memory than they have', command(17)],
    ])
    expect(deaths).toBeGreaterThanOrEqual(3)
  }, 120_000)

  test('of another version leaves points alone, and both sides say so', async () => {
    const { Queue } = await import('bullmq')
    const other = new Queue('points-9.9.9', { prefix: 'vxlane', connection: { port: redis.port } })
    await other.add('plan', { base: '0'.repeat(64), set: [] }, { jobId: `plan-${'1'.repeat(64)}` })
    const [seconds] = await redis.client.time()
    const who = (id: string): string => JSON.stringify({ version: '9.9.9', id, threads: 4 })
    await redis.client.zadd('vxlane:studies', Number(seconds), who('a study'))
    const worker = work()
    await until(() => worker.err().includes('a study of vxlane 9.9.9 is at this queue'))
    expect(worker.err()).toMatch(/this worker is \S+ and leaves its points alone: they need a worker of 9\.9\.9\n$/)
    worker.child.kill('SIGTERM')
    expect((await worker.done).code).toBe(0)
    expect(await other.getJobCountByTypes('wait')).toBe(1)
    await other.close()
    // The other way round: a study whose points nobody takes.
    await redis.client.zadd('vxlane:workers', Number(seconds), who('a worker'))
    const stop = new AbortController()
    const notices: string[] = []
    const onNotice = (sentence: string): void => {
      notices.push(sentence)
      stop.abort()
    }
    const executor = queueExecutor({ url: redis.url, onNotice })
    await expect(study(join(folder, fourPoints()), { signal: stop.signal, executor })).rejects.toThrow(StudyInterrupted)
    expect(notices[0]).toMatch(
      /^no worker of vxlane \S+ is at this queue \(1 of version 9\.9\.9, which leave its points alone\); start one/,
    )
  })

  test('survives what no study has put there', async () => {
    const { Queue } = await import('bullmq')
    const queue = new Queue(QUEUE, { prefix: 'vxlane', connection: { port: redis.port } })
    const { deflateRawSync } = await import('node:zlib')
    const { createHash } = await import('node:crypto')
    const putBase = async (value: unknown): Promise<string> => {
      const text = JSON.stringify(value)
      const digest = createHash('sha256').update(text).digest()
      await redis.client.set(`vxlane:base:${digest.toString('hex')}`, Buffer.concat([digest, deflateRawSync(text)]))
      return digest.toString('hex')
    }
    const secret = Buffer.from('x')
    const file = createHash('sha256').update(secret).digest('hex')
    await redis.client.set(`vxlane:file:${file}`, secret)
    const out = join(elsewhere, 'escaped')
    const value = { apiVersion: 'vxlane/v1', name: 'x' }
    const bases = {
      nonsense: await putBase(42),
      escaping: await putBase({ mode: 'plan', value, files: [{ name: `/${out}`, digest: file }] }),
      other: await putBase({ mode: 'plan', value, files: [] }),
      lost: 'f'.repeat(64),
    }
    const add = (name: string, data: unknown): Promise<unknown> =>
      queue.add('plan', data, { jobId: `plan-${name}`, removeOnComplete: true, removeOnFail: true })
    await add('number', 7)
    await add('extra', { base: bases.other, set: [], more: true })
    for (const [name, base] of Object.entries(bases)) await add(name, { base, set: [] })
    const worker = work('--idle', '2s')
    const { code, err } = await worker.done
    expect(code).toBe(0)
    expect(err).toContain('Redis has lost what the points of a study have in common')
    const reasonOf = (name: string): Promise<string | null> => redis.client.get(`vxlane:failure:plan-${name}`)
    for (const name of ['number', 'extra']) expect(await reasonOf(name)).toContain('not what a study puts there')
    expect(await reasonOf('nonsense')).toContain('is not what a study puts there')
    expect(await reasonOf('escaping')).toContain('leads out of its folder')
    expect(await reasonOf('other')).toContain('this is not the scenario that was asked for')
    expect(await redis.client.keys('vxlane:result:*')).toEqual([])
    expect(existsSync(out)).toBe(false)
    await queue.close()
  })
})

const fourPoints = (): string => write('four', gridOf(2, 2))
