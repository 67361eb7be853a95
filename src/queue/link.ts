// A study's connections to its queue: one for what is stored, BullMQ's own for jobs, and one that listens. Redis may go away and come back
// while a study lasts; only if it stays away, or will have nothing more to do with us, is that the end.
import type { Queue, QueueEvents } from 'bullmq'
import type { Redis as Client } from 'ioredis'
import { optionsOf, probe } from './connect.js'
import { PREFIX, QUEUE } from './names.js'
import { loadPackages } from './packages.js'
import { QueueError } from './queue-error.js'
import { isFinal, queueErrorOf } from './redis-errors.js'
import type { RedisTarget } from './redis-url.js'

export interface Link {
  readonly redis: Client
  readonly queue: Queue
  readonly events: QueueEvents
  close(): void
}

export interface LinkWatch {
  /** Redis has gone away, or is back. */
  lost(): void
  back(): void
  /** It will not be back, or refuses. */
  failed(error: QueueError): void
}

/** Opens them. Throws a QueueError within five seconds if there is no Redis that can be used. `patience`: how long it may be away, ms. */
export async function openLink(named: RedisTarget, patience: number, watch: LinkWatch): Promise<Link> {
  const { bull, Redis } = await loadPackages()
  const target = await probe(named)
  const redis = new Redis(optionsOf(target))
  const common = { prefix: PREFIX, connection: optionsOf(target), skipVersionCheck: true }
  const queue = new bull.Queue(QUEUE, common)
  const events = new bull.QueueEvents(QUEUE, common)
  // Connections that break are seen below; here they would only end the process.
  queue.on('error', () => {})
  events.on('error', () => {})
  const stopWatching = watchOver(redis, target, patience, watch)
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()])
  return {
    redis,
    queue,
    events,
    close() {
      stopWatching()
      redis.disconnect()
      // Without waiting: where Redis is away, nothing would answer.
      queue.disconnect().catch(() => {})
      events.close().catch(() => {})
    },
  }
}

/** Tells of losses once each, not of every attempt to reconnect. */
function watchOver(redis: Client, target: RedisTarget, patience: number, watch: LinkWatch): () => void {
  let away: NodeJS.Timeout | null = null
  let isOver = false
  const onReady = (): void => {
    if (away === null) return
    clearTimeout(away)
    away = null
    watch.back()
  }
  const onClose = (): void => {
    if (away !== null || isOver) return
    const seconds = Math.round(patience / 1000)
    const error = new QueueError(`Redis at ${target.shown} has been away for ${seconds} s`)
    away = setTimeout(() => watch.failed(error), patience)
    watch.lost()
  }
  redis.on('ready', onReady)
  redis.on('close', onClose)
  redis.on('error', error => {
    if (isFinal(error)) watch.failed(queueErrorOf(error, target))
  })
  return () => {
    isOver = true
    if (away !== null) clearTimeout(away)
  }
}
