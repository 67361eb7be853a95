// The arithmetic, Azure's checks and the control plane itself are three ways to the same answer, in all five modes.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ADDRESSING_MODES, type AddressingMode, hasPodSubnet, isFlat } from '../../src/base/addressing-mode.js'
import { admit } from '../../src/cluster/admission.js'
import { limitOfIssue } from '../../src/cluster/limit-of-issue.js'
import { planCluster } from '../../src/cluster/plan.js'
import { loadForPlan, plan } from '../../src/limits/plan.js'

interface Asked {
  readonly mode: AddressingMode
  readonly nodeBits: number
  readonly podBits: number
  readonly maxPods: number
  readonly pools: number
  readonly primaryAddress: 'within' | 'beside'
  readonly staticCheck: 'oneBlock' | 'allBlocks'
  readonly occupied: number
}

/** A cluster of so many nodes, spread over its pools. */
function scenario({ mode, nodeBits, podBits, maxPods, pools, primaryAddress, staticCheck, occupied }: Asked, nodes: number): object {
  const withPods = hasPodSubnet(mode)
  return {
    apiVersion: 'vxlane/v1',
    vnet: {
      addressSpace: ['10.224.0.0/12'],
      subnets: { nodes: { cidr: `10.224.0.0/${nodeBits}`, occupied }, ...(withPods && { pods: { cidr: `10.225.0.0/${podBits}` } }) },
    },
    cluster: {
      networkProfile: {
        networkPlugin: mode === 'kubenet' ? 'kubenet' : 'azure',
        networkPluginMode: mode === 'overlay' ? 'overlay' : null,
        ...(!isFlat(mode) && { podCidr: `10.244.0.0/${podBits - 4}` }),
      },
      agentPoolProfiles: Array.from({ length: pools }, (_, i) => ({
        name: `pool${i}`,
        count: Math.floor(nodes / pools) + (i < nodes % pools ? 1 : 0),
        maxPods,
        vnetSubnet: 'nodes',
        ...(withPods && { podSubnet: 'pods', podIpAllocationMode: mode === 'podSubnetStatic' ? 'StaticBlock' : 'DynamicIndividual' }),
      })),
    },
    fabric: { ipam: { primaryAddress, staticCheck } },
  }
}

const asked: fc.Arbitrary<Asked> = fc.record({
  mode: fc.constantFrom(...ADDRESSING_MODES),
  nodeBits: fc.integer({ min: 21, max: 27 }),
  podBits: fc.integer({ min: 20, max: 26 }),
  maxPods: fc.constantFrom(30, 31, 32, 110, 250),
  pools: fc.constantFrom(1, 2, 3),
  primaryAddress: fc.constantFrom('within', 'beside'),
  staticCheck: fc.constantFrom('oneBlock', 'allBlocks'),
  occupied: fc.constantFrom(0, 3),
})

const refusals = (loaded: ReturnType<typeof loadForPlan>) =>
  admit(loaded.scenario).filter(found => limitOfIssue(found, loaded.scenario) !== null)

test('what the arithmetic calls the last that fits is admitted and made, and one more is not', () => {
  fc.assert(
    fc.property(asked, given => {
      // Proportions do not matter where pools are alike; every pool has a node, so that none is too small to be one.
      const { maxNodes } = plan(loadForPlan(scenario(given, given.pools)))
      if (maxNodes < given.pools) return
      const last = loadForPlan(scenario(given, maxNodes))
      expect(refusals(last)).toEqual([])
      expect(plan(last)).toMatchObject({ fits: true, maxNodes, nodes: maxNodes })
      const made = planCluster(last.scenario)
      expect([made.nodes.length, made.nodesRefused]).toEqual([maxNodes, 0])
      const over = loadForPlan(scenario(given, maxNodes + 1))
      const found = plan(over)
      expect(found).toMatchObject({ fits: false, maxNodes })
      expect(refusals(over).map(issue => limitOfIssue(issue, over.scenario))).toContain(found.bindingResource)
    }),
    { numRuns: 120 },
  )
})

test('where both say no, they say it with the same numbers', () => {
  fc.assert(
    fc.property(asked, fc.integer({ min: 3, max: 600 }), (given, nodes) => {
      const loaded = loadForPlan(scenario(given, nodes))
      const said = new Set(plan(loaded).errors.map(({ message }) => message))
      for (const { code, message } of refusals(loaded)) if (code === 'InsufficientSubnetSize') expect([...said]).toContain(message)
    }),
    { numRuns: 120 },
  )
})
