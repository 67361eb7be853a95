// Pods of the host network have no interface of their own: what asks for one is refused by name.
import { type Issue, issue } from '../scenario/issue.js'
import type { PeerRef, Scenario } from '../scenario/model.js'

type Path = Issue['path']

export function admitHostNetwork(scenario: Scenario): Issue[] {
  const hosted = scenario.workloads.filter(({ hostNetwork }) => hostNetwork)
  if (hosted.length === 0) return []
  const names = new Set(hosted.map(({ namespace, name }) => `${namespace}/${name}`))
  const pods = new Set(hosted.flatMap(({ namespace, pods }) => pods.map(({ name }) => `${namespace}/${name}`)))
  const isHosted = (ref: PeerRef): boolean => {
    if (ref.kind === 'workload') return names.has(ref.workload)
    if (ref.kind === 'pod') return pods.has(ref.pod) || names.has(ref.pod.slice(0, Math.max(0, ref.pod.lastIndexOf('/'))))
    if (ref.kind !== 'selector') return false
    return hosted.some(
      ({ namespace, labels }) =>
        (ref.namespace === null || ref.namespace === namespace) &&
        Object.entries(ref.labels).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value),
    )
  }
  const later = (path: Path, what: string): Issue =>
    issue(path, 'NotSupportedYet', `not supported yet: ${what} of a hostNetwork pod`, 'name its node')
  return [
    ...scenario.traffic.flatMap((entry, i) => {
      if (entry.kind === 'udp') return []
      const what = entry.kind === 'replay' ? 'a replay' : 'connections'
      return [
        ...(isHosted(entry.from) ? [later(['traffic', i, 'from'], what)] : []),
        ...(entry.kind !== 'replay' && isHosted(entry.to) ? [later(['traffic', i, 'to'], what)] : []),
      ]
    }),
    ...scenario.services.flatMap(({ namespace, selector }, i) =>
      selector !== null && isHosted({ kind: 'selector', namespace, labels: selector })
        ? [issue(['services', i, 'selector'], 'NotSupportedYet', 'not supported yet: a Service of hostNetwork pods', 'select other pods')]
        : [],
    ),
    ...scenario.capture.flatMap(({ at }, i) => (at.kind === 'pod' && isHosted(at) ? [later(['capture', i, 'pod'], 'a capture')] : [])),
  ]
}
