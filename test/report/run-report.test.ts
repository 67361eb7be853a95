// The page of a run, looked at by a real browser: nothing loaded, nothing complained about, every chart drawn and described, the numbers
// those of the result, names still text.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addReport, reportOf } from '../../src/cli/result-folder.js'
import { loadScenario, type RunResult, run } from '../../src/index.js'
import { embedded, table, text } from '../../src/report/html.js'
import { notReadyTable } from '../../src/report/not-ready.js'
import { nodeMap } from '../../src/report/run-data.js'
import { exact, linear, logarithmic } from '../../src/report/scale.js'
import { CHROMIUM, openBrowser, openFile } from '../support/browser.js'

if (CHROMIUM === undefined) console.log('Chromium is not installed: pages are not looked at')

const HOSTILE = `</script><img src=x onerror="alert(1)"> 'quoted' "twice" & \u202Eleft 🚀`

const scenario = (name: string, nodes: number) => ({
  apiVersion: 'vxlane/v1',
  name,
  duration: '20ms',
  fabric: { podMtu: 1500 },
  cluster: {
    networkProfile: {
      networkPlugin: 'azure',
      networkPluginMode: 'overlay',
      podCidr: '10.0.0.0/10',
      serviceCidr: '10.100.0.0/16',
      dnsServiceIp: '10.100.0.10',
    },
    agentPoolProfiles: Array.from({ length: Math.ceil(nodes / 1000) }, (_, i) => ({
      name: `np${i}`,
      count: Math.min(1000, nodes - i * 1000),
    })),
  },
  workloads: [{ namespace: 'shop', name: 'web', replicas: nodes * 2 }],
  traffic: [
    {
      name,
      from: { workload: 'shop/web' },
      to: { workload: 'shop/web', port: 80 },
      protocol: 'udp',
      size: '200B',
      rate: '1000/s',
      arrivals: 'poisson',
    },
    {
      name: 'too long',
      from: { workload: 'shop/web' },
      to: { workload: 'shop/web', port: 81 },
      protocol: 'udp',
      size: '1480B',
      rate: '200/s',
      df: true,
    },
  ],
  assert: ['drops.total == 0'],
})

let folder: string
let result: RunResult
let browser: Browser | null = null

async function made(name: string, at: string, nodes: number): Promise<RunResult> {
  const loaded = await loadScenario(scenario(name, nodes))
  const done = await run(loaded, { workers: 0, out: join(folder, at) })
  await addReport(join(folder, at), loaded, done, `vxlane run s.yaml --seed 1 # ${name}`)
  return done
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vxlane-report-'))
  result = await made(HOSTILE, 'hostile', 4)
  if (CHROMIUM !== undefined) browser = await openBrowser()
}, 60_000)
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

const html = () => readFileSync(join(folder, 'hostile', 'report.html'), 'utf8')

describe('the file', () => {
  it('is one small file that names no other', () => {
    expect(html().length).toBeLessThan(1_000_000)
    expect(html()).toContain("default-src 'none'")
    const outside = html().match(/(src|href)="(?!#|data:)[^"]*"/g)
    expect(outside).toBeNull()
  })

  it('is in the manifest, and comes out the same from the folder alone', () => {
    const { files } = JSON.parse(readFileSync(join(folder, 'hostile', 'manifest.json'), 'utf8')) as { files: { name: string }[] }
    expect(files.map(({ name }) => name).sort()).toEqual(['journey.json', 'report.html', 'result.json', 'scenario.json', 'series.msgpack'])
    expect(reportOf(join(folder, 'hostile'), JSON.parse(readFileSync(join(folder, 'hostile', 'result.json'), 'utf8')) as RunResult)).toBe(
      html(),
    )
  })

  it('does without a series and without a journey', () => {
    for (const name of ['series.msgpack', 'journey.json']) rmSync(join(folder, 'hostile', name))
    const page = reportOf(join(folder, 'hostile'), result)
    expect(page).not.toContain('id="nodes"')
    expect(page).toContain('id="drops"')
  })
})

describe.skipIf(CHROMIUM === undefined)('in a browser', () => {
  it('loads nothing, complains about nothing, and leaves names what they are', async () => {
    const { page, complaints } = await openFile(browser!, join(folder, 'hostile', 'report.html'))
    expect(complaints.all).toEqual([])
    expect(await page.title()).toBe(HOSTILE)
    expect(await page.textContent('h1')).toBe(HOSTILE)
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.locator('#traffic tbody th').first().textContent()).toBe(HOSTILE)
    await page.close()
  })

  it('has marks and a description in every chart', async () => {
    const { page } = await openFile(browser!, join(folder, 'hostile', 'report.html'))
    const drawings = await page.$$eval('svg', all =>
      all.map(svg => [svg.getAttribute('aria-label') ?? '', svg.querySelectorAll('path.line, circle.dot, rect.cell').length] as const),
    )
    expect(drawings.length).toBeGreaterThanOrEqual(5)
    for (const [description, marks] of drawings) {
      expect(description.length).toBeGreaterThan(20)
      expect(marks).toBeGreaterThan(0)
    }
    const painted = await page.$$eval('.live canvas', all =>
      all.map(canvas => {
        const { data } = (canvas as HTMLCanvasElement)
          .getContext('2d')!
          .getImageData(0, 0, (canvas as HTMLCanvasElement).width, (canvas as HTMLCanvasElement).height)
        return data.some(value => value !== 0)
      }),
    )
    expect(painted.length).toBeGreaterThanOrEqual(4)
    expect(painted.every(Boolean)).toBe(true)
    await page.close()
  })

  it('shows the numbers of the result', async () => {
    const { page } = await openFile(browser!, join(folder, 'hostile', 'report.html'))
    const { totals, drops, throughput } = result
    const format = (value: number) => value.toLocaleString('en-US')
    expect(await page.textContent('.tiles')).toContain(`${format(totals.sent)} packets`)
    expect(await page.textContent('.verdict')).toMatch(/^FAILED/)
    expect(drops.byReason.fragmentationNeeded).toBeGreaterThan(0)
    expect(await page.textContent('#drops .bar-words')).toContain(format(drops.byReason.fragmentationNeeded!))
    const cells = await page.$$eval('[data-series="throughput"] + .numbers tbody td', all => all.map(cell => cell.textContent))
    expect(cells).toHaveLength(throughput.packets.length)
    const embeddedData = JSON.parse((await page.textContent('#data'))!) as {
      series: { id: string; lines: { values: number[] }[] }[]
      map: { metrics: { name: string; values: number[] }[] }
    }
    const drawn = embeddedData.series.find(({ id }) => id === 'throughput')!.lines[0].values
    expect(drawn.reduce((sum, rate) => sum + rate, 0) * (throughput.intervalNs / 1e9)).toBeCloseTo(totals.delivered, 3)
    const lost = embeddedData.map.metrics.find(({ name }) => name === 'dropped')!.values
    expect(lost.reduce((sum, count) => sum + count, 0)).toBe(drops.total)
    await page.locator('details.reason summary').first().click()
    expect(await page.locator('details.reason pre').first().textContent()).toMatch(/^\d.*\n.*udp.*\n\n0000 {2}([0-9a-f]{2} ?){8}/)
    await page.close()
  })

  it('follows the reader into the dark, and onto paper', async () => {
    const { page, complaints } = await openFile(browser!, join(folder, 'hostile', 'report.html'), { colorScheme: 'dark' })
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    expect(await paper()).toBe('rgb(18, 22, 28)')
    await page.emulateMedia({ colorScheme: 'light' })
    expect(await paper()).toBe('rgb(255, 255, 255)')
    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('.live').first().isVisible()).toBe(false)
    expect(await page.locator('[data-series] svg').first().isVisible()).toBe(true)
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(20_000)
    expect(complaints.all).toEqual([])
    await page.close()
  })

  it('answers at once with 5,000 nodes', async () => {
    await made('large', 'large', 5000)
    expect(readFileSync(join(folder, 'large', 'report.html')).length).toBeLessThan(1_000_000)
    const { page, complaints } = await openFile(browser!, join(folder, 'large', 'report.html'))
    const map = page.locator('.map canvas')
    await map.scrollIntoViewIfNeeded()
    const box = (await map.boundingBox())!
    await page.mouse.move(box.x + 40, box.y + 40)
    expect(await page.textContent('.map output')).toMatch(/^aks-np0-.*: sent \d+, delivered \d+, dropped \d+/)
    const before = await page.textContent('.map output')
    // How long the page itself is busy with one move, painted: the browser's own clock.
    const busy = await page.evaluate(() => {
      const canvas = document.querySelector('.map canvas')!
      const started = performance.now()
      canvas.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }))
      return performance.now() - started
    })
    expect(busy).toBeLessThan(100)
    expect(await page.textContent('.map output')).not.toBe(before)
    expect(complaints.all).toEqual([])
    await page.close()
  }, 120_000)
})

describe('nodes that are NotReady', () => {
  it('are a number on the map for as long as they wait, outlined while they do, and listed', () => {
    const nodes = [
      { name: 'n0', pool: 'np', fromNs: 1e6, untilNs: 3e6, end: 'ready' },
      { name: 'n1', pool: 'np', fromNs: 5e6, untilNs: null, end: 'stillNotReady' },
    ]
    const series = { header: { names: ['n0', 'n1', 'n2'] }, intervals: [] } as never
    const waited = { ...result, simulatedNs: 20e6, notReadyNodes: nodes } as RunResult
    const map = nodeMap(waited, series)!
    expect(map.metrics.at(-1)).toEqual({ name: 'NotReady', unit: ' s', values: [0.002, 0.015, 0] })
    expect(map.flagged).toEqual({ name: 'NotReady', cells: [1] })
    const listed = notReadyTable(waited)
    expect(listed.indexOf('n1')).toBeLessThan(listed.indexOf('n0'))
    expect(listed).toContain('<td>still is</td><td>15 ms</td>')
    expect(nodeMap(result, series)).toMatchObject({ flagged: undefined })
    expect(notReadyTable(result)).toBe('')
  })
})

describe('text', () => {
  it('never becomes markup', () => {
    expect(text(`<b>&"'`)).toBe('&lt;b&gt;&amp;&quot;&#39;')
    expect(embedded({ a: '</script><!--\u2028' })).toBe('{"a":"\\u003c/script>\\u003c!--\\u2028"}')
    expect(
      table([
        ['', '<i>'],
        ['<b>', 1],
      ]),
    ).toContain('<th scope="row">&lt;b&gt;</th><td>1</td>')
  })
})

describe('scales', () => {
  it('have round marks and reach over what is drawn', () => {
    expect(linear(0, 87).ticks).toEqual([0, 20, 40, 60, 80, 100])
    expect(linear(0, 0).high).toBeGreaterThan(0)
    const time = exact(0, 2)
    expect(time.at(2)).toBe(1)
    expect(time.ticks[0]).toBe(0)
    expect(logarithmic(50, 900)).toMatchObject({ low: 10, high: 1000, ticks: [10, 100, 1000] })
  })
})
