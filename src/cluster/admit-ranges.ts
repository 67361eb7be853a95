// Ranges that must not meet: pods, Services, subnets, the VNet, peered networks, and what Azure keeps for itself.
import { AZURE } from '../ipam/azure-limits.js'
import { type Issue, issue, warning } from '../scenario/issue.js'
import type { Scenario } from '../scenario/model.js'
import { type Cidr, contains, formatCidr, formatIpv4, networkOf, overlaps, parseCidr, sizeOf } from '../wire/address.js'

type Path = Issue['path']

/** A range of the scenario, with where it stands and what to call it. */
export interface NamedRange {
  readonly cidr: Cidr
  readonly path: Path
  readonly what: string
}

const ranges = (...texts: string[]): readonly Cidr[] => texts.map(text => parseCidr(text)!)

/** AKS uses these itself and refuses them for pods, Services and the VNet; hence 172.16.0.0/12, which holds two of them, is refused too. */
const RESERVED = ranges('169.254.0.0/16', '192.0.2.0/24', '172.30.0.0/16', '172.31.0.0/16')
/** Private (RFC 1918) and shared (RFC 6598) address space: what AKS supports for pods. */
const SUPPORTED = ranges('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10')
const POD_PATH: Path = ['cluster', 'networkProfile', 'podCidr']
const SERVICE_PATH: Path = ['cluster', 'networkProfile', 'serviceCidr']
const DNS_PATH: Path = ['cluster', 'networkProfile', 'dnsServiceIp']

/** The range of the nodes' blocks; none where pods have addresses of the VNet. */
export function podRanges(scenario: Scenario): NamedRange[] {
  const { podCidr } = scenario.cluster.networkProfile
  return podCidr === null ? [] : [{ cidr: podCidr, path: POD_PATH, what: 'pod CIDR' }]
}
export const serviceRange = (scenario: Scenario): NamedRange => ({
  cidr: scenario.cluster.networkProfile.serviceCidr,
  path: SERVICE_PATH,
  what: 'service CIDR',
})
export const vnetRanges = ({ vnet }: Scenario): NamedRange[] =>
  vnet.addressSpace.map((cidr, i) => ({ cidr, path: ['vnet', 'addressSpace', i], what: 'VNet range' }))
export const subnetRanges = ({ vnet }: Scenario): NamedRange[] =>
  Object.entries(vnet.subnets).map(([name, { cidr }]) => ({ cidr, path: ['vnet', 'subnets', name, 'cidr'], what: `subnet ${name}` }))
export const peeredRanges = ({ vnet }: Scenario): NamedRange[] =>
  vnet.peerings.flatMap(({ name, addressSpace }, i) =>
    addressSpace.map((cidr, k) => ({ cidr, path: ['vnet', 'peerings', i, 'addressSpace', k], what: `peered network ${name}` })),
  )

const text = ({ what, cidr }: NamedRange): string => `${what} ${formatCidr(cidr)}`

export function admitRanges(scenario: Scenario): Issue[] {
  const pods = podRanges(scenario)
  const service = serviceRange(scenario)
  const vnet = vnetRanges(scenario)
  const subnets = subnetRanges(scenario)
  const peered = peeredRanges(scenario)
  return [
    ...[...pods, service, ...vnet, ...subnets].flatMap(admitReserved),
    ...pods.flatMap(pod => [
      // A subnet that the VNet does not hold is another mistake; it must not hide this one.
      ...collisions(pod, meets(pod, vnet).length > 0 ? vnet : subnets, 'NetworkProfileCIDROverlapVNET'),
      ...collisions(pod, [service], 'PodCidrOverlapsServiceCidr'),
      ...collisions(pod, peered, 'PodCidrOverlapsPeering'),
    ]),
    ...collisions(service, subnets, 'ServiceCidrOverlapExistingSubnetsCidr'),
    ...collisions(service, peered, 'ServiceCidrOverlapsPeering'),
    ...vnet.flatMap((range, i) => collisions(range, vnet.slice(0, i), 'VnetRangesOverlap')),
    ...peered.flatMap((range, i) => collisions(range, [...vnet, ...peered.slice(0, i)], 'VnetAddressSpacesOverlap')),
    ...admitService(service),
    ...admitDns(scenario, service),
    ...pods.flatMap(admitPublic),
  ]
}

const meets = (range: NamedRange, others: readonly NamedRange[]): NamedRange[] => others.filter(other => overlaps(range.cidr, other.cidr))

const collisions = (range: NamedRange, others: readonly NamedRange[], code: string): Issue[] =>
  meets(range, others).map(other =>
    issue(range.path, code, `the ${text(range)} overlaps the ${text(other)}`, 'choose a range that is free in both'),
  )

function admitReserved(range: NamedRange): Issue[] {
  const found = RESERVED.filter(reserved => overlaps(reserved, range.cidr)).map(formatCidr)
  if (found.length === 0) return []
  const hint = `choose a range without ${found.join(' and ')}`
  return [issue(range.path, 'ReservedRange', `the ${text(range)} contains addresses of ${found.join(', ')}, which AKS reserves`, hint)]
}

function admitService({ path, cidr }: NamedRange): Issue[] {
  if (cidr.prefix > AZURE.serviceCidrPrefix) return []
  return [
    issue(
      path,
      'ServiceCidrTooLarge',
      `the service CIDR ${formatCidr(cidr)} must be smaller than a /${AZURE.serviceCidrPrefix}`,
      'choose a /16',
    ),
  ]
}

/** The network address and the last one are not given out, and the first belongs to the Service `kubernetes`. */
function admitDns(scenario: Scenario, service: NamedRange): Issue[] {
  const address = scenario.cluster.networkProfile.dnsServiceIp
  const range = formatCidr(service.cidr)
  if (!contains(service.cidr, address)) {
    const message = `the DNS service address ${formatIpv4(address)} is not in the service CIDR ${range}`
    return [issue(DNS_PATH, 'DnsServiceIpOutOfServiceCidr', message, `choose one in ${range}, by custom the tenth`)]
  }
  const offset = (address - networkOf(service.cidr).base) >>> 0
  if (offset > 1 && offset < sizeOf(service.cidr) - 1) return []
  const why =
    offset === 1 ? 'the first address, which the Service kubernetes has' : 'the network or last address, which no Service can have'
  const message = `the DNS service address ${formatIpv4(address)} is, in the service CIDR ${range}, ${why}`
  return [issue(DNS_PATH, 'DnsServiceIpReserved', message, 'choose another one, by custom the tenth')]
}

function admitPublic({ path, cidr }: NamedRange): Issue[] {
  if (SUPPORTED.some(range => cidr.prefix >= range.prefix && overlaps(range, cidr))) return []
  const message = `the pod CIDR ${formatCidr(cidr)} is not private address space; Azure does not refuse it, but does not support it`
  return [warning(path, 'PublicPodCidr', message, 'choose a range of RFC 1918 or RFC 6598')]
}

/** Page "Azure networking limits". */
function admitCounts({ vnet }: Scenario): Issue[] {
  const subnets = Object.keys(vnet.subnets).length
  const peerings = vnet.peerings.length
  const { subnetsPerVnet, peeringsPerVnet } = AZURE
  return [
    ...(subnets > subnetsPerVnet
      ? [issue(['vnet', 'subnets'], 'TooManySubnets', `${subnets} subnets; a VNet has ${subnetsPerVnet} at most`, 'use fewer, larger ones')]
      : []),
    ...(peerings > peeringsPerVnet
      ? [issue(['vnet', 'peerings'], 'TooManyPeerings', `${peerings} peerings; a VNet has ${peeringsPerVnet} at most`, 'go by a hub')]
      : []),
  ]
}

export function admitSubnets(scenario: Scenario): Issue[] {
  const vnet = vnetRanges(scenario)
  const subnets = subnetRanges(scenario)
  const each = subnets.flatMap((subnet, i) => [
    ...admitSubnetSize(subnet),
    ...(vnet.some(({ cidr }) => subnet.cidr.prefix >= cidr.prefix && overlaps(cidr, subnet.cidr))
      ? []
      : [
          issue(
            subnet.path,
            'NetcfgInvalidSubnet',
            `the ${text(subnet)} is not inside the VNet's address space ${vnet.map(({ cidr }) => formatCidr(cidr)).join(', ')}`,
            'widen the address space or move the subnet',
          ),
        ]),
    ...collisions(subnet, subnets.slice(0, i), 'NetcfgSubnetRangesOverlap'),
  ])
  return [...admitCounts(scenario), ...each]
}

function admitSubnetSize(subnet: NamedRange): Issue[] {
  const { prefix } = subnet.cidr
  if (prefix >= AZURE.largestSubnetPrefix && prefix <= AZURE.smallestSubnetPrefix) return []
  const message = `the ${text(subnet)} has a prefix of /${prefix}; a subnet is a /${AZURE.smallestSubnetPrefix} at the smallest and a /${AZURE.largestSubnetPrefix} at the largest`
  return [issue(subnet.path, 'NetcfgInvalidSubnet', message, 'choose another prefix length')]
}
