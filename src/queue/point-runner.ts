// What a worker does with one job of the queue: fetch what the point has in common with others, compute it in a thread, write down what
// came out. Everything that arrives is checked: it comes from a network.
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Job } from 'bullmq'
import type { Redis } from 'ioredis'
import { Piscina } from 'piscina'
import type { PointOutcome } from '../study/executor.js'
import { type BatchAnswer, type BatchTask, reasonOf } from '../study/local.js'
import type { PointContext } from '../study/point.js'
import { type JobData, jobData } from './base-record.js'
import { Bases } from './bases.js'
import { whyGivenUp } from './names.js'
import type { BullPackage } from './packages.js'
import { isFinal, isOfRedis } from './redis-errors.js'
import { Slots } from './slots.js'
import { hasResult, putFailure, putResult } from './store.js'
import type { WorkerOptions, WorkerTally } from './worker-options.js'

/** Points shorter than this are fetched ahead, as many again as there are threads, so that no thread waits for the network, ms. */
const SHORT = 100

export class PointRunner {
  readonly tally: WorkerTally = { computed: 0, failed: 0, returned: 0 }
  /** Redis will have nothing more to do with us. */
  onRefused: (error: unknown) => void = () => {}
  /** So many points should be fetched at a time. */
  onPace: (points: number) => void = () => {}
  private readonly pool: Piscina<BatchTask, BatchAnswer>
  private readonly slots: Slots
  private readonly bases: Bases
  private readonly ending = new AbortController()
  private active = 0
  private hasActed = true
  private msPerPoint = Number.POSITIVE_INFINITY

  constructor(
    private readonly redis: Redis,
    private readonly bull: BullPackage,
    private readonly options: WorkerOptions,
  ) {
    this.bases = new Bases(redis)
    this.slots = new Slots(options.threads)
    this.pool = new Piscina({
      filename: fileURLToPath(options.entry ?? new URL('../../workers/study-point.js', import.meta.url)),
      name: 'studyPoint',
      minThreads: options.threads,
      maxThreads: options.threads,
      concurrentTasksPerWorker: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      atomics: 'disabled',
      recordTiming: false,
    })
    // Threads that die are reported by the promise of their point; the pool replaces them.
    this.pool.on('error', () => {})
  }

  /** Of BullMQ: resolves when the job is done, one way or the other. Throws where the point shall be tried again, or given up. */
  async process(job: Job, token: string): Promise<void> {
    this.active++
    try {
      await this.compute(job, token)
    } catch (error) {
      if (isOfRedis(error) && isFinal(error)) this.onRefused(error)
      throw error
    } finally {
      this.active--
      this.hasActed = true
    }
  }

  /** BullMQ has given a job up: its thread ended too often, or too many workers did. */
  async givenUp(job: Job, error: Error): Promise<void> {
    if (job.finishedOn === undefined || job.id === undefined || (await hasResult(this.redis, job.id))) return
    this.tally.computed++
    await this.fail(job.id, whyGivenUp(error.message))
  }

  /** Whether anything has been going on since it was last asked. */
  takeActivity(): boolean {
    const acted = this.hasActed || this.active > 0
    this.hasActed = false
    return acted
  }

  /** Nothing new is begun; what waits for a thread goes back. */
  holdBack(): void {
    this.slots.close()
  }

  /** Resolves when nothing is under way. */
  async whenQuiet(): Promise<void> {
    while (this.active > 0) await sleep(50)
  }

  /** What is under way ends now and goes back. */
  giveUp(): void {
    this.ending.abort()
  }

  async close(): Promise<void> {
    await this.pool.destroy()
    this.bases.close()
  }

  private async compute(job: Job, token: string): Promise<void> {
    const id = job.id ?? ''
    // Somebody had it before: perhaps only the end of the job was lost, or it was offered again in the moment it ended.
    if (await hasResult(this.redis, id)) return
    const data = jobData.safeParse(job.data)
    if (!data.success) return this.fail(id, 'what the queue holds of this point is not what a study puts there')
    const context = await this.contextOf(data.data, id)
    if (context === null) return
    if (!(await this.slots.take())) return this.giveBack(job, token)
    let outcome: PointOutcome
    try {
      outcome = await this.inThread(context, id, data.data)
    } catch (error) {
      if (this.ending.signal.aborted) return await this.giveBack(job, token)
      throw new Error(`the thread ended: ${reasonOf(error)}`)
    } finally {
      this.slots.give()
    }
    await this.keep(id, outcome)
  }

  private async contextOf({ base }: JobData, id: string): Promise<PointContext | null> {
    try {
      const context = await this.bases.find(base)
      if (context === null) this.options.say('Redis has lost what the points of a study have in common; the study will bring it again')
      if (context === null || id.startsWith(`${context.mode}-`)) return context
      await this.fail(id, 'the queue names another kind of point than its study does')
    } catch (error) {
      if (isOfRedis(error)) throw error
      await this.fail(id, `what Redis holds of the study is not what a study puts there: ${reasonOf(error)}`)
    }
    return null
  }

  private async inThread(context: PointContext, job: string, { set }: JobData): Promise<PointOutcome> {
    const id = job.slice(context.mode.length + 1)
    const { outcomes, elapsedMs } = await this.pool.run({ context, points: [{ id, set }] }, { signal: this.ending.signal })
    this.msPerPoint = Number.isFinite(this.msPerPoint) ? (this.msPerPoint * 7 + elapsedMs) / 8 : elapsedMs
    this.onPace(this.slots.count * (this.msPerPoint < SHORT ? 2 : 1))
    return outcomes[0]
  }

  private async keep(job: string, outcome: PointOutcome): Promise<void> {
    this.tally.computed++
    if (outcome.kind === 'failed') return this.fail(job, outcome.reason)
    if ((await putResult(this.redis, job, outcome.facts)) === 'differs')
      this.options.say(
        `point ${job} came out differently here than on another worker: do all of them run the same build of vxlane? The first result stays`,
      )
  }

  private async fail(job: string, reason: string): Promise<void> {
    this.tally.failed++
    await putFailure(this.redis, job, reason)
  }

  /** Another worker takes it; this says so to BullMQ. */
  private async giveBack(job: Job, token: string): Promise<never> {
    await job.moveToWait(token)
    this.tally.returned++
    throw new this.bull.WaitingError()
  }
}
