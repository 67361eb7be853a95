// The studies that come with the package: each opens as promised, is computed without a failed point, and finds what its comment says.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type StudySummary, study } from '../../src/index.js'

const FOLDER = fileURLToPath(new URL('../../scenarios/studies/', import.meta.url))
const DAY = 86_400e9
/** From the order of a node to the moment at which it joins, ns. */
const PROVISIONING = 120e9
const NAMES = readdirSync(FOLDER).filter(name => name.endsWith('.yaml'))

const byLabel = ({ combinations }: StudySummary, measure: string) =>
  Object.fromEntries(combinations.map(({ labels, measures }) => [labels.join(' '), measures[measure]]))

const FINDINGS: Readonly<Record<string, (found: StudySummary) => void>> = {
  'largest-cluster.yaml': found => {
    // min(4,091, 1,024 blocks, 1,000 a pool); 4,091 / 31; 4,091 / 16; 254 whole blocks / 2; 400 routes.
    const expected = { overlay: 1000, 'node subnet': 131, 'pod subnet, dynamic': 255, 'pod subnet, static': 127, kubenet: 400 }
    expect(byLabel(found, 'limit')).toEqual(expected)
    expect(found.answer).toContain('pod subnet, static: 127 nodes is the limit; the pod subnet binds first')
  },
  'which-mode-lasts.yaml': found => {
    expect(byLabel(found, 'maxNodes')).toMatchObject({
      'overlay 10.224.0.0/24 250': 251,
      'overlay 10.224.0.0/20 250': 512,
      'node subnet 10.224.0.0/24 30': 8,
      'node subnet 10.224.0.0/22 250': 4,
      'kubenet 10.224.0.0/22 110': 400,
    })
  },
  'batches-strand.yaml': found => {
    expect(byLabel(found, 'limit')).toEqual({ 1: 250, 2: 223, 3: 237, 6: 189, 9: 141, 12: 183, 15: 225 })
    expect(byLabel(found, 'resources.podSubnet.used')).toMatchObject({ 9: 240, 15: 240 })
    expect(byLabel(found, 'resources.podSubnet.stranded')).toMatchObject({ 9: 90, 15: 0 })
  },
  'year-of-growth.yaml': found => {
    // Refused on the spot, or found by nodes that ask for their ranges when they join, two minutes after they were ordered.
    expect(byLabel(found, 'timeToExhaustion')).toEqual({
      overlay: 330 * DAY,
      'node subnet': 210 * DAY,
      'pod subnet, dynamic': 270 * DAY + PROVISIONING,
      'pod subnet, static': 270 * DAY + PROVISIONING,
      kubenet: 330 * DAY + PROVISIONING,
    })
    expect(Object.values(byLabel(found, 'bindingResource'))).toEqual(['podCidr', 'nodeSubnet', 'podSubnet', 'podSubnet', 'podCidr'])
    expect(Object.values(byLabel(found, 'nodes'))).toEqual([53, 16, 53, 53, 71])
    expect(Object.values(byLabel(found, 'pods.waiting'))).toEqual([637, 1747, 1252, 1297, 307])
  },
  'largest-surge.yaml': found => {
    expect(found.answer).toEqual(['maxSurge 25% is the limit; the node subnet binds first'])
  },
  'snat-idle-timeout.yaml': found => {
    // Little's law, and the one that is opened as the first is given back.
    const expected = { '4 1024': 481, '4 4096': 481, '10 1024': 1024, '10 4096': 1201, '30 1024': 1024, '30 4096': 3601 }
    expect(byLabel(found, 'resources.outboundSnatPorts.peak')).toEqual(expected)
    expect(byLabel(found, 'resources.outboundSnatPorts.failures')).toMatchObject({ '4 1024': 0, '10 4096': 0, '30 4096': 0 })
    expect(Number(byLabel(found, 'resources.outboundSnatPorts.failures')['30 1024'])).toBeGreaterThan(1000)
  },
  'snat-connection-rate.yaml': found => {
    const expected = { 'load balancer, 1,024 ports': '4/s', 'load balancer, 2,048 ports': '8/s', 'NAT gateway': '12/s' }
    expect(byLabel(found, 'limit')).toEqual(expected)
    expect(found.answer[0]).toContain('the outbound SNAT ports')
  },
}

describe.each(NAMES)('%s', name => {
  const lines = readFileSync(join(FOLDER, name), 'utf8').split('\n')
  test('opens with its schema and with what to look for', () => {
    expect(lines[0]).toBe('# yaml-language-server: $schema=../../schema/study.schema.json')
    const comment = lines.slice(0, lines.indexOf(''))
    expect(comment.every(line => line.startsWith('#'))).toBe(true)
    expect(comment.join('\n')).toContain('Look for')
  })
  test('finds what it says', async () => {
    const found = await study(join(FOLDER, name), { workers: 'solo' })
    expect(found.points.failed).toBe(0)
    expect(FINDINGS[name]).toBeDefined()
    FINDINGS[name]?.(found)
  }, 120_000)
})
