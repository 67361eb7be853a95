// Everything that was read of a cluster, as one scenario: the entries of its file, in the order in which a person wants to read them,
// with what was assumed said beside it.
import type { Collector } from '../kube/collect.js'
import { namespaceParts, policyParts, serviceParts } from '../kube/service-parts.js'
import { type PodPart, type WorkloadSource, workloadParts } from '../kube/workload-parts.js'
import { daemonPods, type LabelledNode, nodesOf } from '../scenario/manifest-nodes.js'
import type { AzCluster } from './az-show.js'
import type { AzSubnet } from './az-subnets.js'
import { clusterEntries, modeOf } from './imported-cluster.js'
import { addressCheck, importedNodes } from './imported-nodes.js'
import { type Entries, type Entry, Inline, plainOf } from './scenario-text.js'

export interface Sources {
  readonly az: AzCluster | null
  readonly subnets: readonly AzSubnet[]
  readonly kubernetes: Collector
}

export interface Merged {
  readonly name: string
  readonly entries: Entries
  /** What the reader should know: assumptions, what was left out. */
  readonly notes: readonly string[]
  /** Objects of kinds that are not read, by kind. */
  readonly skipped: Readonly<Record<string, number>>
}

export function mergeSources({ az, subnets, kubernetes }: Sources): Merged {
  const { facts } = kubernetes
  const notes: string[] = [...(az?.notes ?? [])]
  const mode = modeOf(az, facts)
  const nodes = importedNodes(facts, mode === 'overlay' || mode === 'kubenet', notes)
  const { vnet, cluster } = clusterEntries({ az, subnets, facts, nodes, isFlat: mode === 'nodeSubnet', notes }, mode)
  const name = az?.name ?? clusterName(facts.nodes[0]?.labels['kubernetes.azure.com/cluster']) ?? 'imported'
  const labelled = nodesOf({ cluster: plainOf(cluster) }, facts.nodes)
  const sources = workloadParts(facts).map(source => withDaemonPods(source, labelled))
  const workloads = workloadEntries(sources, addressCheck([...nodes.values()].flat()), notes)
  noteWorkloads(kubernetes, notes)
  return {
    name,
    entries: {
      apiVersion: 'vxlane/v1',
      name,
      vnet,
      cluster,
      ...nonEmpty('namespaces', inLines(namespaceParts(facts))),
      ...nonEmpty('workloads', workloads),
      ...nonEmpty(
        'services',
        serviceParts(facts).map(({ value }) => serviceEntry(value as Entries)),
      ),
      ...nonEmpty(
        'networkPolicies',
        policyParts(facts).map(({ value }) => value as Entries),
      ),
    },
    notes,
    skipped: Object.fromEntries(facts.skipped),
  }
}

/** AKS labels nodes with the group of their machines: MC_group_cluster_region. */
const clusterName = (group: string | undefined): string | null => /^MC_.+_([^_]+)_[a-z0-9]+$/i.exec(group ?? '')?.[1] ?? null

const nonEmpty = (key: string, list: readonly (Entries | Inline)[]): Entries => (list.length > 0 ? { [key]: list } : {})

const inLines = (parts: readonly { readonly value: unknown }[]): Inline[] => parts.map(({ value }) => new Inline(value as Entries))

/** Labels, ports and selectors in one line each. */
const serviceEntry = (value: Entries): Entries => {
  const lines = (list: Entry): Entry => (Array.isArray(list) ? list.map(item => new Inline(item as Entry)) : undefined)
  const { selector, ports, endpoints, ...rest } = value
  return {
    ...rest,
    ...(selector === undefined ? {} : { selector: new Inline(selector) }),
    ...(ports === undefined ? {} : { ports: lines(ports) }),
    ...(endpoints === undefined ? {} : { endpoints: lines(endpoints) }),
  }
}

/** A DaemonSet whose pods nobody listed has one on each node of its selector. */
function withDaemonPods(source: WorkloadSource, nodes: readonly LabelledNode[]): WorkloadSource {
  if (source.perNode === null) return source
  const pods = daemonPods(source.value.name, source.perNode, nodes)
  return { ...source, value: { ...source.value, ...(pods.length > 0 ? { pods } : { replicas: 0 }) } }
}

type Check = (node: string | undefined, address: string) => boolean

function workloadEntries(sources: readonly WorkloadSource[], check: Check, notes: string[]): Entries[] {
  let misplaced = 0
  const entries = sources.flatMap(source => {
    const { value, perNode, finished } = source
    if (perNode === null && value.pods === undefined && finished > 0 && value.replicas === 0) return []
    const waiting = new Set(source.waiting)
    const pods = value.pods?.map(pod => {
      const fits = pod.address === undefined || check(pod.node, pod.address)
      if (!fits) misplaced++
      return podEntry(pod, fits, waiting.has(pod.name))
    })
    const { labels, ports, pods: _, ...rest } = value
    const entry: Entries = {
      '#': comment(source),
      ...rest,
      ...(labels === undefined ? {} : { labels: new Inline(labels) }),
      ...(ports === undefined ? {} : { ports: new Inline(ports.map(port => ({ ...port }))) }),
      ...(pods === undefined ? {} : { pods }),
    }
    return [entry]
  })
  if (misplaced > 0)
    notes.push(`given another address, because theirs is not in their node's block or another pod has it: ${plural(misplaced, 'pod')}`)
  return entries
}

function podEntry({ name, node, address, labels, ports, ready }: PodPart, fits: boolean, isWaiting: boolean): Inline {
  const entries: Entries = {
    name,
    node,
    address: fits ? address : undefined,
    labels: labels as Entries | undefined,
    ports: ports?.map(port => ({ ...port })),
    ready,
  }
  return new Inline(entries, isWaiting ? 'was Pending: placed and addressed by vxlane' : fits ? null : `had ${address}`)
}

function comment({ kind, value, finished }: WorkloadSource): string {
  const done = finished > 0 ? `; without ${plural(finished, 'pod')} that are done` : ''
  return `${kind} ${value.name}${done}`
}

const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`

function noteWorkloads({ facts, repeated }: Collector, notes: string[]): void {
  const count = (phase: string): number => facts.pods.filter(pod => pod.phase === phase).length
  const pending = facts.pods.filter(pod => pod.phase === 'Pending' && pod.address === null).length
  const finished = count('Succeeded') + count('Failed')
  if (finished > 0) notes.push(`left out: ${plural(finished, 'pod')} done (Succeeded, Failed), without an address any more`)
  if (pending > 0) notes.push(`Pending without an address: ${plural(pending, 'pod')}, placed by vxlane and not ready`)
  if (repeated.length > 0)
    notes.push(`came more than once, and counts once: ${repeated[0].name}${repeated.length > 1 ? ` and ${repeated.length - 1} more` : ''}`)
}
