// What a pod, or the template of one, says about the network.
import type { KubePod, KubePort, Owner } from './cluster-facts.js'
import type { Fields } from './fields.js'
import type { Place } from './place.js'
import type { Texts } from './texts.js'

/** The controller among the owners; without one, the first owner. */
export function ownerOf(metadata: Fields): Owner | null {
  const owners = metadata.objects('ownerReferences')
  const owner = owners.find(one => one.flag('controller')) ?? owners[0]
  const kind = owner?.text('kind')
  const name = owner?.text('name')
  return kind && name ? { kind, name } : null
}

/** Ports of all containers; sidecars are init containers that go on. */
export function portsOf(spec: Fields): KubePort[] {
  const sidecars = spec.objects('initContainers').filter(container => container.text('restartPolicy') === 'Always')
  const ports = [...spec.objects('containers'), ...sidecars].flatMap(container => container.objects('ports'))
  const seen = new Set<string>()
  return ports.flatMap(fields => {
    const containerPort = fields.port('containerPort')
    const protocol = (fields.text('protocol') ?? 'TCP').toUpperCase()
    const name = fields.text('name')
    const key = `${name} ${containerPort} ${protocol}`
    if (containerPort === null || seen.has(key)) return []
    seen.add(key)
    return [{ ...(name === null ? {} : { name }), containerPort, protocol }]
  })
}

const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/

/** The first IPv4 one: a cluster of two families prints either first. */
export const firstIpv4 = (texts: readonly (string | null)[]): string | null => texts.find(text => text !== null && IPV4.test(text)) ?? null

export function podOf(object: Fields, namespace: string, name: string, place: Place, texts: Texts): KubePod {
  const owner = ownerOf(object.object('metadata'))
  const metadata = object.object('metadata')
  const spec = object.object('spec')
  const status = object.object('status')
  const phase = status.text('phase')
  const isReady = status.objects('conditions').some(one => one.text('type') === 'Ready' && one.text('status') === 'True')
  // A pod that is being deleted is taken out of its Services, whatever it says of itself.
  const isLeaving = metadata.raw('deletionTimestamp') !== undefined
  return {
    namespace,
    name,
    labels: texts.ofLabels(metadata.labels('labels') ?? {}),
    owner: owner && { kind: texts.of(owner.kind), name: texts.of(owner.name) },
    node: texts.orNull(spec.text('nodeName')),
    address: texts.orNull(firstIpv4([status.text('podIP'), ...status.objects('podIPs').map(one => one.text('ip'))])),
    hostAddress: texts.orNull(firstIpv4([status.text('hostIP')])),
    phase: texts.orNull(phase),
    ready: phase === null || (isReady && !isLeaving),
    hostNetwork: spec.flag('hostNetwork'),
    ports: portsOf(spec),
    place,
  }
}
