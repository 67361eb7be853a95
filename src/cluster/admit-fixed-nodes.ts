// Fixed nodes of imported clusters: the addresses and blocks that are stated must fit together, for none of them will be changed.
import type { Ipv4 } from '../base/brand.js'
import { isReserved } from '../ipam/vnet.js'
import { type Issue, issue } from '../scenario/issue.js'
import type { Scenario } from '../scenario/model.js'
import { type Cidr, contains, formatCidr, formatIpv4, networkOf, overlaps } from '../wire/address.js'

type Path = Issue['path']

interface Block {
  readonly cidr: Cidr
  readonly node: string
  readonly path: Path
}

export function admitFixedNodes(scenario: Scenario): Issue[] {
  const issues: Issue[] = []
  const owners = new Map<number, string>()
  const blocks: Block[] = []
  scenario.cluster.agentPoolProfiles.forEach((pool, p) => {
    pool.nodes.forEach((node, i) => {
      const path = ['cluster', 'agentPoolProfiles', p, 'nodes', i]
      if (node.address !== null) {
        const subnet = scenario.vnet.subnets[pool.vnetSubnet]?.cidr
        issues.push(...admitNodeAddress([...path, 'address'], node.name, node.address, subnet, pool.vnetSubnet, owners))
      }
      if (node.podCidr !== null) blocks.push({ cidr: node.podCidr, node: node.name, path: [...path, 'podCidr'] })
    })
  })
  const { podCidr } = scenario.cluster.networkProfile
  return [...issues, ...(podCidr === null ? [] : admitBlocks(blocks, podCidr))]
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
