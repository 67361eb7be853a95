// Services as the data plane looks them up: one row for each place where a Service listens (its own address, its frontend at the load
// balancer, its port on every node), and the endpoints behind it.
import type { ImageColumns } from '../image/image.js'
import { ServiceKind } from '../image/kinds.js'
import type { Scenario } from '../scenario/model.js'
import { slotsFor } from '../table/address-index.js'
import { fillServiceIndex, listenerOf } from '../table/service.js'
import type { Plan } from './plan.js'
import type { PlannedService } from './plan-services.js'
import type { PlannedNode } from './planned.js'
import { endpointFinder, type ServiceEndpoint } from './service-endpoints.js'

/** Any node's own address. */
const EVERY_NODE = 0
const IP_PROTOCOLS = { TCP: 6, UDP: 17, SCTP: 132 } as const

interface Row {
  readonly address: number
  readonly listener: number
  readonly kind: number
  readonly service: PlannedService
  readonly endpoints: number
}

export interface ServiceRows {
  readonly rows: readonly Row[]
  /** Endpoints of each Service port, shared by the rows it listens at. */
  readonly endpoints: readonly (readonly ServiceEndpoint[])[]
}

/**
 * Whether the scenario uses Services at all: one without them, none of whose traffic goes to a Service's address, is run as if there were
 * no kube-proxy, and pays nothing for it.
 */
export const usesServices = (scenario: Scenario): boolean =>
  scenario.services.length > 0 || scenario.traffic.some(entry => entry.kind !== 'replay' && entry.to.kind === 'service')

export function serviceRows(scenario: Scenario, plan: Plan, isUsed: boolean): ServiceRows {
  const rows: Row[] = []
  const endpoints: ServiceEndpoint[][] = []
  if (!isUsed) return { rows, endpoints }
  const endpointsOf = endpointFinder(scenario, plan)
  for (const service of plan.services) {
    if (service.clusterIp === null) continue
    for (const port of service.ports) {
      const list = endpoints.push(endpointsOf(service, port)) - 1
      const isStandIn = service.index < 0 && endpoints[list].length === 0
      const add = (address: number, number: number, kind: number): void => {
        rows.push({ address, listener: listenerOf(IP_PROTOCOLS[port.protocol], number), kind, service, endpoints: list })
      }
      add(service.clusterIp, port.port, isStandIn ? ServiceKind.standIn : ServiceKind.clusterIp)
      if (service.loadBalancerIp !== null) add(service.loadBalancerIp, port.port, ServiceKind.frontend)
      if (port.nodePort !== null) add(EVERY_NODE, port.nodePort, ServiceKind.nodePort)
    }
  }
  return { rows, endpoints }
}

/** Nodes to which the load balancer hands connections of a Service that keeps the source: those with an endpoint. */
function healthyNodes({ kind, service, endpoints: list }: Row, endpoints: ServiceRows['endpoints']): Set<number> {
  if (kind !== ServiceKind.frontend || service.externalTrafficPolicy !== 'Local') return new Set()
  return new Set(endpoints[list].flatMap(({ node }) => (node < 0 ? [] : [node])))
}

/** Lengths of the columns. */
export function serviceLengths({ rows, endpoints }: ServiceRows, nodes: number) {
  const balanced = rows.length === 0 ? 0 : nodes + rows.reduce((sum, row) => sum + healthyNodes(row, endpoints).size, 0)
  const slots = rows.length === 0 ? 0 : slotsFor(rows.length)
  const behind = endpoints.reduce((sum, list) => sum + list.length, 0)
  return {
    ...{ serviceAddress: slots, serviceListener: slots, serviceSlot: slots },
    ...{ serviceKind: rows.length, serviceFirst: rows.length, serviceCount: rows.length, serviceLocal: rows.length },
    ...{ serviceAffinityNs: rows.length, serviceOf: rows.length, balancerFirst: rows.length, balancerCount: rows.length },
    ...{ balancerLp: balanced, balancerJoinNs: balanced, balancerLeaveNs: balanced },
    ...{ endpointAddress: behind, endpointPort: behind, endpointPod: behind, endpointLp: behind },
  }
}

export function fillServices(columns: ImageColumns, { rows, endpoints }: ServiceRows, nodes: readonly PlannedNode[]): void {
  if (rows.length === 0) return
  const index = rows.map(({ address, listener }, row) => ({ address, listener, row }))
  fillServiceIndex(columns.serviceAddress, columns.serviceListener, columns.serviceSlot, index)
  const first: number[] = []
  let next = 0
  for (const list of endpoints) {
    first.push(next)
    for (const { address, port, pod, node } of list) {
      columns.endpointAddress[next] = address
      columns.endpointPort[next] = port
      columns.endpointPod[next] = pod
      columns.endpointLp[next] = node
      next++
    }
  }
  fillBalancer(columns, { rows, endpoints }, nodes)
  rows.forEach(({ kind, service, endpoints: list }, row) => {
    columns.serviceKind[row] = kind
    columns.serviceFirst[row] = first[list]
    columns.serviceCount[row] = endpoints[list].length
    const policy = kind === ServiceKind.clusterIp ? service.internalTrafficPolicy : service.externalTrafficPolicy
    columns.serviceLocal[row] = policy === 'Local' ? 1 : 0
    columns.serviceAffinityNs[row] = service.sessionAffinity === 'ClientIP' ? service.sessionAffinityTimeoutNs : 0
    columns.serviceOf[row] = list
  })
}

/** Who gets a frontend's connections: all nodes, in one list that rows share, or those with an endpoint. */
function fillBalancer(columns: ImageColumns, { rows, endpoints }: ServiceRows, nodes: readonly PlannedNode[]): void {
  let next = 0
  const add = (lp: number): void => {
    columns.balancerLp[next] = lp
    // A node that is not ready passes no health probe.
    columns.balancerJoinNs[next] = nodes[lp].readyNs
    columns.balancerLeaveNs[next] = nodes[lp].leaveNs
    next++
  }
  for (let lp = 0; lp < nodes.length; lp++) add(lp)
  rows.forEach((row, i) => {
    const isLocal = row.service.externalTrafficPolicy === 'Local'
    const healthy = healthyNodes(row, endpoints)
    columns.balancerFirst[i] = isLocal ? next : 0
    columns.balancerCount[i] = isLocal ? healthy.size : nodes.length
    for (const lp of healthy) add(lp)
  })
}
