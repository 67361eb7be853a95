// What must not change anything: workers killed in the middle of points, a Redis that ends and comes back with what it had on disk, one
// that forgets everything, a study that is killed itself. No point is lost, none counted twice, and the summary is that of one machine.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { queueExecutor, study } from '../../src/index.js'
import { hasQueue, type OwnRedis, ownRedis } from '../support/redis.js'
import { gridOf, idsIn, type Running, start, studyFolder, until } from '../support/study-queue.js'

const LONG = process.env.VXLANE_LONG !== undefined
const [COUNTS, SIZES] = LONG ? [100, 100] : [40, 50]
const POINTS = COUNTS * SIZES

const { folder, write, read } = studyFolder()
const elsewhere = studyFolder().folder
const file = join(folder, write('grid', gridOf(COUNTS, SIZES)))

describe.skipIf(!hasQueue('chaos.test'))(`${POINTS} points`, () => {
  let redis: OwnRedis
  let workers: Running[] = []
  const startWorker = (): void => {
    workers.push(start(elsewhere, ['worker', '--redis', redis.url, '--concurrency', '1', '--lock', '2s']))
  }
  const killWorker = (): void => {
    workers.shift()?.child.kill('SIGKILL')
    startWorker()
  }
  const endWorkers = async (): Promise<void> => {
    const ending = workers
    workers = []
    await Promise.all(ending.map(({ err }) => until(() => err().includes('ready'))))
    for (const { child } of ending) child.kill('SIGTERM')
    for (const { done } of ending) expect((await done).code).toBe(0)
  }

  beforeAll(async () => {
    redis = await ownRedis()
    await study(file, { workers: 2, out: join(folder, 'here') })
  })
  afterAll(endWorkers)

  test('over three workers that are killed and a Redis that is', async () => {
    for (let i = 0; i < 3; i++) startWorker()
    /** At so many points, this happens. */
    const mischief: [number, () => void][] = [
      [0.05, killWorker],
      [0.15, killWorker],
      [0.25, () => redis.stop('SIGTERM').then(() => redis.start())],
      [0.4, killWorker],
      [0.55, () => redis.stop('SIGKILL').then(() => redis.start())],
      [0.7, killWorker],
      [0.8, () => redis.client.flushall()],
      [0.9, killWorker],
    ]
    const notices: string[] = []
    const summary = await study(file, {
      out: join(folder, 'chaos'),
      executor: queueExecutor({ url: redis.url, onNotice: sentence => notices.push(sentence) }),
      onProgress: ({ points }) => {
        if (mischief.length > 0 && points >= mischief[0][0] * POINTS) mischief.shift()?.[1]()
      },
    })
    expect(mischief).toEqual([])
    expect(summary.points).toEqual({ total: POINTS, failed: 0 })
    for (const name of ['summary.json', 'points.csv']) expect(read(`chaos/${name}`)).toBe(read(`here/${name}`))
    const ids = idsIn(read('chaos/points.jsonl'))
    expect([ids.length, new Set(ids).size]).toEqual([POINTS, POINTS])
    expect(notices.filter(sentence => /has gone away/.test(sentence)).length).toBeGreaterThanOrEqual(2)
    await endWorkers()
  }, 600_000)

  test('a study that is killed goes on, and no point is computed twice', async () => {
    await redis.client.flushall()
    const part = write('part', gridOf(10, 20))
    startWorker()
    const words = ['study', part, '--executor', 'bullmq', '--redis', redis.url, '--out', 'killed', '-q']
    const first = start(folder, words)
    const journal = (): string => {
      try {
        return read('killed/points.jsonl')
      } catch {
        return ''
      }
    }
    await until(() => idsIn(journal()).length >= 20)
    first.child.kill('SIGKILL')
    await first.done
    const before = idsIn(journal())
    expect((await start(folder, words).done).code).toBe(0)
    const after = idsIn(journal())
    expect(after.slice(0, before.length)).toEqual(before)
    expect([after.length, new Set(after).size]).toEqual([200, 200])
    const [{ done }] = workers
    await endWorkers()
    expect((await done).err).toContain('ended: 200 points computed\n')
  }, 120_000)
})
