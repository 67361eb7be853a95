// Study files: the form, and every mistake at its place.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ScenarioError } from '../../src/scenario/error.js'
import { asOption, combinationAt, combinationCount } from '../../src/study/axes.js'
import { loadStudy } from '../../src/study/load.js'
import { studyJsonSchema } from '../../src/study/schema.js'

const folder = mkdtempSync(join(tmpdir(), 'vxlane-study-'))
writeFileSync(join(folder, 'base.yaml'), 'apiVersion: vxlane/v1\n')
const HEAD = 'apiVersion: vxlane-study/v1\nname: s\nbase: base.yaml\n'

function issuesOf(text: string): string[] {
  const file = join(folder, 'study.yaml')
  writeFileSync(file, text)
  try {
    loadStudy(file)
  } catch (error) {
    if (error instanceof ScenarioError) return error.message.split('\n').map(line => line.replace(`${file}:`, ''))
    throw error
  }
  return []
}

const load = (study: object) => loadStudy({ apiVersion: 'vxlane-study/v1', name: 's', base: { apiVersion: 'vxlane/v1' }, ...study })

test('the file in schema/ is current; renew it with `vxlane schema study > schema/study.schema.json`', () => {
  const text = readFileSync(new URL('../../schema/study.schema.json', import.meta.url), 'utf8')
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(studyJsonSchema())))
})

describe('axes', () => {
  test('combine with the last one moving fastest', () => {
    const { axes } = load({
      vary: [
        { path: 'cluster.networkProfile.networkPluginMode', values: ['overlay', null] },
        { path: 'cluster.agentPoolProfiles[0].maxPods', range: { from: 10, to: 40, step: 15 } },
      ],
    })
    expect(combinationCount(axes)).toBe(6)
    expect(Array.from({ length: 6 }, (_, i) => combinationAt(axes, i).map(asOption))).toEqual([
      ['cluster.networkProfile.networkPluginMode=overlay', 'cluster.agentPoolProfiles[0].maxPods=10'],
      ['cluster.networkProfile.networkPluginMode=overlay', 'cluster.agentPoolProfiles[0].maxPods=25'],
      ['cluster.networkProfile.networkPluginMode=overlay', 'cluster.agentPoolProfiles[0].maxPods=40'],
      ['cluster.networkProfile.networkPluginMode=null', 'cluster.agentPoolProfiles[0].maxPods=10'],
      ['cluster.networkProfile.networkPluginMode=null', 'cluster.agentPoolProfiles[0].maxPods=25'],
      ['cluster.networkProfile.networkPluginMode=null', 'cluster.agentPoolProfiles[0].maxPods=40'],
    ])
  })
  test('linked paths move together', () => {
    const { axes } = load({
      vary: [
        {
          linked: [
            { path: 'cluster.networkProfile.podCidr', values: ['10.244.0.0/16', '10.244.0.0/14'] },
            { path: 'name', values: ['small', 'large'] },
          ],
        },
      ],
    })
    expect(combinationAt(axes, 1).map(asOption)).toEqual(['cluster.networkProfile.podCidr=10.244.0.0/14', 'name=large'])
    expect(combinationCount(axes)).toBe(2)
  })
  test('ranges may have units and fractions, and end where a step leads', () => {
    const steps = (range: object) => load({ vary: [{ path: 'fabric.latency', range }] }).axes[0].steps.map(([one]) => one.value)
    expect(steps({ from: '10us', to: '50us', step: '20us' })).toEqual(['10us', '30us', '50us'])
    expect(steps({ from: 0.1, to: 0.5, step: 0.1 })).toEqual([0.1, 0.2, 0.3, 0.4, 0.5])
    expect(steps({ from: 1, to: 10, step: 4 })).toEqual([1, 5, 9])
  })
  test('values travel as --set takes them', () => {
    expect(asOption({ path: 'a', value: '10.224.0.0/24' })).toBe('a=10.224.0.0/24')
    expect(asOption({ path: 'a', value: '1' })).toBe('a="1"')
    expect(asOption({ path: 'a', value: 'true' })).toBe('a="true"')
    expect(asOption({ path: 'a', value: { x: [1] } })).toBe('a={"x":[1]}')
  })
  test('paths take the spelling of the schema', () => {
    expect(load({ vary: [{ path: 'cluster.networkProfile.dnsServiceIP', values: ['10.0.0.11'] }] }).axes[0].paths).toEqual([
      'cluster.networkProfile.dnsServiceIp',
    ])
  })
})

describe('mistakes are located, all at once', () => {
  test.each([
    [
      'name: s\n',
      [
        '1:1: MissingKey: "apiVersion" is missing; add it: vxlane-study/v1',
        '1:1: MissingKey: "base" is missing; add it: text or keys and values',
      ],
    ],
    [`${HEAD}vry: []\n`, ['4:1: UnknownKey: unknown key "vry"; did you mean vary?']],
    [
      `${HEAD}vary: [{ path: cluster.agentPoolProfile, values: [1] }]\n`,
      ['4:16: UnknownPath: there is no "agentPoolProfile" under cluster; did you mean agentPoolProfiles?'],
    ],
    [
      `${HEAD}vary: [{ path: name }]\n`,
      ['4:8: BadAxis: an axis has either values, or a range, or linked paths; write path and values, path and range, or linked'],
    ],
    [
      `${HEAD}vary: [{ path: fabric.mtu, range: { from: 9, to: 1, step: 1 } }]\n`,
      ['4:28: BadRange: from 9 to 1 by 1 is empty; write the smaller value first, and a step above 0'],
    ],
    [
      `${HEAD}vary: [{ path: name, values: [a] }, { path: name, values: [b] }]\n`,
      ['4:1: DuplicatePath: name is varied twice; name each path once'],
    ],
    [`${HEAD}measure: [resources.nodeSubnets.peak]\n`, ['4:11: UnknownField: there is no resource nodeSubnets; did you mean nodeSubnet?']],
    [`${HEAD}measure: [limit]\n`, ['4:11: UnknownField: there is no limit without a search; add find, or measure maxNodes']],
    [
      `${HEAD}measure: [maxNodse, "1 +"]\n`,
      [
        '4:11: UnknownField: a point of a plan has no maxNodse; did you mean maxNodes?',
        '4:21: BadExpression: the expression ends too early at character 4 of "1 +"; write it as in resources.nodeSubnet.peak',
      ],
    ],
    [
      `${HEAD}find: { path: seed, between: [1, 5] }\n`,
      [
        '4:1: BadSearch: a search has either largestWhere or smallestWhere; write one of them, as in largestWhere: resources.exhausted == none',
      ],
    ],
    [
      `${HEAD}find: { path: seed, between: [1ms, 5], largestWhere: fits }\n`,
      ['4:21: BadRange: the units differ: "ms" and ""; write all with the same unit'],
    ],
    [`${HEAD}seeds: 0\n`, ['4:8: OutOfRange: 0 is too small; the least is 1']],
    [
      'apiVersion: vxlane-study/v1\nname: s\nbase: none.yaml\n',
      ['3:7: FileNotRead: none.yaml: there is no such file; check the path; it counts from the current folder'],
    ],
  ])('%j', (text, expected) => {
    expect(issuesOf(text)).toEqual(expected)
  })
  test('a file that is none', () => {
    expect(() => loadStudy('nowhere.yaml')).toThrow(/FileNotRead: there is no such file/)
    expect(() => loadStudy([])).toThrow(ScenarioError)
  })
})

test('a base that is not there is told beside what is wrong with the form', () => {
  const found = issuesOf('apiVersion: vxlane-study/v1\nname: s\nbase: nope.yaml\nmode: plann\nvary: [{ path: seed, values: [1] }]\n')
  expect(found.map(line => line.split(': ').slice(0, 2).join(' '))).toEqual(['3:7 FileNotRead', '4:7 BadValue'])
})
