// What az prints of a cluster, as a scenario: both of Azure's spellings and nestings, several years of them.
import { describe, expect, test } from 'vitest'
import { importCluster } from '../../src/import/import-cluster.js'
import { loadAdmitted } from '../../src/run/admitted.js'
import { ARM_OVERLAY, ARM_SUBNETS, CLI_OVERLAY, OLD_KUBENET, SUBNETS, subnetId } from './az-samples.js'

/** As much of a scenario as these tests look at. */
interface Seen {
  vnet: { subnets: unknown }
  cluster: { networkProfile: Record<string, unknown>; agentPoolProfiles: unknown[] }
}
const imported = (sources: Parameters<typeof importCluster>[0]) => importCluster(sources) as unknown as { scenario: Seen; notes: string[] }

describe('az aks show', () => {
  const { scenario, notes } = imported({ az: CLI_OVERLAY, subnets: SUBNETS })
  test('of the CLI keeps what concerns the network, by the same names', () => {
    expect(scenario).toEqual({
      apiVersion: 'vxlane/v1',
      name: 'demo',
      vnet: { subnets: { nodes: { cidr: '10.224.0.0/20', occupied: 3 }, pods: { cidr: '10.225.0.0/16' } } },
      cluster: {
        networkProfile: {
          networkPlugin: 'azure',
          networkPluginMode: 'overlay',
          networkDataplane: 'azure',
          ipFamilies: ['IPv4'],
          loadBalancerSku: 'standard',
          loadBalancerProfile: {
            backendPoolType: 'nodeIPConfiguration',
            effectiveOutboundIPs: [{ id: expect.any(String), resourceGroup: expect.any(String) }],
            managedOutboundIPs: { count: 1 },
          },
          outboundType: 'loadBalancer',
          podCidr: '10.244.0.0/16',
          serviceCidr: '10.0.0.0/16',
          dnsServiceIp: '10.0.0.10',
        },
        agentPoolProfiles: [
          {
            name: 'nodepool1',
            mode: 'System',
            count: 3,
            minCount: 1,
            maxCount: 9,
            enableAutoScaling: true,
            maxPods: 250,
            vmSize: 'Standard_D4s_v5',
            osType: 'Linux',
            osSku: 'Ubuntu',
            type: 'VirtualMachineScaleSets',
            availabilityZones: ['1', '2'],
            upgradeSettings: { maxSurge: '33%', maxUnavailable: '0' },
            vnetSubnet: 'nodes',
          },
        ],
      },
    })
    expect(notes).toEqual([])
  })
  test('of ARM is the same scenario', () => {
    expect(imported({ az: ARM_OVERLAY, subnets: ARM_SUBNETS }).scenario).toEqual(scenario)
  })
  test('in any letter case is the same scenario', () => {
    const shouted = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shouted)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toUpperCase(), shouted(item)]))
    }
    const { effectiveOutboundIPs: _, ...rest } = scenario.cluster.networkProfile.loadBalancerProfile as Record<string, unknown>
    const loud = imported({ az: shouted(CLI_OVERLAY), subnets: shouted(SUBNETS) }).scenario
    expect(loud.cluster.agentPoolProfiles).toEqual(scenario.cluster.agentPoolProfiles)
    expect(loud.cluster.networkProfile.loadBalancerProfile).toMatchObject(rest)
    expect(loud.vnet).toEqual(scenario.vnet)
  })
  test('without the subnets says what it assumes', () => {
    const { scenario: alone, notes: said } = imported({ az: CLI_OVERLAY })
    expect(alone.vnet.subnets).toEqual({ nodes: { cidr: '10.224.0.0/16' } })
    expect(said).toEqual(['assumed: subnet nodes is 10.224.0.0/16; az network vnet subnet list -o json (--subnets) would say it'])
  })
  test('of an old kubenet cluster', () => {
    const { scenario: old, notes: said } = imported({ az: [OLD_KUBENET] })
    expect(old.cluster.networkProfile).toMatchObject({ networkPlugin: 'kubenet', podCidr: '10.244.0.0/16', serviceCidr: '10.0.0.0/16' })
    expect(old.cluster.networkProfile).not.toHaveProperty('networkPluginMode')
    expect(old.cluster.agentPoolProfiles).toEqual([
      { name: 'np', count: 2, maxPods: 110, osType: 'Linux', vmSize: 'Standard_DS2_v2', vnetSubnet: 'aks-nodes' },
    ])
    expect(said.filter(note => note.startsWith('ignored'))).toEqual([])
  })
  test('of flat modes says that there is no mode', () => {
    const profile = { ...CLI_OVERLAY.networkProfile, networkPluginMode: null, podCidr: null, podCidrs: null }
    const flat = imported({ az: { ...CLI_OVERLAY, networkProfile: profile }, subnets: SUBNETS }).scenario
    expect(flat.cluster.networkProfile.networkPluginMode).toBeNull()
    expect(flat.cluster.networkProfile).not.toHaveProperty('podCidr')
    const pools = CLI_OVERLAY.agentPoolProfiles.map(pool => ({
      ...pool,
      podSubnetId: subnetId('pods'),
      podIpAllocationMode: 'StaticBlock',
    }))
    const subnet = imported({ az: { ...CLI_OVERLAY, networkProfile: profile, agentPoolProfiles: pools }, subnets: SUBNETS }).scenario
    expect(subnet.cluster.agentPoolProfiles[0]).toMatchObject({
      vnetSubnet: 'nodes',
      podSubnet: 'pods',
      podIpAllocationMode: 'StaticBlock',
    })
  })
  test('names what it has no place for', () => {
    const networkProfile = { ...CLI_OVERLAY.networkProfile, staticEgressGatewayProfile: { enabled: true } }
    expect(imported({ az: { ...CLI_OVERLAY, networkProfile } }).notes[0]).toBe(
      'ignored, vxlane has no place for it: networkProfile.staticEgressGatewayProfile',
    )
  })
})

test('az aks nodepool list has the newer counts, in both shapes', () => {
  const pools = CLI_OVERLAY.agentPoolProfiles.map(pool => ({ ...pool, count: 7 }))
  const arm = {
    value: ARM_OVERLAY.properties.agentPoolProfiles.map(({ name, ...properties }) => ({ name, properties: { ...properties, count: 7 } })),
  }
  for (const nodepools of [pools, arm]) {
    expect(imported({ az: CLI_OVERLAY, nodepools }).scenario.cluster.agentPoolProfiles[0]).toMatchObject({ name: 'nodepool1', count: 7 })
  }
})

test.each([
  [{ az: {} }, /no networkProfile/],
  [{ az: [CLI_OVERLAY, CLI_OVERLAY] }, /2 clusters/],
  [{ az: 'text' }, /no networkProfile/],
  [{ az: CLI_OVERLAY, subnets: [] }, /no addressPrefix/],
  [{ az: CLI_OVERLAY, subnets: { value: [{ name: 'x' }] } }, /no addressPrefix/],
])('something else is refused: %#', (sources, message) => {
  expect(() => importCluster(sources)).toThrow(message)
})

test('what was imported loads', () => {
  const agentPoolProfiles = CLI_OVERLAY.agentPoolProfiles.map(pool => ({
    ...pool,
    enableAutoScaling: false,
    minCount: null,
    maxCount: null,
  }))
  const { scenario } = loadAdmitted(importCluster({ az: { ...CLI_OVERLAY, agentPoolProfiles } }).scenario)
  expect(scenario.cluster.agentPoolProfiles[0]).toMatchObject({ name: 'nodepool1', count: 3 })
})
