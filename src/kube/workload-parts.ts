// Workloads of a scenario, in the form of its file, out of Kubernetes objects: those with pods list them as they are, the others say how
// many they want. Written by import, and read in place by the key `manifests`.
import type { ClusterFacts, KubePod, KubePort } from './cluster-facts.js'
import type { Labels } from './fields.js'
import { groupPods, type PodGroup } from './group-pods.js'
import type { Place } from './place.js'

export interface PodPart {
  readonly name: string
  readonly node?: string
  readonly address?: string
  readonly labels?: Labels
  readonly ports?: readonly KubePort[]
  readonly ready?: false
}

export interface WorkloadPart {
  readonly namespace: string
  readonly name: string
  readonly replicas?: number
  readonly labels?: Labels
  readonly ports?: readonly KubePort[]
  readonly hostNetwork?: true
  readonly pods?: readonly PodPart[]
}

/** A part with where it comes from, and what a reader should know about it. */
export interface Part<T> {
  readonly value: T
  readonly place: Place | null
}

export interface WorkloadSource extends Part<WorkloadPart> {
  readonly kind: string
  /** One pod on each node that these labels select, instead of `replicas`. */
  readonly perNode: Labels | null
  /** Names of pods that were waiting for a node or an address. */
  readonly waiting: readonly string[]
  /** Pods that are done; they hold no address any more. */
  readonly finished: number
}

const HOLDS_NOTHING: ReadonlySet<string | null> = new Set(['Succeeded', 'Failed'])

/** Workloads of a cluster. Names are unique in a namespace: of a Deployment and a Job of one name the Job becomes `name-job`. */
export function workloadParts(facts: ClusterFacts): WorkloadSource[] {
  const taken = new Set<string>()
  return groupPods(facts).flatMap(group => {
    const running = group.pods.filter(pod => !HOLDS_NOTHING.has(pod.phase))
    const finished = group.pods.length - running.length
    const wanted = group.workload?.replicas ?? null
    if (
      running.length === 0 &&
      (group.kind === 'Pod' || (wanted === 0 && GOES_AWAY.has(group.kind)) || (wanted === null && group.workload === null))
    )
      return finished === 0 ? [] : [doneOf(group, finished)]
    const hosts = running.filter(pod => pod.hostNetwork)
    const halves = hosts.length > 0 && hosts.length < running.length ? [running.filter(pod => !pod.hostNetwork), hosts] : [running]
    return halves.map((pods, i) => sourceOf(group, pods, i === 0 ? finished : 0, taken))
  })
}

/** Kinds that are of no interest when they have no pods. */
const GOES_AWAY: ReadonlySet<string> = new Set(['Job', 'CronJob', 'ReplicaSet'])

/** Stands for pods that are done, so that they can be counted; no workload comes of it. */
const doneOf = ({ kind, namespace, name, workload }: PodGroup, finished: number): WorkloadSource => ({
  kind,
  value: { namespace, name, replicas: 0 },
  place: workload?.place ?? null,
  perNode: null,
  waiting: [],
  finished,
})

function sourceOf(group: PodGroup, pods: readonly KubePod[], finished: number, taken: Set<string>): WorkloadSource {
  const { kind, namespace, workload } = group
  const hostNetwork = pods.length > 0 ? pods[0].hostNetwork : (workload?.hostNetwork ?? false)
  const name = uniqueName(group, hostNetwork, taken)
  const labels = pods.length > 0 ? commonLabels(pods) : (workload?.labels ?? {})
  const ports = pods.length > 0 ? pods[0].ports : (workload?.ports ?? [])
  const isPerNode = pods.length === 0 && kind === 'DaemonSet'
  const value: WorkloadPart = {
    namespace,
    name,
    ...(pods.length > 0 || isPerNode ? {} : { replicas: workload?.replicas ?? 0 }),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    ...(ports.length > 0 ? { ports } : {}),
    ...(hostNetwork ? { hostNetwork: true as const } : {}),
    ...(pods.length > 0 ? { pods: pods.map(pod => podPart(pod, labels, ports)) } : {}),
  }
  const waiting = pods.filter(pod => pod.phase === 'Pending' && pod.address === null).map(pod => pod.name)
  const place = workload?.place ?? pods[0]?.place ?? null
  return { kind, value, place, perNode: isPerNode ? (workload?.nodeSelector ?? {}) : null, waiting, finished }
}

function uniqueName({ kind, namespace, name }: PodGroup, hostNetwork: boolean, taken: Set<string>): string {
  const choices = [name, `${name}-${kind.toLowerCase()}`, `${name}-${kind.toLowerCase()}${hostNetwork ? '-host' : '-pods'}`]
  const free = choices.find(choice => !taken.has(`${namespace}/${choice}`)) ?? `${name}-${taken.size}`
  taken.add(`${namespace}/${free}`)
  return free
}

/** Labels that all pods carry with the same value. */
function commonLabels(pods: readonly KubePod[]): Labels {
  const common = new Map(Object.entries(pods[0].labels))
  for (const { labels } of pods) {
    for (const [key, value] of common) if (!Object.hasOwn(labels, key) || labels[key] !== value) common.delete(key)
  }
  return Object.fromEntries(common)
}

function podPart(pod: KubePod, shared: Labels, ports: readonly KubePort[]): PodPart {
  const own = Object.entries(pod.labels).filter(([key]) => !Object.hasOwn(shared, key))
  return {
    name: pod.name,
    ...(pod.node === null ? {} : { node: pod.node }),
    // A hostNetwork pod has its node's address, wherever that is.
    ...(pod.address === null || pod.hostNetwork ? {} : { address: pod.address }),
    ...(own.length > 0 ? { labels: Object.fromEntries(own) } : {}),
    ...(samePorts(pod.ports, ports) ? {} : { ports: pod.ports }),
    ...(pod.ready ? {} : { ready: false as const }),
  }
}

const portKey = ({ name, containerPort, protocol }: KubePort): string => `${name} ${containerPort} ${protocol}`
const samePorts = (a: readonly KubePort[], b: readonly KubePort[]): boolean =>
  a.length === b.length && a.every((port, i) => portKey(port) === portKey(b[i]))
