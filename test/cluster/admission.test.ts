// Azure's refusals, by code and with the numbers that Azure prints.
import { describe, expect, it } from 'vitest'
import { admit } from '../../src/cluster/admission.js'
import type { NetworkProfile, Scenario } from '../../src/scenario/model.js'
import { cidr, ip, makeScenario, pool, udp, workload } from './make-scenario.js'

const findings = (scenario: Scenario) => admit(scenario).map(({ path, code }) => `${path.join('.')}: ${code}`)
const messages = (scenario: Scenario) => admit(scenario).map(({ message }) => message)
const profile = (part: Partial<NetworkProfile>) => findings(makeScenario({ profile: part }))
const vnet = (space: string[], subnets: Record<string, string>, peered: string[] = []): Scenario['vnet'] => ({
  addressSpace: space.map(cidr),
  subnets: Object.fromEntries(Object.entries(subnets).map(([name, range]) => [name, { cidr: cidr(range) }])),
  peerings: peered.length > 0 ? [{ name: 'hub', addressSpace: peered.map(cidr) }] : [],
})

const POD = 'cluster.networkProfile.podCidr'
const SERVICE = 'cluster.networkProfile.serviceCidr'
const DNS = 'cluster.networkProfile.dnsServiceIp'

describe('ranges', () => {
  it('of a sound cluster are admitted', () => {
    expect(admit(makeScenario())).toEqual([])
  })

  it('that AKS reserves are refused, 172.16.0.0/12 with them (published)', () => {
    expect(profile({ podCidr: cidr('172.16.0.0/12') })).toEqual([`${POD}: ReservedRange`])
    expect(messages(makeScenario({ profile: { podCidr: cidr('172.16.0.0/12') } }))[0]).toContain('172.30.0.0/16, 172.31.0.0/16')
    expect(profile({ serviceCidr: cidr('172.31.4.0/24'), dnsServiceIp: ip('172.31.4.10') })).toEqual([`${SERVICE}: ReservedRange`])
    const reserved = vnet(['169.254.0.0/16'], { 'aks-nodes': '169.254.1.0/24' })
    expect(findings(makeScenario({ vnet: reserved }))).toEqual([
      'vnet.addressSpace.0: ReservedRange',
      'vnet.subnets.aks-nodes.cidr: ReservedRange',
    ])
  })

  it('of pods must not meet the VNet, the Services or a peered network', () => {
    expect(profile({ podCidr: cidr('10.236.0.0/14') })).toEqual([`${POD}: NetworkProfileCIDROverlapVNET`])
    expect(profile({ podCidr: cidr('10.0.0.0/14') })).toEqual([`${POD}: PodCidrOverlapsServiceCidr`])
    const peered = vnet(['10.224.0.0/12'], { 'aks-nodes': '10.224.0.0/16' }, ['10.244.4.0/24', '10.225.0.0/16'])
    const found = [`${POD}: PodCidrOverlapsPeering`, 'vnet.peerings.0.addressSpace.1: VnetAddressSpacesOverlap']
    expect(findings(makeScenario({ vnet: peered }))).toEqual(found)
  })

  it('of Services must not meet a subnet, and must be smaller than a /12', () => {
    const part = { serviceCidr: cidr('10.224.128.0/17'), dnsServiceIp: ip('10.224.128.10') }
    expect(profile(part)).toEqual([`${SERVICE}: ServiceCidrOverlapExistingSubnetsCidr`])
    expect(profile({ serviceCidr: cidr('10.0.0.0/12') })).toEqual([`${SERVICE}: ServiceCidrTooLarge`])
    expect(profile({ serviceCidr: cidr('10.0.0.0/13') })).toEqual([])
  })

  it('must hold the DNS address, which is not the first', () => {
    expect(profile({ dnsServiceIp: ip('10.1.0.10') })).toEqual([`${DNS}: DnsServiceIpOutOfServiceCidr`])
    for (const address of ['10.0.0.0', '10.0.0.1', '10.0.255.255'])
      expect(profile({ dnsServiceIp: ip(address) })).toEqual([`${DNS}: DnsServiceIpReserved`])
    expect(profile({ dnsServiceIp: ip('10.0.0.2') })).toEqual([])
  })

  it('of pods may be public, with a warning', () => {
    expect(admit(makeScenario({ profile: { podCidr: cidr('52.0.0.0/16') } }))).toMatchObject([
      { code: 'PublicPodCidr', severity: 'warning' },
    ])
    expect(profile({ podCidr: cidr('100.64.0.0/16') })).toEqual([])
  })

  it('of subnets lie in the VNet, apart from each other, /29 to /8', () => {
    const odd = vnet(['10.224.0.0/16'], { 'aks-nodes': '10.224.0.0/17', b: '10.224.64.0/18', c: '10.225.0.0/24', d: '10.224.255.0/30' })
    expect(findings(makeScenario({ vnet: odd }))).toEqual([
      'vnet.subnets.b.cidr: NetcfgSubnetRangesOverlap',
      'vnet.subnets.c.cidr: NetcfgInvalidSubnet',
      'vnet.subnets.d.cidr: NetcfgInvalidSubnet',
    ])
  })
})

describe('room', () => {
  it('for the blocks: five nodes in a /22 need 1,280 and have 1,024 (published)', () => {
    const scenario = makeScenario({
      profile: { podCidr: cidr('10.240.100.0/22') },
      vnet: vnet(['10.0.128.0/17'], { 'aks-nodes': '10.0.128.0/24' }),
      pools: [pool('p', 5)],
    })
    const own = {
      ...scenario,
      cluster: { ...scenario.cluster, networkProfile: { ...scenario.cluster.networkProfile, serviceCidr: cidr('10.0.0.0/24') } },
    }
    expect(admit(own)).toMatchObject([
      {
        path: ['cluster', 'networkProfile', 'podCidr'],
        code: 'InsufficientSubnetSize',
        message: 'Pre-allocated IPs 1280 exceeds IPs available 1024 in Subnet Cidr 10.240.100.0/22, Subnet Name networkProfile.podCIDR',
        hint: 'use a pod CIDR of /21 or larger, or at most 4 nodes',
      },
    ])
  })

  it('for 128 nodes in a /17 of pods, for 251 in a /24 of nodes (published)', () => {
    const pods = (count: number) => findings(makeScenario({ profile: { podCidr: cidr('192.168.128.0/17') }, pools: [pool('p', count)] }))
    expect([pods(128), pods(129)]).toEqual([[], [`${POD}: InsufficientSubnetSize`]])
    const small = vnet(['10.224.0.0/12'], { 'aks-nodes': '10.224.0.0/24' })
    const nodes = (count: number) => messages(makeScenario({ vnet: small, pools: [pool('p', count)] }))
    expect([nodes(251), nodes(252)]).toEqual([
      [],
      ['Pre-allocated IPs 252 exceeds IPs available 251 in Subnet Cidr 10.224.0.0/24, Subnet Name aks-nodes'],
    ])
  })

  it('is less where endpoints live in the node subnet', () => {
    const small = vnet(['10.224.0.0/12'], { 'aks-nodes': '10.224.0.0/29' })
    const endpoints = [{ name: 'vm', address: ip('10.224.0.5'), location: 'vnet' as const }]
    expect(messages(makeScenario({ vnet: small, endpoints }))[0]).toContain('Pre-allocated IPs 3 exceeds IPs available 2')
  })
})

describe('limits', () => {
  const big = { profile: { podCidr: cidr('10.32.0.0/11') }, vnet: vnet(['10.224.0.0/12'], { 'aks-nodes': '10.224.0.0/16' }) }

  it('of nodes and pools', () => {
    const five = Array.from({ length: 5 }, (_, i) => pool(`p${i}`, 1000))
    expect(findings(makeScenario({ ...big, pools: five }))).toEqual([])
    expect(findings(makeScenario({ ...big, pools: [...five, pool('q', 1)] }))).toEqual(['cluster.agentPoolProfiles: TooManyNodes'])
    expect(findings(makeScenario({ ...big, pools: [pool('p', 1001)] }))).toEqual(['cluster.agentPoolProfiles.0.count: TooManyNodesInPool'])
    const many = Array.from({ length: 101 }, (_, i) => pool(`p${i}`, 1))
    expect(findings(makeScenario({ ...big, pools: many }))).toEqual(['cluster.agentPoolProfiles: TooManyAgentPools'])
  })

  it('of nodes and pools, which only warn where the scenario says so; addresses refuse in any case', () => {
    const pools = [...Array.from({ length: 100 }, (_, i) => pool(`p${i}`, 100)), pool('q', 1001)]
    const refused = makeScenario({ ...big, profile: { ...big.profile, podCidr: cidr('10.64.0.0/10') }, pools })
    const warned = { ...refused, cluster: { ...refused.cluster, limits: 'warn' as const } }
    const both = (scenario: typeof refused) => admit(scenario).map(({ code, severity }) => `${severity} ${code}`)
    expect(both(refused)).toEqual(['error TooManyAgentPools', 'error TooManyNodes', 'error TooManyNodesInPool'])
    expect(both(warned)).toEqual(['warning TooManyAgentPools', 'warning TooManyNodes', 'warning TooManyNodesInPool'])
    const narrow = {
      ...warned,
      cluster: { ...warned.cluster, networkProfile: { ...warned.cluster.networkProfile, podCidr: cidr('10.244.0.0/16') } },
    }
    expect(both(narrow)).toContain('error InsufficientSubnetSize')
  })

  it('of maxPods, and 30 pods for each pool', () => {
    const maxPods = (count: number, most: number) => findings(makeScenario({ pools: [pool('p', count, { maxPods: most })] }))
    expect([maxPods(3, 9), maxPods(3, 251)]).toEqual(Array(2).fill(['cluster.agentPoolProfiles.0.maxPods: InvalidMaxPods']))
    expect([maxPods(2, 10), maxPods(3, 10)]).toEqual([
      ['cluster.agentPoolProfiles.0.maxPods: InsufficientAgentPoolMaxPodsPerAgentPool'],
      [],
    ])
  })

  it('of pods are warnings', () => {
    const scenario = makeScenario({ ...big, workloads: [workload('a/x', 200_001)] })
    expect(admit(scenario).map(({ code, severity }) => [code, severity])).toEqual([
      ['TooManyPods', 'warning'],
      ['PodsPending', 'warning'],
    ])
  })
})

describe('what is stated of imported clusters', () => {
  const node = (name: string, address: string, block: string) => ({ name, address: ip(address), podCidr: cidr(block) })

  it('fits together', () => {
    const nodes = [
      node('n1', '10.224.0.4', '10.244.0.0/23'),
      node('n2', '10.224.0.4', '10.244.1.0/24'),
      node('n2', '10.224.0.3', '10.245.0.0/24'),
      node('n4', '10.225.0.9', '10.244.4.0/24'),
    ]
    const at = 'cluster.agentPoolProfiles.0.nodes'
    expect(findings(makeScenario({ pools: [pool('p', 4, { nodes })] }))).toEqual([
      `${at}.1.address: DuplicateAddress`,
      `${at}.2.address: AddressReserved`,
      `${at}.3.address: AddressOutsideSubnet`,
      `${at}.1.podCidr: BlockOverlap`,
      `${at}.2.podCidr: BlockOutsidePodCidr`,
    ])
  })

  it('of pods too', () => {
    const pods = [
      { name: 'a', node: 'n1', address: ip('10.244.1.11') },
      { name: 'a', node: 'n1', address: ip('10.244.1.11') },
      { name: 'b', node: 'n1', address: ip('10.244.1.12') },
      { name: 'c', node: 'n1', address: ip('10.244.2.9') },
      { name: 'd', node: null, address: ip('10.244.1.0') },
      { name: 'e', node: null, address: ip('10.1.0.1') },
    ]
    const nodes = [node('n1', '10.224.0.4', '10.244.1.0/24')]
    const at = 'workloads.0.pods'
    expect(findings(makeScenario({ pools: [pool('p', 1, { nodes })], workloads: [workload('lab/w', 6, { pods })] }))).toEqual([
      `${at}.1.address: DuplicateAddress`,
      `${at}.3.address: AddressOutsideBlock`,
      `${at}.4.address: AddressReserved`,
      `${at}.5.address: AddressOutsidePodCidr`,
    ])
  })
})

describe('hosts outside', () => {
  const at = (address: string, location: 'internet' | 'vnet' | 'peered' | 'onPremises') => {
    const peered = vnet(['10.224.0.0/12'], { 'aks-nodes': '10.224.0.0/16' }, ['10.100.0.0/16'])
    return findings(makeScenario({ vnet: peered, endpoints: [{ name: 'e', address: ip(address), location }] })).map(
      text => text.split(': ')[1],
    )
  }

  it('are where they say', () => {
    expect([
      at('203.0.113.10', 'internet'),
      at('10.224.0.100', 'vnet'),
      at('10.100.3.4', 'peered'),
      at('192.168.1.1', 'onPremises'),
    ]).toEqual([[], [], [], []])
    for (const inside of ['10.224.0.9', '10.244.0.9', '10.0.0.9', '10.100.0.9'])
      expect(at(inside, 'internet')).toEqual(['EndpointInsideCluster'])
    expect([at('10.1.0.9', 'vnet'), at('10.224.0.2', 'vnet'), at('10.101.0.1', 'peered')]).toEqual([
      ['EndpointOutsideVnet'],
      ['AddressReserved'],
      ['EndpointOutsidePeering'],
    ])
  })

  it('have addresses of their own', () => {
    const endpoints = [1, 2].map(() => ({ name: 'e', address: ip('203.0.113.10'), location: 'internet' as const }))
    expect(findings(makeScenario({ endpoints }))).toEqual(['endpoints.1.address: DuplicateAddress'])
  })

  it('include the appliance, which may have the router`s address', () => {
    const appliance = (address: string, publicAddress = '198.51.100.1') => {
      const base = makeScenario()
      const own = { ...base.fabric.appliance, address: ip(address), publicAddress: ip(publicAddress) }
      return findings(makeScenario({ profile: { outboundType: 'userDefinedRouting' }, fabric: { appliance: own } }))
    }
    expect([appliance('10.224.0.1'), appliance('10.224.9.9')]).toEqual([[], []])
    expect([appliance('10.224.0.2'), appliance('10.0.0.1')]).toEqual([
      ['fabric.appliance.address: AddressReserved'],
      ['fabric.appliance.address: ApplianceOutsideVnet'],
    ])
    expect(appliance('10.224.0.1', '10.244.0.1')).toEqual(['fabric.appliance.publicAddress: AddressNotPublic'])
  })
})

describe('the fabric', () => {
  it('warns of MTUs that lose packets, and refuses impossible ones', () => {
    expect(admit(makeScenario({ fabric: { podMtu: 1500 } }))).toMatchObject([{ code: 'PodMtuTooLarge', severity: 'warning' }])
    expect(admit(makeScenario({ fabric: { podMtu: 1500, encapsulation: 'none' } }))).toEqual([])
    expect(findings(makeScenario({ fabric: { mtu: 500, podMtu: 450 } }))).toEqual(['fabric.mtu: InvalidMtu'])
  })

  it('has a source port for each flow', () => {
    const traffic = [udp('a', 'a/x', 'a/x', { flows: 20_000 }), udp('b', 'a/x', 'a/x', { flows: 8_233 })]
    expect(findings(makeScenario({ workloads: [workload('a/x', 2)], traffic }))).toEqual(['traffic.1.flows: EphemeralPortsExhausted'])
  })

  it('knows no sender at a bare address', () => {
    const traffic = [udp('a', '', 'a/x', { from: { kind: 'address', address: ip('10.9.9.9') } })]
    expect(findings(makeScenario({ workloads: [workload('a/x', 2)], traffic }))).toEqual(['traffic.0.from: AddressCannotSend'])
  })
})
