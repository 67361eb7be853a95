// From text to numbers: turns a complete document into the Scenario that the control plane works with. Everything here was checked
// before, so a value that does not parse is a fault of ours.
import { type AddressingMode, hasPodSubnet, isFlat } from '../base/addressing-mode.js'
import type { SimTime } from '../base/brand.js'
import { type Distribution, SIMPLE_IMIX } from '../base/distribution.js'
import { AZURE } from '../ipam/azure-limits.js'
import { addressingOf } from './addressing.js'
import { bytesOf, type CompleteDocument } from './complete.js'
import type {
  AgentPool,
  Capture,
  ContainerPort,
  DatagramTraffic,
  Fabric,
  NetworkProfile,
  PeerRef,
  Scenario,
  Service,
  Subnet,
  Traffic,
  UpgradeSettings,
  Vnet,
  Workload,
} from './model.js'
import type { TracePoint } from './model-timeline.js'
import { parseNodeShare } from './node-share.js'
import { loadBalancerOf, natGatewayOf } from './outbound.js'
import { connectionsOf } from './resolve-connections.js'
import { namespaceOf, policyOf, securityGroupOf } from './resolve-policy.js'
import { autoScalerOf, churnOf, controlPlaneOf, growthOf, spanOf, timelineEventOf } from './resolve-timeline.js'
import { amount, certain, factsOf, ip, ns, ports, range } from './values.js'

/** `traces` are the growth curves that stand in files, by path. */
export function resolveDocument(document: CompleteDocument, traces: ReadonlyMap<string, readonly TracePoint[]> = new Map()): Scenario {
  const addressing = addressingOf(document)
  return {
    apiVersion: document.apiVersion,
    name: document.name,
    description: document.description,
    seed: document.seed,
    durationNs: ns(document.duration),
    vnet: vnetOf(document.vnet),
    cluster: {
      networkProfile: profileOf(document.cluster.networkProfile, addressing),
      agentPoolProfiles: document.cluster.agentPoolProfiles.map(pool => poolOf(pool, hasPodSubnet(addressing))),
      autoScaler: autoScalerOf(document.cluster.autoScalerProfile),
      ...(document.cluster.limits === 'warn' ? { limits: 'warn' } : {}),
    },
    fabric: fabricOf(document.fabric),
    workloads: document.workloads.map(workload => workloadOf(workload, traces)),
    services: document.services.map(serviceOf),
    namespaces: document.namespaces.map(namespaceOf),
    networkPolicies: document.networkPolicies.map(policyOf),
    endpoints: document.endpoints.map(({ name, address, location }) => ({ name, address: ip(address), location })),
    traffic: document.traffic.map(trafficOf),
    timeline: document.timeline.map(timelineEventOf),
    capture: document.capture.map(captureOf),
    assert: document.assert,
  }
}

const vnetOf = (vnet: CompleteDocument['vnet']): Vnet => ({
  addressSpace: vnet.addressSpace.map(range),
  subnets: Object.fromEntries(Object.entries(vnet.subnets).map(([name, subnet]) => [name, subnetOf(name, subnet)])),
  peerings: vnet.peerings.map(({ name, addressSpace }) => ({ name, addressSpace: addressSpace.map(range) })),
})

const subnetOf = (name: string, { cidr, occupied, networkSecurityGroup }: CompleteDocument['vnet']['subnets'][string]): Subnet => ({
  cidr: range(cidr),
  ...(occupied === undefined || occupied === 0 ? {} : { occupied }),
  ...(networkSecurityGroup === undefined ? {} : { networkSecurityGroup: securityGroupOf(name, networkSecurityGroup) }),
})

function profileOf(profile: CompleteDocument['cluster']['networkProfile'], addressing: AddressingMode): NetworkProfile {
  const { networkPlugin, networkPluginMode, networkPolicy, podCidr, serviceCidr, dnsServiceIp, outboundType, ...others } = profile
  const { loadBalancerProfile, natGatewayProfile, ...rest } = others
  return {
    networkPlugin: networkPlugin === 'kubenet' ? 'kubenet' : 'azure',
    networkPluginMode,
    addressing,
    networkPolicy,
    podCidr: isFlat(addressing) || podCidr === undefined ? null : range(podCidr),
    serviceCidr: range(serviceCidr),
    dnsServiceIp: ip(dnsServiceIp),
    outboundType,
    loadBalancerProfile: loadBalancerOf(loadBalancerProfile),
    natGatewayProfile: natGatewayOf(natGatewayProfile, outboundType),
    ...factsOf(rest),
  }
}

function poolOf(pool: CompleteDocument['cluster']['agentPoolProfiles'][number], withPods: boolean): AgentPool {
  const { name, count, maxPods, vmSize, vnetSubnet, podSubnet, nodes, upgradeSettings, enableAutoScaling, ...rest } = pool
  const { minCount, maxCount } = pool
  return {
    name,
    count,
    maxPods,
    vmSize: vmSize ?? null,
    autoScaling: enableAutoScaling ? { minCount: minCount ?? 0, maxCount: maxCount ?? count } : null,
    vnetSubnet,
    podSubnet: (withPods ? podSubnet : null) ?? null,
    upgrade: upgradeOf(upgradeSettings),
    nodes: nodes.map(node => ({
      name: node.name,
      address: node.address === undefined ? null : ip(node.address),
      podCidr: node.podCidr === undefined ? null : range(node.podCidr),
    })),
    ...factsOf(rest),
  }
}

const MINUTE_NS = 60e9

function upgradeOf(given: CompleteDocument['cluster']['agentPoolProfiles'][number]['upgradeSettings']): UpgradeSettings {
  return {
    maxSurge: certain(parseNodeShare(given?.maxSurge ?? AZURE.defaultMaxSurge)),
    maxUnavailable: certain(parseNodeShare(given?.maxUnavailable ?? 0)),
    drainTimeoutNs: ((given?.drainTimeoutInMinutes ?? 30) * MINUTE_NS) as SimTime,
    nodeSoakNs: ((given?.nodeSoakDurationInMinutes ?? 0) * MINUTE_NS) as SimTime,
  }
}

function fabricOf(fabric: CompleteDocument['fabric']): Fabric {
  const { tos } = fabric.vxlan
  const { latency: _, gatewayLatency: __, ...same } = fabric
  return {
    ...same,
    mtu: bytesOf(fabric.mtu),
    podMtu: bytesOf(fabric.podMtu),
    latencyNs: ns(fabric.latency),
    gatewayLatencyNs: ns(fabric.gatewayLatency),
    nicRate: fabric.nicRate === undefined ? null : amount(fabric.nicRate, 'bitRate'),
    vxlan: {
      ...fabric.vxlan,
      tos: tos === 'default' || tos === 'inherit' ? tos : Number(tos),
      sourcePorts: ports(fabric.vxlan.sourcePorts),
    },
    appliance: {
      address: ip(fabric.appliance.address),
      publicAddress: ip(fabric.appliance.publicAddress),
      nextHop: ip(fabric.appliance.nextHop),
      portRange: ports(fabric.appliance.portRange),
    },
    loadBalancer: {
      publicAddresses: fabric.loadBalancer.publicAddresses.map(ip),
      nextHop: ip(fabric.loadBalancer.nextHop),
      releaseAfterFinNs: ns(fabric.loadBalancer.releaseAfterFin),
      releaseAfterRstNs: ns(fabric.loadBalancer.releaseAfterRst),
      halfOpenNs: fabric.loadBalancer.halfOpen === undefined ? null : ns(fabric.loadBalancer.halfOpen),
    },
    natGateway: {
      publicAddresses: fabric.natGateway.publicAddresses.map(ip),
      nextHop: ip(fabric.natGateway.nextHop),
      coolDownAfterFinNs: ns(fabric.natGateway.coolDownAfterFin),
      coolDownAfterRstNs: ns(fabric.natGateway.coolDownAfterRst),
      coolDownUdpNs: ns(fabric.natGateway.coolDownUdp),
      halfOpenNs: ns(fabric.natGateway.halfOpen),
      udpIdleNs: ns(fabric.natGateway.udpIdle),
    },
    ephemeralPorts: ports(fabric.ephemeralPorts),
    controlPlane: controlPlaneOf(fabric.controlPlane),
  }
}

type DocumentWorkload = CompleteDocument['workloads'][number]

const portsOf = (given: DocumentWorkload['ports']): ContainerPort[] =>
  given.map(({ name, containerPort, protocol }) => ({ name: name ?? null, containerPort, protocol }))

/** Pods that say nothing of their own share the labels and ports of their workload: 200,000 of them cost no copies. */
function workloadOf(
  { namespace, name, labels, hostNetwork, replicas, ...workload }: DocumentWorkload,
  traces: ReadonlyMap<string, readonly TracePoint[]>,
): Workload {
  const ports = portsOf(workload.ports)
  const pods = workload.pods.map(pod => ({
    name: pod.name,
    node: pod.node ?? null,
    address: pod.address === undefined ? null : ip(pod.address),
    labels: pod.labels === undefined ? labels : { ...labels, ...pod.labels },
    ports: pod.ports === undefined ? ports : portsOf(pod.ports),
    ready: pod.ready,
  }))
  const growth = workload.growth === undefined ? null : growthOf(workload.growth, replicas, traces)
  const churn = workload.churn === undefined ? null : churnOf(workload.churn)
  const startup = workload.startup === undefined ? null : spanOf(workload.startup)
  return { namespace, name, labels, ports, hostNetwork, replicas, pods, growth, churn, startup }
}

const serviceOf = (service: CompleteDocument['services'][number]): Service => ({
  namespace: service.namespace,
  name: service.name,
  type: service.type,
  clusterIp: service.clusterIp === undefined ? null : service.clusterIp === 'None' ? 'None' : ip(service.clusterIp),
  selector: service.selector === undefined || Object.keys(service.selector).length === 0 ? null : service.selector,
  ports: service.ports.map(item => ({
    name: item.name ?? null,
    port: item.port,
    targetPort: item.targetPort ?? item.port,
    protocol: item.protocol,
    nodePort: item.nodePort ?? null,
  })),
  sessionAffinity: service.sessionAffinity,
  sessionAffinityTimeoutNs: ns(service.sessionAffinityTimeout),
  externalTrafficPolicy: service.externalTrafficPolicy,
  internalTrafficPolicy: service.internalTrafficPolicy,
  publishNotReadyAddresses: service.publishNotReadyAddresses,
  loadBalancerIp: service.loadBalancerIp === undefined ? null : ip(service.loadBalancerIp),
  endpoints: service.endpoints.map(({ address, port, ready }) => ({ address: ip(address), port: port ?? null, ready })),
})

type Entry = CompleteDocument['traffic'][number]

function peerOf(peer: Entry['from']): PeerRef {
  if (peer.workload !== undefined) return { kind: 'workload', workload: peer.workload }
  if (peer.selector !== undefined) return { kind: 'selector', namespace: peer.selector.namespace ?? null, labels: peer.selector.labels }
  if (peer.pod !== undefined) return { kind: 'pod', pod: peer.pod }
  if (peer.endpoint !== undefined) return { kind: 'endpoint', endpoint: peer.endpoint }
  if (peer.node !== undefined) return { kind: 'node', node: peer.node }
  if (peer.service !== undefined) return { kind: 'service', service: peer.service }
  return { kind: 'address', address: ip(certain(peer.address)) }
}

function trafficOf(entry: Entry): Traffic {
  const start = { name: entry.name, from: peerOf(entry.from), startNs: ns(entry.start) }
  if ('replay' in entry && entry.replay) {
    const { file, spacing } = entry.replay
    return { kind: 'replay', ...start, file, spacingNs: spacing === undefined ? null : ns(spacing) }
  }
  const to = certain(entry.to)
  if (entry.connections) {
    const protocol = entry.protocol === 'udp' ? 'udp' : 'tcp'
    const ends = { to: peerOf(to), port: certain(to.port), arrivals: arrivalsOf(entry.arrivals), stopNs: ns(certain(entry.stop)) }
    return { kind: 'connections', ...start, protocol, ...ends, ...connectionsOf(entry.connections) }
  }
  return {
    kind: 'udp',
    ...start,
    to: peerOf(to),
    port: certain(to.port),
    size: sizeOf(certain(entry.size)),
    flows: entry.flows,
    rate: amount(certain(entry.rate), 'frequency'),
    arrivals: arrivalsOf(entry.arrivals),
    df: entry.df,
    answer: entry.answer === undefined ? null : { size: bytesOf(entry.answer.size), afterNs: ns(entry.answer.after) },
    stopNs: ns(certain(entry.stop)),
  }
}

function sizeOf(size: NonNullable<Entry['size']>): Distribution {
  if (size === 'imix') return SIMPLE_IMIX
  if (typeof size !== 'object') return { kind: 'constant', value: bytesOf(size) }
  switch (size.kind) {
    case 'constant':
      return { kind: 'constant', value: bytesOf(size.value) }
    case 'uniform':
      return { kind: 'uniform', least: bytesOf(size.least), most: bytesOf(size.most) }
    case 'exponential':
      return { kind: 'exponential', mean: bytesOf(size.mean), least: bytesOf(size.least), most: bytesOf(size.most) }
    case 'lognormal':
      return { kind: 'lognormal', median: bytesOf(size.median), sigma: size.sigma, least: bytesOf(size.least), most: bytesOf(size.most) }
    case 'pareto':
      return { kind: 'pareto', scale: bytesOf(size.scale), shape: size.shape, most: bytesOf(size.most) }
    case 'empirical':
      return { kind: 'empirical', values: size.values.map(({ value, weight }) => ({ value: bytesOf(value), weight })) }
  }
}

function arrivalsOf(given: Entry['arrivals']): DatagramTraffic['arrivals'] {
  const { kind, on = '100ms', off = '100ms' } = typeof given === 'string' ? { kind: given } : given
  return kind === 'onOff' ? { kind, onNs: ns(on), offNs: ns(off) } : { kind }
}

function captureOf(capture: CompleteDocument['capture'][number]): Capture {
  const { node, pod, endpoint, gateway, file, maxPackets } = capture
  if (node !== undefined) return { at: { kind: 'node', node }, file, maxPackets }
  if (pod !== undefined) return { at: { kind: 'pod', pod }, file, maxPackets }
  if (endpoint !== undefined) return { at: { kind: 'endpoint', endpoint }, file, maxPackets }
  return { at: { kind: 'gateway', side: certain(gateway) }, file, maxPackets }
}
