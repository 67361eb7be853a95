// Which of the five addressing modes a document describes, and the pod subnets that its pools name. As az has it: without a plugin an
// overlay; with a plugin and no mode pods share the nodes' subnet, or have one of their own where the pools name it.
import type { AddressingMode } from '../base/addressing-mode.js'
import type { ScenarioDocument } from './schema.js'
import type { Partially } from './shape.js'

interface Named {
  readonly podSubnet?: string | undefined
  readonly podSubnetId?: string | undefined
}

/** The pod subnet a pool names, by name or by the last segment of Azure's id. */
export const namedPodSubnet = (pool: Named): string | null => pool.podSubnet ?? pool.podSubnetId?.split('/').filter(Boolean).at(-1) ?? null

export function addressingOf(document: Partially<Pick<ScenarioDocument, 'cluster'>>): AddressingMode {
  const { networkPlugin, networkPluginMode } = document.cluster?.networkProfile ?? {}
  if (networkPlugin === 'kubenet') return 'kubenet'
  if (networkPluginMode === 'overlay') return 'overlay'
  const pools = document.cluster?.agentPoolProfiles ?? []
  const withPods = pools.find(pool => pool !== undefined && namedPodSubnet(pool) !== null)
  if (withPods) return withPods.podIpAllocationMode === 'StaticBlock' ? 'podSubnetStatic' : 'podSubnetDynamic'
  return networkPlugin === undefined && networkPluginMode === undefined ? 'overlay' : 'nodeSubnet'
}
