// The names by which traffic and captures refer to things, and what each leads to. Pods are `namespace/workload/index` or
// `namespace/name` of a fixed pod; nodes `pool/index`, a fixed name, or what Azure would call them.

import type { ScenarioDocument } from './schema.js'
import type { Partially } from './shape.js'

export interface Names {
  /** Workloads as `namespace/name`, with the number of their replicas, later ones included. */
  readonly workloads: ReadonlyMap<string, number>
  /** Fixed pods as `namespace/name`. */
  readonly fixedPods: ReadonlySet<string>
  readonly endpoints: ReadonlySet<string>
  /** Pools, with their number of nodes, later ones included. */
  readonly pools: ReadonlyMap<string, number>
  readonly fixedNodes: ReadonlySet<string>
  /** Services as `namespace/name`; the DNS is always there. */
  readonly services: ReadonlySet<string>
}

export const DEFAULT_COUNT = 3
/** Where nothing else bounds a workload's growth. */
const MOST_REPLICAS = 10_000_000

export const poolName = (name: string | undefined, index: number): string => name ?? `nodepool${index + 1}`

export function collectNames(document: Partially<ScenarioDocument>): Names {
  const workloads = new Map<string, number>()
  const fixedPods = new Set<string>()
  for (const workload of document.workloads ?? []) {
    if (workload?.name === undefined) continue
    const namespace = workload.namespace ?? 'default'
    const pods = workload.pods ?? []
    workloads.set(`${namespace}/${workload.name}`, workload.growth ? MOST_REPLICAS : (workload.replicas ?? (pods.length || 1)))
    for (const pod of pods) if (pod?.name !== undefined) fixedPods.add(`${namespace}/${pod.name}`)
  }
  const pools = new Map<string, number>()
  const fixedNodes = new Set<string>()
  const profiles = document.cluster?.agentPoolProfiles ?? [{}]
  profiles.forEach((pool, i) => {
    const nodes = pool?.nodes ?? []
    const count = pool?.count ?? (nodes.length || DEFAULT_COUNT)
    pools.set(poolName(pool?.name, i), pool?.enableAutoScaling ? Math.max(count, pool.maxCount ?? 0) : count)
    for (const node of nodes) if (node?.name !== undefined) fixedNodes.add(node.name)
  })
  for (const entry of document.timeline ?? []) addLater(entry?.scale, workloads, pools)
  const endpoints = new Set((document.endpoints ?? []).flatMap(endpoint => endpoint?.name ?? []))
  const services = new Set(['kube-system/kube-dns'])
  for (const service of document.services ?? [])
    if (service?.name !== undefined) services.add(`${service.namespace ?? 'default'}/${service.name}`)
  return { workloads, fixedPods, endpoints, pools, fixedNodes, services }
}

type Scale = NonNullable<NonNullable<Partially<ScenarioDocument>['timeline']>[number]>['scale']

/** Pods and nodes that a timeline brings have names too. */
function addLater(scale: Scale, workloads: Map<string, number>, pools: Map<string, number>): void {
  if (!scale) return
  const { workload, replicas = 0, pool, count = 0 } = scale
  const name = workload === undefined ? '' : qualified(workload)
  if (workloads.has(name)) workloads.set(name, Math.max(workloads.get(name) ?? 0, replicas))
  if (pool !== undefined && pools.has(pool)) pools.set(pool, Math.max(pools.get(pool) ?? 0, count))
}

/** `name` alone means the namespace "default". */
export const qualified = (workload: string): string => (workload.includes('/') ? workload : `default/${workload}`)

const splitIndex = (text: string): { parent: string; index: number } | null => {
  const match = /^(.+)\/(0|[1-9]\d{0,8})$/.exec(text)
  return match ? { parent: match[1], index: Number(match[2]) } : null
}

function hasPod(names: Names, pod: string): boolean {
  if (names.fixedPods.has(pod)) return true
  const split = splitIndex(pod)
  return split !== null && split.index < (names.workloads.get(split.parent) ?? 0)
}

/** A pod's full name; the namespace "default" may be left out. Null if there is no such pod. */
export function podName(names: Names, given: string): string | null {
  return [given, `default/${given}`].find(pod => hasPod(names, pod)) ?? null
}

/** Azure numbers the machines of a scale set in base 36, six digits: aks-nodepool1-00000000-vmss00000a is the eleventh. */
const AZURE_NAME = /^aks-([a-z0-9]+)-\d{8}-vmss([0-9a-z]{6})$/

/** A node's name as the control plane knows it: a fixed name, or `pool/index`; null if there is no such node. */
export function nodeName(names: Names, given: string): string | null {
  if (names.fixedNodes.has(given)) return given
  const azure = AZURE_NAME.exec(given)
  const wanted = azure ? `${azure[1]}/${Number.parseInt(azure[2], 36)}` : given
  const split = splitIndex(wanted)
  return split !== null && split.index < (names.pools.get(split.parent) ?? 0) ? wanted : null
}

/** Names that a mistyped one is compared with; of a large cluster one of each kind is enough. */
export const podNames = (names: Names): string[] => [
  ...names.fixedPods,
  ...[...names.workloads].filter(([, replicas]) => replicas > 0).map(([workload]) => `${workload}/0`),
]
export const nodeNames = (names: Names): string[] => [
  ...names.fixedNodes,
  ...[...names.pools].filter(([, count]) => count > 0).map(([pool]) => `${pool}/0`),
]
