// The executor of more than one machine: points go to a queue in Redis or Valkey, and whoever runs `vxlane worker` computes them.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { count } from '../base/units.js'
import { VERSION } from '../run/version.js'
import type { StudyExecutor } from '../study/executor.js'
import { type Link, openLink } from './link.js'
import { STUDIES, WORKERS } from './names.js'
import { isOfRedis, queueErrorOf } from './redis-errors.js'
import { parseRedisUrl } from './redis-url.js'
import { type Presence, sayGone, sayHere, whoIsHere } from './store.js'
import { LOOK_EVERY, Submission } from './submission.js'

export interface QueueOptions {
  /** redis://[user[:password]@]host[:port][/database]; rediss:// for TLS. */
  readonly url: string
  /** Told in a sentence what a person should know: Redis has gone away, there is no worker. */
  readonly onNotice?: ((sentence: string) => void) | undefined
  /** How long Redis may be away before the study gives up, ms. */
  readonly patienceMs?: number | undefined
}

const PATIENCE = 60_000
/** Looks without a worker before it is said. */
const UNATTENDED = 2
/** How long leaving may take, ms. */
const FAREWELL = 2000

/**
 * Computes points by a queue. Throws a QueueError at once if the address is malformed, and from the study if Redis cannot be used or
 * stays away; what was finished is in the study's journal.
 */
export function queueExecutor({ url, onNotice = () => {}, patienceMs = PATIENCE }: QueueOptions): StudyExecutor {
  const target = parseRedisUrl(url)
  let threads = 0
  return {
    capacity: () => threads,
    async *execute(context, source, signal) {
      let submission: Submission | null = null
      const failed = (error: unknown): void => submission?.fail(error)
      const link = await openLink(target, patienceMs, {
        failed,
        lost: () => onNotice(`Redis at ${target.shown} has gone away; the study waits up to ${Math.round(patienceMs / 1000)} s for it`),
        back: () => {
          onNotice(`Redis at ${target.shown} is back`)
          submission?.lookSoon()
        },
      })
      submission = new Submission(context, source, link, signal)
      const attendance = new Attendance(link, submission, onNotice)
      try {
        threads = await attendance.look()
        attendance.begin(found => {
          threads = found
        }, failed)
        yield* submission.outcomes()
      } catch (error) {
        throw isOfRedis(error) ? queueErrorOf(error, target) : error
      } finally {
        const leaving = Promise.allSettled([attendance.end(), submission.withdraw()])
        await Promise.race([leaving, sleep(FAREWELL, null, { ref: false })])
        link.close()
      }
    },
  }
}

/** Says that a study is here, and notices who works for it. */
class Attendance {
  private readonly who: Presence = { version: VERSION, id: randomUUID(), threads: 0 }
  private timer: NodeJS.Timeout | null = null
  private unattended = 0

  constructor(
    private readonly link: Link,
    private readonly points: Submission,
    private readonly say: (sentence: string) => void,
  ) {}

  begin(found: (threads: number) => void, failed: (error: unknown) => void): void {
    this.timer = setInterval(() => this.look().then(found, failed), LOOK_EVERY)
  }

  async end(): Promise<void> {
    if (this.timer) clearInterval(this.timer)
    await sayGone(this.link.redis, STUDIES, this.who)
  }

  /** Threads of the workers that work for this study. */
  async look(): Promise<number> {
    await sayHere(this.link.redis, STUDIES, this.who)
    const workers = await whoIsHere(this.link.redis, WORKERS)
    const ours = workers.filter(({ version }) => version === VERSION)
    if (ours.length > 0) {
      if (this.unattended >= UNATTENDED) this.say(`${count(ours.length)} ${ours.length === 1 ? 'worker is' : 'workers are'} here now`)
      this.unattended = 0
    } else if (this.points.waitingCount > 0 && ++this.unattended === UNATTENDED) this.say(nobodyIsHere(workers))
    return ours.reduce((sum, { threads }) => sum + threads, 0)
  }
}

function nobodyIsHere(others: readonly Presence[]): string {
  const versions = [...new Set(others.map(({ version }) => version))].join(', ')
  const but = versions === '' ? '' : ` (${count(others.length)} of version ${versions}, which leave its points alone)`
  return `no worker of vxlane ${VERSION} is at this queue${but}; start one with: vxlane worker --redis URL`
}
