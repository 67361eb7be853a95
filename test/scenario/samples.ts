// Scenario objects that tests start from, and the refusal of one that is wrong.
import { ScenarioError } from '../../src/scenario/error.js'
import { type LoadOptions, loadScenario } from '../../src/scenario/load.js'

/** A scenario that uses about every key there is. */
export const FULL = {
  apiVersion: 'vxlane/v1',
  name: 'full',
  description: 'uses every key',
  seed: 7,
  duration: '2s',
  vnet: {
    addressSpace: ['10.224.0.0/12'],
    subnets: { 'aks-nodes': { cidr: '10.224.0.0/16' }, other: { cidr: '10.225.0.0/16' } },
    peerings: [{ name: 'hub', addressSpace: ['10.100.0.0/16'] }],
  },
  cluster: {
    networkProfile: {
      networkPlugin: 'azure',
      networkPluginMode: 'overlay',
      networkPolicy: 'none',
      podCidr: '10.244.0.0/14',
      serviceCidr: '10.0.0.0/24',
      dnsServiceIp: '10.0.0.10',
      outboundType: 'userDefinedRouting',
      loadBalancerProfile: { managedOutboundIPs: { count: 1 }, allocatedOutboundPorts: 0, idleTimeoutInMinutes: 30 },
      natGatewayProfile: { managedOutboundIpProfile: { count: 1 }, idleTimeoutInMinutes: 4 },
    },
    agentPoolProfiles: [
      {
        name: 'pool1',
        count: 4,
        minCount: 3,
        maxCount: 10,
        enableAutoScaling: false,
        maxPods: 100,
        vmSize: 'Standard_D4s_v5',
        vnetSubnet: 'aks-nodes',
        upgradeSettings: { maxSurge: '10%' },
      },
      { name: 'fixed', nodes: [{ name: 'node1', address: '10.224.0.9', podCidr: '10.244.9.0/24' }, { name: 'node2' }] },
    ],
  },
  fabric: {
    encapsulation: 'vxlan',
    vni: 42,
    mtu: 1500,
    podMtu: '1400B',
    latency: '20us',
    gatewayLatency: '1ms',
    nicRate: '12.5Gbps',
    queue: 500,
    podInterface: 'gateway',
    vxlan: { udpChecksum: false, ttl: 'inherit', tos: '0x10', df: 'set', sourcePorts: '40000-40100' },
    masquerade: { enabled: true, vnet: false },
    appliance: { address: '10.224.0.1', publicAddress: '198.51.100.1', nextHop: '198.51.100.9', portRange: '1024-65535' },
    conntrack: { max: 1000 },
    ephemeralPorts: '32768-60999',
    podCidrRoute: 'unreachable',
    icmpRateLimit: true,
  },
  workloads: [
    { namespace: 'shop', name: 'web', replicas: 4, labels: { app: 'web' }, ports: [{ name: 'http', containerPort: 8080 }] },
    { namespace: 'shop', name: 'client', replicas: 12 },
    { namespace: 'lab', name: 'probe', pods: [{ name: 'pod11', node: 'node1', address: '10.244.9.11' }, { name: 'pod12' }] },
  ],
  endpoints: [
    { name: 'partner', address: '203.0.113.10' },
    { name: 'vm', address: '10.225.0.4', location: 'vnet' },
  ],
  traffic: [
    {
      name: 'a',
      from: { workload: 'shop/client' },
      to: { workload: 'shop/web', port: 80 },
      size: '1000B',
      rate: '100/s',
      arrivals: 'poisson',
    },
    {
      name: 'b',
      from: { selector: { namespace: 'shop', labels: { app: 'web' } } },
      to: { endpoint: 'partner', port: 443 },
      size: { kind: 'pareto', scale: 64, shape: 1.2, most: '1400B' },
      rate: '20/min',
      flows: 3,
      arrivals: { kind: 'onOff', on: '10ms', off: '30ms' },
      df: false,
      answer: { size: 500, after: '1ms' },
      start: '100ms',
      stop: '1.5s',
    },
    { name: 'c', from: { endpoint: 'vm' }, to: { pod: 'lab/pod11', port: 53 }, size: 'imix', rate: '5k/s' },
    {
      name: 'd',
      from: { node: 'aks-pool1-12345678-vmss000003' },
      to: { address: '10.225.0.4', port: 53 },
      size: { kind: 'empirical', values: [{ value: 100, weight: 2 }, { value: '1KiB' }] },
      rate: '1/s',
    },
  ],
  capture: [
    { node: 'pool1/0', interface: 'eth0', file: 'underlay.pcapng', maxPackets: 50 },
    { pod: 'shop/web/0', file: 'pod.pcapng' },
    { endpoint: 'partner', file: 'outside.pcapng' },
    { gateway: 'outside', file: 'gateway.pcapng' },
  ],
  assert: ['drops.total == 0', 'resources.podCidr.exhausted == false && latencyNs.p99 < 200us'],
}

/** The least that is a scenario. */
export const LEAST = { apiVersion: 'vxlane/v1' }

/** The refusal; fails the test if the scenario loads. */
export function failure(input: string | object, options?: LoadOptions): ScenarioError {
  try {
    loadScenario(input, options)
  } catch (error) {
    if (error instanceof ScenarioError) return error
    throw error
  }
  throw new Error('it loaded')
}
