// Which pods belong together: those of one owner at the top, through ReplicaSets to Deployments and through Jobs to CronJobs. Owners
// without a pod count too, with the number of pods they want.
import type { ClusterFacts, KubePod, KubeWorkload, Owner } from './cluster-facts.js'

/** Pods of one owner, with the owner's object where it is known. A pod without an owner is a group of its own, of the kind Pod. */
export interface PodGroup {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly workload: KubeWorkload | null
  readonly pods: readonly KubePod[]
}

const code = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** In order of namespace, name and kind, pods by name: files that list them in another order make the same scenario. */
export function groupPods(facts: ClusterFacts): PodGroup[] {
  const objects = new Map(facts.workloads.map(one => [keyOf(one, one.namespace), one]))
  const groups = new Map<string, { owner: Owner; namespace: string; workload: KubeWorkload | null; pods: KubePod[] }>()
  const groupOf = (owner: Owner, namespace: string) => {
    const key = keyOf(owner, namespace)
    const group = groups.get(key) ?? { owner, namespace, workload: objects.get(key) ?? null, pods: [] }
    groups.set(key, group)
    return group
  }
  for (const pod of facts.pods) groupOf(topOwner(pod, objects), pod.namespace).pods.push(pod)
  for (const one of facts.workloads) {
    if (one.owner === null) groupOf(one, one.namespace)
    // Its owner was not listed, so it speaks for it; old ReplicaSets, which have no pods any more, do not.
    else if (!objects.has(keyOf(one.owner, one.namespace)) && one.replicas !== 0) groupOf(one.owner, one.namespace).workload ??= one
  }
  return [...groups.values()]
    .map(({ owner: { kind, name }, namespace, workload, pods }) => ({
      kind,
      namespace,
      name,
      workload,
      pods: pods.sort((a, b) => code(a.name, b.name)),
    }))
    .sort((a, b) => code(a.namespace, b.namespace) || code(a.name, b.name) || rank(a.kind) - rank(b.kind) || code(a.kind, b.kind))
}

const keyOf = ({ kind, name }: Owner, namespace: string): string => `${kind} ${namespace}/${name}`

/** Of owners with the same name the earlier of these keeps it. */
const RANKS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'CronJob', 'Job', 'Pod']
const rank = (kind: string): number => (RANKS.indexOf(kind) + RANKS.length + 1) % (RANKS.length + 1)

export function topOwner(pod: KubePod, objects: ReadonlyMap<string, KubeWorkload>): Owner {
  const { owner, namespace, labels } = pod
  // Static pods belong to their node: each is on its own.
  if (owner === null || owner.kind === 'Node') return { kind: 'Pod', name: pod.name }
  const object = objects.get(keyOf(owner, namespace))
  if (object) return object.owner ?? owner
  // Without the ReplicaSet at hand: it is named after its Deployment, with the hash that its pods carry as a label.
  const hash = labels['pod-template-hash']
  return owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`) && owner.name.length > hash.length + 1
    ? { kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) }
    : owner
}
