// What the two profiles of outbound devices come to: how many public addresses there are, whichever of Azure's ways says so.
import type { LoadBalancerProfile, NatGatewayProfile, OutboundType } from './model-outbound.js'
import type { ScenarioDocument } from './schema.js'

type Profile = ScenarioDocument['cluster']['networkProfile']

/** The smallest public prefix Azure sells is a /31. */
const LEAST_PREFIX = 2

/** Length of a list that stands alone or inside an object, as `publicIPs` does. */
function lengthOf(given: Profile['loadBalancerProfile']['outboundIPs']): number {
  if (given === undefined) return 0
  return Array.isArray(given) ? given.length : Object.values(given).reduce((sum, list) => sum + list.length, 0)
}

/** Frontend addresses of the outbound rule: those in effect, else one's own, else those that AKS manages. */
export function loadBalancerIPs(profile: Profile['loadBalancerProfile']): { count: number; from: LoadBalancerProfile['outboundIPsFrom'] } {
  const effective = profile.effectiveOutboundIPs?.length ?? 0
  if (effective > 0) return { count: effective, from: 'effective' }
  const own = lengthOf(profile.outboundIPs)
  if (own > 0) return { count: own, from: 'addresses' }
  const prefixes = lengthOf(profile.outboundIPPrefixes)
  if (prefixes > 0) return { count: prefixes * LEAST_PREFIX, from: 'prefixes' }
  return { count: profile.managedOutboundIPs?.count ?? 1, from: 'managed' }
}

export const natGatewayIPs = (profile: Profile['natGatewayProfile']): number =>
  profile.effectiveOutboundIPs?.length || (profile.managedOutboundIpProfile?.count ?? 1)

export function loadBalancerOf(profile: Profile['loadBalancerProfile']): LoadBalancerProfile {
  const { count, from } = loadBalancerIPs(profile)
  const { allocatedOutboundPorts, idleTimeoutInMinutes } = profile
  return { outboundIPs: count, outboundIPsFrom: from, allocatedOutboundPorts, idleTimeoutInMinutes }
}

export function natGatewayOf(profile: Profile['natGatewayProfile'], outboundType: OutboundType): NatGatewayProfile {
  const isV2 = (profile.sku ?? (outboundType === 'managedNATGatewayV2' ? 'StandardV2' : 'Standard')).toLowerCase() === 'standardv2'
  return {
    outboundIPs: natGatewayIPs(profile),
    idleTimeoutInMinutes: profile.idleTimeoutInMinutes,
    sku: isV2 ? 'StandardV2' : 'Standard',
  }
}
