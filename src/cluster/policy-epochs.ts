// Which policies are in force when: those of the file from the beginning, then what the timeline applies and deletes. A policy that is applied
// replaces the one of the same name, as `kubectl apply` does.
import type { Scenario } from '../scenario/model.js'
import type { NetworkPolicy } from '../scenario/model-policy.js'

/** The policies in force from a moment on. */
export interface PolicyEpoch {
  readonly atNs: number
  readonly policies: readonly NetworkPolicy[]
}

const keyOf = ({ namespace, name }: Pick<NetworkPolicy, 'namespace' | 'name'>): string => `${namespace}/${name}`

export function policyEpochs({ networkPolicies, timeline }: Scenario): PolicyEpoch[] {
  const inForce = new Map(networkPolicies.map(policy => [keyOf(policy), policy]))
  const epochs: PolicyEpoch[] = [{ atNs: 0, policies: [...inForce.values()] }]
  const changes = timeline.filter(({ kind }) => kind === 'applyPolicies' || kind === 'deletePolicy').sort((a, b) => a.atNs - b.atNs)
  for (const change of changes) {
    if (change.kind === 'applyPolicies') for (const policy of change.policies) inForce.set(keyOf(policy), policy)
    else if (change.kind === 'deletePolicy') inForce.delete(change.policy)
    const epoch = { atNs: change.atNs, policies: [...inForce.values()] }
    if (epochs[epochs.length - 1].atNs === change.atNs) epochs[epochs.length - 1] = epoch
    else epochs.push(epoch)
  }
  return epochs
}

/** The policies in force at a moment. */
export const policiesAt = (scenario: Scenario, atNs: number): readonly NetworkPolicy[] =>
  policyEpochs(scenario).findLast(epoch => epoch.atNs <= atNs)?.policies ?? []
