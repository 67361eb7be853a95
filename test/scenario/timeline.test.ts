// What changes over time, as a file says it: every mistake located, and what sound entries become.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ScenarioError } from '../../src/scenario/error.js'
import { parseTrace } from '../../src/scenario/growth-trace.js'
import { loadScenario } from '../../src/scenario/load.js'

const BASE = { apiVersion: 'vxlane/v1', duration: '1h', workloads: [{ namespace: 'shop', name: 'web', replicas: 4 }] }

function mistakesOf(rest: object): string[] {
  try {
    return loadScenario({ ...BASE, ...rest }).warnings.map(({ path, code }) => `${path.join('.')}: ${code}`)
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    return error.issues.filter(({ code }) => code !== 'NotSupportedYet').map(({ path, code }) => `${path.join('.')}: ${code}`)
  }
}
const event = (entry: object): string[] => mistakesOf({ timeline: [entry] })
const grown = (growth: object, rest: object = {}): string[] =>
  mistakesOf({ workloads: [{ namespace: 'shop', name: 'web', replicas: 4, growth, ...rest }] })

describe('mistakes in a timeline', () => {
  test.each([
    [{ at: '1s' }, ['timeline.0: MissingKey']],
    [{ at: '1s', scale: { pool: 'nodepool1', count: 5 }, upgrade: { pool: 'nodepool1' } }, ['timeline.0: AmbiguousEvent']],
    [{ scale: { pool: 'nodepool1', count: 5 } }, ['timeline.0.at: MissingKey']],
    [{ at: 5, scale: { pool: 'nodepool1', count: 5 } }, ['timeline.0.at: BadQuantity']],
    [{ at: '1s', scale: { pool: 'nodepool2', count: 5 } }, ['timeline.0.scale.pool: UnknownPool']],
    [{ at: '1s', scale: { pool: 'nodepool1' } }, ['timeline.0.scale.count: MissingKey']],
    [{ at: '1s', scale: { workload: 'shop/web' } }, ['timeline.0.scale.replicas: MissingKey']],
    [{ at: '1s', scale: { workload: 'shop/wep', replicas: 3 } }, ['timeline.0.scale.workload: UnknownWorkload']],
    [{ at: '1s', scale: {} }, ['timeline.0.scale: MissingKey']],
    [{ at: '1s', scale: { pool: 'nodepool1', count: 3, workload: 'shop/web' } }, ['timeline.0.scale: AmbiguousEvent']],
    [{ at: '1s', upgrade: { pool: 'nodepool1', maxSurge: 'half' } }, ['timeline.0.upgrade.maxSurge: BadValue']],
    [{ at: '1s', fail: { node: 'nodepool1/3' } }, ['timeline.0.fail.node: UnknownNode']],
    [{ at: '1s', fail: { pool: 'nodepool1' } }, ['timeline.0.fail.count: MissingKey']],
    [{ at: '1s', fail: {} }, ['timeline.0.fail: MissingKey']],
    [{ at: '1s', occupy: { subnet: 'other', count: 3 } }, ['timeline.0.occupy.subnet: UnknownSubnet']],
    [{ at: '1s', expand: { podCidr: '10.244.0.1/12' } }, ['timeline.0.expand.podCidr: CidrHostBits']],
    [{ at: '1s', explode: true }, ['timeline.0.explode: UnknownKey']],
  ])('%j', (entry, expected) => {
    for (const mistake of expected) expect(event(entry)).toContain(mistake)
  })
})

describe('mistakes in growth and churn', () => {
  test.each([
    [{ kind: 'exponential' }, 'workloads.0.growth.doubling: MissingKey'],
    [{ kind: 'exponential', rate: '5%' }, 'workloads.0.growth.per: MissingKey'],
    [{ kind: 'exponential', rate: '5%', per: '1d', doubling: '1d' }, 'workloads.0.growth: AmbiguousGrowth'],
    [{ kind: 'diurnal', amplitude: 5 }, 'workloads.0.growth.amplitude: OutOfRange'],
    [{ kind: 'trace', file: 'no-such.csv' }, 'workloads.0.growth.file: FileNotRead'],
    [{ kind: 'sudden' }, 'workloads.0.growth.kind: BadValue'],
  ])('%j', (growth, expected) => {
    expect(grown(growth)).toContain(expected)
  })
  test('nothing doubles to nothing', () => {
    expect(grown({ kind: 'exponential', doubling: '1d' }, { replicas: 0 })).toContain('workloads.0.replicas: OutOfRange')
  })
  test('a lifetime whose bounds are the wrong way round', () => {
    const churn = { lifetime: { kind: 'uniform', least: '1h', most: '1m' } }
    expect(mistakesOf({ workloads: [{ name: 'web', churn }] })).toContain('workloads.0.churn.lifetime.most: OutOfRange')
  })
})

describe('mistakes of the autoscaler', () => {
  const pools = (pool: object) => mistakesOf({ cluster: { agentPoolProfiles: [{ name: 'a', enableAutoScaling: true, ...pool }] } })
  test('bounds that are missing, crossed, or missed by the count', () => {
    expect(pools({})).toEqual(['cluster.agentPoolProfiles.0.minCount: MissingKey', 'cluster.agentPoolProfiles.0.maxCount: MissingKey'])
    expect(pools({ minCount: 9, maxCount: 3 })).toEqual(['cluster.agentPoolProfiles.0.minCount: OutOfRange'])
    expect(pools({ minCount: 3, maxCount: 9, count: 2 })).toEqual(['cluster.agentPoolProfiles.0.count: OutOfRange'])
  })
})

test('packets are simulated for 104 days at most', () => {
  const traffic = [{ from: { pod: 'shop/web/0' }, to: { pod: 'shop/web/1', port: 1 }, size: 100, rate: '1/s' }]
  expect(mistakesOf({ duration: '365d', traffic })).toContain('duration: OutOfRange')
  expect(mistakesOf({ duration: '365d' })).toEqual([])
})

describe('growth traces', () => {
  test('times with units or in seconds, headings, comments', () => {
    expect(parseTrace('time,replicas\n0,4\n# a lull\n90,2\n1h,7 # noon\r\n')).toEqual([
      { atNs: 0, replicas: 4 },
      { atNs: 90e9, replicas: 2 },
      { atNs: 3600e9, replicas: 7 },
    ])
  })
  test.each([
    ['', 'there is no line of time,replicas'],
    ['1h', 'line 1 is not time,replicas: 1h'],
    ['1h,2,3', 'line 1 is not time,replicas: 1h,2,3'],
    ['0,1\n1h,-2', 'line 2: -2 is no number of replicas'],
    ['1h,1\n1h,2', 'line 2: 1h is not later than the line before'],
  ])('%j', (text, expected) => {
    expect(parseTrace(text)).toBe(expected)
  })
  test('enter the scenario by what is in them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vxlane-'))
    writeFileSync(join(folder, 'a.csv'), 'x,y')
    const workloads = [{ name: 'web', growth: { kind: 'trace', file: 'a.csv' } }]
    expect(() => loadScenario({ ...BASE, workloads }, { baseDir: folder })).toThrow(/there is no line/)
  })
})
