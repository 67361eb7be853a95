// Fixed pods of imported clusters: an address belongs to one pod, and lies in the block of the pod's node, stated or allocated.
import type { Ipv4 } from '../base/brand.js'
import { type Issue, issue } from '../scenario/issue.js'
import type { Scenario } from '../scenario/model.js'
import { type Cidr, contains, formatCidr, formatIpv4, networkOf } from '../wire/address.js'
import { podCidrOf } from './node-addressing.js'
import { nodeFinder } from './node-names.js'
import { blockFinder } from './plan-pods.js'
import type { PlannedNode } from './planned.js'

type Path = Issue['path']

/** `nodes` are the planned ones; the scenario must be sound so far, or there would be fewer than it means. */
export function admitFixedPods(scenario: Scenario, nodes: readonly PlannedNode[]): Issue[] {
  if (!scenario.workloads.some(workload => workload.pods.length > 0)) return []
  const byName = nodeFinder(scenario, nodes)
  const byAddress = blockFinder(nodes)
  const owners = new Map<number, string>()
  return scenario.workloads.flatMap(({ namespace, pods }, w) =>
    pods.flatMap((pod, i) => {
      if (pod.address === null) return []
      const path = ['workloads', w, 'pods', i, 'address']
      const own = `the address ${formatIpv4(pod.address)} of pod ${namespace}/${pod.name}`
      const owner = owners.get(pod.address)
      if (owner !== undefined) {
        return [issue(path, 'DuplicateAddress', `${own} is that of pod ${owner} too`, 'give one of them another address')]
      }
      owners.set(pod.address, `${namespace}/${pod.name}`)
      const home = pod.node !== null ? byName(pod.node) : byAddress(pod.address)
      return admitAddress(path, own, pod.address, nodes[home] ?? null, scenario)
    }),
  )
}

/** `home`: the pod's node, or null if no node's block can hold the address. */
function admitAddress(path: Path, own: string, address: Ipv4, home: PlannedNode | null, scenario: Scenario): Issue[] {
  const podCidr = podCidrOf(scenario)
  if (!contains(podCidr, address)) {
    return [issue(path, 'AddressOutsidePodCidr', `${own} is not in the pod CIDR ${formatCidr(podCidr)}`, 'move it there')]
  }
  const block = home?.block ?? null
  if (home === null || block === null || !contains(block, address)) {
    const where =
      home === null ? "in no node's block" : `not in the block ${block === null ? 'none' : formatCidr(block)} of node ${home.name}`
    return [issue(path, 'AddressOutsideBlock', `${own} is ${where}`, 'move the pod, its address, or the block')]
  }
  const why = reservedFor(block, address, scenario.fabric.podInterface === 'gateway')
  return why === null
    ? []
    : [issue(path, 'AddressReserved', `${own} is ${why} address in the block ${formatCidr(block)}`, 'use a higher one')]
}

function reservedFor(block: Cidr, address: Ipv4, hasGateway: boolean): string | null {
  const offset = (address - networkOf(block).base) >>> 0
  if (offset === 0) return "the VTEP's"
  return offset === 1 && hasGateway ? "the pods' default gateway's" : null
}
