// The finite things that planning uses up, as rows of the result. Where there are many of a kind (subnets, nodes) the row is of the
// fullest one, named by its scope.
import type { AddressResource, ResourceUse } from '../ipam/addressing.js'
import type { NodePlan } from './plan-nodes.js'
import type { ServicePlan } from './plan-services.js'
import type { PendingPods, PodColumns } from './planned.js'
import { atStart, type Resource } from './resource.js'

export function planResources(planned: NodePlan, pods: PodColumns, pending: readonly PendingPods[], services: ServicePlan): Resource[] {
  const usage = planned.addressing.usage()
  const waiting = (cause: PendingPods['cause']) => pending.reduce((sum, group) => sum + (group.cause === cause ? group.count : 0), 0)
  const slots = planned.nodes.reduce((sum, node) => sum + node.maxPods, 0)
  const row = (name: AddressResource): Resource[] => {
    const fullest = fullestOf(usage.filter(use => use.name === name))
    if (fullest === undefined) return []
    const scope = fullest.node >= 0 ? planned.nodes[fullest.node].name : fullest.scope
    const failures = name === 'podIps' ? waiting('podIps') : planned.refused.filter(({ resource }) => resource === name).length
    const { unit, capacity, used, stranded } = fullest
    return [{ ...atStart(name, scope, unit, capacity, used, failures), ...(stranded !== undefined && { stranded }) }]
  }
  return [
    ...row('nodeSubnet'),
    ...row('podSubnet'),
    ...row('podCidr'),
    ...row('routeTable'),
    atStart('maxPods', 'cluster', 'pods', slots, pods.count, waiting('maxPods')),
    ...row('podIps'),
    ...row('vnetAddresses'),
    serviceAddresses(services),
  ]
}

/** Addresses of the Service range, those of `kubernetes` and the DNS included. */
export const serviceAddresses = ({ addresses, refused }: ServicePlan): Resource =>
  atStart('serviceCidr', 'cluster', 'service addresses', addresses.capacity, addresses.used, refused.length)

/** The row of the highest fill, the first of equals. */
function fullestOf(rows: readonly ResourceUse[]): ResourceUse | undefined {
  const fill = ({ capacity, used }: ResourceUse): number => (capacity === 0 ? 1 : used / capacity)
  return rows.reduce<ResourceUse | undefined>((best, row) => (best === undefined || fill(row) > fill(best) ? row : best), undefined)
}
