// Services in sentences: which one listens at an address, and what its endpoints are called.
import type { Plan } from '../cluster/plan.js'
import type { PlannedService } from '../cluster/plan-services.js'
import type { Scenario } from '../scenario/model.js'
import { contains, formatIpv4, parseIpv4 } from '../wire/address.js'
import type { PacketHeaders } from './headers.js'

/** The Service that a packet's target names, by its own address, its frontend, or a port on every node. */
export function serviceOf(plan: Plan, { target, targetPort, protocol }: PacketHeaders): PlannedService | null {
  const address = parseIpv4(target)
  const hears = ({ ports }: PlannedService): boolean => ports.some(port => port.port === targetPort && port.protocol === protocol)
  const own = plan.services.find(service => (service.clusterIp === address || service.loadBalancerIp === address) && hears(service))
  if (own) return own
  if (!plan.nodes.some(node => node.address === address)) return null
  return plan.services.find(({ ports }) => ports.some(port => port.nodePort === targetPort && port.protocol === protocol)) ?? null
}

/** `shop/web (ClusterIP 10.0.1.1)`. */
export function serviceName(service: PlannedService, target: string): string {
  const name = `${service.namespace}/${service.name}`
  if (service.clusterIp !== null && formatIpv4(service.clusterIp) === target) return `${name} (ClusterIP ${target})`
  return service.loadBalancerIp !== null && formatIpv4(service.loadBalancerIp) === target
    ? `${name} (frontend ${target})`
    : `${name} (node port)`
}

export const isServiceAddress = ({ cluster }: Scenario, address: number): boolean => contains(cluster.networkProfile.serviceCidr, address)
