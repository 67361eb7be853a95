// Which device stands between the cluster and the internet, out of `outboundType`: what it is, its public addresses, the router beyond.
import type { Ipv4 } from '../base/brand.js'
import type { SnatParams } from '../image/params.js'
import type { Scenario } from '../scenario/model.js'
import { contains } from '../wire/address.js'
import type { Plan } from './plan.js'

export type GatewayKind = 'appliance' | 'loadBalancer' | 'natGateway'

/** The device of this scenario's outbound type; null for `none`. */
export function gatewayKindOf({ cluster }: Scenario): GatewayKind | null {
  switch (cluster.networkProfile.outboundType) {
    case 'userDefinedRouting':
      return 'appliance'
    case 'loadBalancer':
      return 'loadBalancer'
    case 'none':
      return null
    default:
      return 'natGateway'
  }
}

/** The outbound appliance exists only where a user-defined route leads to it. */
export const hasAppliance = (scenario: Scenario): boolean => gatewayKindOf(scenario) === 'appliance'

/** Its public addresses, in the order in which they are used. */
export function publicAddressesOf(scenario: Scenario): readonly Ipv4[] {
  const kind = gatewayKindOf(scenario)
  const { appliance, loadBalancer, natGateway } = scenario.fabric
  if (kind === 'appliance') return [appliance.publicAddress]
  if (kind === 'loadBalancer') return loadBalancer.publicAddresses
  return kind === null ? [] : natGateway.publicAddresses
}

/**
 * Whether the device is there at all. A Linux machine that a route names is; Azure's own devices are only where something can lead to them,
 * so that a cluster that keeps to itself has one process fewer.
 */
export function hasGateway(scenario: Scenario): boolean {
  const kind = gatewayKindOf(scenario)
  if (kind === null || kind === 'appliance') return kind !== null
  const { endpoints, capture, traffic } = scenario
  return (
    endpoints.some(({ location }) => location === 'internet') ||
    capture.some(({ at }) => at.kind === 'gateway') ||
    traffic.some(entry => entry.kind !== 'replay' && entry.to.kind === 'address' && isOutside(scenario, entry.to.address))
  )
}

/** Neither the VNet's, nor a peered one's, nor a pod's, nor a host's on premises. */
function isOutside({ vnet, cluster, endpoints }: Scenario, address: Ipv4): boolean {
  if (endpoints.some(endpoint => endpoint.address === address)) return false
  const { podCidr } = cluster.networkProfile
  const near = [...vnet.addressSpace, ...vnet.peerings.flatMap(({ addressSpace }) => addressSpace), ...(podCidr === null ? [] : [podCidr])]
  return !near.some(range => contains(range, address))
}

/** The router beyond the device. */
export function nextHopOf(scenario: Scenario): Ipv4 {
  const kind = gatewayKindOf(scenario)
  const { appliance, loadBalancer, natGateway } = scenario.fabric
  if (kind === 'loadBalancer') return loadBalancer.nextHop
  return kind === 'natGateway' ? natGateway.nextHop : appliance.nextHop
}

const MINUTE = 60e9

/** The rules of a load balancer or NAT gateway; null where there is neither, or nothing leads to it. */
export function snatOf(scenario: Scenario): SnatParams | null {
  if (!hasGateway(scenario)) return null
  const kind = gatewayKindOf(scenario)
  const { loadBalancerProfile, natGatewayProfile } = scenario.cluster.networkProfile
  const { loadBalancer, natGateway } = scenario.fabric
  if (kind === 'loadBalancer') {
    // No page says how long an unanswered SYN holds its port; the idle timeout is the only time there is. UDP ports are held for it too.
    const idleNs = loadBalancerProfile.idleTimeoutInMinutes * MINUTE
    return {
      publicAddresses: loadBalancer.publicAddresses,
      allocatedPorts: loadBalancerProfile.allocatedOutboundPorts,
      ...{ idleNs, udpIdleNs: idleNs, halfOpenNs: loadBalancer.halfOpenNs ?? idleNs },
      ...{ finNs: loadBalancer.releaseAfterFinNs, rstNs: loadBalancer.releaseAfterRstNs, udpHoldNs: 0 },
    }
  }
  if (kind !== 'natGateway') return null
  return {
    publicAddresses: natGateway.publicAddresses,
    allocatedPorts: 0,
    ...{ idleNs: natGatewayProfile.idleTimeoutInMinutes * MINUTE, udpIdleNs: natGateway.udpIdleNs, halfOpenNs: natGateway.halfOpenNs },
    ...{ finNs: natGateway.coolDownAfterFinNs, rstNs: natGateway.coolDownAfterRstNs, udpHoldNs: natGateway.coolDownUdpNs },
  }
}

/** When nodes join the backend pool and leave it, in order of time; at one moment those that leave come first, then by number. */
export function poolChangesOf({ nodes }: Plan): { readonly ns: number; readonly node: number }[] {
  const joins = nodes.map(({ joinNs }, node) => ({ ns: joinNs, node }))
  const leaves = nodes.flatMap(({ leaveNs }, node) => (leaveNs < Number.POSITIVE_INFINITY ? [{ ns: leaveNs, node: ~node }] : []))
  return [...joins, ...leaves].sort((a, b) => a.ns - b.ns || a.node - b.node)
}
