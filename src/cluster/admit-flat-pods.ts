// Fixed pods whose addresses are the VNet's: they lie in the subnet that their node's pods come from, and say which node that is, because an
// address alone does not tell.
import type { Ipv4 } from '../base/brand.js'
import { AZURE } from '../ipam/azure-limits.js'
import { isReserved } from '../ipam/vnet.js'
import { type Issue, issue } from '../scenario/issue.js'
import type { Scenario } from '../scenario/model.js'
import { contains, formatCidr, formatIpv4, networkOf } from '../wire/address.js'
import { heldAddresses } from './node-addressing.js'
import type { PlannedNode } from './planned.js'

type Path = Issue['path']

/** Judges one pod after the other; what it has seen of earlier ones counts. */
export function flatPodJudge(scenario: Scenario): (path: Path, own: string, address: Ipv4, home: PlannedNode | null) => Issue[] {
  const hosts = new Set<number>(heldAddresses(scenario))
  for (const { nodes } of scenario.cluster.agentPoolProfiles) for (const { address } of nodes) if (address !== null) hosts.add(address)
  const isStatic = scenario.cluster.networkProfile.addressing === 'podSubnetStatic'
  const blocks = new Map<number, PlannedNode>()
  return (path, own, address, home) => {
    if (home === null) {
      const message = `${own} is one of the VNet, which does not tell its node`
      return [issue(path, 'NodeMissing', message, 'name the node of the pod, or leave the address out')]
    }
    const pool = scenario.cluster.agentPoolProfiles[home.pool]
    const subnet = pool.podSubnet ?? pool.vnetSubnet
    const { cidr } = scenario.vnet.subnets[subnet]
    if (!contains(cidr, address)) {
      const message = `${own} is not in the subnet ${subnet}, ${formatCidr(cidr)}, that the pods of pool ${pool.name} come from`
      return [issue(path, 'AddressOutsideSubnet', message, 'move it there')]
    }
    if (isReserved(cidr, address)) {
      const message = `${own} is one of the five that Azure keeps of ${formatCidr(cidr)}`
      return [issue(path, 'AddressReserved', message, 'use .4 or higher')]
    }
    if (hosts.has(address))
      return [issue(path, 'DuplicateAddress', `${own} is that of a node or another host too`, 'give one of them another address')]
    return isStatic ? admitBlock(path, own, address, home) : []
  }

  function admitBlock(path: Path, own: string, address: Ipv4, home: PlannedNode): Issue[] {
    const block = networkOf({ base: address, prefix: AZURE.podBlockPrefix })
    const { cidr } = scenario.vnet.subnets[scenario.cluster.agentPoolProfiles[home.pool].podSubnet as string]
    const last = networkOf(cidr).base + 2 ** (32 - cidr.prefix) - AZURE.podBlockSize
    if (block.base === networkOf(cidr).base || block.base === (last | 0)) {
      const message = `${own} is in the block ${formatCidr(block)}, which no node can have: Azure keeps addresses of it`
      return [issue(path, 'AddressReserved', message, 'use another block')]
    }
    const owner = blocks.get(block.base) ?? home
    blocks.set(block.base, owner)
    if (owner === home) return []
    const message = `${own} is in the block ${formatCidr(block)}, which node ${owner.name} has; ${formatIpv4(address)} would be that node's`
    return [issue(path, 'BlockShared', message, 'give the pods of each node blocks of their own')]
  }
}
