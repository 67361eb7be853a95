// Services, policies and namespaces of a scenario, in the form of its file, out of Kubernetes objects. What can be left out is: the
// defaults of a scenario are those of Kubernetes.
import type { ClusterFacts, KubeEndpoint, KubeService, KubeServicePort } from './cluster-facts.js'
import type { Part } from './workload-parts.js'

type Plain = Readonly<Record<string, unknown>>

const code = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const byName = (a: { namespace: string; name: string }, b: { namespace: string; name: string }): number =>
  code(a.namespace, b.namespace) || code(a.name, b.name)

export function serviceParts(facts: ClusterFacts): Part<Plain>[] {
  const endpoints = endpointsByService(facts)
  return [...facts.services].sort(byName).map(service => ({
    value: servicePart(service, endpoints.get(`${service.namespace}/${service.name}`) ?? []),
    place: service.place,
  }))
}

/** Where a Service has slices, its Endpoints only repeat them (and end at 1,000 addresses). */
export function endpointsByService(facts: ClusterFacts): Map<string, readonly KubeEndpoint[]> {
  const all = new Map<string, KubeEndpoint[]>()
  for (const one of facts.endpoints) {
    const key = `${one.namespace}/${one.service}`
    const group = all.get(key)
    if (group) group.push(one)
    else all.set(key, [one])
  }
  return new Map(
    [...all].map(([key, group]) => {
      const slices = group.filter(one => one.isSlice)
      return [key, slices.length > 0 ? slices : group] as const
    }),
  )
}

/** Of a Service with a selector the pods themselves say who is behind it. */
function servicePart(service: KubeService, endpoints: readonly KubeEndpoint[]): Plain {
  const { namespace, name, type, clusterIp, selector, ports, loadBalancerIp } = service
  const isBare = selector === null || Object.keys(selector).length === 0
  return present({
    namespace,
    name,
    type: type === 'ClusterIP' ? undefined : type,
    clusterIp,
    selector: isBare ? undefined : selector,
    ports: ports.length === 0 ? undefined : ports.map(portPart),
    sessionAffinity: unless(service.sessionAffinity, 'None'),
    sessionAffinityTimeout: service.sessionAffinity === 'ClientIP' ? timeoutOf(service.sessionAffinitySeconds) : undefined,
    externalTrafficPolicy: unless(service.externalTrafficPolicy, 'Cluster'),
    internalTrafficPolicy: unless(service.internalTrafficPolicy, 'Cluster'),
    publishNotReadyAddresses: service.publishNotReadyAddresses || undefined,
    loadBalancerIp: type === 'LoadBalancer' ? loadBalancerIp : undefined,
    endpoints: isBare && endpoints.length > 0 ? endpoints.map(one => endpointPart(one, ports)) : undefined,
  })
}

/** Three hours is the default of both. */
const timeoutOf = (seconds: number | null): string | undefined => (seconds === null || seconds === 10_800 ? undefined : `${seconds}s`)

const unless = (value: string | null, byDefault: string): string | undefined => (value === null || value === byDefault ? undefined : value)

const portPart = ({ name, port, targetPort, protocol, nodePort }: KubeServicePort): Plain =>
  present({
    name: name || undefined,
    port,
    targetPort: targetPort === port ? undefined : targetPort,
    protocol: protocol === 'TCP' ? undefined : protocol,
    nodePort,
  })

/** An endpoint's port is written where it differs from what the Service's own port says. */
function endpointPart(endpoint: KubeEndpoint, ports: readonly KubeServicePort[]): Plain {
  const own = ports.length === 1 ? (endpoint.ports.find(one => one.name === ports[0].name) ?? endpoint.ports[0]) : undefined
  const expected = ports.length === 1 ? (ports[0].targetPort ?? ports[0].port) : undefined
  return present({
    address: endpoint.address,
    port: own === undefined || own.port === expected ? undefined : own.port,
    ready: endpoint.ready ? undefined : false,
  })
}

const present = (entries: Plain): Plain =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined && value !== null))

/** Specs as they are: the policy's own words. */
export const policyParts = (facts: ClusterFacts): Part<Plain>[] =>
  [...facts.policies].sort(byName).map(({ namespace, name, spec, place }) => ({ value: { metadata: { name, namespace }, spec }, place }))

export const namespaceParts = (facts: ClusterFacts): Part<Plain>[] =>
  [...facts.namespaces]
    .sort((a, b) => code(a.name, b.name))
    .map(({ name, labels, place }) => ({ value: Object.keys(labels).length > 0 ? { name, labels } : { name }, place }))
