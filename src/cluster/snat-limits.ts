// How many SNAT ports a node gets at the outbound load balancer and how many nodes the ports are enough for: the arithmetic of Azure's
// pages, without a packet. Ports of TCP and of UDP are separate inventories of the same size; the numbers hold for each.
import { documentedPorts } from '../base/snat-tiers.js'

export const SNAT = {
  /** Of one frontend IP of a Standard load balancer ("Outbound rules Azure Load Balancer"). */
  portsPerFrontend: 64_000,
  /** Allocations are a multiple of this. */
  portStep: 8,
  /** Most that the default allocation gives a node, however many frontends there are. */
  mostDefaultPorts: 1_024,
  /** Of one public IP of a NAT gateway: 1024 to 65535, on demand, shared by all nodes ("Azure NAT Gateway resource"). */
  portsPerNatAddress: 64_512,
} as const

/** Ports a node gets when `allocatedOutboundPorts` is 0; null beyond 1,000 nodes, of which no page says anything. */
export function defaultPortsPerNode(nodes: number, frontends: number): number | null {
  const ports = documentedPorts(nodes)
  return ports === null ? null : Math.min(ports * frontends, SNAT.mostDefaultPorts)
}

/** Ports of all frontends together. */
export const portsOfFrontends = (frontends: number): number => frontends * SNAT.portsPerFrontend

/** Nodes, those of an upgrade's surge among them, for which so many ports each are enough. */
export const nodesForPorts = (portsPerNode: number, frontends: number): number => Math.floor(portsOfFrontends(frontends) / portsPerNode)

/** Most ports that so many nodes can be given each, in steps of eight. */
export const portsForNodes = (nodes: number, frontends: number): number =>
  Math.floor(portsOfFrontends(frontends) / nodes / SNAT.portStep) * SNAT.portStep

/** Why Azure refuses `allocatedOutboundPorts` for so many nodes, surge included; null if it does not. */
export function portsFault(allocated: number, nodes: number, frontends: number): { message: string; hint: string } | null {
  if (allocated % SNAT.portStep !== 0) {
    const below = allocated - (allocated % SNAT.portStep)
    return {
      message: `${allocated} is not a multiple of ${SNAT.portStep}`,
      hint: `use ${below} or ${below + SNAT.portStep}`,
    }
  }
  const need = allocated * nodes
  const have = portsOfFrontends(frontends)
  if (need <= have) return null
  const words = frontends === 1 ? '1 outbound IP' : `${frontends} outbound IPs`
  return {
    message: `${nodes} nodes x ${allocated} ports = ${need}, and ${words} x ${SNAT.portsPerFrontend} = ${have}`,
    hint: `use at most ${portsForNodes(nodes, frontends)} ports, ${nodesForPorts(allocated, frontends)} nodes, or ${Math.ceil(need / SNAT.portsPerFrontend)} outbound IPs`,
  }
}
