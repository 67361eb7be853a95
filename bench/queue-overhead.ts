// What the queue costs a point: points that cost nothing go through submission, Redis, a worker's thread and back. Paced as a study that
// offers 1,000 points a second: how long each is on its way. As fast as they come: how many a second, and the time of one. Needs
// redis-server and the packages bullmq and ioredis: node dist/bench/queue-overhead.js [POINTS]
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { queueExecutor } from '../src/queue/executor.js'
import { loadPackages } from '../src/queue/packages.js'
import { work } from '../src/queue/worker.js'
import type { PointSource } from '../src/study/executor.js'
import type { PointTask } from '../src/study/point.js'

export interface QueueOverhead {
  readonly points: number
  /** All of them, from the first that is offered to the last outcome. */
  readonly seconds: number
  /** Of one point, from being offered to its outcome. */
  readonly meanMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** CPU time of submitter, worker and Redis, a point: what the queue costs on a machine that does other things, too. */
  readonly cpuMs: number
}

/** Points of a study come a few at a time, ms. */
const TICK = 20

/** So many points at so many a second; as fast as they are taken with Infinity. `entry`: the thread, which computes nothing. */
export async function benchQueue(url: string, points: number, perSecond: number, entry: URL): Promise<QueueOverhead> {
  const stop = new AbortController()
  const [ready, isReady] = readiness()
  const common = { lockMs: 30_000, idleMs: null, graceMs: 5000, say: () => {}, stop: stop.signal, quit: new AbortController().signal }
  const worker = work({ ...common, url, threads: 1, entry, onReady: isReady })
  await Promise.race([ready, worker])
  const offered = new Map<string, number>()
  const onTheWay: number[] = []
  const source = pacedSource(points, perSecond, id => offered.set(id, performance.now()))
  const context = { mode: 'plan', base: { value: { apiVersion: 'vxlane/v1' }, folder: '.' } } as const
  let started = 0
  const before = await cpuSeconds(url)
  for await (const outcomes of queueExecutor({ url }).execute(context, source, new AbortController().signal)) {
    const now = performance.now()
    for (const { id } of outcomes) onTheWay.push(now - (offered.get(id) ?? now))
    started ||= Math.min(...offered.values())
    if (onTheWay.length === points) break
  }
  const seconds = (performance.now() - started) / 1000
  const cpuMs = (((await cpuSeconds(url)) - before) * 1000) / points
  stop.abort()
  await worker
  onTheWay.sort((a, b) => a - b)
  const meanMs = onTheWay.reduce((sum, ms) => sum + ms, 0) / points
  return { points: onTheWay.length, seconds, meanMs, p50Ms: onTheWay[points >> 1], p99Ms: onTheWay[Math.floor(points * 0.99)], cpuMs }
}

/** Of this process and of Redis. */
async function cpuSeconds(url: string): Promise<number> {
  const { Redis } = await loadPackages()
  const client = new Redis(url)
  const info = await client.info('cpu')
  client.disconnect()
  const { user, system } = process.cpuUsage()
  const ofRedis = [...info.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)].reduce((sum, [, seconds]) => sum + Number(seconds), 0)
  return ofRedis + (user + system) / 1e6
}

function readiness(): [Promise<void>, () => void] {
  let resolve: () => void = () => {}
  const ready = new Promise<void>(done => {
    resolve = done
  })
  return [ready, () => resolve()]
}

/** Points with ids that no scenario has, a few at a time as time goes on. */
function pacedSource(points: number, perSecond: number, offer: (id: string) => void): PointSource {
  const salt = performance.now()
  const started = performance.now()
  let given = 0
  const due = (): number => Math.min(points, Math.floor(((performance.now() - started) / 1000) * perSecond)) - given
  return {
    async take(most) {
      if (given < points && Number.isFinite(perSecond)) await sleep(TICK)
      const tasks: PointTask[] = []
      for (let left = Math.min(most, due()); left > 0; left--) {
        const id = createHash('sha256').update(`${salt} ${given++}`).digest('hex')
        offer(id)
        tasks.push({ id, set: [`cluster.agentPoolProfiles[0].count=${given}`] })
      }
      return tasks
    },
  }
}

/** A Redis of its own in a new folder; ends with `stop`. */
export async function benchRedis(): Promise<{ url: string; stop(): void }> {
  const port = await new Promise<number>(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
  const folder = mkdtempSync(join(tmpdir(), 'vxlane-bench-'))
  const words = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes']
  const server: ChildProcess = spawn('redis-server', words, { stdio: 'ignore' })
  return {
    url: `redis://127.0.0.1:${port}`,
    stop() {
      server.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

if (process.argv[1]?.endsWith('queue-overhead.js')) {
  const points = Number(process.argv[2] ?? 5000)
  const entry = new URL('./queue-null-thread.js', import.meta.url)
  const redis = await benchRedis()
  // Compilers first.
  await benchQueue(redis.url, 500, Number.POSITIVE_INFINITY, entry)
  for (const perSecond of [1000, Number.POSITIVE_INFINITY]) {
    const { seconds, meanMs, p50Ms, p99Ms, cpuMs } = await benchQueue(redis.url, points, perSecond, entry)
    const pace = Number.isFinite(perSecond) ? `offered at ${perSecond} a second` : 'as fast as they are taken'
    console.log(
      `${points} points ${pace}: ${Math.round(points / seconds)} a second, ${((seconds * 1000) / points).toFixed(2)} ms each; on the way ${meanMs.toFixed(1)} ms (p50 ${p50Ms.toFixed(1)}, p99 ${p99Ms.toFixed(1)}); CPU ${cpuMs.toFixed(2)} ms`,
    )
  }
  redis.stop()
}
