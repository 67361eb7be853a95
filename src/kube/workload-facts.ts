// What the owners of pods say: how many, with which labels and ports. An object from a live cluster counts by its status, a manifest
// by what it asks for.
import type { KubeWorkload } from './cluster-facts.js'
import type { Fields } from './fields.js'
import type { Place } from './place.js'
import { ownerOf, portsOf } from './pod-facts.js'

export function workloadOf(kind: string, object: Fields, namespace: string, name: string, place: Place): KubeWorkload {
  const spec = object.object('spec')
  const template = (kind === 'CronJob' ? spec.object('jobTemplate').object('spec') : spec).object('template')
  const podSpec = template.object('spec')
  return {
    kind,
    namespace,
    name,
    owner: ownerOf(object.object('metadata')),
    replicas: replicasOf(kind, spec, object.object('status')),
    labels: template.object('metadata').labels('labels') ?? {},
    hostNetwork: podSpec.flag('hostNetwork'),
    ports: portsOf(podSpec),
    nodeSelector: podSpec.labels('nodeSelector') ?? {},
    place,
  }
}

function replicasOf(kind: string, spec: Fields, status: Fields): number | null {
  switch (kind) {
    case 'DaemonSet':
      return null
    case 'CronJob':
      // Its jobs come and go with the clock; at any moment it has those pods that the dump shows.
      return 0
    case 'Job':
      return jobPods(spec, status)
    default:
      return status.raw('observedGeneration') === undefined ? (spec.count('replicas') ?? 1) : (status.count('replicas') ?? 0)
  }
}

/** A Job that has started counts by its active pods; they were left out of the status when there are none. */
function jobPods(spec: Fields, status: Fields): number {
  if (status.raw('startTime') !== undefined || status.raw('conditions') !== undefined) return status.count('active') ?? 0
  if (spec.flag('suspend')) return 0
  const parallelism = spec.count('parallelism') ?? 1
  return Math.min(parallelism, spec.count('completions') ?? parallelism)
}
