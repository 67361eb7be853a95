// Closed formulas worked out by others (analytic.json, ipExhaustion), row by row; and the laws of growing together.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AddressingMode } from '../../src/base/addressing-mode.js'
import type { LimitName } from '../../src/cluster/limit-of-issue.js'
import { compareModes, rangesFor } from '../../src/limits/compare.js'
import { demandOf, spread, sum } from '../../src/limits/demand.js'
import { PLAN_OPTIONS, type PlanInput } from '../../src/limits/input.js'
import { limitsOf } from '../../src/limits/limits.js'
import { upgradeOf } from '../../src/limits/upgrade.js'
import { parseNodeShare } from '../../src/scenario/node-share.js'
import { type Cidr, parseCidr } from '../../src/wire/address.js'

interface Table {
  readonly nodeSubnet: readonly {
    subnet: string
    usable: number
    maxNodes: Record<string, number>
    maxNodesNoSurge: Record<string, number>
    maxPods30: number
  }[]
  readonly overlay: {
    readonly podCidr: readonly { podCidr: string; blocks: number; maxNodes: number; maxNodesNoSurge: number; podsAt250: number }[]
    readonly nodeSubnet: readonly { subnet: string; maxNodes: number }[]
  }
  readonly combined: readonly {
    nodeSubnet: string
    podCidr: string
    maxPods: number
    overlayNodes: number
    overlayPods: number
    limitedBy: 'node subnet' | 'pod CIDR'
    nodeSubnetModeNodes: number
  }[]
  readonly needed: readonly {
    nodes: number
    maxPods: number
    surge: number
    nodeSubnetAddresses: number
    smallestSubnet: string
    overlayNodeAddresses: number
    overlaySmallestNodeSubnet: string
    overlaySmallestPodCidr: string
  }[]
}
const { ipExhaustion } = JSON.parse(readFileSync(new URL('../golden/analytic.json', import.meta.url), 'utf8')) as { ipExhaustion: Table }

const range = (prefix: string): Cidr => parseCidr(`10.0.0.0${prefix}`)!

interface Asked {
  readonly mode?: AddressingMode
  readonly subnet?: string
  readonly podCidr?: string
  readonly maxPods?: number
  readonly nodes?: number
  readonly surge?: number | string
}

/** Sizes alone: ranges may overlap, nobody looks. */
function input({ mode = 'overlay', subnet = '/8', podCidr = '/8', maxPods = 250, nodes = 3, surge = 0 }: Asked): PlanInput {
  return {
    mode,
    pools: [{ name: 'pool', count: nodes, most: nodes, maxPods, surge: parseNodeShare(surge)!, subnet: 'nodes', podSubnet: null }],
    isOnePoolForAll: true,
    pods: 0,
    subnets: new Map([['nodes', { cidr: range(subnet), held: [] }]]),
    podCidr: mode === 'overlay' ? range(podCidr) : null,
    extraBlocks: 0,
    serviceCidr: range('/16'),
    services: 0,
    hasPeerings: false,
    outbound: { kind: 'other' },
    options: PLAN_OPTIONS,
  }
}
const limit = (asked: Asked, resource: LimitName) => limitsOf(input(asked)).limits.find(found => found.resource === resource)!

describe('node subnet', () => {
  test.each(ipExhaustion.nodeSubnet)('$subnet', row => {
    for (const [maxPods, nodes] of Object.entries(row.maxNodesNoSurge)) {
      const found = limit({ mode: 'nodeSubnet', subnet: row.subnet, maxPods: Number(maxPods) }, 'nodeSubnet')
      expect([found.available, found.maxNodes]).toEqual([row.usable, nodes])
    }
    for (const [maxPods, nodes] of Object.entries(row.maxNodes))
      expect(limit({ mode: 'nodeSubnet', subnet: row.subnet, maxPods: Number(maxPods), surge: 1 }, 'nodeSubnet').maxNodes).toBe(nodes)
    expect(limit({ mode: 'nodeSubnet', subnet: row.subnet, maxPods: 30, surge: 1 }, 'nodeSubnet').maxPods).toBe(row.maxPods30)
  })
})

describe('overlay', () => {
  test.each(ipExhaustion.overlay.podCidr)('pod CIDR $podCidr', row => {
    expect(limit({ podCidr: row.podCidr }, 'podCidr')).toMatchObject({
      available: row.blocks,
      maxNodes: row.maxNodesNoSurge,
      maxPods: row.podsAt250,
    })
    expect(limit({ podCidr: row.podCidr, surge: 1 }, 'podCidr').maxNodes).toBe(row.maxNodes)
  })
  test.each(ipExhaustion.overlay.nodeSubnet)('node subnet $subnet', row => {
    expect(limit({ subnet: row.subnet, surge: 1 }, 'nodeSubnet').maxNodes).toBe(row.maxNodes)
  })
  test.each(ipExhaustion.combined)('$nodeSubnet with pod CIDR $podCidr', row => {
    const found = limitsOf(input({ subnet: row.nodeSubnet, podCidr: row.podCidr, maxPods: row.maxPods, surge: 1 }))
    expect(found).toMatchObject({
      maxNodes: row.overlayNodes,
      maxPods: row.overlayPods,
      bindingResource: row.limitedBy === 'node subnet' ? 'nodeSubnet' : 'podCidr',
    })
    const flat = limit({ mode: 'nodeSubnet', subnet: row.nodeSubnet, maxPods: row.maxPods, surge: 1 }, 'nodeSubnet')
    expect(flat.maxNodes).toBe(row.nodeSubnetModeNodes)
  })
})

test.each(ipExhaustion.needed)('what $nodes nodes of $maxPods pods need, with a surge of $surge', row => {
  const asked = input({ nodes: row.nodes, maxPods: row.maxPods, surge: row.surge })
  const modes = compareModes(asked, rangesFor(asked))
  const overlay = modes.find(({ mode }) => mode === 'overlay')!
  const flat = modes.find(({ mode }) => mode === 'nodeSubnet')!
  expect(flat.nodeSubnet).toMatchObject({ needed: row.nodeSubnetAddresses, smallest: row.smallestSubnet })
  expect(overlay.nodeSubnet).toMatchObject({ needed: row.overlayNodeAddresses, smallest: row.overlaySmallestNodeSubnet })
  expect(overlay.podRange?.smallest).toBe(row.overlaySmallestPodCidr)
})

describe('pools that grow together', () => {
  const weights = fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 12 })
  test('the cluster has as many nodes as asked for, in the proportions that there were', () => {
    fc.assert(
      fc.property(weights, fc.nat({ max: 100_000 }), (shares, nodes) => {
        const counts = spread(nodes, shares)
        expect(sum(counts)).toBe(nodes)
        const total = sum(shares)
        if (total === 0) return
        for (const [i, count] of counts.entries()) expect(Math.abs(count - (nodes * shares[i]) / total)).toBeLessThan(shares.length + 1)
      }),
    )
  })
  test('at the present size nothing moves', () => {
    fc.assert(
      fc.property(weights, shares => {
        if (sum(shares) > 0) expect(spread(sum(shares), shares)).toEqual(shares)
      }),
    )
  })
  test('one node more takes none from any pool', () => {
    fc.assert(
      fc.property(weights, fc.nat({ max: 5000 }), (shares, nodes) => {
        const [before, after] = [spread(nodes, shares), spread(nodes + 1, shares)]
        for (const [i, count] of before.entries()) expect(after[i]).toBeGreaterThanOrEqual(count)
      }),
    )
  })
})

test('maxNodes is the last number of nodes that fits, whatever the surge', () => {
  const surges = fc.oneof(
    fc.nat({ max: 40 }),
    fc.nat({ max: 100 }).map(percent => `${percent}%`),
  )
  const prefixes = fc.integer({ min: 16, max: 28 }).map(prefix => `/${prefix}`)
  fc.assert(
    fc.property(surges, prefixes, prefixes, fc.constantFrom('overlay' as const, 'nodeSubnet' as const), (surge, subnet, podCidr, mode) => {
      const asked = { mode, surge, subnet, podCidr, maxPods: 30 }
      const { maxNodes } = limitsOf(input(asked))
      const fits = (nodes: number) => limitsOf(input({ ...asked, nodes })).limits.every(found => found.enforced === 'advice' || found.fits)
      expect(fits(maxNodes)).toBe(true)
      expect(fits(maxNodes + 1)).toBe(false)
    }),
    { numRuns: 60 },
  )
})

describe('upgrades', () => {
  test('the largest surge is the last that fits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 250 }), fc.integer({ min: 1, max: 100 }), (nodes, percent) => {
        const asked = (surge: number | string) => upgradeOf(input({ subnet: '/24', nodes, surge }))
        const { largestSurge, largestPercent, fits, extraNodes } = asked(`${percent}%`)
        expect(largestSurge).toBe(Math.min(nodes, 251 - nodes))
        expect(extraNodes).toBe(Math.ceil((nodes * percent) / 100))
        expect(fits).toBe(extraNodes <= largestSurge)
        expect(asked(`${largestPercent}%`).fits).toBe(true)
        if (largestPercent < 100) expect(asked(`${largestPercent + 1}%`).fits).toBe(false)
      }),
    )
  })
  test('pools one after the other, and all at once', () => {
    const base = input({ subnet: '/26', surge: '50%' })
    const pool = (name: string) => ({ ...base.pools[0], name, count: 25, most: 25 })
    const found = upgradeOf({ ...base, isOnePoolForAll: false, pools: [pool('a'), pool('b')] })
    expect(found).toMatchObject({ fits: false, extraNodes: 26, bindingResource: 'nodeSubnet', largestSurge: 4, fitsOneByOne: false })
    expect(found.pools[0]).toMatchObject({ extraNodes: 13, fits: false, largestSurge: 9, largestPercent: 36 })
  })
})

test('a demand counts the surge of every pool', () => {
  const { pools } = input({ surge: '33%' })
  expect(demandOf(pools, [10])).toEqual({ counts: [10], surges: [4] })
})
