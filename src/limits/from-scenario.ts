// The arithmetic's input out of a scenario: pools, ranges, and who else holds addresses. What changes over virtual time is no part of it;
// that is asked of the control plane's own plan.
import { gatewayKindOf, hasAppliance } from '../cluster/outbound.js'
import type { LoadedScenario } from '../scenario/load.js'
import type { AgentPool, Scenario } from '../scenario/model.js'
import type { NodeShare } from '../scenario/node-share.js'
import { contains } from '../wire/address.js'
import { PLAN_OPTIONS, type PlanInput, type PlanOutbound, type PlanPool, type PlanSubnet } from './input.js'

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
  const { primaryAddress, staticCheck, upgradeBuffer } = scenario.fabric.ipam
  const { surge: asked, routes = PLAN_OPTIONS.routes, podsPerCluster = PLAN_OPTIONS.podsPerCluster } = options
  const surges = agentPoolProfiles.map(
    (pool, i) => asked ?? givenSurge(loaded, pool, i) ?? { kind: 'nodes' as const, nodes: upgradeBuffer },
  )
  return {
    mode: networkProfile.addressing,
    pools: agentPoolProfiles.map((pool, i) => poolOf(pool, surges[i])),
    isOnePoolForAll: false,
    pods: scenario.workloads.reduce((sum, { replicas }) => sum + replicas, 0),
    subnets: new Map(
      Object.entries(scenario.vnet.subnets).map(([name, { cidr, occupied = 0 }]) => [
        name,
        { cidr, occupied: occupied + occupiedIn(scenario, cidr) },
      ]),
    ),
    podCidr: networkProfile.podCidr,
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
  most: pool.autoScaling?.maxCount ?? pool.count,
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

/** Endpoints of the VNet and the appliance have addresses of subnets. */
function occupiedIn(scenario: Scenario, cidr: PlanSubnet['cidr']): number {
  const hosts = scenario.endpoints.filter(({ location, address }) => location === 'vnet' && contains(cidr, address)).length
  const { address } = scenario.fabric.appliance
  // The router's place, .1, is none of the addresses that a subnet hands out.
  return hosts + (hasAppliance(scenario) && contains(cidr, address) && !isRouter(cidr, address) ? 1 : 0)
}

const isRouter = (cidr: PlanSubnet['cidr'], address: number): boolean => ((address - cidr.base) | 0) === 1

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
