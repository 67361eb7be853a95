// Services that the API server would refuse (pkg/apis/core/validation and the allocators of pkg/registry/core/service), and traffic to ports
// that a Service does not have.
import { type Issue, issue, warning } from '../scenario/issue.js'
import type { Scenario, Service } from '../scenario/model.js'
import { contains, formatCidr, formatIpv4 } from '../wire/address.js'
import { NODE_PORTS, planServices } from './plan-services.js'

type Path = Issue['path']

export function admitServices(scenario: Scenario): Issue[] {
  return [
    ...admitAddresses(scenario),
    ...scenario.services.flatMap((service, i) => [...admitPorts(service, ['services', i]), ...admitKind(service, ['services', i])]),
    ...admitNodePorts(scenario),
    ...admitFrontends(scenario),
    ...admitTraffic(scenario),
  ]
}

function admitAddresses(scenario: Scenario): Issue[] {
  const { serviceCidr, dnsServiceIp } = scenario.cluster.networkProfile
  const holders = new Map<number, string>([[dnsServiceIp, 'kube-system/kube-dns']])
  const fixed = scenario.services.flatMap(({ clusterIp, namespace, name }, i): Issue[] => {
    if (clusterIp === null || clusterIp === 'None') return []
    const path = ['services', i, 'clusterIp']
    const text = formatIpv4(clusterIp)
    const isEnd = clusterIp === serviceCidr.base || !contains(serviceCidr, clusterIp + 1)
    if (!contains(serviceCidr, clusterIp) || isEnd) {
      const message = `the provided IP (${text}) is not in the valid range ${formatCidr(serviceCidr)}, less its first and last address`
      return [issue(path, 'ClusterIpOutOfServiceCidr', message, 'write an address inside serviceCidr, or leave it out')]
    }
    const holder = holders.get(clusterIp)
    const own = `${namespace}/${name}`
    holders.set(clusterIp, own)
    if (holder === undefined || holder === own) return []
    return [issue(path, 'ClusterIpAllocated', `the provided IP (${text}) is already allocated, to ${holder}`, 'give one of them another')]
  })
  const { refused, addresses } = planServices(scenario)
  const message = `${addresses.capacity} Service addresses in ${formatCidr(serviceCidr)}, all taken`
  const short = refused.map(i => issue(['services', i], 'ServiceCidrExhausted', message, 'widen serviceCidr, or use fewer Services'))
  return [...fixed, ...short]
}

function admitPorts({ ports, clusterIp }: Service, path: Path): Issue[] {
  if (ports.length === 0 && clusterIp !== 'None')
    return [issue([...path, 'ports'], 'MissingKey', '"ports" is missing', 'only a headless Service has none')]
  const seen = new Set<string>()
  const names = new Set<string>()
  return ports.flatMap(({ name, port, protocol }, p): Issue[] => {
    const at = [...path, 'ports', p]
    const found: Issue[] = []
    if (name === null && ports.length > 1)
      // Nothing here depends on the names, and collections of manifests leave them out.
      found.push(warning([...at, 'name'], 'MissingKey', '"name" is missing; Kubernetes would refuse it', 'several ports need a name each'))
    if (name !== null && names.has(name))
      found.push(issue([...at, 'name'], 'DuplicateName', `port ${name} stands here twice`, 'rename one'))
    if (seen.has(`${protocol}/${port}`))
      found.push(issue([...at, 'port'], 'DuplicateName', `${protocol} port ${port} stands here twice`, 'keep one of them'))
    seen.add(`${protocol}/${port}`)
    if (name !== null) names.add(name)
    return found
  })
}

function admitKind(service: Service, path: Path): Issue[] {
  const { type, clusterIp, selector, endpoints, loadBalancerIp, externalTrafficPolicy } = service
  const found: Issue[] = []
  const refuse = (key: string, what: string, hint: string): number => found.push(issue([...path, key], 'InvalidService', what, hint))
  if (clusterIp === 'None' && type !== 'ClusterIP') refuse('clusterIp', `None with type ${type}`, 'a headless Service is of type ClusterIP')
  if (loadBalancerIp !== null && type !== 'LoadBalancer') refuse('loadBalancerIp', `with type ${type}`, 'set type: LoadBalancer')
  if (externalTrafficPolicy === 'Local' && type === 'ClusterIP')
    refuse('externalTrafficPolicy', 'Local with type ClusterIP', 'nobody outside reaches such a Service; use NodePort or LoadBalancer')
  if (selector !== null && endpoints.length > 0) refuse('endpoints', 'beside a selector', 'the selector says who; keep one of them')
  return found
}

function admitNodePorts({ services }: Scenario): Issue[] {
  const holders = new Map<string, string>()
  return services.flatMap(({ type, ports, namespace, name }, i) =>
    ports.flatMap(({ nodePort, protocol }, p): Issue[] => {
      if (nodePort === null) return []
      const path = ['services', i, 'ports', p, 'nodePort']
      if (type === 'ClusterIP') return [issue(path, 'InvalidService', 'nodePort with type ClusterIP', 'set type: NodePort')]
      const { first, last } = NODE_PORTS
      if (nodePort < first || nodePort > last)
        return [issue(path, 'NodePortOutOfRange', `the range of valid ports is ${first}-${last}`, 'write one of it, or leave it out')]
      const key = `${protocol}/${nodePort}`
      const holder = holders.get(key)
      holders.set(key, `${namespace}/${name}`)
      if (holder === undefined) return []
      return [issue(path, 'NodePortAllocated', `${nodePort} is already allocated, to ${holder}`, 'give one of them another')]
    }),
  )
}

/** A frontend that is somebody else's address would lead nowhere. */
function admitFrontends(scenario: Scenario): Issue[] {
  const holders = new Map<number, string>(scenario.endpoints.map(({ name, address }) => [address, `the endpoint ${name}`]))
  return scenario.services.flatMap(({ loadBalancerIp, namespace, name }, i): Issue[] => {
    if (loadBalancerIp === null) return []
    const holder = holders.get(loadBalancerIp)
    holders.set(loadBalancerIp, `${namespace}/${name}`)
    if (holder === undefined) return []
    const message = `${formatIpv4(loadBalancerIp)} belongs to ${holder}`
    return [issue(['services', i, 'loadBalancerIp'], 'FrontendAllocated', message, 'give one of them another')]
  })
}

/** A Service hears only on its ports; of a headless one the pods do, on whatever port. */
function admitTraffic(scenario: Scenario): Issue[] {
  const byName = new Map(planServices(scenario).services.map(service => [`${service.namespace}/${service.name}`, service]))
  return scenario.traffic.flatMap((entry, i): Issue[] => {
    if (entry.kind === 'replay' || entry.to.kind !== 'service') return []
    const named = entry.to.service
    const service = byName.get(named)
    if (!service || service.clusterIp === null) return []
    const protocol = (entry.kind === 'udp' ? 'udp' : entry.protocol).toUpperCase()
    if (service.ports.some(port => port.port === entry.port && port.protocol === protocol)) return []
    const has = service.ports.map(port => `${port.protocol} ${port.port}`).join(', ')
    const message = `${named} has no ${protocol} port ${entry.port}`
    return [issue(['traffic', i, 'to', 'port'], 'UnknownPort', message, `it has ${has}`)]
  })
}
