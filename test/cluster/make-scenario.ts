// A resolved scenario for tests of the control plane: a small overlay cluster, any part of which a test can replace.
import type { SimTime } from '../../src/base/brand.js'
import type { AgentPool, DatagramTraffic, Fabric, FixedPod, NetworkProfile, Scenario, Workload } from '../../src/scenario/model.js'
import type { AutoScaler } from '../../src/scenario/model-timeline.js'
import { autoScalerOf, controlPlaneOf } from '../../src/scenario/resolve-timeline.js'
import { controlPlane } from '../../src/scenario/schema-timeline.js'
import { type Cidr, parseCidr, parseIpv4 } from '../../src/wire/address.js'

export const ip = (text: string) => {
  const address = parseIpv4(text)
  if (address === null) throw new Error(`not an address: ${text}`)
  return address
}

export const cidr = (text: string): Cidr => {
  const range = parseCidr(text)
  if (range === null) throw new Error(`not a range: ${text}`)
  return range
}

export const pool = (name: string, count: number, rest: Partial<AgentPool> = {}): AgentPool => ({
  name,
  count,
  maxPods: 250,
  vmSize: null,
  autoScaling: null,
  vnetSubnet: 'aks-nodes',
  podSubnet: null,
  upgrade: {
    maxSurge: { kind: 'percent', percent: 10 },
    maxUnavailable: { kind: 'nodes', nodes: 0 },
    drainTimeoutNs: 1800e9 as SimTime,
    nodeSoakNs: 0 as SimTime,
  },
  nodes: [],
  ...rest,
})

export const workload = (path: string, replicas: number, rest: Partial<Workload> = {}): Workload => {
  const [namespace, name] = path.split('/')
  return {
    namespace,
    name,
    labels: { app: name },
    ports: [],
    hostNetwork: false,
    replicas,
    pods: [],
    growth: null,
    churn: null,
    startup: null,
    ...rest,
  }
}

/** A fixed pod of a workload: without node and address unless told. */
export const fixedPod = (name: string, rest: Partial<FixedPod> = {}): FixedPod => ({
  name,
  node: null,
  address: null,
  labels: {},
  ports: [],
  ready: true,
  ...rest,
})

export const udp = (name: string, from: string, to: string, rest: Partial<DatagramTraffic> = {}): DatagramTraffic => ({
  kind: 'udp',
  name,
  from: { kind: 'workload', workload: from },
  to: { kind: 'workload', workload: to },
  port: 8080,
  size: { kind: 'constant', value: 1000 },
  flows: 1,
  rate: 100,
  arrivals: { kind: 'poisson' },
  df: true,
  answer: null,
  startNs: 0 as SimTime,
  stopNs: 1e9 as SimTime,
  ...rest,
})

export const fabric = (rest: Partial<Fabric> = {}): Fabric => ({
  encapsulation: 'vxlan',
  vni: 1,
  mtu: 1500,
  podMtu: 1450,
  latencyNs: 50_000,
  gatewayLatencyNs: 500_000,
  nicRate: null,
  queue: 1000,
  podInterface: 'transparent',
  vxlan: { udpChecksum: true, ttl: 64, tos: 'default', df: 'unset', sourcePorts: { first: 32768, last: 60999 } },
  masquerade: { enabled: true, vnet: true },
  appliance: {
    address: ip('10.224.0.1'),
    publicAddress: ip('198.51.100.1'),
    nextHop: ip('198.51.100.254'),
    portRange: { first: 1024, last: 65535 },
  },
  loadBalancer: {
    publicAddresses: [ip('198.51.100.1')],
    nextHop: ip('198.51.100.254'),
    releaseAfterFinNs: 240e9,
    releaseAfterRstNs: 15e9,
    halfOpenNs: null,
  },
  natGateway: {
    publicAddresses: [ip('198.51.100.1')],
    nextHop: ip('198.51.100.254'),
    coolDownAfterFinNs: 65e9,
    coolDownAfterRstNs: 16e9,
    coolDownUdpNs: 65e9,
    halfOpenNs: 30e9,
    udpIdleNs: 240e9,
  },
  conntrack: { max: 262144 },
  ephemeralPorts: { first: 32768, last: 60999 },
  podCidrRoute: 'none',
  icmpRateLimit: true,
  controlPlane: controlPlaneOf(controlPlane.parse({})),
  ipam: { poolMonitor: 'v2', primaryAddress: 'within', subnetScarcity: false, staticCheck: 'oneBlock', upgradeBuffer: 0 },
  ...rest,
})

interface Parts extends Omit<Partial<Scenario>, 'fabric' | 'cluster'> {
  readonly fabric?: Partial<Fabric>
  readonly profile?: Partial<NetworkProfile>
  readonly pools?: readonly AgentPool[]
  readonly autoScaler?: Partial<AutoScaler>
}

export function makeScenario({ fabric: ownFabric, profile, pools = [pool('nodepool1', 3)], autoScaler, ...rest }: Parts = {}): Scenario {
  return {
    apiVersion: 'vxlane/v1',
    name: 'test',
    description: '',
    seed: 1,
    durationNs: 1e9 as SimTime,
    vnet: { addressSpace: [cidr('10.224.0.0/12')], subnets: { 'aks-nodes': { cidr: cidr('10.224.0.0/16') } }, peerings: [] },
    cluster: {
      networkProfile: {
        networkPlugin: 'azure',
        networkPluginMode: 'overlay',
        addressing: 'overlay',
        networkPolicy: 'none',
        podCidr: cidr('10.244.0.0/16'),
        serviceCidr: cidr('10.0.0.0/16'),
        dnsServiceIp: ip('10.0.0.10'),
        outboundType: 'loadBalancer',
        loadBalancerProfile: { outboundIPs: 1, outboundIPsFrom: 'managed', allocatedOutboundPorts: 0, idleTimeoutInMinutes: 30 },
        natGatewayProfile: { outboundIPs: 1, idleTimeoutInMinutes: 4, sku: 'Standard' },
        ...profile,
      },
      agentPoolProfiles: pools,
      autoScaler: { ...autoScalerOf(null), ...autoScaler },
    },
    fabric: fabric(ownFabric),
    workloads: [],
    services: [],
    namespaces: [],
    networkPolicies: [],
    endpoints: [],
    traffic: [],
    timeline: [],
    capture: [],
    assert: [],
    ...rest,
  }
}
