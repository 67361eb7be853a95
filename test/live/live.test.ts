// The page of a run that goes on: who may see it, what it shows, that its buttons work, and that nobody can hold the run up by not reading.
import { request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { LiveError, openLive } from '../../src/cli/live.js'
import { run } from '../../src/index.js'
import { hostsOf, isLoopback, isWelcome } from '../../src/live/guard.js'
import { type LiveServer, serveLive } from '../../src/live/server.js'
import { usedAt, Watcher } from '../../src/live/view.js'
import { CHROMIUM, openBrowser } from '../support/browser.js'

const scenario = (duration: string) => ({
  apiVersion: 'vxlane/v1',
  name: '<i>live</i>',
  duration,
  cluster: { agentPoolProfiles: [{ name: 'np', count: 4 }] },
  workloads: [{ namespace: 'shop', name: 'web', replicas: 40 }],
  traffic: [
    { name: 'all', from: { workload: 'shop/web' }, to: { workload: 'shop/web', port: 80 }, protocol: 'udp', size: '200B', rate: '5000/s' },
  ],
})

describe('the guard', () => {
  it('knows this machine', () => {
    for (const host of ['127.0.0.1', '127.8.9.1', 'localhost', '::1', '[::1]']) expect(isLoopback(host)).toBe(true)
    for (const host of ['0.0.0.0', '::', '10.0.0.4', '127.0.0.1.evil.example', '128.0.0.1', 'example.org', ''])
      expect(isLoopback(host)).toBe(false)
  })

  it('answers only who calls it by its name, and changes nothing for another site', () => {
    const hosts = hostsOf('127.0.0.1', 8080)
    const asked = (method: string, host?: string, origin?: string) => isWelcome({ method, host, origin }, hosts)
    expect(asked('GET', '127.0.0.1:8080')).toBe(true)
    expect(asked('GET', 'LOCALHOST:8080')).toBe(true)
    expect(asked('GET', 'rebound.example:8080')).toBe(false)
    expect(asked('GET', '127.0.0.1')).toBe(false)
    expect(asked('GET', undefined)).toBe(false)
    expect(asked('GET', '127.0.0.1:8080', 'http://evil.example')).toBe(false)
    expect(asked('POST', '127.0.0.1:8080')).toBe(false)
    expect(asked('POST', '127.0.0.1:8080', 'null')).toBe(false)
    expect(asked('POST', '127.0.0.1:8080', 'http://127.0.0.1:8080')).toBe(true)
    expect(asked('POST', '127.0.0.1:8080', 'https://127.0.0.1:8080')).toBe(false)
  })

  it('refuses to be reached from elsewhere unless that is meant', async () => {
    await expect(openLive('x', { port: 0, host: '0.0.0.0', isExposed: false }, () => {})).rejects.toThrow(LiveError)
    await expect(openLive('x', { port: 0, host: '256.1.1.1', isExposed: true }, () => {})).rejects.toThrow('cannot serve the page')
  })
})

describe('the server', () => {
  let server: LiveServer
  const pressed: string[] = []
  const open = async () => {
    server = await serveLive('<p>page</p>', '127.0.0.1', 0, {
      pause: () => pressed.push('pause'),
      resume: () => pressed.push('resume'),
      stop: () => pressed.push('stop'),
    })
    return new URL(server.url)
  }
  afterEach(() => server.close())

  const ask = (url: URL, method: string, path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const asked = request({ host: url.hostname, port: url.port, method, path, headers }, response => {
        let body = ''
        response.on('data', part => (body += part))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      })
      asked.on('error', reject)
      asked.end()
    })

  it('serves its page, its buttons, and nothing else', async () => {
    const url = await open()
    expect(await ask(url, 'GET', '/')).toEqual({ status: 200, body: '<p>page</p>' })
    for (const path of ['/etc/passwd', '/../package.json', '/events/x', '/?a=1']) expect((await ask(url, 'GET', path)).status).toBe(404)
    expect((await ask(url, 'GET', '/', { host: 'rebound.example' })).status).toBe(403)
    expect((await ask(url, 'POST', '/stop')).status).toBe(403)
    expect((await ask(url, 'POST', '/stop', { origin: 'http://evil.example' })).status).toBe(403)
    expect(pressed).toEqual([])
    for (const path of ['/pause', '/resume', '/stop']) expect((await ask(url, 'POST', path, { origin: url.origin })).status).toBe(204)
    expect(pressed).toEqual(['pause', 'resume', 'stop'])
  })

  it('leaves a reader behind that never reads', async () => {
    const url = await open()
    const socket = connect(Number(url.port), url.hostname)
    socket.pause()
    socket.write(`GET /events HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`)
    while (!server.isWatched) await new Promise(resolve => setTimeout(resolve, 5))
    const before = process.memoryUsage().external + process.memoryUsage().arrayBuffers
    const started = performance.now()
    for (let i = 0; i < 2000; i++) server.tell('nodes', 'x'.repeat(50_000))
    expect(performance.now() - started).toBeLessThan(5000)
    expect(process.memoryUsage().external + process.memoryUsage().arrayBuffers - before).toBeLessThan(50e6)
    socket.destroy()
  })
})

describe('a view', () => {
  it('has the pace of the last moments, and not of a pause', () => {
    let now = 0
    let paused = false
    const running = {
      ...{ names: [], resources: [], column: () => [], pause: () => {}, resume: () => {} },
      get paused() {
        return paused
      },
    }
    const watcher = new Watcher(running, () => now)
    const at = (wallMs: number, timeNs: number) => {
      now = wallMs
      return watcher.view({ timeNs, durationNs: 10e9, sent: timeNs / 1e3, delivered: 0, dropped: 0, events: 0 })
    }
    expect(at(0, 0)).toMatchObject({ packetsPerSecond: 0, leftSeconds: null })
    expect(at(1000, 1e9)).toMatchObject({ packetsPerSecond: 1e6, leftSeconds: 9 })
    paused = true
    at(1000, 1e9)
    expect(at(61_000, 1e9)).toMatchObject({ packetsPerSecond: 1e6, paused: true })
    paused = false
    at(61_500, 1e9)
    expect(at(62_500, 2e9).leftSeconds).toBeCloseTo(8, 6)
  })

  it('reads a resource off its timeline', () => {
    const resource = {
      timeline: [
        [0, 3],
        [10, 5],
        [20, 1],
      ] as [number, number][],
      used: 1,
    }
    expect([0, 9, 10, 19, 20, 99].map(timeNs => usedAt(resource, timeNs))).toEqual([3, 3, 5, 5, 1, 1])
    expect(usedAt({ timeline: [], used: 7 }, 5)).toBe(7)
  })
})

describe('a run', () => {
  it('pauses, goes on and gives the same digest as one that nobody watched', async () => {
    const alone = await run(scenario('200ms'), { workers: 2 })
    let views = 0
    const watched = await run(scenario('200ms'), {
      workers: 2,
      onStart(running) {
        expect(running.names).toHaveLength(4)
        running.pause()
        setTimeout(() => running.resume(), 300)
      },
      onProgress: () => views++,
    })
    expect(watched.digest).toBe(alone.digest)
    expect(views).toBeGreaterThan(0)
  }, 60_000)

  it('can be stopped while it is paused', async () => {
    const stop = new AbortController()
    const result = await run(scenario('1000s'), {
      workers: 2,
      signal: stop.signal,
      onStart(running) {
        running.pause()
        setTimeout(() => stop.abort(), 200)
      },
    })
    expect(result.partial).toBe(true)
  }, 60_000)

  it.skipIf(CHROMIUM === undefined)(
    'is followed by a browser',
    async () => {
      const stop = new AbortController()
      const live = await openLive('<i>live</i>', { port: 0, host: '127.0.0.1', isExposed: false }, () => stop.abort())
      const browser = await openBrowser()
      try {
        const page = await browser.newPage()
        const complaints: string[] = []
        page.on('pageerror', error => complaints.push(error.message))
        page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
        page.on('request', asked => !asked.url().startsWith(live.url) && !asked.url().startsWith('data:') && complaints.push(asked.url()))
        const done = run(scenario('1000s'), { workers: 1, signal: stop.signal, onStart: live.started, onProgress: live.progress })
        await page.goto(live.url)
        await page.waitForFunction(
          () => document.querySelectorAll('#rate canvas').length === 1 && document.querySelectorAll('#resources .bar').length > 2,
          null,
          { timeout: 30_000 },
        )
        expect(await page.textContent('#name')).toBe('<i>live</i>')
        expect(await page.textContent('#time')).toMatch(/ of 16\.7 min$/)
        await page.waitForFunction(() => (document.querySelector('#nodes canvas') as HTMLCanvasElement).height > 3, null, {
          timeout: 30_000,
        })
        await page.click('#hold')
        await page.waitForFunction(() => document.querySelector('#left')?.textContent === 'paused', null, { timeout: 30_000 })
        await page.click('#hold')
        await page.waitForFunction(() => document.querySelector('#left')?.textContent !== 'paused', null, { timeout: 30_000 })
        await page.click('#stop')
        const result = await done
        expect(result.partial).toBe(true)
        await live.ended('interrupted', 'out/report.html')
        await page.waitForFunction(() => document.querySelector('#state')?.textContent?.includes('out/report.html'), null, {
          timeout: 30_000,
        })
        expect(complaints).toEqual([])
      } finally {
        await browser.close()
      }
    },
    120_000,
  )
})
