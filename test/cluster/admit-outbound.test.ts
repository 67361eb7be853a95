// What AKS refuses of an outbound device, against the examples that Azure publishes: "Configure your public standard load balancer" (AKS), "Use SNAT for
// outbound connections", "Outbound rules" and "Troubleshoot outbound connections" (Load Balancer), "SNAT with NAT Gateway".
import { describe, expect, it } from 'vitest'
import { admit } from '../../src/cluster/admission.js'
import { loadScenario } from '../../src/scenario/load.js'
import type { LoadBalancerProfile } from '../../src/scenario/model-outbound.js'
import { formatIpv4 } from '../../src/wire/address.js'
import { fabric, ip, makeScenario, pool } from './make-scenario.js'

const profile = (outboundIPs: number, allocatedOutboundPorts: number): LoadBalancerProfile => ({
  outboundIPs,
  outboundIPsFrom: 'managed',
  allocatedOutboundPorts,
  idleTimeoutInMinutes: 30,
})

function refusals(nodes: number, outboundIPs: number, ports: number) {
  const publicAddresses = Array.from({ length: outboundIPs }, (_, i) => ip(`198.51.100.${i + 1}`))
  const scenario = makeScenario({
    pools: [pool('nodepool1', nodes)],
    profile: { loadBalancerProfile: profile(outboundIPs, ports) },
    fabric: { loadBalancer: { ...fabric().loadBalancer, publicAddresses } },
  })
  return admit(scenario).filter(({ severity }) => severity === 'error')
}

describe('InvalidLoadBalancerProfileAllocatedOutboundPorts', () => {
  it('7 IPs with 4,000 ports carry 100 nodes and a surge of 2', () => {
    expect(refusals(100, 7, 4000)).toEqual([])
    expect(refusals(102, 7, 4000)).toEqual([])
    expect(refusals(113, 7, 4000)).toHaveLength(1)
  })

  it('warns where an upgrade would find no ports for its surge', () => {
    const codes = (nodes: number, surge: number) => {
      const scenario = makeScenario({
        pools: [pool('nodepool1', nodes, { upgrade: { ...pool('p', 1).upgrade, maxSurge: { kind: 'nodes', nodes: surge } } })],
        profile: { loadBalancerProfile: profile(1, 8000) },
      })
      return admit(scenario).filter(({ code }) => code.startsWith('InvalidLoad'))
    }
    expect(codes(6, 2)).toEqual([])
    expect(codes(7, 2)).toMatchObject([{ severity: 'warning' }])
    expect(codes(7, 2)[0].message).toContain(
      'an upgrade adds 2 nodes (maxSurge) for which no SNAT ports are left: 9 nodes x 8000 ports = 72000',
    )
  })

  it('9 nodes with 8,000 ports are too much for one IP', () => {
    const [issue, ...others] = refusals(9, 1, 8000)
    expect(others).toEqual([])
    expect(issue.code).toBe('InvalidLoadBalancerProfileAllocatedOutboundPorts')
    expect(issue.message).toBe('9 nodes x 8000 ports = 72000, and 1 outbound IP x 64000 = 64000')
    expect(issue.hint).toBe('use at most 7104 ports, 8 nodes, or 2 outbound IPs')
    expect(refusals(8, 1, 8000)).toEqual([])
  })

  it('7 machines with 10,000 ports are too much for one IP; 10 can have 6,400 each', () => {
    expect(refusals(7, 1, 10_000)).toHaveLength(1)
    expect(refusals(10, 1, 6400)).toEqual([])
  })

  it.each([1001, 4, 64_008])('%i ports are refused', ports => {
    expect(refusals(1, 2, ports).map(({ code }) => code)).toEqual(['InvalidLoadBalancerProfileAllocatedOutboundPorts'])
  })
})

describe('profiles as Azure prints them', () => {
  const load = (networkProfile: object, more: object = {}) =>
    loadScenario({
      apiVersion: 'vxlane/v1',
      name: 'x',
      cluster: { networkProfile: { networkPluginMode: 'overlay', ...networkProfile } },
      ...more,
    }).scenario

  it('count their addresses from what is in effect', () => {
    const id = '/subscriptions/s/resourceGroups/MC_r/providers/Microsoft.Network/publicIPAddresses/a'
    const { cluster, fabric: built } = load({
      loadBalancerProfile: {
        allocatedOutboundPorts: null,
        backendPoolType: 'nodeIPConfiguration',
        effectiveOutboundIPs: [{ id }, { id: `${id}2` }],
        idleTimeoutInMinutes: null,
        managedOutboundIPs: { count: 2, countIpv6: null },
        outboundIPs: null,
        outboundIpPrefixes: null,
      },
    })
    expect(cluster.networkProfile.loadBalancerProfile).toEqual({ ...profile(2, 0), outboundIPsFrom: 'effective' })
    expect(built.loadBalancer.publicAddresses.map(formatIpv4)).toEqual(['198.51.100.1', '198.51.100.2'])
    expect(formatIpv4(built.loadBalancer.nextHop)).toBe('198.51.100.254')
  })

  it('count addresses and prefixes of one’s own', () => {
    expect(
      load({ loadBalancerProfile: { outboundIPs: { publicIPs: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] } } }).cluster.networkProfile,
    ).toMatchObject({
      loadBalancerProfile: { outboundIPs: 3, outboundIPsFrom: 'addresses' },
    })
    const prefixes = load({ loadBalancerProfile: { outboundIPPrefixes: ['p'] } })
    expect(prefixes.cluster.networkProfile.loadBalancerProfile).toMatchObject({ outboundIPs: 2, outboundIPsFrom: 'prefixes' })
    expect(admit(prefixes).map(({ code }) => code)).toEqual(['OutboundPrefixSize'])
  })

  it('tell the two kinds of NAT gateway apart', () => {
    const kinds = ['managedNATGateway', 'managedNATGatewayV2', 'userAssignedNATGateway'].map(outboundType => load({ outboundType }))
    expect(kinds.map(({ cluster }) => cluster.networkProfile.natGatewayProfile.sku)).toEqual(['Standard', 'StandardV2', 'Standard'])
    const sku = load({
      outboundType: 'managedNATGateway',
      natGatewayProfile: { sku: 'standardV2', managedOutboundIpProfile: { count: 16 } },
    })
    expect(sku.cluster.networkProfile.natGatewayProfile).toEqual({ outboundIPs: 16, idleTimeoutInMinutes: 4, sku: 'StandardV2' })
  })

  it('refuse public addresses that are private, of the wrong number, or somebody else’s', () => {
    const codes = (publicAddresses: string[], more: object = {}) =>
      admit(load({}, { fabric: { loadBalancer: { publicAddresses } }, ...more })).map(({ code }) => code)
    expect(codes(['10.224.0.9'])).toEqual(['AddressNotPublic'])
    expect(codes(['198.51.100.1', '198.51.100.1'])).toEqual(['PublicAddressCount', 'DuplicateAddress'])
    expect(codes(['203.0.113.10'], { endpoints: [{ name: 'a', address: '203.0.113.10' }] })).toEqual(['DuplicateAddress'])
  })
})
