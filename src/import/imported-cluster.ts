// The cluster block and the VNet of an imported scenario: what az says of profile and pools, what kubectl says of nodes, and where
// neither does, the range around the addresses in use, marked as assumed.
import type { ClusterFacts } from '../kube/cluster-facts.js'
import { contains, parseCidr, parseIpv4 } from '../wire/address.js'
import type { Json } from './az-json.js'
import type { AzCluster } from './az-show.js'
import type { ImportedNode } from './imported-nodes.js'
import { type ClusterInput, type Pool, placeSubnets, stringOf } from './imported-subnets.js'
import { guessRange, NODE_SUBNET } from './ranges.js'
import { type Entries, type Entry, Inline } from './scenario-text.js'

type Mode = 'overlay' | 'nodeSubnet' | 'podSubnet' | 'kubenet'

const OVERLAY_LABELS = [
  ['kubernetes.azure.com/podnetwork-type', 'overlay'],
  ['kubernetes.azure.com/azure-cni-overlay', 'true'],
] as const

/** How pods get their addresses: as the profile says; else as the labels of the nodes, or the addresses themselves, tell. */
export function modeOf(az: AzCluster | null, facts: ClusterFacts): Mode {
  const profile = az?.networkProfile ?? {}
  if (az !== null && profile.networkPlugin !== undefined) {
    if (profile.networkPlugin === 'kubenet') return 'kubenet'
    if (profile.networkPluginMode === 'overlay') return 'overlay'
    return az.pools.some(pool => pool.podSubnet !== undefined) ? 'podSubnet' : 'nodeSubnet'
  }
  const { nodes, pods } = facts
  if (nodes.length === 0) return 'overlay'
  if (nodes.some(({ labels }) => OVERLAY_LABELS.some(([key, value]) => labels[key] === value))) return 'overlay'
  if (nodes.some(({ labels }) => labels['kubernetes.azure.com/podnetwork-subnet'] !== undefined)) return 'podSubnet'
  const around = parseCidr(
    guessRange(
      nodes.flatMap(({ address }) => address ?? []),
      NODE_SUBNET,
    ),
  )
  const own = pods.filter(pod => pod.address !== null && !pod.hostNetwork)
  const isFlat = own.length > 0 && own.every(pod => around !== null && contains(around, parseIpv4(pod.address ?? '') ?? 0))
  return isFlat && nodes.every(({ podCidr }) => podCidr === null) ? 'nodeSubnet' : 'overlay'
}

/** Entries of `vnet` and `cluster`. */
export function clusterEntries(input: ClusterInput, mode: Mode): { vnet: Entries; cluster: Entries } {
  const { az, nodes, notes } = input
  const blocks = [...nodes.values()].flatMap(group => group.flatMap(({ block }) => block ?? []))
  const podCidr = stringOf(az?.networkProfile.podCidr)
  const services = serviceEntries(input)
  const others = [...blocks, ...(podCidr === null ? [] : [podCidr]), String(services.serviceCidr)]
  const subnets = placeSubnets(input, poolList(input), others)
  const profile = profileEntries(input, mode, [...subnets.ranges, String(services.serviceCidr)], blocks, services)
  const agentPoolProfiles = subnets.pools.map(pool => ({ ...pool, ...poolNodes(nodes.get(String(pool.name)) ?? [], pool, notes) }))
  if (agentPoolProfiles.length === 0)
    notes.push('assumed: one pool of three nodes, for there is neither a pool nor a node in what was read')
  return {
    vnet: { subnets: subnets.entries },
    cluster: {
      networkProfile: profile,
      autoScalerProfile: (az?.autoScalerProfile ?? undefined) as Entry,
      agentPoolProfiles: agentPoolProfiles.length > 0 ? agentPoolProfiles : undefined,
    },
  }
}

/** Pools of az, then those that only nodes speak of. */
function poolList({ az, nodes, notes }: ClusterInput): Pool[] {
  const known = (az?.pools ?? []).map(pool => ({ ...pool }) as Pool)
  for (const [name, group] of nodes) {
    if (known.some(pool => String(pool.name) === name)) continue
    if (az !== null && known.length > 0) notes.push(`pool ${name} is not in what az printed; it is taken from its nodes`)
    const sizes = new Set(group.map(({ vmSize }) => vmSize))
    const subnet = group[0]?.labels['kubernetes.azure.com/network-subnet']
    const podSubnet = group[0]?.labels['kubernetes.azure.com/podnetwork-subnet']
    known.push({
      name,
      vmSize: sizes.size === 1 ? (group[0]?.vmSize ?? undefined) : undefined,
      vnetSubnet: subnet,
      podSubnet,
    })
  }
  return known
}

/** Count, maxPods and the fixed nodes of a pool. */
function poolNodes(group: readonly ImportedNode[], pool: Json, notes: string[]): Entries {
  if (group.length === 0) return {}
  const most = group.reduce((max, { maxPods }) => Math.max(max, maxPods ?? 0), 0)
  if (typeof pool.count === 'number' && pool.count !== group.length)
    notes.push(`pool ${pool.name}: az says ${pool.count} nodes, kubectl ${group.length}; kubectl's are taken`)
  const guesses = group.filter(({ isGuess }) => isGuess).length
  return {
    count: group.length,
    maxPods: (pool.maxPods as number | undefined) ?? (most > 0 ? most : undefined),
    '#': guesses > 0 ? `assumed: podCidr of nodes that do not say it (${guesses}), the /24 that their pods lie in` : null,
    nodes: group.map(({ name, address, block }) => new Inline({ name, address: address ?? undefined, podCidr: block ?? undefined })),
  }
}

/** The range of Service addresses and the address of the DNS. */
function serviceEntries({ az, facts, notes }: ClusterInput): Entries {
  const profile = az?.networkProfile ?? {}
  const dns = facts.services.find(({ namespace, name }) => namespace === 'kube-system' && (name === 'kube-dns' || name === 'coredns'))
  const inUse = facts.services.flatMap(({ clusterIp }) => (clusterIp === null || clusterIp === 'None' ? [] : [clusterIp]))
  const given = stringOf(profile.serviceCidr)
  const serviceCidr = given ?? guessRange(inUse, { usual: '10.0.0.0/16', largestPrefix: 24 })
  if (given === null && inUse.length > 0) notes.push(`assumed: serviceCidr ${serviceCidr}, the range around the Services' addresses`)
  return { serviceCidr, dnsServiceIp: stringOf(profile.dnsServiceIp) ?? dns?.clusterIp ?? undefined }
}

function profileEntries(input: ClusterInput, mode: Mode, avoid: readonly string[], blocks: readonly string[], services: Entries): Entries {
  const { az, facts, nodes, notes } = input
  const { podCidr: givenPods, serviceCidr: _, dnsServiceIp: __, ...given } = (az?.networkProfile ?? {}) as Record<string, Entry>
  const hasRange = mode === 'overlay' || mode === 'kubenet'
  const hasBlock = new Set([...nodes.values()].flatMap(group => group.flatMap(({ name, block }) => (block === null ? [] : [name]))))
  // A pod beside its node's block has an address of some other IPAM's, which says nothing about the blocks.
  const loose = facts.pods.filter(pod => !pod.hostNetwork && (pod.node === null || !hasBlock.has(pod.node)))
  const inUse = [...blocks, ...loose.flatMap(pod => pod.address ?? [])]
  const podCidr = stringOf(givenPods) ?? (hasRange ? guessRange(inUse, { usual: '10.244.0.0/16', largestPrefix: 16, avoid }) : undefined)
  const isGuess = stringOf(givenPods) === null && hasRange && inUse.length > 0
  if (isGuess) notes.push(`assumed: podCidr ${podCidr}, the range around the nodes' blocks and the pods' addresses`)
  return {
    ...(given.networkPlugin === undefined
      ? { networkPlugin: mode === 'kubenet' ? 'kubenet' : 'azure', networkPluginMode: mode === 'overlay' ? 'overlay' : null }
      : {}),
    ...given,
    networkPolicy: policyEngine(input),
    '#1': isGuess ? 'assumed: the range around the addresses in use' : null,
    podCidr,
    ...services,
  }
}

/** Who enforces policies, by the pods that do it. */
const ENGINES = [
  ['azure', /^azure-npm/],
  ['calico', /^calico-(node|typha)/],
  ['cilium', /^(cilium|azure-cilium)(-|$)/],
] as const

function policyEngine({ az, facts, notes }: ClusterInput): string | undefined {
  const stated = stringOf(az?.networkProfile.networkPolicy)
  if (stated !== null) return stated
  const count = facts.policies.length
  const isStated = az !== null && az.networkProfile.networkPlugin !== undefined
  if (isStated && count > 0) notes.push(`az names no networkPolicy: nobody enforces the NetworkPolicies (${count})`)
  if (isStated) return undefined
  const names = [...facts.workloads, ...facts.pods].map(({ name }) => name)
  const engine = ENGINES.find(([, pattern]) => names.some(name => pattern.test(name)))?.[0]
  if (engine !== undefined || count === 0) return engine
  notes.push(`assumed: networkPolicy calico, because there are NetworkPolicies (${count}) and no pod tells who enforces them`)
  return 'calico'
}
