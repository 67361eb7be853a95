// The outbound device: whether its SNAT ports suffice for the nodes, as AKS checks before it creates, scales or upgrades, and whether its
// public addresses can be its own.
import { type Issue, issue, warning } from '../scenario/issue.js'
import type { Scenario } from '../scenario/model.js'
import { nodesOf } from '../scenario/node-share.js'
import { contains, formatCidr, formatIpv4 } from '../wire/address.js'
import { peeredRanges, podRanges, serviceRange, vnetRanges } from './admit-ranges.js'
import { gatewayKindOf, hasGateway, publicAddressesOf } from './outbound.js'
import { portsFault, SNAT } from './snat-limits.js'

const PROFILE = ['cluster', 'networkProfile'] as const
const PORTS = [...PROFILE, 'loadBalancerProfile', 'allocatedOutboundPorts'] as const
const CODE = 'InvalidLoadBalancerProfileAllocatedOutboundPorts'
const MOST_FRONTENDS = 100
/** The most nodes that Azure documents a default allocation for. */
const DEFAULT_MOST_NODES = 1000
/** Addresses of a NAT gateway. */
const NAT_GATEWAY_MOST_ADDRESSES = 16
const many = (count: number): string => count.toLocaleString('en-US')

export function admitOutbound(scenario: Scenario): Issue[] {
  const kind = gatewayKindOf(scenario)
  if (kind === 'loadBalancer') return [...admitPorts(scenario), ...admitFrontends(scenario), ...admitPublic(scenario, 'loadBalancer')]
  return kind === 'natGateway' ? [...admitNatGateway(scenario), ...admitPublic(scenario, 'natGateway')] : []
}

/** Ports allocated by hand: in multiples of eight, `nodes x ports` no more than the frontends' 64,000 each, and one node none beyond one. */
function admitPorts(scenario: Scenario): Issue[] {
  const { cluster } = scenario
  const { outboundIPs, allocatedOutboundPorts: ports } = cluster.networkProfile.loadBalancerProfile
  const nodes = cluster.agentPoolProfiles.reduce((sum, { count }) => sum + count, 0)
  if (ports === 0) return nodes > DEFAULT_MOST_NODES && hasGateway(scenario) ? [undocumented(nodes)] : []
  if (ports > SNAT.portsPerFrontend) {
    const hint = `use ${SNAT.portsPerFrontend} at most; more addresses serve more nodes, not more ports for each`
    return [issue(PORTS, CODE, `${ports} ports for each node; the most is ${SNAT.portsPerFrontend}`, hint)]
  }
  const fault = portsFault(ports, nodes, outboundIPs)
  if (fault) return [issue(PORTS, CODE, fault.message, fault.hint)]
  return admitUpgrade(scenario, nodes, ports)
}

/** Nodes that an upgrade or the autoscaler adds need ports too: Azure refuses them when they come, so this is said beforehand. */
function admitUpgrade({ cluster }: Scenario, nodes: number, ports: number): Issue[] {
  const { outboundIPs } = cluster.networkProfile.loadBalancerProfile
  const surge = Math.max(0, ...cluster.agentPoolProfiles.map(({ count, upgrade }) => nodesOf(upgrade.maxSurge, count)))
  const fault = portsFault(ports, nodes + surge, outboundIPs)
  if (fault === null) return []
  const message = `an upgrade adds ${surge} ${surge === 1 ? 'node' : 'nodes'} (maxSurge) for which no SNAT ports are left: ${fault.message}`
  return [warning(PORTS, CODE, message, fault.hint)]
}

const undocumented = (nodes: number): Issue =>
  warning(
    PORTS,
    'SnatPortsUndocumented',
    `Azure documents default SNAT ports for up to ${many(DEFAULT_MOST_NODES)} nodes; for ${many(nodes)} this takes what fits into each frontend, 32 at most`,
    'allocate ports by hand, or use a NAT gateway',
  )

function admitFrontends({ cluster }: Scenario): Issue[] {
  const { outboundIPs, outboundIPsFrom } = cluster.networkProfile.loadBalancerProfile
  const path = [...PROFILE, 'loadBalancerProfile']
  if (outboundIPs > MOST_FRONTENDS) {
    return [issue(path, 'TooManyOutboundIPs', `${outboundIPs} outbound IPs; AKS takes ${MOST_FRONTENDS} at most`, 'use fewer')]
  }
  if (outboundIPsFrom !== 'prefixes') return []
  const message = `how many addresses the outbound prefixes hold is not said; each is taken for a /31 with two, ${outboundIPs} in all`
  return [warning(path, 'OutboundPrefixSize', message, 'give effectiveOutboundIPs, as az aks show prints them')]
}

function admitNatGateway({ cluster }: Scenario): Issue[] {
  const { outboundIPs } = cluster.networkProfile.natGatewayProfile
  if (outboundIPs <= NAT_GATEWAY_MOST_ADDRESSES) return []
  const message = `${outboundIPs} outbound IPs; a NAT gateway has ${NAT_GATEWAY_MOST_ADDRESSES} at most`
  return [issue([...PROFILE, 'natGatewayProfile'], 'TooManyOutboundIPs', message, 'use fewer')]
}

/** As many addresses as the profile counts, outside every private range, each once. */
function admitPublic(scenario: Scenario, device: 'loadBalancer' | 'natGateway'): Issue[] {
  const addresses = publicAddressesOf(scenario)
  const profile = scenario.cluster.networkProfile[`${device}Profile`]
  const path = ['fabric', device, 'publicAddresses']
  const issues: Issue[] = []
  if (addresses.length !== profile.outboundIPs) {
    const message = `${addresses.length} public addresses for ${profile.outboundIPs} outbound IPs`
    issues.push(issue(path, 'PublicAddressCount', message, `give as many as cluster.networkProfile.${device}Profile counts, or none`))
  }
  const inside = [...vnetRanges(scenario), ...podRanges(scenario), serviceRange(scenario), ...peeredRanges(scenario)]
  addresses.forEach((address, i) => {
    const range = inside.find(({ cidr }) => contains(cidr, address))
    if (range) {
      const message = `the public address ${formatIpv4(address)} is in the ${range.what} ${formatCidr(range.cidr)}`
      issues.push(issue(path, 'AddressNotPublic', message, 'use addresses outside, such as 198.51.100.1'))
    }
    if (addresses.indexOf(address) !== i) {
      issues.push(issue(path, 'DuplicateAddress', `${formatIpv4(address)} stands here twice`, 'give each address once'))
    }
  })
  return issues
}
