// Services that the API server would refuse, by code; and what it allocates.
import { describe, expect, it } from 'vitest'
import { planServices } from '../../src/cluster/plan-services.js'
import { loadScenario, ScenarioError } from '../../src/index.js'
import { formatIpv4 } from '../../src/wire/address.js'
import { serviceScenario } from '../support/service-lab.js'

const service = (name: string, rest: object = {}) => ({ name, selector: { app: 'x' }, ports: [{ port: 80 }], ...rest })

function codes(...services: object[]): string[] {
  try {
    loadScenario(serviceScenario([], services))
    return []
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    return error.issues.map(({ code, path }) => `${path.slice(1).join('.')} ${code}`)
  }
}

describe('refused', () => {
  it.each<[string, string[], object[]]>([
    ['outside the range', ['0.clusterIp ClusterIpOutOfServiceCidr'], [service('a', { clusterIp: '10.1.0.1' })]],
    ['the network address', ['0.clusterIp ClusterIpOutOfServiceCidr'], [service('a', { clusterIp: '10.0.0.0' })]],
    ['the last address', ['0.clusterIp ClusterIpOutOfServiceCidr'], [service('a', { clusterIp: '10.0.255.255' })]],
    [
      'an address twice',
      ['1.clusterIp ClusterIpAllocated'],
      [service('a', { clusterIp: '10.0.0.5' }), service('b', { clusterIp: '10.0.0.5' })],
    ],
    ["the DNS's address", ['0.clusterIp ClusterIpAllocated'], [service('a', { clusterIp: '10.0.0.10' })]],
    ['no ports', ['0.ports MissingKey'], [service('a', { ports: [] })]],
    ['ports without names, which is a warning', [], [service('a', { ports: [{ port: 1 }, { port: 2 }] })]],
    [
      'a port twice',
      ['0.ports.1.port DuplicateName'],
      [
        service('a', {
          ports: [
            { name: 'a', port: 1 },
            { name: 'b', port: 1 },
          ],
        }),
      ],
    ],
    ['a node port of a ClusterIP', ['0.ports.0.nodePort InvalidService'], [service('a', { ports: [{ port: 1, nodePort: 30_000 }] })]],
    [
      'a node port out of range',
      ['0.ports.0.nodePort NodePortOutOfRange'],
      [service('a', { type: 'NodePort', ports: [{ port: 1, nodePort: 80 }] })],
    ],
    [
      'a node port twice',
      ['1.ports.0.nodePort NodePortAllocated'],
      ['a', 'b'].map(name => service(name, { type: 'NodePort', ports: [{ port: 1, nodePort: 30_001 }] })),
    ],
    ['headless with a type', ['0.clusterIp InvalidService'], [service('a', { clusterIp: 'None', type: 'NodePort' })]],
    ['Local inside', ['0.externalTrafficPolicy InvalidService'], [service('a', { externalTrafficPolicy: 'Local' })]],
    ['a frontend without balancer', ['0.loadBalancerIp InvalidService'], [service('a', { loadBalancerIp: '192.0.2.1' })]],
    [
      "an endpoint's address as frontend",
      ['0.loadBalancerIp FrontendAllocated'],
      [service('a', { type: 'LoadBalancer', loadBalancerIp: '203.0.113.10' })],
    ],
    ['selector and endpoints', ['0.endpoints InvalidService'], [service('a', { endpoints: [{ address: '10.9.9.9' }] })]],
    ['a name twice', ['1.name DuplicateName'], [service('a'), service('a')]],
    ['no address', ['0.clusterIp BadAddress'], [service('a', { clusterIp: '10.0.0' })]],
  ])('%s', (_, wanted, services) => {
    expect(codes(...services)).toEqual(wanted)
  })

  it('more Services than addresses', () => {
    const services = Array.from({ length: 14 }, (_, i) => service(`s${i}`))
    const scenario = serviceScenario([], services) as { cluster: { networkProfile: object } }
    scenario.cluster.networkProfile = { ...scenario.cluster.networkProfile, serviceCidr: '10.0.0.0/28' }
    expect(() => loadScenario(scenario)).toThrow(/ServiceCidrExhausted: 14 Service addresses in 10\.0\.0\.0\/28, all taken/)
  })
})

describe('allocated', () => {
  const planOf = (...services: object[]) => planServices(loadScenario(serviceScenario([], services)).scenario)
  it('addresses above the static band, node ports above theirs, frontends of the documentation range', () => {
    const { services, addresses } = planOf(
      service('a'),
      service('b', { clusterIp: '10.0.1.1' }),
      service('c', { type: 'NodePort' }),
      service('d', { type: 'LoadBalancer' }),
      service('e', { clusterIp: 'None' }),
    )
    const text = (address: number | null): string | null => (address === null ? null : formatIpv4(address))
    expect(
      services.map(({ name, clusterIp, loadBalancerIp, ports }) => [name, text(clusterIp), text(loadBalancerIp), ports[0].nodePort]),
    ).toEqual([
      ['a', '10.0.1.2', null, null],
      ['b', '10.0.1.1', null, null],
      ['c', '10.0.1.3', null, 30_086],
      ['d', '10.0.1.4', '192.0.2.1', 30_087],
      ['e', null, null, null],
      ['kube-dns', '10.0.0.10', null, null],
    ])
    // Four of them, kubernetes and the DNS.
    expect([addresses.used, addresses.capacity]).toEqual([6, 65_534])
  })
  it('the DNS is the one that is listed', () => {
    const { services } = planOf(service('kube-dns', { namespace: 'kube-system', ports: [{ port: 53, protocol: 'UDP' }] }))
    expect(services.map(({ name, clusterIp }) => [name, clusterIp && formatIpv4(clusterIp)])).toEqual([['kube-dns', '10.0.0.10']])
  })
})
