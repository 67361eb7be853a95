// What belongs to one addressing mode: kubenet's limits, and the rules of pod subnets. The room that nodes need is asked in
// `admit-capacity.ts`.
import { hasPodSubnet } from '../base/addressing-mode.js'
import { AZURE } from '../ipam/azure-limits.js'
import { type Issue, issue } from '../scenario/issue.js'
import type { Scenario } from '../scenario/model.js'
import { contains, formatCidr, formatIpv4 } from '../wire/address.js'

type Path = Issue['path']

const POOLS: Path = ['cluster', 'agentPoolProfiles']
const many = (count: number): string => count.toLocaleString('en-US')

export function admitModes(scenario: Scenario): Issue[] {
  const { addressing } = scenario.cluster.networkProfile
  const own = addressing === 'kubenet' ? admitKubenet(scenario) : hasPodSubnet(addressing) ? admitPodSubnets(scenario) : []
  return [...own, ...admitFixedBlocks(scenario)]
}

/** Page "Configure kubenet": the routes of one table, Linux nodes, and Calico as the only network policy. */
function admitKubenet({ cluster }: Scenario): Issue[] {
  const { agentPoolProfiles: pools, networkProfile } = cluster
  const nodes = pools.reduce((sum, { count, autoScaling }) => sum + Math.max(count, autoScaling?.maxCount ?? 0), 0)
  const { kubenetNodes } = AZURE
  const message = `${many(nodes)} nodes; with kubenet a cluster has ${kubenetNodes} at most, a user-defined route for each`
  const hint = 'use fewer nodes, or networkPlugin azure with networkPluginMode overlay'
  const tooMany = nodes > kubenetNodes ? [issue(POOLS, 'TooManyNodes', message, hint)] : []
  const { networkPolicy } = networkProfile
  const policy =
    networkPolicy === 'none' || networkPolicy === 'calico'
      ? []
      : [
          issue(
            ['cluster', 'networkProfile', 'networkPolicy'],
            'InvalidNetworkPolicy',
            `kubenet works with Calico only, not with ${networkPolicy}`,
            'write networkPolicy: calico',
          ),
        ]
  const windows = pools.flatMap(({ name, facts }, i) =>
    /^windows$/i.test(String(facts?.osType ?? ''))
      ? [issue([...POOLS, i, 'osType'], 'InvalidOsType', `pool ${name} runs Windows; kubenet has Linux nodes only`, 'use Linux nodes')]
      : [],
  )
  return [...tooMany, ...policy, ...windows]
}

/** Pages "Dynamic IP allocation" and "Static block allocation": a subnet of the same VNet, for pods alone. */
function admitPodSubnets({ cluster, vnet, endpoints }: Scenario): Issue[] {
  const pools = cluster.agentPoolProfiles
  const isStatic = cluster.networkProfile.addressing === 'podSubnetStatic'
  const issues = pools.flatMap(({ name, podSubnet, facts }, i) => {
    if (podSubnet === null) return []
    const found: Issue[] = []
    const path = [...POOLS, i, 'podSubnet']
    const owner = pools.find(({ vnetSubnet }) => vnetSubnet === podSubnet)
    if (owner) {
      const message = `the pod subnet ${podSubnet} of pool ${name} is the node subnet of pool ${owner.name}`
      found.push(issue(path, 'PodSubnetIsNodeSubnet', message, 'give pods a subnet of their own'))
    }
    const [nodes, pods] = [vnetOf(facts?.vnetSubnetId), vnetOf(facts?.podSubnetId)]
    if (nodes !== null && pods !== null && nodes !== pods) {
      const message = `the pod subnet of pool ${name} is in the VNet ${pods}, its nodes are in ${nodes}`
      found.push(issue([...POOLS, i, 'podSubnetId'], 'PodSubnetInOtherVnet', message, 'use a subnet of the same VNet'))
    }
    const cidr = vnet.subnets[podSubnet]?.cidr
    if (isStatic && cidr && cidr.prefix < AZURE.largestStaticPrefix) {
      const message = `the pod subnet ${podSubnet} ${formatCidr(cidr)} is larger than a /${AZURE.largestStaticPrefix}, the most for static blocks`
      found.push(issue(['vnet', 'subnets', podSubnet, 'cidr'], 'PodSubnetTooLarge', message, 'use a smaller range'))
    }
    return found
  })
  const names = new Set(pools.map(({ podSubnet }) => podSubnet))
  const hosts = endpoints.flatMap(({ name, address, location }, i) => {
    const home = [...names].find(
      subnet => subnet !== null && location === 'vnet' && vnet.subnets[subnet] && contains(vnet.subnets[subnet].cidr, address),
    )
    if (!home) return []
    const message = `the endpoint ${name}, ${formatIpv4(address)}, is in the pod subnet ${home}, where only pods may be`
    return [issue(['endpoints', i, 'address'], 'HostInPodSubnet', message, 'move it to another subnet')]
  })
  return [...issues, ...hosts]
}

/** The VNet that a subnet's id names, in lower case. */
const vnetOf = (id: unknown): string | null => /\/virtualNetworks\/([^/]+)\//i.exec(String(id ?? ''))?.[1].toLowerCase() ?? null

/** Only nodes of an overlay or of kubenet have blocks. */
function admitFixedBlocks({ cluster }: Scenario): Issue[] {
  const { podCidr, addressing } = cluster.networkProfile
  if (podCidr !== null) return []
  return cluster.agentPoolProfiles.flatMap(({ nodes }, p) =>
    nodes.flatMap((node, i) => {
      if (node.podCidr === null) return []
      const message = `node ${node.name} has the block ${formatCidr(node.podCidr)}, but in the mode ${addressing} nodes have none`
      return [issue([...POOLS, p, 'nodes', i, 'podCidr'], 'BlockNotAllowed', message, 'take it out')]
    }),
  )
}
