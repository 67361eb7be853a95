// Connections to Redis. A first one is made with care, so that whatever keeps the queue from working is one sentence within seconds;
// later ones wait through restarts, because a study outlives them.
import { isIP } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { loadPackages } from './packages.js'
import { queueErrorOf } from './redis-errors.js'
import type { RedisTarget } from './redis-url.js'

/** A whole attempt, and how long a Redis that is just being started is waited for, ms. */
const ATTEMPT = 2000
const STARTING = 1500
const BETWEEN = 200
/** The longest pause between two attempts to get a lost connection back, ms. */
const LONGEST_PAUSE = 1000

/** Of every connection. `maxRetriesPerRequest` null: commands wait for a Redis that comes back; whoever cannot wait ends the connection. */
export const optionsOf = ({ host, port, database, username, password, tls }: RedisTarget) => ({
  host,
  port,
  db: database,
  ...(username !== undefined && { username }),
  ...(password !== undefined && { password }),
  // A certificate is asked for by name; an IP address is none.
  ...(tls && { tls: isIP(host) ? {} : { servername: host } }),
  connectTimeout: ATTEMPT,
  maxRetriesPerRequest: null,
  retryStrategy: (times: number) => Math.min(times * 100, LONGEST_PAUSE),
})

/**
 * Makes sure that there is a Redis that can be read and written. Throws a QueueError within five seconds. Returns the target as it is to
 * be used: without a password where none is wanted, of which the client would complain at every connection.
 */
export async function probe(target: RedisTarget): Promise<RedisTarget> {
  const { Redis } = await loadPackages()
  const patience = AbortSignal.timeout(STARTING)
  const { username: _, password: __, db: ___, ...bare } = optionsOf(target)
  while (true) {
    const client = new Redis({ ...bare, lazyConnect: true, enableReadyCheck: false, retryStrategy: () => null, maxRetriesPerRequest: 0 })
    try {
      return await tryOut(client, target)
    } catch (error) {
      const isStarting = /ECONNREFUSED|LOADING/.test(`${(error as NodeJS.ErrnoException).code} ${(error as Error).message}`)
      if (!isStarting || patience.aborted) throw queueErrorOf(error, target)
    } finally {
      // One that was never made has ended already: told to end again, the client would keep the process for two seconds, waiting for it.
      if (client.status !== 'end') client.disconnect()
    }
    await sleep(BETWEEN)
  }
}

/** What went wrong first is what is wrong: later errors are about the connection having ended. */
async function tryOut(client: Redis, target: RedisTarget): Promise<RedisTarget> {
  let first: Error | null = null
  client.on('error', error => {
    first ??= error
  })
  const work = async (): Promise<RedisTarget> => {
    await client.connect()
    const wanted = await signIn(client, target)
    await client.select(target.database)
    await client.set('vxlane:probe', '1', 'PX', 1000)
    return wanted
  }
  try {
    return await Promise.race([work(), late()])
  } catch (error) {
    throw first ?? error
  }
}

async function signIn(client: Redis, target: RedisTarget): Promise<RedisTarget> {
  const { username, password } = target
  if (password === undefined) return target
  try {
    await (username === undefined ? client.auth(password) : client.auth(username, password))
    return target
  } catch (error) {
    if (!/without any password configured|no password is set/i.test((error as Error).message)) throw error
    return { ...target, username: undefined, password: undefined }
  }
}

async function late(): Promise<never> {
  await sleep(ATTEMPT, null, { ref: false })
  throw Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })
}
