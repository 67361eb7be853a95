// What Azure refuses before it makes anything, and what would never work: all mistakes of meaning in a scenario, at once, with Azure's
// own codes where it has them. The form of the document and the names in it were checked by `scenario/`.
import type { Issue } from '../scenario/issue.js'
import type { Scenario } from '../scenario/model.js'
import { admitFabric } from './admit-fabric.js'
import { admitFixed } from './admit-fixed.js'
import { admitHosts } from './admit-hosts.js'
import { admitCapacity, admitPools } from './admit-pools.js'
import { admitRanges, admitSubnets } from './admit-ranges.js'

/** All issues of a scenario; without an error among them `planCluster` finds a node address and a block for every node. */
export function admit(scenario: Scenario): Issue[] {
  const shape = [...admitRanges(scenario), ...admitSubnets(scenario), ...admitPools(scenario)]
  const rest = [...admitFixed(scenario), ...admitHosts(scenario), ...admitFabric(scenario)]
  return [...shape, ...admitCapacity(scenario), ...rest]
}
