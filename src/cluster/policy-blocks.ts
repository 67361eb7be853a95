// Addresses in classes that no ipBlock can tell apart. Every cidr and every except of every policy is a prefix of one trie; the class of an
// address is the set of blocks that hold its longest prefix, exceptions taken out.
import { type Bits, emptyBits, setBit } from '../base/bits.js'
import type { NetworkPolicy, PolicyPeer } from '../scenario/model-policy.js'
import { buildFib, lookup, type Route } from '../table/fib.js'
import { type Cidr, contains, maskOf } from '../wire/address.js'

export type BlockPeer = PolicyPeer & { readonly kind: 'block' }

export interface BlockClasses {
  readonly count: number
  /** The class + 1 of an address; 0 where no prefix holds it, which is class 0 too. */
  readonly fib: Uint32Array
  classOf(address: number): number
  /** Classes that the block holds. */
  classesOf(block: BlockPeer): Bits
}

interface Prefix extends Cidr {
  /** Blocks that begin here, and blocks that leave this part out. */
  readonly begins: number[]
  readonly leaves: number[]
}

/** `apart`: addresses that no block ever matches (for Cilium, those of the nodes). */
export function blockClasses(policies: readonly NetworkPolicy[], apart: Iterable<number>): BlockClasses {
  const numbers = new Map<string, number>()
  const prefixes = new Map<string, Prefix>()
  const at = ({ base, prefix }: Cidr): Prefix => {
    const key = `${base & maskOf(prefix)}/${prefix}`
    const found = prefixes.get(key) ?? { base: (base & maskOf(prefix)) as Cidr['base'], prefix, begins: [], leaves: [] }
    prefixes.set(key, found)
    return found
  }
  for (const block of blocksOf(policies)) {
    if (block.cidr === null || numbers.has(block.text)) continue
    const number = numbers.size
    numbers.set(block.text, number)
    at(block.cidr).begins.push(number)
    for (const part of block.except) at(part).leaves.push(number)
  }
  const { sets, routes } = nest([...prefixes.values()])
  for (const address of apart) routes.push({ base: address, prefix: 32, value: 1 })
  const fib = buildFib(routes)
  const members = Array.from({ length: numbers.size }, () => emptyBits(sets.length))
  sets.forEach((set, number) => {
    for (const block of set) setBit(members[block], number)
  })
  const nobody = emptyBits(sets.length)
  return {
    count: sets.length,
    fib,
    classOf: address => Math.max(0, lookup(fib, address) - 1),
    classesOf: block => members[numbers.get(block.text) ?? -1] ?? nobody,
  }
}

const blocksOf = (policies: readonly NetworkPolicy[]): BlockPeer[] =>
  policies.flatMap(({ ingress, egress }) =>
    [...(ingress ?? []), ...(egress ?? [])].flatMap(({ peers }) => (peers ?? []).flatMap(peer => (peer.kind === 'block' ? [peer] : []))),
  )

/** Goes through the prefixes from the outermost in: each has the blocks of the one around it, with its own changes. */
function nest(prefixes: Prefix[]): { sets: (readonly number[])[]; routes: Route[] } {
  prefixes.sort((a, b) => (a.base >>> 0) - (b.base >>> 0) || a.prefix - b.prefix)
  const sets: (readonly number[])[] = [[]]
  const numbers = new Map<string, number>([['', 0]])
  const around: { readonly prefix: Prefix; readonly held: ReadonlySet<number> }[] = []
  const routes = prefixes.map(prefix => {
    while (around.length > 0 && !contains(around[around.length - 1].prefix, prefix.base)) around.pop()
    const held = new Set(around[around.length - 1]?.held)
    for (const block of prefix.begins) held.add(block)
    for (const block of prefix.leaves) held.delete(block)
    around.push({ prefix, held })
    const set = [...held].sort((a, b) => a - b)
    const key = set.join()
    const number = numbers.get(key) ?? sets.push(set) - 1
    numbers.set(key, number)
    return { base: prefix.base, prefix: prefix.prefix, value: number + 1 }
  })
  return { sets, routes }
}
