// Azure's own arithmetic before it scales or upgrades anything: the addresses that all nodes of the pools may ever need, against what the
// subnets and the pod CIDR have. It knows nothing of actual use, so it refuses what would fit and lets pass what does not.
import { checkedByAzure } from '../admit-capacity.js'
import { limitOfIssue } from '../limit-of-issue.js'
import type { ResourceName } from '../resource.js'
import type { ControlState } from './control-state.js'
import type { Refusal } from './nodes.js'

/** Why this pool may not have so many nodes; null if it may, or if the check is off. */
export function preCheck(state: ControlState, pool: number, count: number): Refusal | null {
  const { scenario } = state
  if (!scenario.fabric.controlPlane.preCheck) return null
  const { cluster } = scenario
  const networkProfile = { ...cluster.networkProfile, podCidr: state.podCidr }
  const agentPoolProfiles = cluster.agentPoolProfiles.map((profile, i) => ({
    ...profile,
    count: i === pool ? count : state.pools[i].nodes.length,
  }))
  const found = checkedByAzure({ ...scenario, cluster: { ...cluster, networkProfile, agentPoolProfiles } }).find(
    ({ severity }) => severity === 'error',
  )
  if (found === undefined) return null
  state.recorder.fail(
    state.nowNs,
    (limitOfIssue(found, scenario) ?? 'nodeSubnet') as ResourceName,
    Math.max(1, count - state.pools[pool].nodes.length),
  )
  return { code: found.code, message: found.message }
}
