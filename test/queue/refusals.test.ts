// What keeps a queue from working is one sentence within seconds, exit code 2, with what is finished kept; and no password is ever shown.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { QueueError, queueExecutor, study } from '../../src/index.js'
import { probe } from '../../src/queue/connect.js'
import { queueErrorOf } from '../../src/queue/redis-errors.js'
import { parseRedisUrl } from '../../src/queue/redis-url.js'
import { freePort, hasQueue, type OwnRedis, ownRedis } from '../support/redis.js'
import { gridOf, type Said, start, studyFolder } from '../support/study-queue.js'

const SECRET = 'g3heim#/?'
const HIDDEN = encodeURIComponent(SECRET)

describe('addresses', () => {
  test('are read as people write them', () => {
    const { shown: _, ...rest } = parseRedisUrl(`rediss://me:${HIDDEN}@[::1]:7000/3`)
    expect(rest).toEqual({ host: '::1', port: 7000, database: 3, username: 'me', password: SECRET, tls: true })
    expect(parseRedisUrl('redis://cache')).toMatchObject({ host: 'cache', port: 6379, database: 0, tls: false, password: undefined })
    expect(parseRedisUrl(`valkey://:${HIDDEN}@cache/2`).shown).toBe('redis://cache:6379/2')
  })
  test.each([
    `redis://me:${SECRET}@cache`,
    `http://me:${HIDDEN}@cache`,
    `me:${HIDDEN}@cache`,
    `redis://me:${HIDDEN}@`,
    `redis://me:${HIDDEN}@cache/base`,
    `redis://me:${HIDDEN}@cache:99999`,
    'redis://me:%zz@cache',
    `redis://me:${HIDDEN}@cache?tls=true`,
    '',
  ])('%s is refused without being repeated', text => {
    const message = (() => {
      try {
        return `read as ${parseRedisUrl(text).shown}`
      } catch (error) {
        expect(error).toBeInstanceOf(QueueError)
        return (error as Error).message
      }
    })()
    expect(message).toContain('write redis://HOST:PORT')
    expect(message).not.toMatch(/g3heim|me:/)
  })
  test('a password that somebody else repeats is taken out', () => {
    const target = parseRedisUrl(`redis://me:${HIDDEN}@cache`)
    expect(queueErrorOf(new Error(`cannot do AUTH me ${SECRET}`), target).message).toBe(
      'Redis at redis://cache:6379: cannot do AUTH me ***',
    )
  })
})

describe.skipIf(!hasQueue('refusals.test'))('a queue that cannot be used', () => {
  const { folder, write } = studyFolder()
  write('grid', gridOf(6, 5))
  let redis: OwnRedis
  const words = ['study', 'grid.yaml', '--executor', 'bullmq', '-q', '--out', 'out']
  const byEnv = (url: string, ...more: string[]): Promise<Said> => start(folder, [...words, ...more], { VXLANE_REDIS_URL: url }).done
  const sentenceFrom = async (url: string): Promise<string> => {
    const started = performance.now()
    const message = await probe(parseRedisUrl(url)).then(
      () => 'it works',
      error => (error instanceof QueueError ? error.message : `not a sentence: ${error}`),
    )
    expect(performance.now() - started).toBeLessThan(5000)
    return message
  }
  const withPassword = (password: string): string => `redis://:${encodeURIComponent(password)}@127.0.0.1:${redis.port}`

  beforeAll(async () => {
    redis = await ownRedis()
  })
  afterEach(async () => {
    for (const [name, value] of [
      ['requirepass', ''],
      ['maxmemory', '0'],
    ])
      await redis.client.config('SET', name, value)
  })

  test('nobody listens, no such host, something else answers, nothing answers', async () => {
    expect(await sentenceFrom(`redis://127.0.0.1:${await freePort()}`)).toMatch(
      /^nothing listens at redis:\/\/127\.0\.0\.1:\d+; start Redis/,
    )
    expect(await sentenceFrom('redis://no-such-host.invalid')).toMatch(/^there is no such host: redis:\/\/no-such-host\.invalid:6379$/)
    const talker = createServer(socket => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0)
    const silent = createServer(socket => socket.on('error', () => {})).listen(0)
    const at = (server: typeof talker): string => `redis://127.0.0.1:${(server.address() as { port: number }).port}`
    expect(await sentenceFrom(at(talker))).toMatch(/is no Redis$/)
    expect(await sentenceFrom(at(silent))).toMatch(/does not answer/)
    expect(await sentenceFrom(at(silent).replace('redis:', 'rediss:'))).toMatch(/does not answer/)
    talker.close()
    silent.close()
  })

  test('a worker that finds nobody says so, and is gone in the same moment', async () => {
    const started = performance.now()
    const worker = start(folder, ['worker', '--redis', `redis://127.0.0.1:${await freePort()}`])
    const said = new Promise<number>(resolve => worker.child.stderr?.once('data', () => resolve(performance.now())))
    expect((await worker.done).code).toBe(2)
    const ended = performance.now()
    expect(ended - (await said)).toBeLessThan(1000)
    expect(ended - started).toBeLessThan(5000)
  })

  test('passwords: none, a wrong one, the right one, one too many', async () => {
    await redis.client.config('SET', 'requirepass', SECRET)
    expect(await sentenceFrom(redis.url)).toMatch(/asks for a password; put it into VXLANE_REDIS_URL/)
    expect(await sentenceFrom(withPassword('wrong'))).toMatch(/refuses this user or password$/)
    expect(await sentenceFrom(withPassword(SECRET))).toBe('it works')
    await redis.client.config('SET', 'requirepass', '')
    expect(await sentenceFrom(withPassword(SECRET))).toBe('it works')
    expect(await sentenceFrom(`${redis.url}/99`)).toMatch(/has no database of this number$/)
  })

  test('a user who may only do what is needed is enough; one who may not is told', async () => {
    await redis.client.acl('SETUSER', 'study', 'on', `>${SECRET}`, '~vxlane:*', '&*', '+@all', '-@dangerous', '+info')
    await redis.client.acl('SETUSER', 'reader', 'on', '>x', '~vxlane:*', '+@read', '+@connection')
    expect(await sentenceFrom(`redis://reader:x@127.0.0.1:${redis.port}`)).toMatch(/may not do what a queue needs/)
    const url = `redis://study:${HIDDEN}@127.0.0.1:${redis.port}`
    const worker = start(folder, ['worker', '--concurrency', '1'], { VXLANE_REDIS_URL: url })
    const done = await byEnv(url)
    worker.child.kill('SIGTERM')
    expect([done.code, done.err, (await worker.done).code]).toEqual([0, '', 0])
    const texts = [
      done.out,
      (await worker.done).err,
      ...readdirSync(join(folder, 'out')).map(name => readFileSync(join(folder, 'out', name), 'latin1')),
    ]
    for (const text of texts) expect([text.includes(SECRET), text.includes(HIDDEN)]).toEqual([false, false])
  })

  test('on the command line: one sentence, how to go on, exit code 2', async () => {
    await redis.client.config('SET', 'requirepass', SECRET)
    const { code, out, err } = await byEnv(withPassword('wrong'))
    expect([code, out]).toEqual([2, ''])
    expect(err).toBe(
      `vxlane: Redis at ${redis.url} refuses this user or password\n` +
        'what was finished is kept in out. To go on: vxlane study grid.yaml --out out --executor bullmq\n',
    )
    const given = await start(folder, [...words, '--redis', withPassword('wr0ng')]).done
    expect(given.code).toBe(2)
    expect(given.err).toContain('the password in --redis can be read in the list of processes; VXLANE_REDIS_URL keeps it out of there')
    expect(given.err).toContain(`--executor bullmq --redis ${redis.url}\n`)
    expect(given.err).not.toContain('wr0ng')
    const mistakes = [
      [[...words], /where is the queue\? say --redis/],
      [['study', 'grid.yaml', '--redis', redis.url], /--redis goes with --executor bullmq/],
      [[...words, '--redis', redis.url, '--workers', '2'], /--workers counts threads of this machine/],
      [['worker', '--redis', 'cache:6379'], /write redis:\/\/HOST:PORT/],
      [['worker', '--redis', withPassword('wr0ng')], /refuses this user or password/],
    ] as const
    for (const [line, message] of mistakes) {
      const said = await start(folder, line, { VXLANE_REDIS_URL: '' }).done
      expect([said.code, said.out, said.err.match(message) !== null]).toEqual([2, '', true])
    }
  })

  test('full memory, at the start and in the middle; the study goes on when there is room', async () => {
    await redis.client.flushall()
    const out = join(folder, 'full')
    const executor = queueExecutor({ url: redis.url })
    await redis.client.config('SET', 'maxmemory', '1mb')
    expect(await sentenceFrom(redis.url)).toMatch(/^the memory of Redis at .* is full/)
    await redis.client.config('SET', 'maxmemory', '0')
    const file = join(folder, write('more', gridOf(10, 10)))
    const words = ['worker', '--redis', redis.url, '--concurrency', '1', '--lock', '1s']
    const worker = start(folder, words)
    const fill = ({ points }: { points: number }): void => {
      if (points >= 10) redis.client.config('SET', 'maxmemory', '1mb')
    }
    await expect(study(file, { out, executor, onProgress: fill })).rejects.toThrow(/is full: give it more/)
    const said = await worker.done
    expect([said.code, said.err]).toEqual([2, expect.stringContaining('is full')])
    await redis.client.config('SET', 'maxmemory', '0')
    const again = start(folder, words)
    expect((await study(file, { out, executor })).points).toEqual({ total: 100, failed: 0 })
    again.child.kill('SIGTERM')
    await again.done
  }, 120_000)

  test('a Redis that goes away and stays away ends the study with a sentence, and the process with it', async () => {
    const own = await ownRedis()
    const done = study(join(folder, 'grid.yaml'), { executor: queueExecutor({ url: own.url, patienceMs: 500 }) })
    const ended = expect(done).rejects.toThrow(/has been away for/)
    await new Promise(resolve => setTimeout(resolve, 500))
    await own.stop()
    await ended
  })

  test.skipIf(spawnSync('openssl', ['version']).status !== 0)('TLS: trusted by a certificate, refused without', async () => {
    const place = mkdtempSync(join(tmpdir(), 'vxlane-tls-'))
    const [key, cert] = [join(place, 'key.pem'), join(place, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '2', ...subject], {
      stdio: 'ignore',
    })
    const port = await freePort()
    const tls = ['--tls-port', String(port), '--tls-cert-file', cert, '--tls-key-file', key, '--tls-auth-clients', 'no']
    await ownRedis(...tls)
    const url = `rediss://localhost:${port}`
    expect(await sentenceFrom(url)).toMatch(/is not trusted .*NODE_EXTRA_CA_CERTS/)
    expect(await sentenceFrom(`rediss://127.0.0.1:${redis.port}`)).toMatch(/speaks no TLS|does not answer|closes the connection/)
    expect(await sentenceFrom(`redis://localhost:${port}`)).toMatch(/does it want TLS/)
    const trusted = { NODE_EXTRA_CA_CERTS: cert }
    const worker = start(folder, ['worker', '--redis', url, '--concurrency', '1'], trusted)
    const { code, err } = await start(folder, [...words, '--redis', url, '--out', 'tls'], trusted).done
    worker.child.kill('SIGTERM')
    expect([code, err, (await worker.done).code]).toEqual([0, '', 0])
  })
})
