// Logical processes and what leads to them: the nodes in pool order, then the appliance, then the endpoints; the block, route and
// address tables of the data plane.
import { isFlat } from '../base/addressing-mode.js'
import type { Ipv4 } from '../base/brand.js'
import type { ImageColumns } from '../image/image.js'
import { Location, LpKind, OwnRoute, RouteKind } from '../image/kinds.js'
import { routerOf } from '../ipam/vnet.js'
import type { Endpoint, Scenario } from '../scenario/model.js'
import { nicRateOf } from '../scenario/vm-sizes.js'
import { fillAddressIndex } from '../table/address-index.js'
import { buildFib, lookup, type Route } from '../table/fib.js'
import { type Cidr, networkOf, sizeOf } from '../wire/address.js'
import { firstEndpointLp, gatewayLpOf } from './names.js'
import { gatewayKindOf, publicAddressesOf } from './outbound.js'
import type { Plan } from './plan.js'
import type { PlannedNode } from './planned.js'

/** Bits per second of a node whose size tells nothing: what Azure gives its everyday sizes (D2 to D16 v5). */
const DEFAULT_NIC_RATE = 12.5e9

const GATEWAYS = { appliance: LpKind.appliance, loadBalancer: LpKind.loadBalancer, natGateway: LpKind.natGateway } as const

export const lpCountOf = (scenario: Scenario, plan: Plan): number => firstEndpointLp(scenario, plan) + scenario.endpoints.length

/** Beyond the gateway's latency: the internet and what lies on premises. A peered VNet is as near as the own one. */
export const isFarEndpoint = ({ location }: Endpoint): boolean => location === 'internet' || location === 'onPremises'

const blockSizeOf = ({ block }: PlannedNode): number => (block === null ? 0 : sizeOf(block))

const blockRows = (plan: Plan): number => plan.nodes.reduce((sum, node) => sum + blockSizeOf(node), 0)

/**
 * Addresses of the VNet that pods have, in ascending order: each is a row of `podAt` behind those of the blocks. Pods of the host network
 * have none, nor have those in a node's block.
 */
function flatAddresses(scenario: Scenario, { pods }: Plan): Int32Array {
  if (!isFlat(scenario.cluster.networkProfile.addressing)) return new Int32Array(0)
  const found = pods.address.filter((_, pod) => !scenario.workloads[pods.workload[pod]].hostNetwork).sort()
  return found.filter((address, i) => i === 0 || address !== found[i - 1])
}

/** Rows of `podAt`: all addresses of all blocks, then those that pods have of the VNet. */
export const podRowsOf = (scenario: Scenario, plan: Plan): number => blockRows(plan) + flatAddresses(scenario, plan).length

/** The next hop of everything off the subnet: the VNet's router, or the appliance that a user-defined route names. */
export function gatewayOf(scenario: Scenario): Ipv4 {
  const subnet = nodeSubnetOf(scenario)
  if (scenario.cluster.networkProfile.outboundType === 'userDefinedRouting') return scenario.fabric.appliance.address
  return routerOf(subnet)
}

/** The subnet of the first pool. */
export const nodeSubnetOf = (scenario: Scenario): Cidr =>
  networkOf(scenario.vnet.subnets[scenario.cluster.agentPoolProfiles[0].vnetSubnet].cidr)

export function fillLps(columns: ImageColumns, scenario: Scenario, plan: Plan): void {
  const vxlan = scenario.fabric.encapsulation === 'vxlan'
  columns.podAt.fill(-1)
  let row = 0
  plan.nodes.forEach((node, lp) => {
    const pool = scenario.cluster.agentPoolProfiles[node.pool]
    const nicRate = scenario.fabric.nicRate ?? (pool.vmSize === null ? null : nicRateOf(pool.vmSize)) ?? DEFAULT_NIC_RATE
    columns.lpKind[lp] = LpKind.node
    columns.lpAddress[lp] = node.address
    columns.lpVtep[lp] = vxlan ? (node.block?.base ?? 0) : 0
    columns.lpBlockBase[lp] = node.block?.base ?? 0
    columns.lpBlockSize[lp] = blockSizeOf(node)
    columns.lpPodRow[lp] = row
    columns.lpNsPerByte[lp] = 8e9 / nicRate
    columns.lpOwnRoute[lp] = OwnRoute[scenario.fabric.podCidrRoute]
    row += blockSizeOf(node)
  })
  const gateway = gatewayLpOf(scenario, plan)
  const kind = gatewayKindOf(scenario)
  if (gateway >= 0 && kind !== null) {
    columns.lpKind[gateway] = GATEWAYS[kind]
    // Azure's devices have no address inside.
    columns.lpAddress[gateway] = kind === 'appliance' ? scenario.fabric.appliance.address : publicAddressesOf(scenario)[0]
    columns.lpFar[gateway] = 1
  }
  const first = firstEndpointLp(scenario, plan)
  scenario.endpoints.forEach((endpoint, i) => {
    columns.lpKind[first + i] = LpKind.endpoint
    columns.lpAddress[first + i] = endpoint.address
    columns.lpLocation[first + i] = Location[endpoint.location]
    columns.lpFar[first + i] = isFarEndpoint(endpoint) ? 1 : 0
  })
}

/** Pods and who has which address; after {@link fillLps} and the route table. */
export function fillPods(columns: ImageColumns, scenario: Scenario, plan: Plan): void {
  const { pods, nodes } = plan
  columns.podAddress.set(pods.address)
  columns.podLp.set(pods.node)
  columns.podStartNs.set(pods.startNs)
  columns.podStopNs.set(pods.stopNs)
  for (let pod = 0; pod < pods.count; pod++) {
    // Those who come later are put in by `datapath/changes.ts`.
    if (pods.startNs[pod] > 0 || pods.stopNs[pod] === 0) continue
    const lp = pods.node[pod]
    if (scenario.workloads[pods.workload[pod]].hostNetwork) continue
    const value = nodes[lp].block === null ? lookup(columns.fib, pods.address[pod]) & 0x0fffffff : -1
    columns.podAt[value >= 0 ? value : columns.lpPodRow[lp] + ((pods.address[pod] - columns.lpBlockBase[lp]) >>> 0)] = pod
  }
}

const routeValue = (kind: number, argument: number): number => ((kind << 28) | argument) >>> 0

/** The route table that all nodes share: blocks, subnets, and the rest by the gateway. */
export function routesOf(scenario: Scenario, plan: Plan): Uint32Array {
  const routes: Route[] = []
  const add = (cidr: Cidr, kind: number, argument = 0): void => {
    routes.push({ base: networkOf(cidr).base, prefix: cidr.prefix, value: routeValue(kind, argument) })
  }
  add({ base: 0 as Ipv4, prefix: 0 }, RouteKind.gateway)
  const { vnet, cluster } = scenario
  for (const peering of vnet.peerings) for (const range of peering.addressSpace) add(range, RouteKind.gateway)
  for (const subnet of Object.values(vnet.subnets)) add(subnet.cidr, RouteKind.gateway)
  for (const pool of cluster.agentPoolProfiles) add(vnet.subnets[pool.vnetSubnet].cidr, RouteKind.onLink)
  plan.nodes.forEach((node, lp) => {
    if (node.block !== null) add(node.block, RouteKind.podBlock, lp)
  })
  const addresses = flatAddresses(scenario, plan)
  const first = blockRows(plan)
  return buildFib(routes, { addresses, values: Uint32Array.from(addresses, (_, i) => routeValue(RouteKind.podAddress, first + i)) })
}

/** Addresses of nodes, the outbound device (an appliance's inside too) and endpoints. */
export function addressesOf(scenario: Scenario, plan: Plan): { addresses: number[]; lps: number[] } {
  const addresses: number[] = plan.nodes.map(node => node.address)
  const lps = addresses.map((_, lp) => lp)
  const gateway = gatewayLpOf(scenario, plan)
  if (gateway >= 0) {
    const inside = gatewayKindOf(scenario) === 'appliance' ? [scenario.fabric.appliance.address] : []
    for (const address of [...inside, ...publicAddressesOf(scenario)]) {
      addresses.push(address)
      lps.push(gateway)
    }
  }
  const first = firstEndpointLp(scenario, plan)
  scenario.endpoints.forEach((endpoint, i) => {
    addresses.push(endpoint.address)
    lps.push(first + i)
  })
  return { addresses, lps }
}

export function fillAddresses(columns: ImageColumns, found: { addresses: number[]; lps: number[] }): void {
  fillAddressIndex(columns.addressKey, columns.addressLp, found.addresses, found.lps)
}
