// Planned clusters: addresses, blocks, placement, pending pods and the resource rows.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { admit } from '../../src/cluster/admission.js'
import { namesOf } from '../../src/cluster/names.js'
import { type Plan, planCluster } from '../../src/cluster/plan.js'
import type { ResourceName } from '../../src/cluster/resource.js'
import { contains, formatCidr, formatIpv4 } from '../../src/wire/address.js'
import { cidr, ip, makeScenario, pool, workload } from './make-scenario.js'

const row = (plan: Plan, name: ResourceName) => plan.resources.find(resource => resource.name === name)

describe('nodes', () => {
  it('are named as VMSS does and take the lowest free address and block', () => {
    const plan = planCluster(makeScenario({ pools: [pool('nodepool1', 40), pool('user', 1)] }))
    const nodes = plan.nodes.map(({ name, address, block }) => [name, formatIpv4(address), formatCidr(block)])
    expect(nodes[0]).toEqual(['aks-nodepool1-00000000-vmss000000', '10.224.0.4', '10.244.0.0/24'])
    expect(nodes[37]).toEqual(['aks-nodepool1-00000000-vmss000011', '10.224.0.41', '10.244.37.0/24'])
    expect(nodes[40]).toEqual(['aks-user-00000000-vmss000000', '10.224.0.44', '10.244.40.0/24'])
  })

  it('keep fixed names, addresses and blocks, and others keep out of their way and of the endpoints', () => {
    const nodes = [{ name: 'node1', address: ip('10.224.0.5'), podCidr: cidr('10.244.0.0/23') }]
    const endpoints = [{ name: 'vm', address: ip('10.224.0.4'), location: 'vnet' as const }]
    const plan = planCluster(makeScenario({ pools: [pool('a', 2), pool('b', 1, { nodes })], endpoints }))
    expect(plan.nodes.map(({ address, block }) => `${formatIpv4(address)} ${formatCidr(block)}`)).toEqual([
      '10.224.0.6 10.244.2.0/24',
      '10.224.0.7 10.244.3.0/24',
      '10.224.0.5 10.244.0.0/23',
    ])
  })

  it('fill a /24 subnet with 251 and no more (published)', () => {
    const subnets = { 'aks-nodes': { cidr: cidr('10.224.0.0/24') } }
    const vnet = { addressSpace: [cidr('10.224.0.0/12')], subnets, peerings: [] }
    const full = planCluster(makeScenario({ vnet, pools: [pool('a', 251)] }))
    expect(row(full, 'nodeSubnet')).toMatchObject({ scope: 'aks-nodes', capacity: 251, used: 251, exhausted: false, failures: 0 })
    const over = planCluster(makeScenario({ vnet, pools: [pool('a', 253)] }))
    expect([over.nodes.length, over.nodesRefused]).toEqual([251, 2])
    expect(row(over, 'nodeSubnet')).toMatchObject({ used: 251, exhausted: true, exhaustedAtNs: 0, failures: 2, timeline: [[0, 251]] })
  })
})

describe('pods', () => {
  it('spread over the nodes in turn, and count up from .4', () => {
    const { pods } = planCluster(makeScenario({ workloads: [workload('a/x', 4), workload('a/y', 3)] }))
    expect([...pods.node]).toEqual([0, 1, 2, 0, 1, 2, 0])
    expect([...pods.address].map(formatIpv4)).toEqual(['0.4', '1.4', '2.4', '0.5', '1.5', '2.5', '0.6'].map(end => `10.244.${end}`))
  })

  it('stay pending when every node has maxPods, with the reason Kubernetes gives', () => {
    const plan = planCluster(makeScenario({ pools: [pool('p', 3, { maxPods: 10 })], workloads: [workload('a/x', 35), workload('a/y', 2)] }))
    const reason = 'FailedScheduling: 0/3 nodes are available: 3 Too many pods'
    expect(plan.pending).toEqual([
      { workload: 0, firstReplica: 30, count: 5, cause: 'maxPods', reason },
      { workload: 1, firstReplica: 0, count: 2, cause: 'maxPods', reason },
    ])
    expect(row(plan, 'maxPods')).toMatchObject({ capacity: 30, used: 30, failures: 7, exhausted: true })
  })

  it('wait for an address when the block of an imported node is smaller than its maxPods', () => {
    const nodes = [{ name: 'n', address: null, podCidr: cidr('10.244.0.0/28') }]
    const plan = planCluster(makeScenario({ pools: [pool('p', 1, { nodes, maxPods: 30 })], workloads: [workload('a/x', 20)] }))
    expect(plan.pods.count).toBe(15)
    expect(plan.pending[0]).toMatchObject({ firstReplica: 15, count: 5, cause: 'podIps' })
    expect(plan.pending[0].reason).toContain('AllocateIPConfig failed: not enough IPs available')
    expect(row(plan, 'podIps')).toMatchObject({ scope: 'n', capacity: 15, used: 15, failures: 5 })
  })

  it('of imported clusters keep node and address; others get neither', () => {
    const pods = [
      { name: 'later', node: null, address: null },
      { name: 'next', node: 'p/1', address: null },
      { name: 'by-address', node: null, address: ip('10.244.2.9') },
      { name: 'pod24', node: 'p/1', address: ip('10.244.1.4') },
    ]
    const scenario = makeScenario({ pools: [pool('p', 3)], workloads: [workload('lab/w', 4, { pods })] })
    const plan = planCluster(scenario)
    expect([...plan.pods.node]).toEqual([0, 1, 2, 1])
    expect([...plan.pods.address].map(formatIpv4)).toEqual(['10.244.0.4', '10.244.1.5', '10.244.2.9', '10.244.1.4'])
    const names = namesOf(scenario, plan)
    expect([names.pod('lab/pod24'), names.pod('lab/w/3'), names.pod('lab/nobody'), names.podName(3)]).toEqual([3, 3, -1, 'lab/pod24'])
  })
})

describe('names', () => {
  const scenario = makeScenario({
    profile: { outboundType: 'userDefinedRouting' },
    pools: [pool('p', 40, { maxPods: 10 })],
    workloads: [workload('a/x', 500)],
    endpoints: [{ name: 'partner', address: ip('203.0.113.10'), location: 'internet' }],
  })
  const plan = planCluster(scenario)
  const names = namesOf(scenario, plan)

  it('lead to pods, nodes and endpoints and back', () => {
    expect([names.pod('a/x/0'), names.pod('a/x/399'), names.pod('a/x/400'), names.pod('a/x/007'), names.pod('x')]).toEqual([
      0, 399, -1, -1, -1,
    ])
    expect([
      names.node('p/37'),
      names.node('aks-p-00000000-vmss000011'),
      names.node('aks-p-12345678-vmss000011'),
      names.node('node:p/0'),
    ]).toEqual([37, 37, 37, 0])
    expect([names.endpoint('partner'), names.lpName(41), names.lpName(40), names.lpName(37)]).toEqual([
      41,
      'partner',
      'appliance',
      'aks-p-00000000-vmss000011',
    ])
    expect(names.podName(399)).toBe('a/x/399')
  })
})

describe('any cluster', () => {
  const cluster = fc.record({
    pools: fc.array(fc.record({ count: fc.integer({ min: 0, max: 12 }), maxPods: fc.integer({ min: 10, max: 40 }) }), {
      minLength: 1,
      maxLength: 4,
    }),
    replicas: fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 5 }),
    fixed: fc.uniqueArray(fc.integer({ min: 4, max: 60 }), { maxLength: 8 }),
  })

  it('gives no address twice, keeps pods in their blocks, and counts as a plain model does', () => {
    fc.assert(
      fc.property(cluster, ({ pools, replicas, fixed }) => {
        const pods = fixed.map(last => ({ name: `f${last}`, node: 'p0/0', address: ip(`10.244.0.${last}`) }))
        const scenario = makeScenario({
          pools: pools.map((shape, i) => pool(`p${i}`, shape.count, { maxPods: shape.maxPods })),
          workloads: [
            ...replicas.map((count, i) => workload(`a/w${i}`, count)),
            ...(pools[0].count > 0 ? [workload('a/fixed', 0, { pods })] : []),
          ],
        })
        const plan = planCluster(scenario)
        const slots = pools.reduce((sum, { count, maxPods }) => sum + count * maxPods, 0)
        const wanted = replicas.reduce((sum, count) => sum + count, 0) + (pools[0].count > 0 ? fixed.length : 0)
        const taken = new Int32Array(plan.nodes.length)
        for (let pod = 0; pod < plan.pods.count; pod++) {
          const node = plan.nodes[plan.pods.node[pod]]
          taken[plan.pods.node[pod]]++
          expect(contains(node.block, plan.pods.address[pod])).toBe(true)
        }
        expect(new Set(plan.pods.address).size).toBe(plan.pods.count)
        expect(new Set(plan.nodes.map(node => node.address)).size).toBe(plan.nodes.length)
        plan.nodes.forEach((node, i) => {
          expect(taken[i]).toBeLessThanOrEqual(node.maxPods)
        })
        expect(plan.pods.count).toBe(Math.min(slots, wanted))
        expect(plan.pending.reduce((sum, group) => sum + group.count, plan.pods.count)).toBe(wanted)
        expect(admit(scenario).filter(({ code }) => code === 'PodsPending')).toHaveLength(wanted > slots ? 1 : 0)
      }),
      { numRuns: 100 },
    )
  })
})
