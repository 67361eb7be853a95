// The finite things that planning uses up, as rows of the result. Where there are many of a kind (subnets, nodes) the row is of the
// fullest one, named by its scope.
import { AZURE } from '../ipam/azure-limits.js'
import type { PodAddressPool } from '../ipam/overlay.js'
import type { Scenario } from '../scenario/model.js'
import { sizeOf } from '../wire/address.js'
import { hasAppliance, type NodePlan } from './plan-nodes.js'
import type { PendingPods, PodColumns } from './planned.js'
import { atStart, type Resource } from './resource.js'

export function planResources(
  scenario: Scenario,
  planned: NodePlan,
  pods: PodColumns,
  pending: readonly PendingPods[],
  addresses: readonly PodAddressPool[],
): Resource[] {
  const refused = (what: 'nodeSubnet' | 'podCidr') => planned.refused.filter(name => name === what).length
  const waiting = (cause: PendingPods['cause']) => pending.reduce((sum, group) => sum + (group.cause === cause ? group.count : 0), 0)
  const slots = planned.nodes.reduce((sum, node) => sum + node.maxPods, 0)
  const hosts = scenario.endpoints.filter(endpoint => endpoint.location === 'vnet').length + (hasAppliance(scenario) ? 1 : 0)
  const [subnet, subnetPool] = fullest([...planned.subnets], ([, pool]) => pool.used / pool.capacity) ?? ['none', null]
  const rows = [
    atStart('nodeSubnet', subnet, 'addresses', subnetPool?.capacity ?? 0, subnetPool?.used ?? 0, refused('nodeSubnet')),
    atStart('podCidr', 'cluster', 'node blocks', planned.blocks.capacity, planned.blocks.used, refused('podCidr')),
    atStart('maxPods', 'cluster', 'pods', slots, pods.count, waiting('maxPods')),
    atStart('vnetAddresses', 'cluster', 'addresses', AZURE.addressesPerVnet, planned.nodes.length + hosts),
    serviceAddresses(scenario),
  ]
  const node = fullest([...addresses.keys()], i => addresses[i].used / addresses[i].capacity)
  if (node !== undefined) {
    const pool = addresses[node]
    rows.splice(3, 0, atStart('podIps', planned.nodes[node].name, 'addresses', pool.capacity, pool.used, waiting('podIps')))
  }
  return rows
}

/** Kubernetes gives out neither the network address nor the last one; the first Service is `kubernetes`, the second the DNS. */
function serviceAddresses(scenario: Scenario): Resource {
  const capacity = Math.max(0, sizeOf(scenario.cluster.networkProfile.serviceCidr) - 2)
  return atStart('serviceCidr', 'cluster', 'service addresses', capacity, 2)
}

/** The item of the highest fill, the first of equals. */
function fullest<Item>(items: readonly Item[], fill: (item: Item) => number): Item | undefined {
  let best: Item | undefined
  let most = Number.NEGATIVE_INFINITY
  for (const item of items) {
    const value = fill(item)
    if (value > most) {
      most = value
      best = item
    }
  }
  return best
}
