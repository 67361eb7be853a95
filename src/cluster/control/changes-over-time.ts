// Which scenarios have a control plane to run: those in which something happens by itself or at a stated moment.
import type { Scenario } from '../../scenario/model.js'

/** Whether nodes or pods come and go; else the cluster at rest is all there is. Policies change where nobody moves. */
export const changesOverTime = ({ timeline, workloads, cluster }: Scenario): boolean =>
  timeline.some(({ kind }) => kind !== 'applyPolicies' && kind !== 'deletePolicy') ||
  workloads.some(({ growth, churn }) => growth !== null || churn !== null) ||
  cluster.agentPoolProfiles.some(({ autoScaling }) => autoScaling !== null)
