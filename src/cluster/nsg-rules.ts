// Rules of network security groups with Azure's own beneath them, and what its service tags stand for here. From Microsoft's pages "Network
// security groups" (default rules) and "Virtual network service tags".
import type { Scenario } from '../scenario/model.js'
import type { AddressPrefix, SecurityGroup, SecurityRule } from '../scenario/model-policy.js'
import { type Cidr, networkOf, parseCidr, parseIpv4, sizeOf } from '../wire/address.js'

/** Both ends included, unsigned. */
export type Interval = readonly [first: number, last: number]

const LAST_ADDRESS = 0xffffffff

const interval = (cidr: Cidr): Interval => {
  const first = networkOf(cidr).base >>> 0
  return [first, first + sizeOf(cidr) - 1]
}

/** Azure's virtual public address of the host (DNS, health probes), and the instance metadata: no group stands between a VM and them. */
const PLATFORM = ['168.63.129.16/32', '169.254.169.254/32'].map(text => parseCidr(text)!)
const PROBES = parseCidr('168.63.129.16/32')!

/**
 * The tag VirtualNetwork: the VNet, what is peered with it, what is connected on premises; and without encapsulation the pods, because Azure's
 * routing domain of an overlay lies inside (pod traffic passes a group without rules of its own).
 */
function virtualNetwork({ vnet, endpoints, cluster, fabric }: Scenario): Interval[] {
  const { podCidr } = cluster.networkProfile
  const pods = podCidr !== null && fabric.encapsulation === 'none' ? [podCidr] : []
  const ranges = [...vnet.addressSpace, ...vnet.peerings.flatMap(({ addressSpace }) => addressSpace), ...pods, ...PLATFORM]
  const near = endpoints.filter(({ location }) => location === 'onPremises').map(({ address }): Cidr => ({ base: address, prefix: 32 }))
  return merged([...ranges, ...near].map(interval))
}

/** Sorted, without overlaps. */
export function merged(intervals: readonly Interval[]): Interval[] {
  const sorted = [...intervals].sort((a, b) => a[0] - b[0])
  const result: [number, number][] = []
  for (const [first, last] of sorted) {
    const before = result[result.length - 1]
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else result.push([first, last])
  }
  return result
}

function complement(intervals: readonly Interval[]): Interval[] {
  const result: Interval[] = []
  let next = 0
  for (const [first, last] of intervals) {
    if (first > next) result.push([next, first - 1])
    next = last + 1
  }
  if (next <= LAST_ADDRESS) result.push([next, LAST_ADDRESS])
  return result
}

/** What the words of rules mean in this scenario. */
export function prefixReader(scenario: Scenario): (prefixes: readonly AddressPrefix[]) => Interval[] {
  const inside = virtualNetwork(scenario)
  const tags = { VirtualNetwork: inside, Internet: complement(inside), AzureLoadBalancer: [interval(PROBES)] }
  return prefixes => merged(prefixes.flatMap(prefix => (typeof prefix === 'string' ? tags[prefix] : [interval(prefix)])))
}

const ANY: readonly AddressPrefix[] = [{ base: parseIpv4('0.0.0.0')!, prefix: 0 }]
const ALL_PORTS = [{ first: 0, last: 65535 }]

function byAzure(
  name: string,
  priority: number,
  access: SecurityRule['access'],
  sources: readonly AddressPrefix[],
  targets: readonly AddressPrefix[],
): SecurityRule {
  const direction = name.endsWith('InBound') ? 'Inbound' : 'Outbound'
  return { name, priority, direction, access, protocol: null, sources, sourcePorts: ALL_PORTS, targets, targetPorts: ALL_PORTS }
}

const DEFAULT_RULES: readonly SecurityRule[] = [
  byAzure('AllowVnetInBound', 65_000, 'Allow', ['VirtualNetwork'], ['VirtualNetwork']),
  byAzure('AllowAzureLoadBalancerInBound', 65_001, 'Allow', ['AzureLoadBalancer'], ANY),
  byAzure('DenyAllInBound', 65_500, 'Deny', ANY, ANY),
  byAzure('AllowVnetOutBound', 65_000, 'Allow', ['VirtualNetwork'], ['VirtualNetwork']),
  byAzure('AllowInternetOutBound', 65_001, 'Allow', ANY, ['Internet']),
  byAzure('DenyAllOutBound', 65_500, 'Deny', ANY, ANY),
]

/** All rules of a group in one direction, in the order in which Azure looks at them. */
export const rulesOf = (group: SecurityGroup, direction: SecurityRule['direction']): SecurityRule[] =>
  [...group.rules, ...DEFAULT_RULES].filter(rule => rule.direction === direction)

/** Subnets with a group, in the order of the file: a group's number is its place here. */
export const guardedSubnets = ({ vnet }: Scenario): { readonly subnet: string; readonly cidr: Cidr; readonly group: SecurityGroup }[] =>
  Object.entries(vnet.subnets).flatMap(([subnet, { cidr, networkSecurityGroup }]) =>
    networkSecurityGroup === undefined ? [] : [{ subnet, cidr, group: networkSecurityGroup }],
  )
