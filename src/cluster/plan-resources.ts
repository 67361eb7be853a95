// The finite things that planning uses up, as rows of the result. Where there are many of a kind (subnets, nodes) the row is of the
// fullest one, named by its scope.
import type { AddressResource, ResourceUse } from '../ipam/addressing.js'
import type { Scenario } from '../scenario/model.js'
import { sizeOf } from '../wire/address.js'
import type { NodePlan } from './plan-nodes.js'
import type { PendingPods, PodColumns } from './planned.js'
import { atStart, type Resource } from './resource.js'

export function planResources(scenario: Scenario, planned: NodePlan, pods: PodColumns, pending: readonly PendingPods[]): Resource[] {
  const usage = planned.addressing.usage()
  const waiting = (cause: PendingPods['cause']) => pending.reduce((sum, group) => sum + (group.cause === cause ? group.count : 0), 0)
  const slots = planned.nodes.reduce((sum, node) => sum + node.maxPods, 0)
  const row = (name: AddressResource): Resource[] => {
    const fullest = fullestOf(usage.filter(use => use.name === name))
    if (fullest === undefined) return []
    const scope = fullest.node >= 0 ? planned.nodes[fullest.node].name : fullest.scope
    const failures = name === 'podIps' ? waiting('podIps') : planned.refused.filter(({ resource }) => resource === name).length
    return [atStart(name, scope, fullest.unit, fullest.capacity, fullest.used, failures)]
  }
  return [
    ...row('nodeSubnet'),
    ...row('podSubnet'),
    ...row('podCidr'),
    ...row('routeTable'),
    atStart('maxPods', 'cluster', 'pods', slots, pods.count, waiting('maxPods')),
    ...row('podIps'),
    ...row('vnetAddresses'),
    serviceAddresses(scenario),
  ]
}

/** Kubernetes gives out neither the network address nor the last one; the first Service is `kubernetes`, the second the DNS. */
export function serviceAddresses(scenario: Scenario): Resource {
  const capacity = Math.max(0, sizeOf(scenario.cluster.networkProfile.serviceCidr) - 2)
  return atStart('serviceCidr', 'cluster', 'service addresses', capacity, 2)
}

/** The row of the highest fill, the first of equals. */
function fullestOf(rows: readonly ResourceUse[]): ResourceUse | undefined {
  const fill = ({ capacity, used }: ResourceUse): number => (capacity === 0 ? 1 : used / capacity)
  return rows.reduce<ResourceUse | undefined>((best, row) => (best === undefined || fill(row) > fill(best) ? row : best), undefined)
}
