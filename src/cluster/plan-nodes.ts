// Nodes: names, own addresses, and what their addressing mode gives them up front. What is fixed is put aside first; then each node in pool
// order gets the lowest free. Addresses that VNet endpoints or the appliance hold are taken before any node gets one.
import type { FixedParts, Shortage } from '../ipam/addressing.js'
import { type Addressing, isShortage } from '../ipam/addressing.js'
import type { Scenario } from '../scenario/model.js'
import { addressingFor, fixedParts, wantedNodes } from './node-addressing.js'
import type { PlannedNode } from './planned.js'

export interface NodePlan {
  readonly nodes: readonly PlannedNode[]
  /** What each node that could not be made lacked. */
  readonly refused: readonly Shortage[]
  /** The mode, with these nodes in it: a node's number there is its index here. */
  readonly addressing: Addressing
}

export function planNodes(scenario: Scenario): NodePlan {
  const wanted = wantedNodes(scenario)
  const fixed = fixedParts(scenario, wanted)
  const addressing = addressingFor(
    scenario,
    fixed.filter((parts): parts is FixedParts => parts !== undefined),
  )
  const nodes: PlannedNode[] = []
  const refused: Shortage[] = []
  wanted.forEach(({ name, pool, index }, i) => {
    const joined = addressing.addNode(nodes.length, pool, fixed[i])
    if (isShortage(joined)) refused.push(joined)
    else {
      const { maxPods } = scenario.cluster.agentPoolProfiles[pool]
      nodes.push({ name, pool, index, ...joined, maxPods, joinNs: 0, readyNs: 0, leaveNs: Number.POSITIVE_INFINITY })
    }
  })
  return { nodes, refused, addressing }
}
