// What Services, EndpointSlices and Endpoints say about who is reached at which address.
import type { KubeEndpoint, KubeService, KubeServicePort } from './cluster-facts.js'
import type { Fields } from './fields.js'
import type { Place } from './place.js'
import { firstIpv4 } from './pod-facts.js'

/** Of a Service that is nothing but an alias in DNS, or has no IPv4 address, null. */
export function serviceOf(object: Fields, namespace: string, name: string, place: Place): KubeService | null {
  const spec = object.object('spec')
  const type = spec.text('type') ?? 'ClusterIP'
  const given = [spec.text('clusterIP'), ...spec.texts('clusterIPs')].filter(text => text !== null && text !== '')
  const isHeadless = given[0] === 'None'
  const clusterIp = isHeadless ? 'None' : firstIpv4(given)
  if (type === 'ExternalName' || (given.length > 0 && clusterIp === null)) return null
  const ingress = object.object('status').object('loadBalancer').objects('ingress')
  return {
    namespace,
    name,
    type,
    clusterIp,
    selector: spec.labels('selector'),
    ports: spec.objects('ports').flatMap(portOf),
    sessionAffinity: spec.text('sessionAffinity'),
    sessionAffinitySeconds: spec.object('sessionAffinityConfig').object('clientIP').count('timeoutSeconds'),
    externalTrafficPolicy: spec.text('externalTrafficPolicy'),
    internalTrafficPolicy: spec.text('internalTrafficPolicy'),
    publishNotReadyAddresses: spec.flag('publishNotReadyAddresses'),
    loadBalancerIp: firstIpv4([...ingress.map(one => one.text('ip')), spec.text('loadBalancerIP')]),
    place,
  }
}

function portOf(fields: Fields): KubeServicePort[] {
  const port = fields.port('port')
  if (port === null) {
    if (fields.raw('port') === undefined) fields.refuse('port', 'MissingKey', '"port" is missing', 'add it, as in port: 80')
    return []
  }
  const target = fields.raw('targetPort')
  return [
    {
      name: fields.text('name'),
      port,
      targetPort: typeof target === 'number' ? fields.port('targetPort') : fields.text('targetPort'),
      protocol: (fields.text('protocol') ?? 'TCP').toUpperCase(),
      nodePort: fields.port('nodePort'),
    },
  ]
}

const portsOf = (ports: readonly Fields[]): KubeEndpoint['ports'] =>
  ports.flatMap(fields => {
    const port = fields.port('port')
    return port === null ? [] : [{ name: fields.text('name') || null, port, protocol: (fields.text('protocol') ?? 'TCP').toUpperCase() }]
  })

/** A slice belongs to the Service that its label names. */
export function sliceEndpoints(object: Fields, namespace: string): KubeEndpoint[] {
  const service = object.object('metadata').object('labels').text('kubernetes.io/service-name')
  if (service === null || (object.text('addressType') ?? 'IPv4') !== 'IPv4') return []
  const ports = portsOf(object.objects('ports'))
  return object.objects('endpoints').flatMap(endpoint => {
    // Unknown readiness counts as ready (EndpointSlice API).
    const ready = endpoint.object('conditions').raw('ready') !== false
    return endpoint.texts('addresses').map(address => ({ namespace, service, address, ready, ports, isSlice: true }))
  })
}

/** The older form: Endpoints have the name of their Service. */
export function subsetEndpoints(object: Fields, namespace: string, name: string): KubeEndpoint[] {
  return object.objects('subsets').flatMap(subset => {
    const ports = portsOf(subset.objects('ports'))
    return (['addresses', 'notReadyAddresses'] as const).flatMap(key =>
      subset.objects(key).flatMap(one => {
        const address = firstIpv4([one.text('ip')])
        return address === null ? [] : [{ namespace, service: name, address, ready: key === 'addresses', ports, isSlice: false }]
      }),
    )
  })
}
