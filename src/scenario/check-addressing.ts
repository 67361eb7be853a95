// Whether the keys about addresses fit together: the plugin and its mode, pod subnets, the pod CIDR, the tunnel, the surge. What they mean
// for a VNet (room, overlaps) is asked in `cluster/`.
import { type AddressingMode, hasPodSubnet, isFlat } from '../base/addressing-mode.js'
import { addressingOf, namedPodSubnet } from './addressing.js'
import { type Issue, issue, warning } from './issue.js'
import { parseNodeShare } from './node-share.js'
import type { Sound } from './references.js'

type Pools = NonNullable<NonNullable<Sound['cluster']>['agentPoolProfiles']>

const PROFILE = ['cluster', 'networkProfile'] as const
const POOLS = ['cluster', 'agentPoolProfiles'] as const

export function checkAddressing(document: Sound): Issue[] {
  const mode = addressingOf(document)
  const profile = document.cluster?.networkProfile
  const pools = document.cluster?.agentPoolProfiles ?? []
  const issues: Issue[] = []
  if (profile?.networkPlugin === 'kubenet' && profile.networkPluginMode === 'overlay') {
    const message = 'kubenet has no mode overlay; that is one of the plugin azure'
    issues.push(issue([...PROFILE, 'networkPluginMode'], 'InvalidNetworkPluginMode', message, 'take it out, or write networkPlugin: azure'))
  }
  if (isFlat(mode) && profile?.podCidr !== undefined) {
    const message = `the pod CIDR ${profile.podCidr} is not used: in the mode ${mode} pods have addresses of the VNet`
    issues.push(warning([...PROFILE, 'podCidr'], 'UnusedPodCidr', message, 'take it out, or write networkPluginMode: overlay'))
  }
  if (mode !== 'overlay' && document.fabric?.encapsulation === 'vxlan') {
    const why = mode === 'kubenet' ? 'its pods are reached by routes of the VNet' : 'its pods have addresses of the VNet'
    const message = `the mode ${mode} has no tunnel: ${why}`
    issues.push(issue(['fabric', 'encapsulation'], 'NoTunnelInMode', message, 'take it out, or write networkPluginMode: overlay'))
  }
  const given = document.fabric?.podInterface
  const only = mode === 'kubenet' ? 'gateway' : isFlat(mode) ? 'transparent' : given
  if (given !== undefined && given !== only) {
    const why =
      mode === 'kubenet' ? 'pods hang on a bridge that is their gateway' : 'nodes have no block whose first address could be a gateway'
    const message = `podInterface ${given} in the mode ${mode}, in which ${why}`
    issues.push(issue(['fabric', 'podInterface'], 'InvalidPodInterface', message, `take it out, or write ${only}`))
  }
  return [...issues, ...checkPodSubnets(mode, pools), ...checkSurge(pools)]
}

/** All pools of a cluster get their pods' addresses in the same way. */
function checkPodSubnets(mode: AddressingMode, pools: Pools): Issue[] {
  return pools.flatMap((pool, i) => {
    if (!pool) return []
    const named = namedPodSubnet(pool)
    const key = pool.podSubnet === undefined ? 'podSubnetId' : 'podSubnet'
    if (named !== null && !hasPodSubnet(mode)) {
      const message = `pool ${i + 1} names the pod subnet ${named}, which the mode ${mode} has no use for`
      return [issue([...POOLS, i, key], 'PodSubnetNotAllowed', message, 'take it out, or take out networkPluginMode: overlay and kubenet')]
    }
    if (named === null && hasPodSubnet(mode)) {
      const message = 'this pool names no pod subnet, another one does'
      return [issue([...POOLS, i], 'MixedAddressingModes', message, 'name a podSubnet for each pool, or for none')]
    }
    const given = pool.podIpAllocationMode
    if (given !== undefined && named === null) {
      const message = `podIpAllocationMode ${given} without a pod subnet`
      return [issue([...POOLS, i, 'podIpAllocationMode'], 'PodSubnetMissing', message, 'name a podSubnet, or take it out')]
    }
    const own = given === 'StaticBlock' ? 'podSubnetStatic' : 'podSubnetDynamic'
    if (named === null || own === mode) return []
    const what = 'not supported yet: DynamicIndividual and StaticBlock in one cluster'
    return [issue([...POOLS, i, 'podIpAllocationMode'], 'NotSupportedYet', what, 'write the same for all pools')]
  })
}

const isNone = (given: string | number | undefined, fallback: string | number): boolean => {
  const share = parseNodeShare(given ?? fallback)
  return share !== null && (share.kind === 'nodes' ? share.nodes : share.percent) === 0
}

/** An upgrade must be able to take a node away or to add one. */
const checkSurge = (pools: Pools): Issue[] =>
  pools.flatMap((pool, i) => {
    const settings = pool?.upgradeSettings
    if (!settings || settings.maxSurge === undefined || !isNone(settings.maxSurge, 0) || !isNone(settings.maxUnavailable, 0)) return []
    const message = 'maxSurge and maxUnavailable are both 0, so that no upgrade could begin'
    return [issue([...POOLS, i, 'upgradeSettings', 'maxSurge'], 'InvalidUpgradeSettings', message, 'set one of them to 1 or more')]
  })
