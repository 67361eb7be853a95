// What Azure refuses before it makes anything, and what would never work: all mistakes of meaning in a scenario, at once, with Azure's
// own codes where it has them. The form of the document and the names in it were checked by `scenario/`.
import type { Issue } from '../scenario/issue.js'
import type { Scenario } from '../scenario/model.js'
import { admitCapacity } from './admit-capacity.js'
import { admitFabric } from './admit-fabric.js'
import { admitFixedNodes } from './admit-fixed-nodes.js'
import { admitFixedPods } from './admit-fixed-pods.js'
import { admitHostNetwork } from './admit-host-network.js'
import { admitHosts } from './admit-hosts.js'

import { admitModes } from './admit-modes.js'

import { admitSecurityGroups } from './admit-nsg.js'

import { admitOutbound } from './admit-outbound.js'
import { admitPolicies } from './admit-policies.js'
import { admitPools } from './admit-pools.js'
import { admitRanges, admitSubnets } from './admit-ranges.js'
import { admitServices } from './admit-services.js'
import { admitTimeline } from './admit-timeline.js'
import { admitTraffic } from './admit-traffic.js'
import { planNodes } from './plan-nodes.js'

/** All issues of a scenario; without an error among them `planCluster` finds an address and a block for every node. */
export function admit(scenario: Scenario): Issue[] {
  const cluster = [
    ...admitRanges(scenario),
    ...admitSubnets(scenario),
    ...admitPools(scenario),
    ...admitCapacity(scenario),
    ...admitFixedNodes(scenario),
    ...admitModes(scenario),
  ]
  // Where pods may be depends on where the blocks are, which is known only of a cluster that can be made.
  const canBeMade = cluster.every(({ severity }) => severity === 'warning')
  const pods = canBeMade ? admitFixedPods(scenario, planNodes(scenario).nodes) : []
  const network = [...admitHosts(scenario), ...admitOutbound(scenario), ...admitFabric(scenario)]
  const asked = [...admitSecurityGroups(scenario), ...admitPolicies(scenario), ...admitServices(scenario)]
  const flows = [...admitTimeline(scenario), ...admitTraffic(scenario), ...admitHostNetwork(scenario)]
  return [...cluster, ...pods, ...network, ...asked, ...flows]
}
