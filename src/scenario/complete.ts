// Fills in the defaults that depend on other values, so that a checked document says everything: the VNet, the pools, pod MTU,
// the appliance. The result has the file's own form, prints as a scenario and loads to the same one.
import { resolve } from 'node:path'
import { isFlat } from '../base/addressing-mode.js'
import type { Ipv4 } from '../base/brand.js'
import { type Dimension, parseQuantity } from '../base/quantity.js'
import { AZURE } from '../ipam/azure-limits.js'
import { addressAt, type Cidr, contains, formatIpv4, networkOf, parseCidr, parseIpv4 } from '../wire/address.js'
import { addressingOf, namedPodSubnet } from './addressing.js'
import { collectNames, DEFAULT_COUNT, type Names, nodeName, podName, poolName, qualified } from './names.js'
import { loadBalancerIPs, natGatewayIPs } from './outbound.js'
import { namedSubnet } from './references.js'
import type { ScenarioDocument } from './schema.js'
import { servicePort } from './service-port.js'

const VXLAN_OVERHEAD = 50
const DEFAULT_VNET = '10.224.0.0/12'
const DEFAULT_SUBNET = '10.224.0.0/16'
/** TEST-NET-2 of RFC 5737: addresses for documentation. */
const FIRST_PUBLIC = '198.51.100.1'
const DEFAULT_SUBNET_NAME = 'aks-nodes'

/** Length in bytes of a checked field. */
export const bytesOf = (given: number | string): number => (typeof given === 'number' ? given : (parseQuantity(given, 'size') ?? 0))

/** Number of a checked field, in the base unit of its dimension. */
export const amountOf = (given: number | string, dimension: Dimension): number =>
  typeof given === 'number' ? given : (parseQuantity(given, dimension) ?? 0)

const cidrOf = (text: string): Cidr => parseCidr(text) as Cidr

function completeVnet(document: ScenarioDocument) {
  const named = (document.cluster.agentPoolProfiles ?? []).map(namedSubnet).find(subnet => subnet !== null)
  const given = document.vnet.subnets
  const subnets: NonNullable<typeof given> =
    given && Object.keys(given).length > 0 ? given : { [named ?? DEFAULT_SUBNET_NAME]: { cidr: DEFAULT_SUBNET } }
  const ranges = Object.values(subnets).map(subnet => subnet.cidr)
  const fits = ranges.every(range => contains(cidrOf(DEFAULT_VNET), cidrOf(range).base))
  return { ...document.vnet, addressSpace: document.vnet.addressSpace ?? (fits ? [DEFAULT_VNET] : ranges), subnets }
}

function completePools(document: ScenarioDocument, subnets: Readonly<Record<string, unknown>>) {
  const fallback = Object.hasOwn(subnets, DEFAULT_SUBNET_NAME) ? DEFAULT_SUBNET_NAME : Object.keys(subnets)[0]
  const mode = addressingOf(document)
  const given = document.cluster.agentPoolProfiles ?? [{ enableAutoScaling: false, nodes: [] }]
  return given.map((pool, i) => {
    const podSubnet = namedPodSubnet(pool)
    return {
      ...pool,
      name: poolName(pool.name, i),
      count: pool.count ?? (pool.nodes.length || DEFAULT_COUNT),
      maxPods: pool.maxPods ?? AZURE.defaultMaxPods[mode],
      vnetSubnet: namedSubnet(pool) ?? fallback,
      ...(podSubnet === null ? {} : { podSubnet }),
    }
  })
}

function completeProfile(document: ScenarioDocument) {
  const { networkProfile } = document.cluster
  const serviceCidr = networkProfile.serviceCidr ?? networkProfile.serviceCidrs?.[0] ?? '10.0.0.0/16'
  const mode = addressingOf(document)
  const podCidr = networkProfile.podCidr ?? networkProfile.podCidrs?.[0] ?? (isFlat(mode) ? undefined : '10.244.0.0/16')
  return {
    ...networkProfile,
    networkPlugin: networkProfile.networkPlugin ?? ('azure' as const),
    networkPluginMode: mode === 'overlay' ? ('overlay' as const) : null,
    networkPolicy: networkProfile.networkPolicy ?? (networkProfile.networkDataplane === 'cilium' ? ('cilium' as const) : ('none' as const)),
    ...(podCidr === undefined ? {} : { podCidr }),
    serviceCidr,
    dnsServiceIp: networkProfile.dnsServiceIp ?? formatIpv4(addressAt(cidrOf(serviceCidr), 10)),
  }
}

/** Public addresses, as many as the profile counts, one after the other. */
function completePublic<Given extends { publicAddresses?: string[] | undefined; nextHop?: string | undefined }>(
  given: Given,
  count: number,
) {
  const first = parseIpv4(FIRST_PUBLIC)!
  const publicAddresses = given.publicAddresses ?? Array.from({ length: count }, (_, i) => formatIpv4(((first + i) | 0) as Ipv4))
  const outside = networkOf({ base: parseIpv4(publicAddresses[0])!, prefix: 24 })
  return { ...given, publicAddresses, nextHop: given.nextHop ?? formatIpv4(addressAt(outside, 254)) }
}

function completeFabric(document: ScenarioDocument, nodeSubnet: string) {
  const { fabric } = document
  const mode = addressingOf(document)
  const encapsulation = fabric.encapsulation ?? (mode === 'overlay' ? 'vxlan' : 'none')
  const overhead = encapsulation === 'vxlan' ? VXLAN_OVERHEAD : 0
  const { networkProfile } = document.cluster
  const outside = networkOf({ base: parseIpv4(fabric.appliance.publicAddress)!, prefix: 24 })
  return {
    ...fabric,
    encapsulation,
    podInterface: fabric.podInterface ?? (mode === 'kubenet' ? 'gateway' : 'transparent'),
    masquerade: { ...fabric.masquerade, vnet: fabric.masquerade.vnet ?? !isFlat(mode) },
    podMtu: fabric.podMtu ?? Math.max(68, bytesOf(fabric.mtu) - overhead),
    appliance: {
      ...fabric.appliance,
      address: fabric.appliance.address ?? formatIpv4(addressAt(cidrOf(nodeSubnet), 1)),
      nextHop: fabric.appliance.nextHop ?? formatIpv4(addressAt(outside, 254)),
    },
    loadBalancer: completePublic(fabric.loadBalancer, loadBalancerIPs(networkProfile.loadBalancerProfile).count),
    natGateway: completePublic(fabric.natGateway, natGatewayIPs(networkProfile.natGatewayProfile)),
  }
}

type Connections = NonNullable<ScenarioDocument['traffic'][number]['connections']>

/** Defaults of keys that only some kinds of connections have. */
function completeConnections(given: Connections, protocol: string): Connections {
  if (given.keepAlive !== undefined) return given
  const hold = given.hold ?? '0s'
  return protocol === 'udp' ? { ...given, hold, timeout: given.timeout ?? '5s' } : { ...given, hold, close: given.close ?? 'fin' }
}

const withPort = <Peer extends { readonly port?: number | undefined }>(peer: Peer, port: number | null): Peer =>
  peer.port === undefined && port !== null ? { ...peer, port } : peer

function completeTraffic(document: ScenarioDocument, names: Names, folder: string) {
  const peer = <Peer extends ScenarioDocument['traffic'][number]['from']>(given: Peer): Peer => ({
    ...given,
    ...(given.workload === undefined ? {} : { workload: qualified(given.workload) }),
    ...(given.service === undefined ? {} : { service: qualified(given.service) }),
    ...(given.pod === undefined ? {} : { pod: podName(names, given.pod) ?? given.pod }),
    ...(given.node === undefined ? {} : { node: nodeName(names, given.node) ?? given.node }),
  })
  const protocolOf = (entry: ScenarioDocument['traffic'][number]) => entry.protocol ?? (entry.connections === undefined ? 'udp' : 'tcp')
  return document.traffic.map((entry, i) => ({
    ...entry,
    name: entry.name ?? `traffic${i + 1}`,
    protocol: protocolOf(entry),
    ...(entry.connections === undefined ? {} : { connections: completeConnections(entry.connections, protocolOf(entry)) }),
    from: peer(entry.from),
    ...(entry.to === undefined ? {} : { to: withPort(peer(entry.to), servicePort(document, entry)) }),
    ...(entry.replay === undefined
      ? { stop: entry.stop ?? document.duration }
      : { replay: { ...entry.replay, file: resolve(folder, entry.replay.file) } }),
  }))
}

/** The document with nothing left open. `folder` is where relative file names count from. */
export function complete(document: ScenarioDocument, folder: string) {
  const names = collectNames(document)
  const vnet = completeVnet(document)
  const agentPoolProfiles = completePools(document, vnet.subnets)
  const nodeSubnet = vnet.subnets[agentPoolProfiles[0]?.vnetSubnet]?.cidr ?? DEFAULT_SUBNET
  return {
    ...document,
    vnet,
    cluster: { ...document.cluster, networkProfile: completeProfile(document), agentPoolProfiles },
    fabric: completeFabric(document, nodeSubnet),
    workloads: document.workloads.map(workload => ({
      ...workload,
      replicas: workload.replicas ?? (workload.pods.length || 1),
      ...(workload.growth?.kind === 'trace' ? { growth: { ...workload.growth, file: resolve(folder, workload.growth.file) } } : {}),
    })),
    traffic: completeTraffic(document, names, folder),
    capture: document.capture.map(item => ({
      ...item,
      ...(item.pod === undefined ? {} : { pod: podName(names, item.pod) ?? item.pod }),
      ...(item.node === undefined ? {} : { node: nodeName(names, item.node) ?? item.node }),
    })),
  }
}

/** A document that says everything. */
export type CompleteDocument = ReturnType<typeof complete>
