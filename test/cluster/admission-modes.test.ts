// Azure's refusals in each addressing mode, by code and with the numbers that Azure prints.
import { describe, expect, it } from 'vitest'
import type { AddressingMode } from '../../src/base/addressing-mode.js'
import type { SimTime } from '../../src/base/brand.js'
import { admit } from '../../src/cluster/admission.js'
import { planCluster } from '../../src/cluster/plan.js'
import type { AgentPool, Fabric, NetworkProfile, Scenario } from '../../src/scenario/model.js'
import { cidr, ip, makeScenario, pool, workload } from './make-scenario.js'

interface Parts {
  readonly nodes?: string
  readonly pods?: string
  readonly podCidr?: string
  readonly pool?: Partial<AgentPool>
  readonly pools?: readonly AgentPool[]
  readonly profile?: Partial<NetworkProfile>
  readonly ipam?: Partial<Fabric['ipam']>
  readonly rest?: Partial<Omit<Scenario, 'fabric' | 'cluster'>>
}

const ofMode = (addressing: AddressingMode, count: number, parts: Parts = {}): Scenario => {
  const hasBlocks = addressing === 'overlay' || addressing === 'kubenet'
  const podSubnet = addressing.startsWith('podSubnet') ? 'pods' : null
  const own = makeScenario().fabric.ipam
  return makeScenario({
    vnet: {
      addressSpace: [cidr('10.224.0.0/12')],
      subnets: { 'aks-nodes': { cidr: cidr(parts.nodes ?? '10.224.0.0/16') }, pods: { cidr: cidr(parts.pods ?? '10.228.0.0/16') } },
      peerings: [],
    },
    profile: {
      networkPlugin: addressing === 'kubenet' ? 'kubenet' : 'azure',
      networkPluginMode: addressing === 'overlay' ? 'overlay' : null,
      addressing,
      podCidr: hasBlocks ? cidr(parts.podCidr ?? '10.32.0.0/11') : null,
      ...parts.profile,
    },
    fabric: { encapsulation: addressing === 'overlay' ? 'vxlan' : 'none', ipam: { ...own, ...parts.ipam } },
    pools: parts.pools ?? [pool('p', count, { maxPods: 30, podSubnet, ...parts.pool })],
    ...parts.rest,
  })
}

const found = (scenario: Scenario) => admit(scenario).map(({ path, code }) => `${path.join('.')}: ${code}`)
const messages = (scenario: Scenario) => admit(scenario).map(({ message }) => message)
const COUNT = 'cluster.agentPoolProfiles.0.count'
const autoScaling = { minCount: 1, maxCount: 20 }

describe('room for the nodes', () => {
  it('7: node subnet, ten nodes of 30 pods in a /24 need 310 and have 251 (observed)', () => {
    expect(admit(ofMode('nodeSubnet', 10, { nodes: '10.224.0.0/24' }))).toMatchObject([
      {
        path: ['cluster', 'agentPoolProfiles', 0, 'count'],
        code: 'InsufficientSubnetSize',
        message: 'Pre-allocated IPs 310 exceeds IPs available 251 in Subnet Cidr 10.224.0.0/24, Subnet Name aks-nodes',
        hint: 'use a subnet of /23 or larger, or fewer nodes: 8 fit, at 31 addresses each',
      },
    ])
    expect(found(ofMode('nodeSubnet', 8, { nodes: '10.224.0.0/24' }))).toEqual([])
  })

  it('13: static, ten nodes in a /26 need 160 and have 59 (observed); with all blocks counted, 320', () => {
    expect(messages(ofMode('podSubnetStatic', 10, { pods: '10.228.0.0/26' }))).toEqual([
      'Pre-allocated IPs 160 exceeds IPs available 59 in Subnet Cidr 10.228.0.0/26, Subnet Name pods',
      "the subnet pods 10.228.0.0/26 doesn't have enough capacity for IP addresses: the nodes need 20 blocks of 16, 2 are free",
    ])
    const all = ofMode('podSubnetStatic', 10, { pods: '10.228.0.0/26', ipam: { staticCheck: 'allBlocks' } })
    expect(messages(all)[0]).toContain('Pre-allocated IPs 320 exceeds IPs available 59')
  })

  it('static: what passes the check of 16 a node and then finds no block is SubnetIsFull', () => {
    expect(found(ofMode('podSubnetStatic', 2, { pods: '10.228.0.0/26' }))).toEqual([`${COUNT}: SubnetIsFull`])
    expect(found(ofMode('podSubnetStatic', 1, { pods: '10.228.0.0/26' }))).toEqual([])
  })

  it('18: dynamic, 15 nodes fill a /24, the 16th needs 256 of 251', () => {
    const nodes = (count: number, primaryAddress: 'within' | 'beside') =>
      messages(ofMode('podSubnetDynamic', count, { pods: '10.228.0.0/24', ipam: { primaryAddress } }))
    expect([nodes(15, 'within'), nodes(14, 'beside')]).toEqual([[], []])
    expect(nodes(16, 'within')).toEqual(['Pre-allocated IPs 256 exceeds IPs available 251 in Subnet Cidr 10.228.0.0/24, Subnet Name pods'])
    expect(nodes(15, 'beside')[0]).toContain('Pre-allocated IPs 255')
  })

  it('counts the most nodes that an autoscaled pool may have', () => {
    const parts = { nodes: '10.224.0.0/24', pool: { autoScaling } }
    expect(messages(ofMode('nodeSubnet', 1, parts))[0]).toContain('Pre-allocated IPs 620 exceeds IPs available 251')
    const overlay = ofMode('overlay', 1, { podCidr: '10.240.100.0/22'.replace('240', '244'), pool: { autoScaling, maxPods: 250 } })
    expect(messages(overlay)).toEqual([
      'Pre-allocated IPs 5120 exceeds IPs available 1024 in Subnet Cidr 10.244.100.0/22, Subnet Name networkProfile.podCIDR',
    ])
  })

  it('8: overlay, four nodes and a buffer of one need five blocks of 256 in a /22 (reported)', () => {
    const nodes = (upgradeBuffer: number) => messages(ofMode('overlay', 4, { podCidr: '10.244.100.0/22', ipam: { upgradeBuffer } }))
    expect(nodes(0)).toEqual([])
    expect(nodes(1)).toEqual([
      'Pre-allocated IPs 1280 exceeds IPs available 1024 in Subnet Cidr 10.244.100.0/22, Subnet Name networkProfile.podCIDR',
    ])
  })

  it('is what endpoints leave of the subnet', () => {
    const endpoints = [{ name: 'vm', address: ip('10.224.0.9'), location: 'vnet' as const }]
    expect(messages(ofMode('nodeSubnet', 8, { nodes: '10.224.0.0/24', pool: { maxPods: 30 }, rest: { endpoints } }))).toEqual([])
    expect(messages(ofMode('nodeSubnet', 1, { nodes: '10.224.0.0/27', pool: { maxPods: 30 }, rest: { endpoints } }))[0]).toContain(
      'Pre-allocated IPs 31 exceeds IPs available 26',
    )
  })

  it('ends at 65,536 addresses of the VNet; blocks count once', () => {
    const large = { nodes: '10.224.0.0/13', pods: '10.232.0.0/16', pools: [1, 2].map(n => pool(`p${n}`, 200, { maxPods: 250 })) }
    expect(admit(ofMode('nodeSubnet', 0, large))).toMatchObject([
      { code: 'TooManyVnetAddresses', message: 'the nodes take 100,400 addresses of the VNet; a VNet has 65,536 at most' },
    ])
    const own = Array.from({ length: 2 }, (_, n) => pool(`p${n}`, 1000, { maxPods: 200, podSubnet: 'pods' }))
    expect(found(ofMode('podSubnetStatic', 0, { pods: '10.232.0.0/13', pools: own }))).toEqual([])
  })
})

describe('kubenet', () => {
  it('has 400 nodes at most', () => {
    expect([found(ofMode('kubenet', 400)), found(ofMode('kubenet', 401))]).toEqual([[], ['cluster.agentPoolProfiles: TooManyNodes']])
    expect(messages(ofMode('kubenet', 401))[0]).toContain('401 nodes; with kubenet a cluster has 400 at most')
  })
  it('knows Calico only, and Linux', () => {
    const parts = { profile: { networkPolicy: 'azure' as const }, pool: { facts: { osType: 'Windows' } } }
    expect(found(ofMode('kubenet', 3, parts))).toEqual([
      'cluster.networkProfile.networkPolicy: InvalidNetworkPolicy',
      'cluster.agentPoolProfiles.0.osType: InvalidOsType',
    ])
  })
  it('3: 251 nodes in a /24', () => {
    expect([found(ofMode('kubenet', 251, { nodes: '10.224.0.0/24' })), found(ofMode('kubenet', 252, { nodes: '10.224.0.0/24' }))]).toEqual([
      [],
      [`${COUNT}: InsufficientSubnetSize`],
    ])
  })
})

describe('a pod subnet', () => {
  const PODS = 'cluster.agentPoolProfiles.0.podSubnet'
  it('is not that of nodes', () => {
    expect(found(ofMode('podSubnetDynamic', 3, { pool: { podSubnet: 'aks-nodes' } }))).toEqual([`${PODS}: PodSubnetIsNodeSubnet`])
  })
  it('lies in the same VNet', () => {
    const id = (vnet: string) => `/subscriptions/0/providers/Microsoft.Network/virtualNetworks/${vnet}/subnets/x`
    const facts = (podVnet: string) => ({ pool: { facts: { vnetSubnetId: id('one'), podSubnetId: id(podVnet) } } })
    expect(found(ofMode('podSubnetDynamic', 3, facts('two')))).toEqual([`${PODS}Id: PodSubnetInOtherVnet`])
    expect(found(ofMode('podSubnetDynamic', 3, facts('ONE')))).toEqual([])
  })
  it('holds no other host', () => {
    const endpoints = [{ name: 'vm', address: ip('10.228.0.9'), location: 'vnet' as const }]
    expect(found(ofMode('podSubnetDynamic', 3, { rest: { endpoints } }))).toEqual(['endpoints.0.address: HostInPodSubnet'])
  })
  it('of static blocks is a /12 at most', () => {
    const vnet = {
      addressSpace: [cidr('10.0.0.0/8')],
      subnets: { 'aks-nodes': { cidr: cidr('10.1.0.0/16') }, pods: { cidr: cidr('10.192.0.0/11') } },
      peerings: [],
    }
    const profile = { serviceCidr: cidr('192.168.0.0/16'), dnsServiceIp: ip('192.168.0.10') }
    expect(found(ofMode('podSubnetStatic', 3, { profile, rest: { vnet } }))).toEqual(['vnet.subnets.pods.cidr: PodSubnetTooLarge'])
    expect(found(ofMode('podSubnetDynamic', 3, { profile, rest: { vnet } }))).toEqual([])
  })
})

describe('fixed pods with addresses of the VNet', () => {
  const fixed = (addressing: AddressingMode, ...pods: [string | null, string][]) =>
    found(
      ofMode(addressing, 3, {
        rest: {
          workloads: [
            workload('a/x', pods.length, {
              pods: pods.map(([node, address], i) => ({ ...POD, name: `f${i}`, node, address: ip(address) })),
            }),
          ],
        },
      }),
    )
  const POD = { labels: {}, ports: [], ready: true }
  const at = (i: number, code: string) => `workloads.0.pods.${i}.address: ${code}`

  it('lie in the subnet that pods come from, and are nobody else', () => {
    expect(fixed('nodeSubnet', ['p/0', '10.224.0.40'], ['p/1', '10.224.0.41'])).toEqual([])
    expect(fixed('nodeSubnet', ['p/0', '10.228.0.40'], ['p/0', '10.224.0.2'])).toEqual([
      at(0, 'AddressOutsideSubnet'),
      at(1, 'AddressReserved'),
    ])
    expect(fixed('podSubnetDynamic', ['p/0', '10.228.0.40'], ['p/1', '10.228.0.40'])).toEqual([at(1, 'DuplicateAddress')])
    expect(fixed('podSubnetDynamic', [null, '10.228.0.40'])).toEqual([at(0, 'NodeMissing')])
  })
  it('of one static block are of one node', () => {
    expect(fixed('podSubnetStatic', ['p/0', '10.228.1.1'], ['p/0', '10.228.1.2'], ['p/1', '10.228.1.3'], ['p/1', '10.228.0.9'])).toEqual([
      at(2, 'BlockShared'),
      at(3, 'AddressReserved'),
    ])
  })
  it('of the host network are those of their node', () => {
    const host = (address: string) => {
      const pods = [{ ...POD, name: 'f', node: 'p/0', address: ip(address) }]
      return found(ofMode('nodeSubnet', 3, { rest: { workloads: [workload('a/x', 1, { hostNetwork: true, pods })] } }))
    }
    expect([host('10.224.0.4'), host('10.224.0.5')]).toEqual([[], [at(0, 'AddressOfHostNetwork')]])
  })
  it('go with nodes that have no block', () => {
    const nodes = [{ name: 'n', address: null, podCidr: cidr('10.244.0.0/24') }]
    expect(found(ofMode('nodeSubnet', 3, { pool: { nodes } }))).toEqual(['cluster.agentPoolProfiles.0.nodes.0.podCidr: BlockNotAllowed'])
  })
})

describe('the VNet', () => {
  it('has 3,000 subnets and 500 peerings at most', () => {
    const subnets = Object.fromEntries(
      Array.from({ length: 3001 }, (_, i) => [`s${i}`, { cidr: cidr(`10.${224 + (i >> 8)}.${i & 255}.0/24`) }]),
    )
    const peerings = Array.from({ length: 501 }, (_, i) => ({
      name: `n${i}`,
      addressSpace: [cidr(`172.${16 + (i >> 8)}.${i & 255}.0/24`)],
    }))
    const vnet = { addressSpace: [cidr('10.224.0.0/12')], subnets, peerings }
    const scenario = ofMode('nodeSubnet', 3, { pool: { vnetSubnet: 's0' }, rest: { vnet } })
    expect(found(scenario)).toEqual(['vnet.subnets: TooManySubnets', 'vnet.peerings: TooManyPeerings'])
  })
  it('30: no range holds what AKS reserves, in any mode', () => {
    expect(found(ofMode('kubenet', 3, { podCidr: '172.16.0.0/12' }))).toEqual(['cluster.networkProfile.podCidr: ReservedRange'])
    expect(found(ofMode('podSubnetDynamic', 3, { pods: '172.30.4.0/22' }))).toContain('vnet.subnets.pods.cidr: ReservedRange')
  })
})

describe('pods of the host network', () => {
  const host = workload('a/agent', 3, { hostNetwork: true })
  it('take no address, and count toward maxPods', () => {
    const scenario = ofMode('overlay', 3, { pool: { maxPods: 10 }, rest: { workloads: [host, workload('a/x', 30)] } })
    expect(messages(scenario)).toEqual(['33 pods want to run, the nodes take 30 (maxPods x nodes); 3 stay Pending: Too many pods'])
    const plan = planCluster(scenario)
    expect(plan.pods.address.subarray(0, 3)).toEqual(Int32Array.from(plan.nodes, ({ address }) => address))
    expect(plan.resources.find(({ name }) => name === 'podIps')).toMatchObject({ used: 9 })
  })
  it('have no interface to record, and are no end of connections or Services yet', () => {
    const rest = {
      workloads: [host],
      capture: [{ at: { kind: 'pod' as const, pod: 'a/agent/0' }, file: 'x', maxPackets: 1 }],
      traffic: [
        {
          kind: 'replay' as const,
          name: 'r',
          from: { kind: 'pod' as const, pod: 'a/agent/0' },
          file: 'x',
          spacingNs: null,
          startNs: 0 as SimTime,
        },
      ],
    }
    expect(found(ofMode('overlay', 3, { rest }))).toEqual(['traffic.0.from: NotSupportedYet', 'capture.0.pod: NotSupportedYet'])
  })
})
