// Hosts outside the cluster: endpoints must be where they say they are, and the appliance where the nodes can reach it.
import type { Ipv4 } from '../base/brand.js'
import { isReserved, routerOf } from '../ipam/vnet.js'
import { type Issue, issue } from '../scenario/issue.js'
import type { Endpoint, Scenario } from '../scenario/model.js'
import { contains, formatCidr, formatIpv4 } from '../wire/address.js'
import { type NamedRange, peeredRanges, podRanges, serviceRange, subnetRanges, vnetRanges } from './admit-ranges.js'
import { hasAppliance, hasGateway, publicAddressesOf } from './outbound.js'

type Path = Issue['path']

export const admitHosts = (scenario: Scenario): Issue[] => [
  ...admitEndpoints(scenario),
  ...(hasAppliance(scenario) ? admitAppliance(scenario) : []),
  ...(hasGateway(scenario) ? [] : admitGatewayCaptures(scenario)),
]

function admitEndpoints(scenario: Scenario): Issue[] {
  const owners = addressOwners(scenario)
  return scenario.endpoints.flatMap((endpoint, i) => {
    const issues: Issue[] = []
    const path = ['endpoints', i, 'address']
    const owner = owners.get(endpoint.address)
    if (owner !== undefined) {
      const message = `the address ${formatIpv4(endpoint.address)} of endpoint ${endpoint.name} is that of ${owner} too`
      issues.push(issue(path, 'DuplicateAddress', message, 'give one of them another address'))
    }
    owners.set(endpoint.address, `endpoint ${endpoint.name}`)
    return [...issues, ...admitLocation(scenario, endpoint, path)]
  })
}

/** Addresses that are somebody's before any endpoint comes. Nodes without a fixed address keep out of the endpoints' way. */
function addressOwners(scenario: Scenario): Map<number, string> {
  const owners = new Map<number, string>()
  for (const pool of scenario.cluster.agentPoolProfiles) {
    for (const node of pool.nodes) if (node.address !== null) owners.set(node.address, `node ${node.name}`)
  }
  if (hasAppliance(scenario)) {
    owners.set(scenario.fabric.appliance.address, 'the appliance')
    owners.set(scenario.fabric.appliance.publicAddress, 'the appliance (outside)')
  } else for (const address of publicAddressesOf(scenario)) owners.set(address, 'the outbound device (public)')
  return owners
}

const holding = (ranges: readonly NamedRange[], address: Ipv4): NamedRange | undefined => ranges.find(({ cidr }) => contains(cidr, address))

function admitLocation(scenario: Scenario, { name, address, location }: Endpoint, path: Path): Issue[] {
  const vnet = vnetRanges(scenario)
  const peered = peeredRanges(scenario)
  const own = `the address ${formatIpv4(address)} of endpoint ${name}`
  if (location === 'vnet') {
    const subnet = holding(subnetRanges(scenario), address)
    if (!holding(vnet, address))
      return [issue(path, 'EndpointOutsideVnet', `${own} is not in the VNet ${list(vnet)}`, 'move it there or change its location')]
    if (!subnet || !isReserved(subnet.cidr, address)) return []
    const message = `${own} is one of the five that Azure keeps of ${subnet.what} ${formatCidr(subnet.cidr)}`
    return [issue(path, 'AddressReserved', message, 'use .4 or higher')]
  }
  if (location === 'peered') {
    if (holding(peered, address)) return []
    const where = peered.length > 0 ? `no peered network (${list(peered)})` : 'no peered network: there is none'
    return [issue(path, 'EndpointOutsidePeering', `${own} is in ${where}`, 'add its range under vnet.peerings or change its location')]
  }
  const inside = holding([...vnet, ...podRanges(scenario), serviceRange(scenario), ...peered], address)
  if (!inside) return []
  const message = `${own} is in the ${inside.what} ${formatCidr(inside.cidr)}, so no packet would leave for ${location}`
  return [issue(path, 'EndpointInsideCluster', message, 'use an address outside, such as 203.0.113.10, or change its location')]
}

const list = (ranges: readonly NamedRange[]): string => ranges.map(({ cidr }) => formatCidr(cidr)).join(', ')

/** The appliance may take the router's place (.1) in its subnet, as a Linux NAT machine in a lab does, but no other reserved address. */
function admitAppliance(scenario: Scenario): Issue[] {
  const { address, publicAddress } = scenario.fabric.appliance
  const issues: Issue[] = []
  const path = ['fabric', 'appliance', 'address']
  const subnet = holding(subnetRanges(scenario), address)
  const own = `the address ${formatIpv4(address)} of the appliance`
  if (!subnet) {
    issues.push(
      issue(path, 'ApplianceOutsideVnet', `${own} is in no subnet of the VNet`, "use the node subnet's .1 or a free address of a subnet"),
    )
  } else if (isReserved(subnet.cidr, address) && address !== routerOf(subnet.cidr)) {
    const message = `${own} is one of the five that Azure keeps of ${subnet.what} ${formatCidr(subnet.cidr)}`
    issues.push(issue(path, 'AddressReserved', message, 'use .1 or a free address'))
  }
  for (const pool of scenario.cluster.agentPoolProfiles) {
    const node = pool.nodes.find(fixed => fixed.address === address)
    if (node) issues.push(issue(path, 'DuplicateAddress', `${own} is that of node ${node.name} too`, 'give one of them another address'))
  }
  const inside = holding([...vnetRanges(scenario), ...podRanges(scenario), serviceRange(scenario)], publicAddress)
  if (inside) {
    const message = `the public address ${formatIpv4(publicAddress)} of the appliance is in the ${inside.what} ${formatCidr(inside.cidr)}`
    issues.push(
      issue(['fabric', 'appliance', 'publicAddress'], 'AddressNotPublic', message, 'use an address outside, such as 198.51.100.1'),
    )
  }
  return issues
}

const admitGatewayCaptures = (scenario: Scenario): Issue[] =>
  scenario.capture.flatMap(({ at }, i) =>
    at.kind === 'gateway'
      ? [
          issue(
            ['capture', i, 'gateway'],
            'NoGateway',
            'there is no gateway to capture at',
            'outboundType is none: set another one, or take it out',
          ),
        ]
      : [],
  )
