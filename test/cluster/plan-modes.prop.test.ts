// Whatever cluster of whatever mode is admitted: every node is made, no address is given twice, pods live where their mode says, and the
// image finds every pod by its address.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ADDRESSING_MODES, type AddressingMode } from '../../src/base/addressing-mode.js'
import type { Ipv4 } from '../../src/base/brand.js'
import { admit } from '../../src/cluster/admission.js'
import { compile } from '../../src/cluster/compile.js'
import { planCluster } from '../../src/cluster/plan.js'
import { openImage } from '../../src/image/image.js'
import { RouteKind } from '../../src/image/kinds.js'
import { lookup } from '../../src/table/fib.js'
import { contains } from '../../src/wire/address.js'
import { cidr, makeScenario, pool, workload } from './make-scenario.js'

const within = (base: number, size: number): fc.Arbitrary<Ipv4> => fc.nat(size).map(n => (base + n) as Ipv4)

const scenarios = (mode: AddressingMode) => {
  const hasBlocks = mode === 'overlay' || mode === 'kubenet'
  const hasPods = mode.startsWith('podSubnet')
  const podAddress = within(hasPods ? 0x0ae10000 : hasBlocks ? 0x0af40000 : 0x0ae00000, 700)
  return fc
    .record({
      nodes: fc.integer({ min: 22, max: 28 }),
      pods: fc.integer({ min: 22, max: 27 }),
      counts: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 2 }),
      maxPods: fc.integer({ min: 10, max: 60 }),
      replicas: fc.nat(120),
      hosted: fc.nat(9),
      addresses: fc.array(fc.option(within(0x0ae00004, 40)), { maxLength: 4 }),
      fixed: fc.array(fc.record({ node: fc.constantFrom('n0', 'n1', 'p0/0', 'p0/1'), address: fc.option(podAddress) }), { maxLength: 6 }),
      primaryAddress: fc.constantFrom('within' as const, 'beside' as const),
      poolMonitor: fc.constantFrom('v1' as const, 'v2' as const),
      subnetScarcity: fc.boolean(),
    })
    .map(parts => {
      const podSubnet = hasPods ? 'pods' : null
      const base = makeScenario()
      const nodes = parts.addresses.map((address, i) => ({ name: `n${i}`, address, podCidr: null }))
      const own = { maxPods: parts.maxPods, podSubnet }
      const pods = parts.fixed.map(({ node, address }, i) => ({ name: `f${i}`, node, address, labels: {}, ports: [], ready: true }))
      const { primaryAddress, poolMonitor, subnetScarcity } = parts
      return makeScenario({
        vnet: {
          ...base.vnet,
          subnets: { 'aks-nodes': { cidr: cidr(`10.224.0.0/${parts.nodes}`) }, pods: { cidr: cidr(`10.225.0.0/${parts.pods}`) } },
        },
        profile: { addressing: mode, podCidr: hasBlocks ? cidr('10.244.0.0/19') : null, outboundType: 'none' },
        fabric: {
          encapsulation: mode === 'overlay' ? 'vxlan' : 'none',
          ipam: { ...base.fabric.ipam, primaryAddress, poolMonitor, subnetScarcity },
        },
        pools: [
          ...parts.counts.map((count, i) => pool(`p${i}`, count + 2, own)),
          ...(nodes.length > 0 ? [pool('fixed', nodes.length + 3, { ...own, nodes })] : []),
        ],
        workloads: [
          workload('a/x', parts.replicas),
          workload('a/host', parts.hosted, { hostNetwork: true }),
          ...(pods.length > 0 ? [workload('a/fixed', pods.length, { pods })] : []),
        ],
      })
    })
}

describe.each(ADDRESSING_MODES)('any cluster of the mode %s', mode => {
  it('that is admitted can be planned and compiled', () => {
    let admitted = 0
    fc.assert(
      fc.property(scenarios(mode), scenario => {
        if (admit(scenario).some(({ severity }) => severity === 'error')) return
        admitted++
        const plan = planCluster(scenario)
        expect(plan.nodesRefused).toBe(0)
        const columns = openImage(compile(scenario, plan, { shards: 2, readReplay: () => [] }))
        const seen = new Set(plan.nodes.map(({ address }) => address))
        expect(seen.size).toBe(plan.nodes.length)
        for (let pod = 0; pod < plan.pods.count; pod++) {
          const address = plan.pods.address[pod] as Ipv4
          const node = plan.nodes[plan.pods.node[pod]]
          if (scenario.workloads[plan.pods.workload[pod]].hostNetwork) {
            expect(address).toBe(node.address)
            continue
          }
          expect(seen.has(address)).toBe(false)
          seen.add(address)
          const home = scenario.cluster.agentPoolProfiles[node.pool]
          expect(contains(node.block ?? scenario.vnet.subnets[home.podSubnet ?? home.vnetSubnet].cidr, address)).toBe(true)
          const value = lookup(columns.fib, address)
          const row =
            value >>> 28 === RouteKind.podAddress
              ? value & 0x0fffffff
              : columns.lpPodRow[plan.pods.node[pod]] + ((address - columns.lpBlockBase[plan.pods.node[pod]]) | 0)
          expect(columns.podAt[row]).toBe(pod)
        }
        const waiting = plan.pending.reduce((sum, { count }) => sum + count, 0)
        const wanted = scenario.workloads.reduce((sum, { pods, replicas }) => sum + (pods.length || replicas), 0)
        expect(plan.pods.count + waiting).toBe(wanted)
        for (const { used, capacity } of plan.resources) expect(used).toBeLessThanOrEqual(capacity)
      }),
      { numRuns: 300 },
    )
    expect(admitted).toBeGreaterThan(20)
  })
})
