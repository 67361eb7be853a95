import { describe, expect, test } from 'vitest'
import { loadScenario } from '../../src/scenario/load.js'
import { formatPath, parsePath } from '../../src/scenario/override.js'
import { FULL, failure, LEAST } from './samples.js'

test.each<[string, (string | number)[] | null]>([
  ['a', ['a']],
  ['a.b[2].c', ['a', 'b', 2, 'c']],
  ['a["x.y"].z', ['a', 'x.y', 'z']],
  ["a['x y']", ['a', 'x y']],
  ['vnet.subnets.aks-nodes.cidr', ['vnet', 'subnets', 'aks-nodes', 'cidr']],
  ['', null],
  ['a b', null],
  ['a[x]', null],
  ['a..b', null],
])('the path %s', (text, steps) => {
  expect(parsePath(text)).toEqual(steps)
  if (steps) expect(parsePath(formatPath(steps))).toEqual(steps)
})

describe('--set', () => {
  test('changes values, in lists too, whatever the letter case', () => {
    const loaded = loadScenario(FULL, {
      set: ['fabric.LATENCY=70us', 'workloads[1].replicas=2', 'vnet.subnets["aks-nodes"].cidr=10.224.0.0/20'],
    })
    expect(loaded.scenario.fabric.latencyNs).toBe(70_000)
    expect(loaded.scenario.workloads[1].replicas).toBe(2)
    expect(loaded.scenario.vnet.subnets['aks-nodes'].cidr.prefix).toBe(20)
    expect(loaded.originOf(['fabric', 'latency'])).toBe('--set')
    expect(loaded.originOf(['fabric', 'vni'])).toBe('file')
    expect(loaded.originOf(['workloads', 0, 'namespace'])).toBe('file')
    expect(loaded.originOf(['endpoints', 0, 'location'])).toBe('default')
  })
  test('reads the value as YAML and makes what is missing', () => {
    const { scenario } = loadScenario(LEAST, {
      set: ['fabric.vxlan={ttl: 9}', 'workloads[0].name=web', 'workloads[0].labels.app=x', 'assert=[drops.total == 0]'],
    })
    expect(scenario.fabric.vxlan.ttl).toBe(9)
    expect(scenario.workloads).toMatchObject([{ name: 'web', labels: { app: 'x' } }])
    expect(scenario.assert).toEqual(['drops.total == 0'])
  })
  test('does not touch the object it was given', () => {
    const before = structuredClone(FULL)
    loadScenario(FULL, { set: ['fabric.vni=9'], seed: 3 })
    expect(FULL).toEqual(before)
  })
  test.each([
    ['fabric.latncy=1us', 'UnknownKey', 'did you mean latency?'],
    ['fabric.latency.x=1us', 'UnknownKey', 'nothing stands under it'],
    ['workloads.x=1', 'UnknownKey', 'write a number in brackets, as in [0]'],
    ['workloads[9].name=x', 'NoSuchItem', 'the next free place is [3]'],
    ['nonsense', 'BadOverride', 'write it as in --set fabric.latency=20us'],
    ['name="', 'YamlSyntax', 'quote the value'],
  ])('%s is refused with %s', (text, code, hint) => {
    const error = failure(FULL, { set: [text] })
    expect(error.issues).toHaveLength(1)
    expect(error.issues[0]).toMatchObject({ code, hint, file: `--set ${text}` })
  })
  test('a bad value is blamed on the option', () => {
    expect(failure(FULL, { set: ['fabric.latency=5'] }).message).toMatch(/^--set fabric.latency=5: BadQuantity: 5 is not a time/)
    expect(failure(FULL, { duration: 'soon' }).message).toMatch(/^--duration: BadQuantity/)
  })
  test('--seed and --duration', () => {
    const loaded = loadScenario(FULL, { seed: 99, duration: '5ms' })
    expect(loaded.scenario).toMatchObject({ seed: 99, durationNs: 5e6 })
    expect(loaded.originOf(['seed'])).toBe('--seed')
  })
})
