// The page of a comparison in a real browser: the verdict, forest and distributions, numbers those of the JSON, names still text.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addReport, evidenceOf, seriesOf } from '../../src/cli/result-folder.js'
import { compareRuns, type RunComparison } from '../../src/compare/runs.js'
import { loadScenario, run } from '../../src/index.js'
import { comparisonReport } from '../../src/report/comparison-report.js'
import { distributionOf } from '../../src/report/ecdf.js'
import { signed } from '../../src/report/forest.js'
import { hunks, lineDiff } from '../../src/report/line-diff.js'
import { BENCHES, HOSTILE } from '../support/bench-comparison.js'
import { CHROMIUM, openBrowser, openFile } from '../support/browser.js'

const scenario = (name: string, rate: string, size: string) => ({
  apiVersion: 'vxlane/v1',
  name,
  duration: '20ms',
  fabric: { podMtu: 1500 },
  cluster: { agentPoolProfiles: [{ name: 'np', count: 3 }] },
  workloads: [{ namespace: 'shop', name: 'web', replicas: 9 }],
  traffic: [
    {
      name,
      from: { workload: 'shop/web' },
      to: { workload: 'shop/web', port: 80 },
      protocol: 'udp',
      size,
      rate,
      df: true,
      arrivals: 'poisson',
    },
  ],
})

let folder: string
let comparison: RunComparison
let browser: Browser | null = null
const at = (name: string) => join(folder, name)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vxlane-comparison-'))
  const made = async (name: string, file: string, rate: string, size: string) => {
    const loaded = await loadScenario(scenario(name, rate, size))
    const result = await run(loaded, { workers: 0, out: at(file) })
    await addReport(at(file), loaded, result, 'vxlane run s.yaml')
    return { result, series: seriesOf(at(file)) }
  }
  const a = await made('plain', 'a', '1000/s', '200B')
  const b = await made(HOSTILE, 'b', '2000/s', '1480B')
  comparison = compareRuns(a, b)
  const [one, other] = [evidenceOf(at('a'), a.result), evidenceOf(at('b'), b.result)]
  const command = 'vxlane compare a b --html runs.html'
  writeFileSync(at('runs.html'), comparisonReport({ comparison, a: one, b: other, command }))
  writeFileSync(at('alone.html'), comparisonReport({ comparison, a: null, b: null, command }))
  writeFileSync(at('equal.html'), comparisonReport({ comparison: compareRuns(a, a), a: one, b: one, command }))
  writeFileSync(at('benches.html'), comparisonReport({ comparison: BENCHES, a: null, b: null, command }))
  if (CHROMIUM !== undefined) browser = await openBrowser()
}, 60_000)
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('the files', () => {
  it.each(['runs', 'alone', 'equal', 'benches'])('%s: one small file that names no other', name => {
    const html = readFileSync(at(`${name}.html`), 'utf8')
    expect(html.length).toBeLessThan(1_000_000)
    expect(html.match(/(src|href)="(?!#|data:)[^"]*"/g)).toBeNull()
  })
})

describe.skipIf(CHROMIUM === undefined)('in a browser', () => {
  it.each(['runs', 'alone', 'equal', 'benches'])(
    '%s: loads nothing, complains about nothing, every chart has marks and words',
    async name => {
      const { page, complaints } = await openFile(browser!, at(`${name}.html`), { colorScheme: 'dark' })
      const drawings = await page.$$eval('svg', all =>
        all.map(svg => [svg.getAttribute('aria-label') ?? '', svg.querySelectorAll('path.line, circle.dot, rect.cell').length] as const),
      )
      for (const [described, marks] of drawings) {
        expect(described.length).toBeGreaterThan(20)
        expect(marks).toBeGreaterThan(0)
      }
      expect(await page.locator('img').count()).toBe(0)
      expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(18, 22, 28)')
      await page.emulateMedia({ media: 'print' })
      expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000)
      await page.setViewportSize({ width: 720, height: 1000 })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(720)
      for (const figure of await page.locator('figure').all()) expect(await figure.isVisible()).toBe(true)
      expect(complaints.all).toEqual([])
      await page.close()
    },
  )

  it.each(['runs', 'benches'])('%s: fits a narrow screen', async name => {
    const { page } = await openFile(browser!, at(`${name}.html`), { width: 390 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    await page.close()
  })

  it('shows the numbers of the comparison of runs', async () => {
    const { page } = await openFile(browser!, at('runs.html'))
    expect(await page.textContent('h1')).toBe(`plain against ${HOSTILE}`)
    expect(await page.textContent('.verdict')).toMatch(/^DIFFERENT WORK/)
    const { changed } = comparison.metrics
    expect(await page.textContent('.verdict')).toContain(`${changed.length} of ${comparison.metrics.compared} exact numbers differ`)
    const rows = await page.$$eval('#numbers tbody tr', all => all.map(row => [...row.children].map(cell => cell.textContent)))
    expect(rows.map(([name]) => name)).toEqual(changed.map(({ name }) => name))
    const sent = changed.find(({ name }) => name === 'totals.sent')!
    expect(rows.find(([name]) => name === 'totals.sent')).toEqual([
      'totals.sent',
      sent.a!.toLocaleString('en-US'),
      sent.b!.toLocaleString('en-US'),
      `+${(sent.b! - sent.a!).toLocaleString('en-US')}`,
      signed(sent.b! / sent.a! - 1),
    ])
    expect(JSON.parse((await page.textContent('#data'))!).comparison).toEqual(JSON.parse(JSON.stringify(comparison)))
    expect(await page.textContent('#drops')).toContain('fragmentationNeeded')
    const diff = await page.textContent('.diff')
    expect(diff).toContain('- name: plain')
    expect(diff).toContain('rate: 2000/s')
    await page.close()
  })

  it('says in the page of equal runs that they are', async () => {
    const { page } = await openFile(browser!, at('equal.html'))
    expect(await page.textContent('.verdict')).toMatch(/^EQUAL.* 0 of \d+ exact numbers differ/)
    expect(await page.locator('#parting').count()).toBe(0)
    await page.close()
  })

  it('shows the numbers of the comparison of benchmarks, and another distribution on request', async () => {
    const { page, complaints } = await openFile(browser!, at('benches.html'))
    expect(await page.textContent('.verdict')).toMatch(/^REGRESSED.*1 regressed.*2 equal/)
    const rows = await page.$$eval('#shifts tbody tr', all => all.map(row => [...row.children].map(cell => cell.textContent)))
    expect(rows.map(([name, verdict]) => [name, verdict])).toEqual(
      BENCHES.workloads.map(({ name, verdict }) => [name, { different: 'other work', onlyInB: 'only in B' }[verdict as string] ?? verdict]),
    )
    expect(rows[0].slice(4, 9)).toEqual(['+12.4 %', '+10.4 % to +14.4 %', '< 0.0001', '0.0002', '±3 %'])
    expect(await page.locator('.forest .shift').count()).toBe(6)
    expect(await page.locator('.forest .floor').count()).toBe(1)
    const seen = () =>
      page.$$eval('#samples figure', all => all.flatMap((figure, i) => (getComputedStyle(figure).display === 'none' ? [] : [i])))
    expect(await seen()).toEqual([0])
    // By the keyboard, and at once.
    await page.focus('#samples select')
    const busy = await page.evaluate(() => {
      const choice = document.querySelector('#samples select') as HTMLSelectElement
      const started = performance.now()
      choice.selectedIndex = 2
      choice.dispatchEvent(new Event('change'))
      return performance.now() - started
    })
    expect(busy).toBeLessThan(100)
    expect(await seen()).toEqual([2])
    const taken = await page.$$eval('#samples figure:nth-of-type(1) tbody tr', all => all.map(row => row.children[1].textContent))
    const { samples } = BENCHES.workloads[0].time!.a
    expect(taken).toEqual(samples.map(ns => `${Math.round(ns).toLocaleString('en-US')} ns`))
    expect(complaints.all).toEqual([])
    await page.close()
  })
})

describe('a distribution', () => {
  it('keeps every sample', () => {
    expect(distributionOf([3, 1, 1, 9])).toEqual([
      [1, 0.25],
      [1, 0.5],
      [3, 0.75],
      [9, 1],
    ])
  })
})

describe('a difference of lines', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })

  it('holds both texts, and as few changes as there can be', () => {
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        const diff = lineDiff(a, b)
        expect(diff.filter(({ sign }) => sign !== '+').map(({ text }) => text)).toEqual(a)
        expect(diff.filter(({ sign }) => sign !== '-').map(({ text }) => text)).toEqual(b)
        expect(diff.filter(({ sign }) => sign === ' ')).toHaveLength(longestCommon(a, b))
      }),
    )
  })

  it('is shown with a few lines around', () => {
    const a = Array.from({ length: 40 }, (_, i) => `line ${i + 1}`)
    const found = hunks(lineDiff(a, a.with(9, 'other')))
    expect(found).toHaveLength(1)
    expect(found[0].line).toBe(7)
    expect(found[0].lines.map(({ sign }) => sign).join('')).toBe('   -+   ')
  })
})

/** By the textbook's table. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  const best = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0))
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++)
      best[i][j] = a[i - 1] === b[j - 1] ? best[i - 1][j - 1] + 1 : Math.max(best[i - 1][j], best[i][j - 1])
  }
  return best[a.length][b.length]
}
