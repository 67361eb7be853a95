// Blocks of the pod CIDR, and the routes that lead to them in kubenet.
import { isFlat } from '../base/addressing-mode.js'
import { AZURE } from '../ipam/azure-limits.js'
import { blocksOf } from '../ipam/overlay.js'
import { formatCidr, sizeOf } from '../wire/address.js'
import { nodesIn, sum } from './demand.js'
import { many, type Rule, type RuleMaker } from './rule.js'
import { nodeTerms } from './words.js'

/** The longest prefix with so many /24 blocks. */
const smallestPodCidr = (blocks: number): string | null => {
  const prefix = AZURE.blockPrefix - Math.ceil(Math.log2(Math.max(1, blocks)))
  return prefix >= 8 ? `/${prefix}` : null
}

export const podCidrRules: RuleMaker = ({ mode, podCidr, pools, extraBlocks }) => {
  if (isFlat(mode) || podCidr === null) return []
  const available = blocksOf(podCidr)
  return [
    {
      resource: 'podCidr',
      scope: 'cluster',
      unit: 'node blocks',
      enforced: 'admission',
      rule: 'nodes + surge <= 2^(24 - prefix): a /24 for each node, whatever maxPods is',
      source: mode === 'kubenet' ? 'Use kubenet networking in AKS' : 'Azure CNI Overlay networking in AKS',
      available,
      needed: demand => nodesIn(demand) + extraBlocks,
      arithmetic: demand =>
        `${nodeTerms(demand)}${extraBlocks > 0 ? `, and ${many(extraBlocks)} more blocks` : ''}; ${formatCidr(podCidr)}: 2^(24 - ${podCidr.prefix}) = ${many(available)} blocks`,
      used: sum(pools.map(({ count }) => count)) + extraBlocks,
      limitsNodes: true,
      smallest: smallestPodCidr,
      refusal: needed => ({
        code: 'InsufficientSubnetSize',
        message: `Pre-allocated IPs ${needed * AZURE.blockSize} exceeds IPs available ${sizeOf(podCidr)} in Subnet Cidr ${formatCidr(podCidr)}, Subnet Name networkProfile.podCIDR`,
        path: ['cluster', 'networkProfile', 'podCidr'],
      }),
    } satisfies Rule,
  ]
}

export const routeRules: RuleMaker = ({ mode, pools, options }) => {
  if (mode !== 'kubenet') return []
  const available = options.routes
  return [
    {
      resource: 'routeTable',
      scope: 'cluster',
      unit: 'routes',
      enforced: 'use',
      rule: `nodes + surge <= ${available} routes of the route table, one for each node`,
      source: available === PAGE_ROUTES ? 'Use kubenet networking in AKS' : 'Azure networking limits, as amended',
      available,
      needed: nodesIn,
      arithmetic: nodeTerms,
      used: sum(pools.map(({ count }) => count)),
      limitsNodes: true,
      refusal: needed => ({
        code: 'TooManyNodes',
        message: `${many(needed)} nodes; with kubenet a cluster has ${many(available)} at most, a user-defined route for each`,
        path: ['cluster', 'agentPoolProfiles'],
      }),
    } satisfies Rule,
  ]
}

const PAGE_ROUTES = AZURE.kubenetNodes
