// A study that has its points computed by workers elsewhere. Points go to the queue as the study comes to them, never more than a few
// thousand at a time; their outcomes are read from where workers keep them. The study itself is the truth: whatever Redis forgets, in
// a restart or by a hand that empties it, is offered again, and offering twice does no harm.
import { setTimeout as sleep } from 'node:timers/promises'
import type { PointOutcome, PointSource } from '../study/executor.js'
import type { PointContext, PointTask } from '../study/point.js'
import { type BaseRecord, jobOf } from './base-record.js'
import { type CarriedFile, carriedFiles, mayNameFiles } from './files.js'
import { Inbox } from './inbox.js'
import type { Link } from './link.js'
import { ATTEMPTS, jobId, whyGivenUp } from './names.js'
import { forgetFailures, putBase, putFile, readOutcomes } from './store.js'

/** Points offered at once, and waiting for their outcomes. */
const CHUNK = 64
const MOST_WAITING = 2048
/** Outcomes read at once, and how long they are gathered for it, ms. */
const MOST_READ = 256
const GATHER = 5
/** How often points that nothing is heard of are looked after, ms, and after how many such looks: at first, and at most. */
export const LOOK_EVERY = 2000
const FIRST_LOOK = 3
const LAST_LOOK = 30

interface Waiting {
  readonly task: PointTask
  /** Looks since anything was heard of it, and how many are borne. */
  quiet: number
  bear: number
}

export class Submission {
  private readonly inbox = new Inbox<PointOutcome>()
  /** By job. */
  private readonly waiting = new Map<string, Waiting>()
  /** Jobs that have ended, whose outcomes are to be read; with BullMQ's reason if it gave up. */
  private readonly ended = new Map<string, string | null>()
  /** Digests of the bases that are in Redis, by the files they come with. */
  private bases = new Map<string, Promise<string>>()
  private makeRoom: () => void = () => {}
  private isReading = false
  private isSubmitting = true

  constructor(
    private readonly context: PointContext,
    private readonly source: PointSource,
    private readonly link: Link,
    private readonly signal: AbortSignal,
  ) {}

  get waitingCount(): number {
    return this.waiting.size
  }

  fail(error: unknown): void {
    this.inbox.fail(error)
  }

  async *outcomes(): AsyncGenerator<readonly PointOutcome[]> {
    const { events } = this.link
    events.on('completed', ended => this.hasEnded(ended.jobId, null))
    events.on('failed', ended => this.hasEnded(ended.jobId, ended.failedReason))
    this.signal.addEventListener('abort', () => this.inbox.end(), { once: true })
    const look = setInterval(() => this.guarded(() => this.lookAfter()), LOOK_EVERY)
    this.guarded(() => this.submit())
    try {
      yield* this.inbox.batches()
    } finally {
      clearInterval(look)
      this.makeRoom()
    }
  }

  /** Takes back what no worker has begun. */
  async withdraw(): Promise<void> {
    const jobs = [...this.waiting.keys()]
    this.waiting.clear()
    for (let at = 0; at < jobs.length; at += MOST_READ) {
      // A job that a worker has begun is locked and stays.
      await Promise.allSettled(jobs.slice(at, at + MOST_READ).map(job => this.link.queue.remove(job)))
    }
  }

  /** After a loss nothing is certain: everything is looked after soon. */
  lookSoon(): void {
    this.bases = new Map()
    for (const one of this.waiting.values()) one.quiet = one.bear = FIRST_LOOK
  }

  private guarded(work: () => Promise<void>): void {
    work().catch(error => this.fail(error))
  }

  private async submit(): Promise<void> {
    while (!this.signal.aborted) {
      while (this.waiting.size > MOST_WAITING - CHUNK && !this.signal.aborted) {
        await new Promise<void>(resolve => {
          this.makeRoom = resolve
        })
      }
      const points = await this.source.take(CHUNK)
      if (points.length === 0) break
      for (const task of points) this.waiting.set(this.jobOf(task.id), { task, quiet: 0, bear: FIRST_LOOK })
      await forgetFailures(this.link.redis, this.context.mode, idsOf(points))
      await this.offer(points)
    }
    this.isSubmitting = false
    if (this.waiting.size === 0) this.inbox.end()
  }

  /** What is known already is not computed again; the rest becomes jobs. */
  private async offer(points: readonly PointTask[]): Promise<void> {
    const known = await readOutcomes(this.link.redis, this.context.mode, idsOf(points))
    this.deliver(known)
    const open = points.filter(({ id }) => this.waiting.has(this.jobOf(id)))
    const jobs = await Promise.all(
      open.map(async task => ({
        name: this.context.mode,
        data: jobOf(await this.baseOf(task), task),
        opts: { jobId: this.jobOf(task.id), attempts: ATTEMPTS, removeOnComplete: true, removeOnFail: true },
      })),
    )
    if (jobs.length > 0) await this.link.queue.addBulk(jobs)
  }

  /** The digest of what the point has in common with others; stored when it is first needed. */
  private baseOf({ set }: PointTask): Promise<string> {
    const { value, folder } = this.context.base
    const isOwn = mayNameFiles(set)
    const common = isOwn ? undefined : this.bases.get('')
    if (common) return common
    const files = carriedFiles(value, isOwn ? set : [], folder)
    const key = isOwn ? JSON.stringify(files.map(({ name, digest }) => [name, digest])) : ''
    const stored = this.bases.get(key) ?? this.store(files)
    this.bases.set(key, stored)
    return stored
  }

  private async store(files: readonly CarriedFile[]): Promise<string> {
    const { mode, base } = this.context
    for (const { content } of files) await putFile(this.link.redis, content)
    const record: BaseRecord = {
      mode,
      value: base.value as Record<string, unknown>,
      files: files.map(({ name, digest }) => ({ name, digest })),
    }
    return putBase(this.link.redis, record)
  }

  private hasEnded(job: string, reason: string | null): void {
    if (!this.waiting.has(job)) return
    this.ended.set(job, reason)
    if (!this.isReading) this.guarded(() => this.readEnded())
  }

  /** One reading at a time; what ends meanwhile is in the next. */
  private async readEnded(): Promise<void> {
    this.isReading = true
    try {
      while (this.ended.size > 0) {
        // What ends within a moment is read together: a question for each would cost more than the wait.
        await sleep(GATHER)
        const jobs = [...this.ended].slice(0, MOST_READ).filter(([job]) => this.waiting.has(job))
        for (const [job] of [...this.ended].slice(0, MOST_READ)) this.ended.delete(job)
        this.deliver(await readOutcomes(this.link.redis, this.context.mode, this.idsOfJobs(jobs.map(([job]) => job))))
        // A worker that gives up says so in Redis a moment later than BullMQ does.
        for (const [job, reason] of jobs) {
          const one = this.waiting.get(job)
          if (one && reason !== null) this.deliver([{ id: one.task.id, kind: 'failed', reason: whyGivenUp(reason) }])
        }
      }
    } finally {
      this.isReading = false
    }
  }

  /** Points that nothing has been heard of: their outcome may have been missed, or their job forgotten. */
  private async lookAfter(): Promise<void> {
    const quiet = [...this.waiting.values()].filter(one => ++one.quiet >= one.bear)
    for (const one of quiet) {
      one.quiet = 0
      one.bear = Math.min(one.bear * 2, LAST_LOOK)
    }
    if (quiet.length > 0) this.bases = new Map()
    for (let at = 0; at < quiet.length; at += CHUNK) await this.offer(quiet.slice(at, at + CHUNK).map(({ task }) => task))
  }

  private deliver(outcomes: readonly PointOutcome[]): void {
    const fresh = outcomes.filter(({ id }) => this.waiting.delete(this.jobOf(id)))
    if (fresh.length > 0) this.inbox.push(fresh)
    if (!this.isSubmitting && this.waiting.size === 0) this.inbox.end()
    if (this.waiting.size <= MOST_WAITING - CHUNK) this.makeRoom()
  }

  private jobOf(id: string): string {
    return jobId(this.context.mode, id)
  }

  private idsOfJobs(jobs: readonly string[]): string[] {
    return jobs.flatMap(job => this.waiting.get(job)?.task.id ?? [])
  }
}

const idsOf = (points: readonly PointTask[]): string[] => points.map(({ id }) => id)
