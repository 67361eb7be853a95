// Fixed pods of imported clusters: an address belongs to one pod, and lies in the block of the pod's node, stated or allocated.
import { isFlat } from '../base/addressing-mode.js'
import type { Ipv4 } from '../base/brand.js'
import { type Issue, issue } from '../scenario/issue.js'
import type { Scenario } from '../scenario/model.js'
import { type Cidr, contains, formatCidr, formatIpv4, networkOf, sizeOf } from '../wire/address.js'
import { flatPodJudge } from './admit-flat-pods.js'
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
  const judge = isFlat(scenario.cluster.networkProfile.addressing) ? flatPodJudge(scenario) : blockPodJudge(scenario)
  return scenario.workloads.flatMap(({ namespace, pods, hostNetwork }, w) =>
    pods.flatMap((pod, i) => {
      if (pod.address === null) return []
      const path = ['workloads', w, 'pods', i, 'address']
      const own = `the address ${formatIpv4(pod.address)} of pod ${namespace}/${pod.name}`
      const home = pod.node !== null ? byName(pod.node) : byAddress(pod.address)
      if (hostNetwork) return admitHostPod(path, own, pod.address, nodes[home] ?? null)
      const owner = owners.get(pod.address)
      if (owner !== undefined) {
        return [issue(path, 'DuplicateAddress', `${own} is that of pod ${owner} too`, 'give one of them another address')]
      }
      owners.set(pod.address, `${namespace}/${pod.name}`)
      return judge(path, own, pod.address, nodes[home] ?? null)
    }),
  )
}

/** A pod of the host network has its node's address and no other. */
function admitHostPod(path: Path, own: string, address: Ipv4, home: PlannedNode | null): Issue[] {
  if (home?.address === address) return []
  const where = home === null ? 'names no node' : `runs on node ${home.name}, ${formatIpv4(home.address)}`
  return [issue(path, 'AddressOfHostNetwork', `${own} is not its node's: it ${where}`, 'leave the address out')]
}

/** `home`: the pod's node, or null if no node's block can hold the address. */
const blockPodJudge = (scenario: Scenario) => (path: Path, own: string, address: Ipv4, home: PlannedNode | null) =>
  admitAddress(path, own, address, home, scenario)

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
  const isBridge = scenario.cluster.networkProfile.addressing === 'kubenet'
  const why = reservedFor(block, address, scenario.fabric.podInterface === 'gateway', isBridge)
  return why === null
    ? []
    : [issue(path, 'AddressReserved', `${own} is ${why} address in the block ${formatCidr(block)}`, 'use a higher one')]
}

function reservedFor(block: Cidr, address: Ipv4, hasGateway: boolean, isBridge: boolean): string | null {
  const offset = (address - networkOf(block).base) >>> 0
  if (isBridge && offset === 1) return "the bridge's"
  if (isBridge && (offset === 0 || offset === sizeOf(block) - 1)) return 'the network or broadcast'
  if (offset === 0) return "the VTEP's"
  return offset === 1 && hasGateway ? "the pods' default gateway's" : null
}
