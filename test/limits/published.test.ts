// Numbers that Azure's pages print, or that people saw on real clusters, out of flags as a user types them.
import { describe, expect, test } from 'vitest'
import { targetOf } from '../../src/ipam/pool-monitor.js'
import { staticBlocksOf } from '../../src/ipam/static-addressing.js'
import { surgeNodes } from '../../src/limits/demand.js'
import { inputOfFlags, type PlanFlags, planOfFlags } from '../../src/limits/from-flags.js'
import { ScenarioError } from '../../src/scenario/error.js'
import { parseNodeShare } from '../../src/scenario/node-share.js'

const of = (flags: PlanFlags) => planOfFlags(inputOfFlags(flags).input)
const row = (flags: PlanFlags, resource: string) => of(flags).limits.find(limit => limit.resource === resource)!
const nodes = (count: number) => ({ surge: parseNodeShare(count)! })

describe('how far a /24 reaches', () => {
  test.each([
    ['overlay', undefined, 251, 62_750],
    ['nodeSubnet', 30, 8, 240],
    ['kubenet', 110, 251, 27_610],
  ] as const)('%s', (mode, maxPods, maxNodes, maxPods_) => {
    expect(of({ mode, subnet: '10.1.0.0/24', maxPods })).toMatchObject({ maxNodes, maxPods: maxPods_, bindingResource: 'nodeSubnet' })
  })
  test('kubenet in a /27: 27 addresses, of which the page leaves some for upgrades', () => {
    expect(of({ mode: 'kubenet', subnet: '10.1.0.0/27' })).toMatchObject({ maxNodes: 27, maxPods: 2970 })
    expect(of({ mode: 'kubenet', subnet: '10.1.0.0/27', ...nodes(2) })).toMatchObject({ maxNodes: 25, maxPods: 2750 })
    expect(of({ mode: 'kubenet', subnet: '10.1.0.0/27', ...nodes(7) })).toMatchObject({ maxNodes: 20, maxPods: 2200 })
  })
  test('kubenet ends at 400 nodes, or at what the user says the route table holds', () => {
    const flags = { mode: 'kubenet', subnet: '10.1.0.0/16', podCidr: '10.240.0.0/13' } as const
    expect(of(flags)).toMatchObject({ maxNodes: 400, bindingResource: 'routeTable' })
    expect(of({ ...flags, routes: 1000 })).toMatchObject({ maxNodes: 1000, bindingResource: 'routeTable' })
  })
  test('192.168.128.0/17 is 128 node blocks', () => {
    expect(of({ podCidr: '192.168.128.0/17' })).toMatchObject({ maxNodes: 128, bindingResource: 'podCidr' })
  })
  test('a pod CIDR of /18 that is expanded to /16: 64 blocks, then 256', () => {
    expect(row({ podCidr: '10.244.0.0/18' }, 'podCidr').maxNodes).toBe(64)
    expect(row({ podCidr: '10.244.0.0/16' }, 'podCidr').maxNodes).toBe(256)
  })
})

describe('IP address planning', () => {
  test.each([
    [50, 1581],
    [60, 1891],
  ])('%i nodes of 30 pods with one surge node: %i addresses, a /21', (count, needed) => {
    const limit = row({ mode: 'nodeSubnet', nodes: count, maxPods: 30, ...nodes(1) }, 'nodeSubnet')
    expect(limit).toMatchObject({ needed, smallest: '/21', fits: true })
    expect(limit.arithmetic).toContain(`(${count} + 1) x (30 + 1) = ${needed.toLocaleString('en-US')}`)
  })
  test('10 nodes of 30 pods in a /24: 310 of 251', () => {
    const result = of({ mode: 'nodeSubnet', subnet: '10.1.0.0/24', nodes: 10, maxPods: 30 })
    expect(result).toMatchObject({ fits: false, bindingResource: 'nodeSubnet', maxNodes: 8 })
    expect(result.errors).toEqual([
      {
        code: 'InsufficientSubnetSize',
        message: 'Pre-allocated IPs 310 exceeds IPs available 251 in Subnet Cidr 10.1.0.0/24, Subnet Name nodes',
        path: '--nodes',
      },
    ])
  })
  test('five blocks of an overlay /22: 1,280 of 1,024', () => {
    const [error] = of({ podCidr: '10.240.100.0/22', nodes: 5 }).errors
    expect(error.message).toBe(
      'Pre-allocated IPs 1280 exceeds IPs available 1024 in Subnet Cidr 10.240.100.0/22, Subnet Name networkProfile.podCIDR',
    )
  })
  test('172.16.0.0/12 as pod CIDR holds reserved ranges', () => {
    expect(() => of({ podCidr: '172.16.0.0/12' })).toThrow(ScenarioError)
    // All mistakes at once, each once, those of meaning behind those of form.
    expect(() => of({ subnet: '10.1.0.5/24', podCidr: '172.16.0.0/12' })).toThrow(
      /^--subnet: CidrHostBits: [^\n]*\n--pod-cidr: ReservedRange: [^\n]*$/,
    )
    expect(() => of({ podCidr: '172.16.0.0/12' })).toThrow(/^--pod-cidr: ReservedRange: .*172\.30\.0\.0\/16, 172\.31\.0\.0\/16/)
  })
})

test('maxPods 10 needs three nodes: a pool must be able to hold 30 pods', () => {
  expect(of({ maxPods: 10, nodes: 3 }).fits).toBe(true)
  const { fits, errors } = of({ maxPods: 10, nodes: 2 })
  expect([fits, errors[0]?.code, errors[0]?.path]).toEqual([false, 'InsufficientAgentPoolMaxPodsPerAgentPool', '--max-pods'])
})

describe('pod subnets', () => {
  test.each([
    [30, 2, 31],
    [31, 2, 31],
    [32, 3, 47],
    [250, 16, 255],
  ])('static blocks for maxPods %i: %i blocks, %i pod addresses', (maxPods, blocks, addresses) => {
    expect(staticBlocksOf(maxPods)).toBe(blocks)
    expect(blocks * 16 - 1).toBe(addresses)
  })
  test('10 nodes with static blocks in a /26: the check counts 160 of 59', () => {
    const result = of({ mode: 'podSubnetStatic', podSubnet: '10.1.0.0/26', nodes: 10, maxPods: 15 })
    expect(result.errors[0].message).toContain('Pre-allocated IPs 160 exceeds IPs available 59')
    expect(result.fits).toBe(false)
  })
  test.each([
    [0, 16],
    [8, 16],
    [16, 32],
    [32, 48],
    [48, 64],
    [25, 48],
    [500, 250],
  ])('dynamic: with %i in use a node holds %i', (used, held) => {
    expect(targetOf({ batch: 16, buffer: 0.5, max: 250 }, used)).toBe(held)
  })
  test('dynamic, a /24: 15 nodes of 16 addresses, and eleven addresses nobody can have', () => {
    const result = of({ mode: 'podSubnetDynamic', podSubnet: '10.1.0.0/24', nodes: 15 })
    expect(result).toMatchObject({ fits: true, maxNodes: 15, maxPods: 225, bindingResource: 'podSubnet' })
    expect(result.limits.find(limit => limit.resource === 'podSubnet')).toMatchObject({ needed: 240, available: 251, headroom: 11 })
    expect(of({ mode: 'podSubnetDynamic', podSubnet: '10.1.0.0/24', nodes: 16 }).fits).toBe(false)
  })
})

describe('SNAT ports', () => {
  test.each([
    [1000, 2, 128],
    [1000, 7, 448],
    [4000, 2, 32],
    [4000, 7, 112],
  ])('%i ports, %i outbound IPs: %i nodes', (outboundPorts, outboundIps, maxNodes) => {
    expect(row({ outboundPorts, outboundIps }, 'outboundSnatPorts').maxNodes).toBe(maxNodes)
  })
  test('7 IPs, 4,000 ports, 100 nodes and 2 of surge fit', () => {
    expect(of({ outboundPorts: 4000, outboundIps: 7, nodes: 100, ...nodes(2) }).fits).toBe(true)
  })
  test('8,000 ports on 9 nodes of one IP do not: 72,000 of 64,000', () => {
    const result = of({ outboundPorts: 8000, nodes: 9 })
    expect(result).toMatchObject({ fits: false, bindingResource: 'outboundSnatPorts', maxNodes: 8 })
    expect(result.errors[0]).toMatchObject({ code: 'InvalidLoadBalancerProfileAllocatedOutboundPorts', path: '--outbound-ports' })
  })
  test('by the table: 48 nodes 1,024 each, 52 nodes 512', () => {
    expect(row({ nodes: 48 }, 'outboundSnatPorts').arithmetic).toContain('1,024 each')
    expect(row({ nodes: 52 }, 'outboundSnatPorts').arithmetic).toContain('512 each')
  })
})

test('five pools of four nodes with a surge of 50% need ten more', () => {
  const extra = Array.from({ length: 5 }, () => surgeNodes({ surge: parseNodeShare('50%')! }, 4))
  expect(extra.reduce((sum, count) => sum + count)).toBe(10)
})

test('a surge is rounded up and never more than the pool', () => {
  expect(surgeNodes({ surge: parseNodeShare('33%')! }, 10)).toBe(4)
  expect(surgeNodes({ surge: parseNodeShare('1%')! }, 10)).toBe(1)
  expect(surgeNodes({ surge: parseNodeShare(5)! }, 3)).toBe(3)
})

test('docs disagree on pods in a cluster: the number is an option, and the source follows it', () => {
  expect(row({}, 'podsPerCluster')).toMatchObject({ available: 200_000, source: expect.stringContaining('large workloads') })
  expect(row({ podsPerCluster: 250_000 }, 'podsPerCluster')).toMatchObject({ available: 250_000, source: 'Plan pod networking in AKS' })
})
