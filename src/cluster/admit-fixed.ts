// Fixed nodes and pods of imported clusters: what is stated must fit together, because nothing of it will be changed.
import type { Ipv4 } from '../base/brand.js'
import { isReserved } from '../ipam/vnet.js'
import { type Issue, issue } from '../scenario/issue.js'
import type { Scenario } from '../scenario/model.js'
import { type Cidr, contains, formatCidr, formatIpv4, networkOf, overlaps } from '../wire/address.js'
import { vmssName } from './plan-nodes.js'

type Path = Issue['path']

interface Block {
  readonly cidr: Cidr
  readonly node: string
  readonly path: Path
}

export const admitFixed = (scenario: Scenario): Issue[] => [...admitNodes(scenario), ...admitPods(scenario)]

function admitNodes(scenario: Scenario): Issue[] {
  const issues: Issue[] = []
  const names = new Set<string>()
  const owners = new Map<number, string>()
  const blocks: Block[] = []
  scenario.cluster.agentPoolProfiles.forEach((pool, p) => {
    pool.nodes.forEach((node, i) => {
      const path = ['cluster', 'agentPoolProfiles', p, 'nodes', i]
      if (names.has(node.name))
        issues.push(issue([...path, 'name'], 'DuplicateName', `a second node named "${node.name}"`, 'rename one of them'))
      names.add(node.name)
      if (node.address !== null) {
        const subnet = scenario.vnet.subnets[pool.vnetSubnet]?.cidr
        issues.push(...admitNodeAddress([...path, 'address'], node.name, node.address, subnet, pool.vnetSubnet, owners))
      }
      if (node.podCidr !== null) blocks.push({ cidr: node.podCidr, node: node.name, path: [...path, 'podCidr'] })
    })
  })
  return [...issues, ...admitBlocks(blocks, scenario.cluster.networkProfile.podCidr)]
}

function admitNodeAddress(
  path: Path,
  name: string,
  address: Ipv4,
  subnet: Cidr | undefined,
  subnetName: string,
  owners: Map<number, string>,
): Issue[] {
  const own = `${formatIpv4(address)} of node ${name}`
  const owner = owners.get(address)
  if (owner !== undefined)
    return [issue(path, 'DuplicateAddress', `the address ${own} is that of node ${owner} too`, 'give one of them another address')]
  owners.set(address, name)
  if (subnet === undefined) return []
  if (!contains(subnet, address)) {
    return [
      issue(path, 'AddressOutsideSubnet', `the address ${own} is not in the subnet ${subnetName}, ${formatCidr(subnet)}`, 'move it there'),
    ]
  }
  if (!isReserved(subnet, address)) return []
  return [
    issue(path, 'AddressReserved', `the address ${own} is one of the five that Azure keeps of ${formatCidr(subnet)}`, 'use .4 or higher'),
  ]
}

/** Sorted by address, a block can only overlap the one before it that reaches furthest. */
function admitBlocks(blocks: readonly Block[], podCidr: Cidr): Issue[] {
  const issues: Issue[] = []
  const sorted = [...blocks].sort(
    (a, b) => (networkOf(a.cidr).base >>> 0) - (networkOf(b.cidr).base >>> 0) || a.cidr.prefix - b.cidr.prefix,
  )
  let previous: Block | null = null
  for (const block of sorted) {
    const own = `block ${formatCidr(block.cidr)} of node ${block.node}`
    if (block.cidr.prefix < podCidr.prefix || !contains(podCidr, block.cidr.base)) {
      issues.push(issue(block.path, 'BlockOutsidePodCidr', `the ${own} is not in the pod CIDR ${formatCidr(podCidr)}`, 'move it there'))
    }
    if (previous !== null && overlaps(previous.cidr, block.cidr)) {
      const other = `block ${formatCidr(previous.cidr)} of node ${previous.node}`
      issues.push(issue(block.path, 'BlockOverlap', `the ${own} overlaps the ${other}`, 'give each node a block of its own'))
      if (previous.cidr.prefix < block.cidr.prefix) continue
    }
    previous = block
  }
  return issues
}

/** What is known of the nodes before planning: their names, and the blocks of those that state one. */
function statedNodes(scenario: Scenario): { names: Map<string, Cidr | null>; allStated: boolean } {
  const names = new Map<string, Cidr | null>()
  let allStated = true
  for (const pool of scenario.cluster.agentPoolProfiles) {
    for (let index = 0; index < pool.count; index++) {
      const block = pool.nodes[index]?.podCidr ?? null
      names.set(`${pool.name}/${index}`, block)
      names.set(pool.nodes[index]?.name ?? vmssName(pool.name, index), block)
      allStated &&= block !== null
    }
  }
  return { names, allStated }
}

function admitPods(scenario: Scenario): Issue[] {
  if (!scenario.workloads.some(workload => workload.pods.length > 0)) return admitWorkloadNames(scenario)
  const issues = admitWorkloadNames(scenario)
  const { names, allStated } = statedNodes(scenario)
  const stated = allStated ? [...new Set(names.values())].filter(block => block !== null) : null
  const podNames = new Set<string>()
  const owners = new Map<number, string>()
  scenario.workloads.forEach(({ namespace, pods }, w) => {
    pods.forEach((pod, i) => {
      const path = ['workloads', w, 'pods', i]
      const name = `${namespace}/${pod.name}`
      if (podNames.has(name)) issues.push(issue([...path, 'name'], 'DuplicateName', `a second pod named ${name}`, 'rename one of them'))
      podNames.add(name)
      if (pod.node !== null && !names.has(pod.node)) {
        issues.push(
          issue(
            [...path, 'node'],
            'UnknownNode',
            `the cluster has no node "${pod.node}"`,
            'name one of its nodes, as pool/index or by its name',
          ),
        )
      }
      if (pod.address === null) return
      const range = pod.node !== null ? (names.get(pod.node) ?? null) : null
      issues.push(...admitPodAddress([...path, 'address'], name, pod.address, range, stated, scenario, owners))
    })
  })
  return issues
}

function admitPodAddress(
  path: Path,
  name: string,
  address: Ipv4,
  block: Cidr | null,
  blocks: readonly Cidr[] | null,
  scenario: Scenario,
  owners: Map<number, string>,
): Issue[] {
  const own = `the address ${formatIpv4(address)} of pod ${name}`
  const { podCidr } = scenario.cluster.networkProfile
  const owner = owners.get(address)
  if (owner !== undefined)
    return [issue(path, 'DuplicateAddress', `${own} is that of pod ${owner} too`, 'give one of them another address')]
  owners.set(address, name)
  if (!contains(podCidr, address))
    return [issue(path, 'AddressOutsidePodCidr', `${own} is not in the pod CIDR ${formatCidr(podCidr)}`, 'move it there')]
  if (block !== null && !contains(block, address)) {
    return [issue(path, 'AddressOutsideBlock', `${own} is not in its node's block ${formatCidr(block)}`, 'move the pod or its address')]
  }
  const home = block ?? blocks?.find(cidr => contains(cidr, address)) ?? null
  if (home === null) return blocks === null ? [] : [issue(path, 'AddressOutsideBlock', `${own} is in no node's block`, 'move it into one')]
  const offset = (address - networkOf(home).base) >>> 0
  if (offset > (scenario.fabric.podInterface === 'gateway' ? 1 : 0)) return []
  const why = offset === 0 ? "the VTEP's" : "the pods' default gateway's"
  return [issue(path, 'AddressReserved', `${own} is ${why} address in the block ${formatCidr(home)}`, 'use a higher one')]
}

function admitWorkloadNames({ workloads }: Scenario): Issue[] {
  const names = new Set<string>()
  return workloads.flatMap(({ namespace, name }, w) => {
    const full = `${namespace}/${name}`
    if (names.has(full)) return [issue(['workloads', w, 'name'], 'DuplicateName', `a second workload named ${full}`, 'rename one of them')]
    names.add(full)
    return []
  })
}
