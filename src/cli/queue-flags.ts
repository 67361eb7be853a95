// The options of the queue that `vxlane study` and `vxlane worker` share. An address may hold a password, so it is looked at here and not
// by the parser of options, whose complaints repeat what was typed.
import { queueExecutor } from '../queue/executor.js'
import { QueueError } from '../queue/queue-error.js'
import { parseRedisUrl } from '../queue/redis-url.js'
import type { StudyExecutor } from '../study/executor.js'

export const REDIS_ENV = 'VXLANE_REDIS_URL'

/** The address of the queue. Throws a QueueError if there is none. A password that everybody on the machine can read is worth a word. */
export function redisUrlOf(given: string | undefined): string {
  const url = given ?? process.env[REDIS_ENV]
  if (url === undefined || url === '') throw new QueueError(`where is the queue? say --redis redis://HOST:PORT, or set ${REDIS_ENV}`)
  const { password } = parseRedisUrl(url)
  if (given !== undefined && password !== undefined)
    process.stderr.write(`the password in --redis can be read in the list of processes; ${REDIS_ENV} keeps it out of there\n`)
  return url
}

export interface QueueFlags {
  readonly executor?: string
  readonly redis?: string
}

/** The executor that was asked for; undefined: threads of this machine. Throws a QueueError for what does not go together. */
export function executorOf({ executor, redis }: QueueFlags, workers: unknown): StudyExecutor | undefined {
  if (executor !== 'bullmq') {
    if (redis !== undefined) throw new QueueError('--redis goes with --executor bullmq; without it the points are computed here')
    return undefined
  }
  if (workers !== undefined)
    throw new QueueError('--workers counts threads of this machine; with --executor bullmq give --concurrency to each vxlane worker')
  return queueExecutor({ url: redisUrlOf(redis), onNotice: sentence => process.stderr.write(`${sentence}\n`) })
}

/** How to name the queue in a command that is shown: never with a password. */
export const shownQueue = ({ executor, redis }: QueueFlags): string =>
  executor !== 'bullmq' ? '' : ` --executor bullmq${redis === undefined ? '' : ` --redis ${parseRedisUrl(redis).shown}`}`
