// Fixed pods of imported clusters: each needs a node that exists, a name and an address of its own, and the address must lie in the
// block of its node, stated or allocated.
import type { Ipv4 } from '../base/brand.js'
import { type Issue, issue } from '../scenario/issue.js'
import type { FixedPod, Scenario } from '../scenario/model.js'
import { type Cidr, contains, formatCidr, formatIpv4, networkOf } from '../wire/address.js'
import { nodeFinder } from './node-names.js'
import { blockFinder } from './plan-pods.js'
import type { PlannedNode } from './planned.js'

type Path = Issue['path']

/** `nodes` are the planned ones; the scenario must be sound so far, or there would be fewer than it means. */
export function admitFixedPods(scenario: Scenario, nodes: readonly PlannedNode[]): Issue[] {
  if (!scenario.workloads.some(workload => workload.pods.length > 0)) return []
  const byName = nodeFinder(scenario, nodes)
  const byAddress = blockFinder(nodes)
  const names = new Set<string>()
  const owners = new Map<number, string>()
  return scenario.workloads.flatMap(({ namespace, pods }, w) =>
    pods.flatMap((pod, i) => {
      const issues: Issue[] = []
      const path = ['workloads', w, 'pods', i]
      const name = `${namespace}/${pod.name}`
      if (names.has(name)) issues.push(issue([...path, 'name'], 'DuplicateName', `a second pod named ${name}`, 'rename one of them'))
      names.add(name)
      const home = nodeOf(pod, byName, byAddress)
      if (pod.node !== null && home < 0) {
        const hint = 'name one of its nodes, as pool/index or by its name'
        issues.push(issue([...path, 'node'], 'UnknownNode', `the cluster has no node "${pod.node}"`, hint))
      }
      if (pod.address === null) return issues
      const owner = owners.get(pod.address)
      owners.set(pod.address, name)
      const own = `the address ${formatIpv4(pod.address)} of pod ${name}`
      if (owner !== undefined) {
        const message = `${own} is that of pod ${owner} too`
        return [...issues, issue([...path, 'address'], 'DuplicateAddress', message, 'give one of them another address')]
      }
      const isKnown = home >= 0 || pod.node === null
      return [...issues, ...admitAddress([...path, 'address'], own, pod.address, isKnown ? (nodes[home] ?? null) : undefined, scenario)]
    }),
  )
}

function nodeOf({ node, address }: FixedPod, byName: (name: string) => number, byAddress: (address: Ipv4) => number): number {
  if (node !== null) return byName(node)
  return address === null ? -1 : byAddress(address)
}

/** `home`: the pod's node; null if no node's block can hold the address; undefined if the node is unknown. */
function admitAddress(path: Path, own: string, address: Ipv4, home: PlannedNode | null | undefined, scenario: Scenario): Issue[] {
  const { podCidr } = scenario.cluster.networkProfile
  if (!contains(podCidr, address)) {
    return [issue(path, 'AddressOutsidePodCidr', `${own} is not in the pod CIDR ${formatCidr(podCidr)}`, 'move it there')]
  }
  if (home === undefined) return []
  if (home === null || !contains(home.block, address)) {
    const where = home === null ? "in no node's block" : `not in the block ${formatCidr(home.block)} of node ${home.name}`
    return [issue(path, 'AddressOutsideBlock', `${own} is ${where}`, 'move the pod, its address, or the block')]
  }
  const why = reservedFor(home.block, address, scenario.fabric.podInterface === 'gateway')
  return why === null
    ? []
    : [issue(path, 'AddressReserved', `${own} is ${why} address in the block ${formatCidr(home.block)}`, 'use a higher one')]
}

function reservedFor(block: Cidr, address: Ipv4, hasGateway: boolean): string | null {
  const offset = (address - networkOf(block).base) >>> 0
  if (offset === 0) return "the VTEP's"
  return offset === 1 && hasGateway ? "the pods' default gateway's" : null
}
