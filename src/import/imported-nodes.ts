// The nodes of a dump, pool by pool: their addresses, their blocks, what the blocks must be where the dump does not say, and which pods'
// addresses fit into them.
import type { ClusterFacts, KubeNode } from '../kube/cluster-facts.js'
import { poolOfNode } from '../kube/node-pool.js'
import { contains, networkOf, parseCidr, parseIpv4 } from '../wire/address.js'
import { blockAround } from './ranges.js'

export interface ImportedNode {
  readonly name: string
  readonly address: string | null
  readonly block: string | null
  /** Whether the block is a guess from the pods on the node. */
  readonly isGuess: boolean
  readonly maxPods: number | null
  readonly vmSize: string | null
  readonly labels: Readonly<Record<string, string>>
}

/** Nodes by pool, in order of their names: those of the dump, and those that only its pods speak of. */
export function importedNodes(facts: ClusterFacts, hasBlocks: boolean, notes: string[]): Map<string, ImportedNode[]> {
  const known = new Map<string, Omit<KubeNode, 'place'>>(facts.nodes.map(node => [node.name, node]))
  const missing = new Set<string>()
  for (const { node, hostAddress } of facts.pods) {
    if (node === null || known.has(node)) continue
    missing.add(node)
    known.set(node, { name: node, labels: {}, address: hostAddress, podCidr: null, maxPods: null })
  }
  if (missing.size > 0) notes.push(`assumed: nodes that only the pods speak of, with the addresses the pods give: ${missing.size}`)
  const guesses = hasBlocks ? guessedBlocks(facts) : new Map<string, string>()
  const pools = new Map<string, ImportedNode[]>()
  const sorted = [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const node of sorted) {
    const pool = poolOfNode(node) ?? 'nodepool1'
    const block = hasBlocks ? (node.podCidr ?? guesses.get(node.name) ?? null) : null
    const { name, address, maxPods, labels } = node
    const vmSize = labels['node.kubernetes.io/instance-type'] ?? labels['beta.kubernetes.io/instance-type'] ?? null
    const imported = { name, address, block, isGuess: node.podCidr === null && block !== null, maxPods, vmSize, labels }
    const members = pools.get(pool)
    if (members) members.push(imported)
    else pools.set(pool, [imported])
  }
  return pools
}

/** The /24 that all pods of a node lie in, where no other node's do. */
function guessedBlocks(facts: ClusterFacts): Map<string, string> {
  const blocks = new Map<string, Set<string>>()
  for (const { node, address, hostNetwork } of facts.pods) {
    const block = node === null || address === null || hostNetwork ? null : blockAround(address)
    if (node !== null && block !== null) blocks.set(node, (blocks.get(node) ?? new Set()).add(block))
  }
  const uses = new Map<string, number>()
  for (const block of [...blocks.values()].flatMap(set => [...set])) uses.set(block, (uses.get(block) ?? 0) + 1)
  return new Map(
    [...blocks].flatMap(([node, set]) => {
      const [block] = set
      return set.size === 1 && uses.get(block) === 1 ? [[node, block] as const] : []
    }),
  )
}

/** Whether a pod can have an address on a node: in its block, not the block's own first, and only one pod each. */
export function addressCheck(nodes: Iterable<ImportedNode>): (node: string | undefined, address: string) => boolean {
  const blocks = new Map([...nodes].map(({ name, block }) => [name, block === null ? null : parseCidr(block)]))
  const taken = new Set<string>()
  return (node, address) => {
    const parsed = parseIpv4(address)
    const block = node === undefined ? undefined : blocks.get(node)
    if (parsed === null || taken.has(address)) return false
    taken.add(address)
    return block === undefined || block === null || (contains(block, parsed) && networkOf(block).base !== parsed)
  }
}
