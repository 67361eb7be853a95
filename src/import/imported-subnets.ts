// The subnets of an imported scenario: as az lists them; those that pools name and nobody lists get the range around the addresses in
// use there, marked as assumed.
import type { ClusterFacts } from '../kube/cluster-facts.js'
import { freeRange } from '../scenario/free-range.js'
import { contains, parseCidr, parseIpv4 } from '../wire/address.js'
import type { AzCluster } from './az-show.js'
import type { AzSubnet } from './az-subnets.js'
import type { ImportedNode } from './imported-nodes.js'
import { guessRange, NODE_SUBNET } from './ranges.js'
import { type Entries, type Entry, Inline } from './scenario-text.js'

export interface ClusterInput {
  readonly az: AzCluster | null
  readonly subnets: readonly AzSubnet[]
  readonly facts: ClusterFacts
  readonly nodes: ReadonlyMap<string, readonly ImportedNode[]>
  /** Whether pods have addresses of the node subnet. */
  readonly isFlat: boolean
  readonly notes: string[]
}

export type Pool = Readonly<Record<string, Entry>>

export const stringOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

interface Placed {
  /** The pools, each with the name of its subnet. */
  readonly pools: readonly Pool[]
  /** Entries of `vnet.subnets`, and their ranges. */
  readonly entries: Entries
  readonly ranges: readonly string[]
}

/** `others`: ranges of pods and Services, which subnets must not touch. */
export function placeSubnets(input: ClusterInput, given: readonly Pool[], others: readonly string[]): Placed {
  const { subnets, nodes, notes } = input
  const addresses = [...nodes.values()].flatMap(group => group.flatMap(({ address }) => address ?? []))
  const named = given.map(pool => ({ ...pool, ...listedNames(input, pool) }) as Pool)
  const fallback = stringOf(named[0]?.vnetSubnet) ?? (subnets.length > 0 ? holderOf(subnets, addresses) : 'aks-nodes')
  const pools = named.map(pool => ({ ...pool, vnetSubnet: pool.vnetSubnet ?? fallback }) as Pool)
  const entries: Record<string, Entry> = {}
  for (const { name, cidr, others: taken } of subnets) {
    entries[name] = new Inline({ cidr, occupied: taken > 0 ? taken : undefined }, taken > 0 ? 'occupied: addresses of others' : null)
  }
  const ranges = subnets.map(({ cidr }) => cidr)
  const wanted = new Set([fallback, ...pools.flatMap(pool => [stringOf(pool.vnetSubnet), stringOf(pool.podSubnet)])])
  for (const name of wanted) {
    if (name === null || Object.hasOwn(entries, name)) continue
    const cidr = guessedRange(input, pools, name, [...others, ...ranges])
    entries[name] = new Inline({ cidr }, 'assumed')
    ranges.push(cidr)
    notes.push(`assumed: subnet ${name} is ${cidr}; az network vnet subnet list -o json (--subnets) would say it`)
  }
  return { pools, entries, ranges }
}

/** Two subnets of different VNets may have one name; the ids tell which is meant. */
function listedNames({ az, subnets }: ClusterInput, pool: Pool): Entries {
  const names = (['vnetSubnet', 'podSubnet'] as const).flatMap(key => {
    const name = stringOf(pool[key])
    const id = name === null ? undefined : az?.subnetIds.get(name)?.toLowerCase()
    const match = subnets.find(subnet => subnet.id.toLowerCase() === id) ?? subnets.find(subnet => subnet.name === name)
    return name === null ? [] : [[key, match?.name ?? name] as const]
  })
  return Object.fromEntries(names)
}

/** The range around the nodes of the pools that name the subnet, or around the pods of those that name it for pods. */
function guessedRange({ nodes, facts, isFlat }: ClusterInput, pools: readonly Pool[], name: string, avoid: readonly string[]): string {
  const members = (key: 'vnetSubnet' | 'podSubnet'): readonly ImportedNode[] =>
    pools.filter(pool => pool[key] === name).flatMap(pool => nodes.get(String(pool.name)) ?? [])
  const hosts = new Set(members(isFlat ? 'vnetSubnet' : 'podSubnet').map(node => node.name))
  const podAddresses = facts.pods.flatMap(pod => (pod.node !== null && hosts.has(pod.node) && !pod.hostNetwork ? (pod.address ?? []) : []))
  const inUse = [...members('vnetSubnet').flatMap(({ address }) => address ?? []), ...podAddresses]
  if (inUse.length > 0) return guessRange(inUse, { ...NODE_SUBNET, avoid })
  return freeRange(16, avoid) ?? freeRange(24, avoid) ?? NODE_SUBNET.usual
}

/** The subnet that the nodes' addresses lie in. */
function holderOf(subnets: readonly AzSubnet[], addresses: readonly string[]): string {
  const holder = subnets.find(({ cidr }) => {
    const range = parseCidr(cidr)
    return range !== null && addresses.some(address => contains(range, parseIpv4(address) ?? 0))
  })
  return (holder ?? subnets[0]).name
}
