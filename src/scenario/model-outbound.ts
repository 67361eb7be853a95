// The part of the resolved scenario about the device between the cluster and the internet: Azure's profiles, and what the fabric adds.
import type { Ipv4 } from '../base/brand.js'

export type OutboundType =
  | 'loadBalancer'
  | 'managedNATGateway'
  | 'managedNATGatewayV2'
  | 'userAssignedNATGateway'
  | 'userDefinedRouting'
  | 'none'

export interface LoadBalancerProfile {
  /** Frontend addresses of the outbound rule. */
  readonly outboundIPs: number
  /** How the file says how many there are: prefixes of unknown length are taken for the smallest, of two addresses. */
  readonly outboundIPsFrom: 'effective' | 'addresses' | 'prefixes' | 'managed'
  /** Ports of each node; 0: Azure's default for the size of the pool. */
  readonly allocatedOutboundPorts: number
  readonly idleTimeoutInMinutes: number
}

export interface NatGatewayProfile {
  readonly outboundIPs: number
  readonly idleTimeoutInMinutes: number
  readonly sku: 'Standard' | 'StandardV2'
}

/** The Standard Load Balancer, beyond its profile. */
export interface LoadBalancer {
  /** One for each of the profile's outbound IPs, in the order in which they are used up. */
  readonly publicAddresses: readonly Ipv4[]
  readonly nextHop: Ipv4
  readonly releaseAfterFinNs: number
  readonly releaseAfterRstNs: number
  /** Null: the idle timeout. */
  readonly halfOpenNs: number | null
}

/** The NAT gateway, beyond its profile. */
export interface NatGateway {
  readonly publicAddresses: readonly Ipv4[]
  readonly nextHop: Ipv4
  readonly coolDownAfterFinNs: number
  readonly coolDownAfterRstNs: number
  readonly coolDownUdpNs: number
  readonly halfOpenNs: number
  readonly udpIdleNs: number
}
