// Who is behind a Service: the pods that its selector finds in its namespace, as the endpoint slice controller lists them, or the addresses
// that it names itself. Workloads are found by one of their labels, so that thousands of Services do not each look at all of them.
import type { Scenario, Workload } from '../scenario/model.js'
import type { Plan } from './plan.js'
import type { PlannedService } from './plan-services.js'

export interface ServiceEndpoint {
  readonly address: number
  readonly port: number
  /** The pod, or -1: an address that the Service names. */
  readonly pod: number
  /** The pod's node, or -1. */
  readonly node: number
}

type Labels = Workload['labels']
type Port = PlannedService['ports'][number]

export type EndpointFinder = (service: PlannedService, port: Port) => ServiceEndpoint[]

export function endpointFinder(scenario: Scenario, plan: Plan): EndpointFinder {
  const byLabel = new Map<string, number[]>()
  scenario.workloads.forEach((workload, w) => {
    for (const label of labelsOf(workload)) {
      const key = `${workload.namespace}\u0000${label}`
      const list = byLabel.get(key)
      if (list) list.push(w)
      else byLabel.set(key, [w])
    }
  })
  return (service, port) => {
    const { selector } = service
    if (selector === null) return namedEndpoints(service, port)
    const lists = Object.entries(selector).map(([key, value]) => byLabel.get(`${service.namespace}\u0000${key}=${value}`) ?? [])
    const shortest = lists.reduce((best, list) => (list.length < best.length ? list : best))
    return shortest.flatMap(w => podsOf(scenario.workloads[w], w, plan, service, port))
  }
}

/** Every label that some pod of the workload has. */
function labelsOf({ labels, pods }: Workload): Set<string> {
  const found = new Set(Object.entries(labels).map(([key, value]) => `${key}=${value}`))
  for (const pod of pods) if (pod.labels !== labels) for (const [key, value] of Object.entries(pod.labels)) found.add(`${key}=${value}`)
  return found
}

const matches = (selector: Labels, labels: Labels): boolean =>
  Object.entries(selector).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value)

function podsOf(workload: Workload, w: number, { pods }: Plan, service: PlannedService, port: Port): ServiceEndpoint[] {
  const found: ServiceEndpoint[] = []
  const own = workload.pods.length > 0
  if (!own && !matches(service.selector!, workload.labels)) return found
  const common = targetPortOf(workload.ports, port)
  for (let pod = pods.first[w]; pod < pods.first[w + 1]; pod++) {
    const fixed = own ? workload.pods[pods.replica[pod]] : null
    if (fixed && (!matches(service.selector!, fixed.labels) || !(fixed.ready || service.publishNotReadyAddresses))) continue
    // A pod without the named port is no endpoint of it.
    const target = fixed ? targetPortOf(fixed.ports, port) : common
    if (target !== null) found.push({ address: pods.address[pod], port: target, pod, node: pods.node[pod] })
  }
  return found
}

function targetPortOf(ports: Workload['ports'], { targetPort, protocol }: Port): number | null {
  if (typeof targetPort === 'number') return targetPort
  return ports.find(({ name, protocol: own }) => name === targetPort && own === protocol)?.containerPort ?? null
}

const namedEndpoints = ({ endpoints, publishNotReadyAddresses }: PlannedService, { port, targetPort }: Port): ServiceEndpoint[] =>
  endpoints
    .filter(({ ready }) => ready || publishNotReadyAddresses)
    .map(({ address, port: own }) => ({ address, port: own ?? (typeof targetPort === 'number' ? targetPort : port), pod: -1, node: -1 }))
