// `vxlane worker`: computes points of studies that go by a queue. Runs anywhere that reaches the Redis, for as long as it is let.
import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { parseQuantity } from '../base/quantity.js'
import { count } from '../base/units.js'
import { parseRedisUrl } from '../queue/redis-url.js'
import { work } from '../queue/worker.js'
import { tallyText } from '../queue/worker-options.js'
import { VERSION } from '../run/version.js'
import { MAX_WORKERS, workersFor } from '../run/workers.js'
import { Exit, report } from './exit.js'
import { REDIS_ENV, redisUrlOf } from './queue-flags.js'

const EXAMPLES = `Examples:
  vxlane worker --redis redis://queue.example:6379
  vxlane worker --redis redis://localhost --concurrency 4 --idle 60s
`

const AFTER = `
A worker takes points of studies that were started with: vxlane study STUDY --executor bullmq --redis URL
${REDIS_ENV} stands for --redis and keeps a password out of the list of processes. It computes points of its own version of vxlane only.
^C or SIGTERM: it finishes what it has begun, gives the rest back and ends with 0; a second one gives back what it has begun, too.
Exit codes: 0 done, 2 the queue cannot be used.`

interface Flags {
  readonly redis?: string
  readonly concurrency?: number
  readonly idle?: number
  readonly grace: number
  readonly lock: number
}

/** `entry` of the threads: for tests of how a worker ends in the middle of a point. */
export function registerWorker(program: Command, entry?: URL): void {
  program
    .command('worker')
    .summary('compute points of studies from a queue')
    .description('Works for studies that go by a queue in Redis or Valkey: any number of workers, on any number of machines.')
    .option('--redis <url>', `where the queue is: redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], rediss:// for TLS (env: ${REDIS_ENV})`)
    .option('--concurrency <n>', 'points at a time, a thread each (default: number of cores)', parseConcurrency)
    .option('--idle <time>', 'end after so long without a point, such as 60s (default: never)', parseTime)
    .addOption(
      new Option('--grace <time>', 'how long points may take to finish when it shall end').default(25_000, '25s').argParser(parseTime),
    )
    .addOption(
      new Option('--lock <time>', 'how long the points of a worker that is gone are kept from the others')
        .default(30_000, '30s')
        .argParser(parseTime),
    )
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', AFTER)
    .action(async flags => {
      process.exitCode = await workerCommand(flags as Flags, entry)
    })
}

function parseConcurrency(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > MAX_WORKERS)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_WORKERS}.`)
  return value
}

/** Milliseconds. */
function parseTime(text: string): number {
  const ns = parseQuantity(text, 'time')
  if (ns === null || ns < 1e9 || ns > 86_400e9) throw new InvalidArgumentError('It must be a time from 1s to 24h, such as 30s.')
  return Math.round(ns / 1e6)
}

const say = (sentence: string): unknown => process.stderr.write(`vxlane worker: ${sentence}\n`)

async function workerCommand({ redis, concurrency, idle, grace, lock }: Flags, entry: URL | undefined): Promise<number> {
  const { stop, quit, release } = endings()
  try {
    const url = redisUrlOf(redis)
    const threads = concurrency ?? (workersFor(undefined, MAX_WORKERS) || 1)
    const what = `${count(threads)} ${threads === 1 ? 'thread' : 'threads'}, vxlane ${VERSION}, ${parseRedisUrl(url).shown}`
    const tally = await work({
      url,
      threads,
      lockMs: lock,
      idleMs: idle ?? null,
      graceMs: grace,
      stop,
      quit,
      say,
      entry,
      onReady: () => say(`ready: ${what}`),
    })
    say(`ended: ${tallyText(tally)}`)
    return Exit.done
  } catch (error) {
    return report(error)
  } finally {
    release()
  }
}

/** The first signal asks for an end after the points under way, the second for one at once. */
function endings(): { stop: AbortSignal; quit: AbortSignal; release(): void } {
  const stop = new AbortController()
  const quit = new AbortController()
  const onSignal = (): void => {
    if (stop.signal.aborted) {
      quit.abort()
      return
    }
    stop.abort()
    say('ending after the points under way; once more gives them back')
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal)
  return {
    stop: stop.signal,
    quit: quit.signal,
    release: () => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal)
    },
  }
}
