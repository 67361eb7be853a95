// The scenarios that come with the package: each loads, is admitted, opens as promised, and claims something.
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { admit } from '../../src/cluster/admission.js'
import { loadScenario } from '../../src/scenario/load.js'
import { showScenario } from '../../src/scenario/show.js'

const FOLDER = fileURLToPath(new URL('../../scenarios/', import.meta.url))
const NAMES = readdirSync(FOLDER).filter(name => name.endsWith('.yaml'))

test('they are the promised ones', () => {
  for (const name of [
    'two-pods-one-node',
    'vxlan-two-nodes',
    'egress-masquerade',
    'snat-one-destination',
    'mtu-mistake',
    'hundred-nodes',
    'thousand-nodes',
    'five-thousand-nodes',
    'az-aks-create',
  ]) {
    expect(NAMES).toContain(`${name}.yaml`)
  }
})

describe.each(NAMES)('%s', name => {
  const text = readFileSync(join(FOLDER, name), 'utf8')
  test('opens with its schema and with what to look for', () => {
    const lines = text.split('\n')
    expect(lines[0]).toBe('# yaml-language-server: $schema=../schema/scenario.schema.json')
    const comment = lines.slice(0, lines.indexOf(''))
    expect(comment.every(line => line.startsWith('#'))).toBe(true)
    expect(comment.join('\n')).toContain('Look for')
  })
  test('loads, is admitted, and states a claim', () => {
    const loaded = loadScenario(join(FOLDER, name))
    expect(admit(loaded.scenario).filter(({ severity }) => severity === 'error')).toEqual([])
    expect(loaded.scenario.assert.length).toBeGreaterThan(1)
  })
  test('is shown as text that loads to the same hash', () => {
    const loaded = loadScenario(join(FOLDER, name))
    const copy = join(mkdtempSync(join(tmpdir(), 'vxlane-')), name)
    writeFileSync(copy, showScenario(loaded))
    expect(loadScenario(copy).hash).toBe(loaded.hash)
  })
})

test('the large ones have the promised sizes', () => {
  const sizes = ['hundred-nodes', 'thousand-nodes', 'five-thousand-nodes'].map(name => {
    const { cluster, workloads } = loadScenario(join(FOLDER, `${name}.yaml`)).scenario
    const nodes = cluster.agentPoolProfiles.reduce((sum, { count }) => sum + count, 0)
    return [nodes, workloads.reduce((sum, { replicas }) => sum + replicas, 0), cluster.networkProfile.podCidr.prefix]
  })
  expect(sizes).toEqual([
    [100, 3000, 16],
    [1000, 30_000, 14],
    [5000, 200_000, 11],
  ])
})
