// BullMQ and its Redis client are optional: they are loaded when somebody asks for the queue, and only then missed.
import { QueueError } from './queue-error.js'

export type BullPackage = typeof import('bullmq')
export type RedisClient = typeof import('ioredis').Redis

const MISSING = 'the queue needs two packages that are not installed: npm install bullmq ioredis'

/** Both packages. Throws a QueueError with the command that installs them. */
export async function loadPackages(): Promise<{ readonly bull: BullPackage; readonly Redis: RedisClient }> {
  try {
    return { bull: await import('bullmq'), Redis: (await import('ioredis')).Redis }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') throw new QueueError(MISSING)
    throw error
  }
}
