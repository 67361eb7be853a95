// Services at rest: every one with its addresses and node ports, those that the API server would allocate included. Two are there in every
// cluster: default/kubernetes at the range's first address, and kube-system/kube-dns at dnsServiceIp; a scenario that lists
// them itself has its own.
import type { Ipv4 } from '../base/brand.js'
import type { AddressRange } from '../ipam/pool.js'
import { servicePool } from '../ipam/service-cidr.js'
import type { Scenario, Service } from '../scenario/model.js'
import { addressAt, type Cidr, networkOf } from '../wire/address.js'

export interface PlannedService extends Omit<Service, 'clusterIp' | 'loadBalancerIp'> {
  /** Index into `scenario.services`; -1 for the DNS that is there by itself. */
  readonly index: number
  /** Null: headless, or no address was left. */
  readonly clusterIp: Ipv4 | null
  readonly loadBalancerIp: Ipv4 | null
}

export interface ServicePlan {
  readonly services: readonly PlannedService[]
  /** The range, with all that is taken of it. */
  readonly addresses: AddressRange
  /** Services that got no address because none was left: indices into `scenario.services`. */
  readonly refused: readonly number[]
}

/** kube-apiserver's --service-node-port-range, and where automatic allocation begins in it (as for addresses: KEP-3668). */
export const NODE_PORTS = { first: 30_000, last: 32_767, dynamicFirst: 30_086 } as const
/** Frontends that the file does not name: documentation addresses (RFC 5737), as nobody can know Azure's choice. */
const FRONTENDS: Cidr = { base: ((192 << 24) | (2 << 8)) as Ipv4, prefix: 24 }

const DNS_PORT = 53

/** The DNS as AKS installs it. */
export const DNS: Service = {
  namespace: 'kube-system',
  name: 'kube-dns',
  type: 'ClusterIP',
  clusterIp: null,
  selector: { 'k8s-app': 'kube-dns' },
  ports: [
    { name: 'dns', port: DNS_PORT, targetPort: DNS_PORT, protocol: 'UDP', nodePort: null },
    { name: 'dns-tcp', port: DNS_PORT, targetPort: DNS_PORT, protocol: 'TCP', nodePort: null },
  ],
  sessionAffinity: 'None',
  sessionAffinityTimeoutNs: 0,
  externalTrafficPolicy: 'Cluster',
  internalTrafficPolicy: 'Cluster',
  publishNotReadyAddresses: false,
  loadBalancerIp: null,
  endpoints: [],
}

const isNamed = ({ namespace, name }: Service, full: string): boolean => `${namespace}/${name}` === full

export function planServices(scenario: Scenario): ServicePlan {
  const { serviceCidr, dnsServiceIp } = scenario.cluster.networkProfile
  const addresses = servicePool(serviceCidr)
  const listed = scenario.services
  const clusterIps = listed.map(service => fixedAddress(service, dnsServiceIp))
  if (!listed.some(service => isNamed(service, 'default/kubernetes'))) addresses.take(addressAt(networkOf(serviceCidr), 1))
  addresses.take(dnsServiceIp)
  for (const address of clusterIps) if (address !== null) addresses.take(address)
  const refused: number[] = []
  listed.forEach(({ clusterIp }, i) => {
    if (clusterIp === 'None' || clusterIps[i] !== null) return
    clusterIps[i] = addresses.allocate()
    if (clusterIps[i] === null) refused.push(i)
  })
  const nodePorts = nodePortsOf(listed)
  const frontends = frontendsOf(listed)
  const services = listed.map((service, index): PlannedService => {
    const ports = service.ports.map((port, p) => ({ ...port, nodePort: nodePorts.get(`${index}/${p}`) ?? null }))
    return { ...service, index, ports, clusterIp: clusterIps[index], loadBalancerIp: frontends[index] }
  })
  const hasOwnDns = listed.some(service => isNamed(service, 'kube-system/kube-dns'))
  const dns: PlannedService = { ...DNS, index: -1, clusterIp: dnsServiceIp, loadBalancerIp: null }
  return { services: hasOwnDns ? services : [...services, dns], addresses, refused }
}

/** The address that a Service asks for; the DNS, if it is listed without one, has its own. */
function fixedAddress(service: Service, dnsServiceIp: Ipv4): Ipv4 | null {
  if (service.clusterIp === 'None') return null
  return service.clusterIp ?? (isNamed(service, 'kube-system/kube-dns') ? dnsServiceIp : null)
}

/** Ports on the nodes, by service and port index. */
function nodePortsOf(services: readonly Service[]): Map<string, number> {
  const taken = new Set<string>()
  for (const { ports } of services) for (const { protocol, nodePort } of ports) if (nodePort !== null) taken.add(`${protocol}/${nodePort}`)
  const found = new Map<string, number>()
  const next = { TCP: 0, UDP: 0, SCTP: 0 }
  const span = NODE_PORTS.last - NODE_PORTS.first + 1
  services.forEach(({ type, ports }, s) => {
    if (type === 'ClusterIP') return
    ports.forEach(({ protocol, nodePort }, p) => {
      if (nodePort !== null) found.set(`${s}/${p}`, nodePort)
      while (nodePort === null && next[protocol] < span) {
        // From the dynamic band up, then around to the static one.
        const port = NODE_PORTS.first + ((NODE_PORTS.dynamicFirst - NODE_PORTS.first + next[protocol]++) % span)
        if (taken.has(`${protocol}/${port}`)) continue
        found.set(`${s}/${p}`, port)
        break
      }
    })
  })
  return found
}

function frontendsOf(services: readonly Service[]): (Ipv4 | null)[] {
  const taken = new Set<number>(services.flatMap(({ loadBalancerIp }) => loadBalancerIp ?? []))
  let next = 1
  return services.map(({ type, loadBalancerIp }) => {
    if (type !== 'LoadBalancer' || loadBalancerIp !== null) return type === 'LoadBalancer' ? loadBalancerIp : null
    while (taken.has(addressAt(FRONTENDS, next))) next++
    return addressAt(FRONTENDS, next++)
  })
}
