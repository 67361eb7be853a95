// The numbers of the image that hold for the whole run, out of the resolved scenario.
import { hasPodSubnet, isFlat } from '../base/addressing-mode.js'
import type { Ipv4 } from '../base/brand.js'
import { Interface, ServiceKind } from '../image/kinds.js'
import type { FlatParams, Params, TapParams } from '../image/params.js'
import type { Capture, Scenario } from '../scenario/model.js'
import { type Cidr, maskOf, networkOf } from '../wire/address.js'
import { firstEndpointLp, gatewayLpOf, type Names } from './names.js'
import { nextHopOf, publicAddressesOf, snatOf } from './outbound.js'
import type { Plan } from './plan.js'
import { policyParams } from './policy-columns.js'
import type { CompiledPolicies } from './policy-compile.js'
import type { ServiceRows } from './services.js'
import { gatewayOf, isFarEndpoint, lpCountOf, nodeSubnetOf } from './topology.js'

/** Bytes that VXLAN puts in front of an inner IP packet: Ethernet 14, IPv4 20, UDP 8, VXLAN 8. */
export const VXLAN_OVERHEAD = 50
/** Statistics intervals that a run is cut into, at most. */
const INTERVALS = 100

/** A range that holds no pod: the limited broadcast address. */
const NOWHERE: Cidr = { base: -1 as Ipv4, prefix: 32 }
const EVERYWHERE: Cidr = { base: 0 as Ipv4, prefix: 0 }

/** What is known of a run before its image is made. */
export interface ParamParts {
  readonly shardCount: number
  readonly flowCount: number
  readonly policies: CompiledPolicies | null
  readonly nsg: boolean
  readonly services: ServiceRows
}

export function paramsOf(scenario: Scenario, plan: Plan, names: Names, parts: ParamParts): Params {
  const { shardCount, flowCount, policies, nsg, services } = parts
  const { fabric, vnet } = scenario
  const { vxlan, appliance } = fabric
  const lookaheadNs = lookaheadOf(scenario, plan)
  const podCidr = networkOf(scenario.cluster.networkProfile.podCidr ?? NOWHERE)
  const nodeSubnet = nodeSubnetOf(scenario)
  const ranges = [...vnet.addressSpace, ...vnet.peerings.flatMap(peering => peering.addressSpace)]
  const internet = scenario.endpoints.findIndex(endpoint => endpoint.location === 'internet')
  return {
    seed: scenario.seed,
    durationNs: scenario.durationNs,
    lookaheadNs,
    intervalNs: intervalOf(scenario.durationNs, lookaheadNs),
    latencyNs: fabric.latencyNs,
    gatewayLatencyNs: fabric.gatewayLatencyNs,
    shardCount,
    lpCount: lpCountOf(scenario, plan),
    podCount: plan.pods.count,
    changes: plan.changes,
    flowCount,
    gatewayLp: gatewayLpOf(scenario, plan),
    internetLp: internet < 0 ? -1 : firstEndpointLp(scenario, plan) + internet,
    vxlan: fabric.encapsulation === 'vxlan',
    vni: fabric.vni,
    mtu: fabric.mtu,
    overlayMtu: fabric.encapsulation === 'vxlan' ? fabric.mtu - VXLAN_OVERHEAD : fabric.mtu,
    podMtu: fabric.podMtu,
    queue: fabric.queue,
    udpChecksum: vxlan.udpChecksum,
    outerTtl: vxlan.ttl === 'inherit' ? 0 : vxlan.ttl,
    outerTos: vxlan.tos === 'default' ? -1 : vxlan.tos === 'inherit' ? -2 : vxlan.tos,
    outerDf: { unset: 0, set: 1, inherit: 2 }[vxlan.df],
    sourcePortFirst: vxlan.sourcePorts.first,
    sourcePortLast: vxlan.sourcePorts.last,
    podCidrBase: podCidr.base,
    podCidrMask: maskOf(podCidr.prefix),
    tracking: fabric.masquerade.enabled || policies !== null || services.rows.length > 0,
    masquerade: fabric.masquerade.enabled,
    flat: flatOf(scenario),
    services: services.rows.length > 0,
    dnsStandIn: services.rows.find(({ kind }) => kind === ServiceKind.standIn)?.address ?? 0,
    masqueradeVnet: fabric.masquerade.vnet,
    vnetRanges: ranges.map(pairOf),
    nodeSubnetBase: nodeSubnet.base,
    nodeSubnetMask: maskOf(nodeSubnet.prefix),
    gatewayAddress: gatewayOf(scenario),
    conntrackMax: fabric.conntrack.max,
    icmpRateLimit: fabric.icmpRateLimit,
    ephemeralFirst: fabric.ephemeralPorts.first,
    ephemeralLast: fabric.ephemeralPorts.last,
    gatewayPublic: publicAddressesOf(scenario)[0] ?? appliance.publicAddress,
    gatewayNextHop: nextHopOf(scenario),
    appliancePortFirst: appliance.portRange.first,
    appliancePortLast: appliance.portRange.last,
    snat: snatOf(scenario),
    ...policyParams(scenario, policies),
    nsg,
    taps: scenario.capture.map(capture => tapOf(scenario, plan, names, capture)),
  }
}

/**
 * The masquerade of modes whose pods have addresses of the VNet (page "Legacy container networking interfaces"): in a node subnet everything
 * outside the VNet sees the node, peered networks too; with a pod subnet everybody sees the pod. `masquerade.vnet` leaves the pods' own
 * subnets alone that keep their addresses.
 */
function flatOf({ cluster, vnet, fabric }: Scenario): FlatParams | null {
  const { addressing } = cluster.networkProfile
  if (!isFlat(addressing)) return null
  const isPodSubnet = hasPodSubnet(addressing)
  const names = new Set(cluster.agentPoolProfiles.map(({ vnetSubnet, podSubnet }) => podSubnet ?? vnetSubnet))
  const pods = [...names].map(name => vnet.subnets[name].cidr)
  const plain = fabric.masquerade.vnet ? pods : isPodSubnet ? [EVERYWHERE] : vnet.addressSpace
  return { pods: pods.map(pairOf), plain: plain.map(pairOf), hostServices: isPodSubnet, onLink: !isPodSubnet }
}

const pairOf = (range: Cidr): readonly [number, number] => [networkOf(range).base, maskOf(range.prefix)]

/** The least latency that can occur between two processes: the fabric's if two are near, the gateway's if one is far. */
export function lookaheadOf(scenario: Scenario, plan: Plan): number {
  const far = scenario.endpoints.filter(isFarEndpoint).length + (gatewayLpOf(scenario, plan) >= 0 ? 1 : 0)
  const near = lpCountOf(scenario, plan) - far
  const { latencyNs, gatewayLatencyNs } = scenario.fabric
  if (far === 0) return latencyNs
  return near >= 2 ? Math.min(latencyNs, gatewayLatencyNs) : gatewayLatencyNs
}

/** A hundredth of the duration, rounded up to 1, 2 or 5 times a power of ten, then to whole windows. */
function intervalOf(durationNs: number, lookaheadNs: number): number {
  const least = Math.max(1, durationNs / INTERVALS)
  const power = 10 ** Math.floor(Math.log10(least))
  const round = [1, 2, 5, 10].map(step => step * power).find(value => value >= least) ?? 10 * power
  return Math.ceil(round / lookaheadNs) * lookaheadNs
}

/** A capture point. One at a pod that is pending sees nothing: no process has number -1. */
function tapOf(scenario: Scenario, plan: Plan, names: Names, { at, maxPackets }: Capture): TapParams {
  switch (at.kind) {
    case 'node':
      return { lp: names.node(at.node), pod: -1, interface: Interface.eth0, maxPackets }
    case 'pod': {
      const pod = names.pod(at.pod)
      return { lp: pod < 0 ? -1 : plan.pods.node[pod], pod, interface: Interface.pod, maxPackets }
    }
    case 'endpoint':
      // The first internet endpoint also gets what no endpoint owns; its interface sees that, as a host's would.
      return { lp: names.endpoint(at.endpoint), pod: -1, interface: Interface.eth0, maxPackets }
    case 'gateway': {
      const side = at.side === 'inside' ? Interface.eth0 : Interface.outside
      return { lp: gatewayLpOf(scenario, plan), pod: -1, interface: side, maxPackets }
    }
  }
}
