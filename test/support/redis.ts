// A Redis of one's own for a test: on a free port, in a folder of its own, ended with it. `missing` says why there can be none.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { afterAll } from 'vitest'

/** Ends them all. Registered here, because a hook that is registered within a test or a hook never runs. */
const endings: (() => Promise<void>)[] = []
afterAll(async () => {
  await Promise.all(endings.map(end => end()))
})

/** What keeps tests of the queue from running; null: nothing. */
export const missing: string | null = (() => {
  if (spawnSync('redis-server', ['--version']).status !== 0) return 'there is no redis-server'
  try {
    createRequire(import.meta.url).resolve('bullmq')
    return null
  } catch {
    return 'the package bullmq is not installed'
  }
})()

/** True where tests of the queue can run; else one line says why they are skipped. */
export function hasQueue(name: string): boolean {
  if (missing !== null) console.log(`${name}: skipped, ${missing}`)
  return missing === null
}

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

export interface OwnRedis {
  readonly url: string
  readonly port: number
  /** For looking and for mischief. */
  readonly client: Redis
  /** Ends it, at once with SIGKILL. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Again, with what is on disk. */
  start(): Promise<void>
}

/** Starts one; `words` are further options of redis-server. It ends with the tests of the file. */
export async function ownRedis(...words: string[]): Promise<OwnRedis> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'vxlane-redis-'))
  const url = `redis://127.0.0.1:${port}`
  let server: ChildProcess | null = null
  const { Redis: Client } = await import('ioredis')
  const client: Redis = new Client({ port, lazyConnect: true, maxRetriesPerRequest: null, retryStrategy: () => 50 })
  client.on('error', () => {})
  let isOver = false
  const start = async (): Promise<void> => {
    // A restart may still be under way when its test has failed.
    if (isOver) return
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes', ...words]
    server = spawn('redis-server', options, { stdio: 'ignore' })
    if (client.status === 'wait') await client.connect().catch(() => {})
    // Answered as soon as it is there and has read its files.
    while (true) {
      const answer = await client.ping().catch((error: Error) => error.message)
      if (answer === 'PONG' || /NOAUTH/.test(answer)) return
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    const ending = server
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return
    const ended = new Promise(resolve => ending.once('exit', resolve))
    ending.kill(signal)
    await ended
  }
  endings.push(async () => {
    isOver = true
    client.disconnect()
    await stop('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  await start()
  return { url, port, client, start, stop }
}
