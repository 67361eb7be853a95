// The arithmetic's input out of a scenario: pools, ranges, and who else holds addresses. What changes over virtual time is no part of it;
// that is asked of the control plane's own plan.

import type { Ipv4 } from '../base/brand.js'
import { heldAddresses } from '../cluster/node-addressing.js'
import { gatewayKindOf } from '../cluster/outbound.js'
import { BlockPool } from '../ipam/overlay.js'
import { isReserved } from '../ipam/vnet.js'
import type { LoadedScenario } from '../scenario/load.js'
import type { AgentPool, Scenario } from '../scenario/model.js'
import type { NodeShare } from '../scenario/node-share.js'
import { type Cidr, contains } from '../wire/address.js'
import { PLAN_OPTIONS, type PlanInput, type PlanOutbound, type PlanPool } from './input.js'

export interface InputOptions {
  readonly routes?: number | undefined
  readonly podsPerCluster?: number | undefined
  /** Counted for every pool instead of what the file says. */
  readonly surge?: NodeShare | undefined
  /** Count each pool's surge even where it is Azure's default. */
  readonly upgrade?: boolean | undefined
}

export function inputOf(loaded: LoadedScenario, options: InputOptions = {}): PlanInput {
  const { scenario } = loaded
  const { networkProfile, agentPoolProfiles } = scenario.cluster
  const { primaryAddress, staticCheck } = scenario.fabric.ipam
  const held = heldAddresses(scenario)
  const { surge: asked, routes = PLAN_OPTIONS.routes, podsPerCluster = PLAN_OPTIONS.podsPerCluster } = options
  const surges = agentPoolProfiles.map((pool, i) => asked ?? givenSurge(loaded, pool, i) ?? { kind: 'nodes' as const, nodes: 0 })
  return {
    mode: networkProfile.addressing,
    pools: agentPoolProfiles.map((pool, i) => poolOf(pool, surges[i])),
    isOnePoolForAll: false,
    pods: scenario.workloads.reduce((sum, { replicas }) => sum + replicas, 0),
    subnets: new Map(Object.entries(scenario.vnet.subnets).map(([name, { cidr }]) => [name, { cidr, held: heldIn(held, cidr) }])),
    podCidr: networkProfile.podCidr,
    extraBlocks: extraBlocksOf(scenario),
    serviceCidr: networkProfile.serviceCidr,
    services: scenario.services.filter(({ clusterIp }) => clusterIp !== 'None').length,
    hasPeerings: scenario.vnet.peerings.length > 0,
    outbound: outboundOf(scenario),
    options: { routes, podsPerCluster, primaryAddress, staticCheck },
  }
}

const poolOf = (pool: AgentPool, surge: NodeShare): PlanPool => ({
  name: pool.name,
  count: pool.count,
  most: Math.max(pool.count, pool.autoScaling?.maxCount ?? 0),
  maxPods: pool.maxPods,
  surge,
  subnet: pool.vnetSubnet,
  podSubnet: pool.podSubnet,
})

/** The pool's own surge, if somebody wrote it down: Azure's default of 10% is counted by `--upgrade` alone. */
function givenSurge(loaded: LoadedScenario, pool: AgentPool, index: number): NodeShare | null {
  const origin = loaded.originOf(['cluster', 'agentPoolProfiles', index, 'upgradeSettings', 'maxSurge'])
  return origin === 'default' ? null : pool.upgrade.maxSurge
}

/** Addresses of a subnet that belong to others, as far as Azure hands them out at all: the router's place is none of them. */
const heldIn = (held: readonly Ipv4[], cidr: Cidr): Ipv4[] => held.filter(address => contains(cidr, address) && !isReserved(cidr, address))

/** A fixed block of another size takes every /24 that it touches; and Azure may keep a block a pool for an upgrade to come. */
function extraBlocksOf({ cluster, fabric }: Scenario): number {
  const { podCidr, addressing } = cluster.networkProfile
  if (podCidr === null) return 0
  const blocks = new BlockPool(podCidr)
  const fixed = cluster.agentPoolProfiles.flatMap(({ nodes }) => nodes.flatMap(node => node.podCidr ?? []))
  for (const block of fixed) blocks.takeBlock(block)
  const buffer = addressing === 'overlay' ? cluster.agentPoolProfiles.length * fabric.ipam.upgradeBuffer : 0
  return blocks.used - fixed.length + buffer
}

function outboundOf(scenario: Scenario): PlanOutbound {
  const { loadBalancerProfile, natGatewayProfile } = scenario.cluster.networkProfile
  switch (gatewayKindOf(scenario)) {
    case 'loadBalancer':
      return {
        kind: 'loadBalancer',
        addresses: loadBalancerProfile.outboundIPs,
        allocatedPorts: loadBalancerProfile.allocatedOutboundPorts,
      }
    case 'natGateway':
      return { kind: 'natGateway', addresses: natGatewayProfile.outboundIPs }
    default:
      return { kind: 'other' }
  }
}
