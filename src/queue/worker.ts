// A worker: takes points from the queue, computes them in threads, and keeps what it found in Redis. The threads leave this loop free to
// renew the locks of its points; a worker that dies loses its locks, and its points go to another. Results are written before their
// jobs end, so a job that is done twice, or whose end is lost, changes nothing.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'bullmq'
import type { Redis as Client } from 'ioredis'
import { VERSION } from '../run/version.js'
import { optionsOf, probe } from './connect.js'
import { MOST_LOST, PREFIX, QUEUE, STUDIES, WORKERS } from './names.js'
import { loadPackages } from './packages.js'
import { PointRunner } from './point-runner.js'
import type { QueueError } from './queue-error.js'
import { isFinal, queueErrorOf } from './redis-errors.js'
import { parseRedisUrl, type RedisTarget } from './redis-url.js'
import { type Presence, sayGone, sayHere, whoIsHere } from './store.js'
import type { WorkerOptions, WorkerTally } from './worker-options.js'

/** How often it says that it is here and looks around, ms. */
const ATTEND_EVERY = 5000
const IDLE_LOOK = 100
/** Leaving a Redis that does not answer, ms. */
const FAREWELL = 2000

/** Works until it is told to stop, or has nothing to do. Throws a QueueError if Redis cannot be used, at the start or later. */
export async function work(options: WorkerOptions): Promise<WorkerTally> {
  const { bull, Redis } = await loadPackages()
  const target = await probe(parseRedisUrl(options.url))
  const redis = new Redis(optionsOf(target))
  const runner = new PointRunner(redis, bull, options)
  const worker = new bull.Worker(QUEUE, (job, token) => runner.process(job, token ?? ''), {
    prefix: PREFIX,
    connection: optionsOf(target),
    skipVersionCheck: true,
    concurrency: options.threads,
    lockDuration: options.lockMs,
    stalledInterval: options.lockMs,
    maxStalledCount: MOST_LOST - 1,
    runRetryDelay: 500,
  })
  const life = new Life(redis, worker, runner, target, options)
  try {
    await life.until()
    await life.drain()
  } finally {
    await Promise.race([Promise.allSettled([life.leave(), worker.close(true)]), sleep(FAREWELL, null, { ref: false })])
    await runner.close()
    redis.disconnect()
  }
  return runner.tally
}

/** From the first point to the last. */
class Life {
  private readonly who: Presence
  private readonly strangers = new Set<string>()
  private attend: NodeJS.Timeout | null = null
  private isAway = false
  private failure: QueueError | null = null
  private readonly over = new AbortController()

  constructor(
    private readonly redis: Client,
    private readonly worker: Worker,
    private readonly runner: PointRunner,
    private readonly target: RedisTarget,
    private readonly options: WorkerOptions,
  ) {
    this.who = { version: VERSION, id: randomUUID(), threads: options.threads }
  }

  /** Resolves when it is time to end. Throws what makes going on useless. */
  async until(): Promise<void> {
    const { worker, runner, redis, options, target } = this
    const end = (): void => this.over.abort()
    for (const signal of [options.stop, options.quit]) {
      if (signal.aborted) end()
      signal.addEventListener('abort', end, { once: true })
    }
    const fail = (error: unknown): void => {
      this.failure ??= queueErrorOf(error, target)
      end()
    }
    runner.onRefused = fail
    // Of BullMQ's own complaints only those are worth a word against which waiting does not help.
    worker.on('error', error => isFinal(error) && fail(error))
    worker.on('failed', (job, error) => job && runner.givenUp(job, error).catch(fail))
    redis.on('error', error => isFinal(error) && fail(error))
    redis.on('close', () => this.isGone())
    redis.on('ready', () => this.isBack())
    runner.onPace = concurrency => {
      worker.concurrency = concurrency
    }
    this.attend = setInterval(() => this.lookAround().catch(error => isFinal(error) && fail(error)), ATTEND_EVERY)
    options.onReady?.()
    await this.lookAround()
    await this.untilOver()
    clearInterval(this.attend)
    if (this.failure) throw this.failure
  }

  /** No further point is begun; those under way get their time, and what is not done then goes back. */
  async drain(): Promise<void> {
    const { runner, options } = this
    runner.holdBack()
    const done = this.worker.pause()
    const quit = new Promise(resolve => {
      if (options.quit.aborted) resolve(null)
      options.quit.addEventListener('abort', resolve, { once: true })
    })
    // Where Redis is away, BullMQ goes on waiting for it after the last point.
    const quiet = runner.whenQuiet().then(() => Promise.race([done, sleep(FAREWELL, null, { ref: false })]))
    await Promise.race([quiet, quit, sleep(options.graceMs, null, { ref: false })])
    runner.giveUp()
    await Promise.race([done, sleep(FAREWELL, null, { ref: false })])
  }

  async leave(): Promise<void> {
    if (this.attend) clearInterval(this.attend)
    this.redis.removeAllListeners('close')
    await sayGone(this.redis, WORKERS, this.who)
  }

  private async untilOver(): Promise<void> {
    const { idleMs } = this.options
    let idle = 0
    while (!this.over.signal.aborted) {
      await sleep(IDLE_LOOK, null, { signal: this.over.signal }).catch(() => {})
      idle = this.runner.takeActivity() ? 0 : idle + IDLE_LOOK
      if (idleMs !== null && idle >= idleMs) return
    }
  }

  private async lookAround(): Promise<void> {
    await sayHere(this.redis, WORKERS, this.who)
    for (const { version } of await whoIsHere(this.redis, STUDIES)) {
      if (version === VERSION || this.strangers.has(version)) continue
      this.strangers.add(version)
      this.options.say(
        `a study of vxlane ${version} is at this queue; this worker is ${VERSION} and leaves its points alone: they need a worker of ${version}`,
      )
    }
  }

  private isGone(): void {
    if (this.isAway || this.over.signal.aborted) return
    this.isAway = true
    this.options.say(`Redis at ${this.target.shown} has gone away; waiting for it`)
  }

  private isBack(): void {
    if (this.isAway) this.options.say(`Redis at ${this.target.shown} is back`)
    this.isAway = false
  }
}
