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
  const objects = new Map(facts.workloads.map(one => [`${one.kind} ${one.namespace}/${one.name}`, one]))
  const groups = new Map<string, { owner: Owner; namespace: string; pods: KubePod[] }>()
  const groupOf = (owner: Owner, namespace: string): KubePod[] => {
    const key = `${owner.kind} ${namespace}/${owner.name}`
    const group = groups.get(key) ?? { owner, namespace, pods: [] }
    groups.set(key, group)
    return group.pods
  }
  for (const pod of facts.pods) groupOf(topOwner(pod, objects), pod.namespace).push(pod)
  for (const one of facts.workloads) if (isTop(one, objects)) groupOf(one, one.namespace)
  return [...groups.values()]
    .map(({ owner: { kind, name }, namespace, pods }) => ({
      kind,
      namespace,
      name,
      workload: objects.get(`${kind} ${namespace}/${name}`) ?? null,
      pods: pods.sort((a, b) => code(a.name, b.name)),
    }))
    .sort((a, b) => code(a.namespace, b.namespace) || code(a.name, b.name) || rank(a.kind) - rank(b.kind) || code(a.kind, b.kind))
}

/** Of owners with the same name the earlier of these keeps it. */
const RANKS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'CronJob', 'Job', 'Pod']
const rank = (kind: string): number => (RANKS.indexOf(kind) + RANKS.length + 1) % (RANKS.length + 1)

/** Old ReplicaSets of a Deployment and Jobs of a CronJob have owners and are none themselves. */
const isTop = (one: KubeWorkload, objects: ReadonlyMap<string, KubeWorkload>): boolean =>
  one.owner === null || (!objects.has(`${one.owner.kind} ${one.namespace}/${one.owner.name}`) && one.replicas !== 0)

export function topOwner(pod: KubePod, objects: ReadonlyMap<string, KubeWorkload>): Owner {
  const { owner, namespace, labels } = pod
  // Static pods belong to their node: each is on its own.
  if (owner === null || owner.kind === 'Node') return { kind: 'Pod', name: pod.name }
  const object = objects.get(`${owner.kind} ${namespace}/${owner.name}`)
  if (object) return object.owner ?? owner
  // Without the ReplicaSet at hand: it is named after its Deployment, with the hash that its pods carry as a label.
  const hash = labels['pod-template-hash']
  return owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`) && owner.name.length > hash.length + 1
    ? { kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) }
    : owner
}
