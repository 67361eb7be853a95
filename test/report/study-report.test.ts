// The page of a study in a real browser: the answer, maps with the binding resource, curves, every combination with its command.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StudySummary, study } from '../../src/index.js'
import { cellMaps, numberIn } from '../../src/report/study-cells.js'
import { studyReport } from '../../src/report/study-report.js'
import { CHROMIUM, openBrowser, openFile } from '../support/browser.js'

const HOSTILE = '<b>limits&amp;"x'

const STUDY = {
  apiVersion: 'vxlane-study/v1',
  name: HOSTILE,
  base: {
    apiVersion: 'vxlane/v1',
    vnet: { addressSpace: ['10.224.0.0/16'], subnets: { nodes: { cidr: '10.224.0.0/24' } } },
    cluster: {
      networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay', podCidr: '10.244.0.0/16' },
      agentPoolProfiles: [{ name: 'np', count: 4, maxPods: 30, vnetSubnet: 'nodes' }],
    },
  },
  mode: 'plan',
  vary: [
    { path: 'cluster.networkProfile.networkPluginMode', values: ['overlay', null] },
    { path: 'vnet.subnets.nodes.cidr', values: ['10.224.0.0/24', '10.224.0.0/22'] },
    { path: 'cluster.agentPoolProfiles[0].maxPods', values: [30, 60, 110] },
  ],
  find: { path: 'cluster.agentPoolProfiles[0].count', between: [1, 1000], largestWhere: 'resources.exhausted == none' },
  measure: ['limit', 'bindingResource'],
}

let folder: string
let summary: StudySummary
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vxlane-study-page-'))
  summary = await study(STUDY, { workers: 'solo' })
  writeFileSync(join(folder, 'report.html'), studyReport({ summary, command: 'vxlane study s.yaml' }))
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('cells', () => {
  it('lie where their axes say', () => {
    const maps = cellMaps(summary)
    expect(maps.map(({ title }) => title)).toEqual(['networkPluginMode: overlay', 'networkPluginMode: none'])
    expect(maps[1].rows).toEqual(['10.224.0.0/24', '10.224.0.0/22'])
    expect(maps[1].columns).toEqual(['30', '60', '110'])
    // (maxPods + 1) addresses a node: 251 and 1,019 usable.
    expect(maps[1].cells.map(row => row.map(({ measures }) => measures.limit))).toEqual([
      [8, 4, 2],
      [32, 16, 9],
    ])
    expect(maps[0].cells[1][2].measures).toEqual({ limit: 256, bindingResource: 'podCidr' })
  })

  it('say which command computes them alone', () => {
    expect(cellMaps(summary)[1].cells[0][0].command).toBe(
      'vxlane plan SCENARIO --set cluster.networkProfile.networkPluginMode=null --set vnet.subnets.nodes.cidr=10.224.0.0/24 ' +
        "--set 'cluster.agentPoolProfiles[0].maxPods=30' --set 'cluster.agentPoolProfiles[0].count=8'",
    )
  })
})

describe('values with units', () => {
  it('are numbers to a map: a limit of 4 connections a second is no missing one', () => {
    expect(['4/s', '12.5Gbps', '30%', 7, 'overlay', '10.0.0.0/24', null].map(numberIn)).toEqual([4, 12.5, 30, 7, null, null, null])
  })
})

describe.skipIf(CHROMIUM === undefined)('in a browser', () => {
  it('loads nothing, complains about nothing, shows what the summary says', async () => {
    expect(readFileSync(join(folder, 'report.html')).length).toBeLessThan(200_000)
    const browser = await openBrowser()
    try {
      const { page, complaints } = await openFile(browser, join(folder, 'report.html'), { colorScheme: 'dark' })
      expect(await page.textContent('h1')).toBe(HOSTILE)
      const shown = await page.$$eval('#maps g title', all => all.map(title => title.textContent))
      expect(shown).toHaveLength(12)
      expect(shown[0]).toBe('10.224.0.0/24 30: limit 251, nodeSubnet binds')
      expect(await page.locator('#curves path.line').count()).toBe(4)
      expect(await page.locator('#combinations tbody tr').count()).toBe(12)
      const looked = summary.combinations.map(({ search }) => search!.looked![0])
      expect(await page.locator('#curves circle.dot').count()).toBe(looked.flat().length)
      expect(await page.locator('#curves circle.hollow').count()).toBe(looked.flat().filter(({ holds }) => !holds).length)
      const log = await page.$$eval('#search tbody tr', all => all.map(row => [...row.children].map(cell => cell.textContent)))
      expect(log[0].slice(1, 4)).toEqual(['251', 'a limit', String(looked[0].length)])
      expect(log[0][4]).toMatch(/^1 \+, 1000 −, /)
      expect(await page.textContent('.verdict')).toContain(summary.answer[0])
      for (const described of await page.$$eval('svg', all => all.map(svg => svg.getAttribute('aria-label'))))
        expect(described?.length).toBeGreaterThan(10)
      expect(complaints.all).toEqual([])
    } finally {
      await browser.close()
    }
  }, 60_000)
})
