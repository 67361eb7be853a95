// SNAT ports at the way out: what the load balancer gives each node, or what a NAT gateway's addresses have for all of them.
import { defaultPortsPerNode, portsFault, portsOfFrontends, SNAT } from '../cluster/snat-limits.js'
import { nodesIn, sum } from './demand.js'
import type { PlanInput } from './input.js'
import { many, type Rule, type RuleMaker } from './rule.js'
import { nodeTerms } from './words.js'

const OUTBOUND = 'Use a public standard load balancer in AKS'
const PATH = ['cluster', 'networkProfile', 'loadBalancerProfile', 'allocatedOutboundPorts'] as const

export const outboundRules: RuleMaker = input => {
  const { outbound } = input
  if (outbound.kind === 'loadBalancer')
    return [outbound.allocatedPorts > 0 ? manual(input, outbound.addresses, outbound.allocatedPorts) : byTable(input, outbound.addresses)]
  return outbound.kind === 'natGateway' ? [onDemand(outbound.addresses)] : []
}

const ips = (count: number): string => (count === 1 ? '1 outbound IP' : `${count} outbound IPs`)
const nodesNow = ({ pools }: PlanInput): number => sum(pools.map(({ count }) => count))

/** A fixed number of ports for every node, surge nodes too. */
function manual(input: PlanInput, addresses: number, ports: number): Rule {
  const available = portsOfFrontends(addresses)
  return {
    resource: 'outboundSnatPorts',
    scope: 'cluster',
    unit: 'ports',
    enforced: 'admission',
    rule: '(nodes + surge) x allocatedOutboundPorts <= 64,000 x outbound IPs',
    source: OUTBOUND,
    available,
    needed: demand => nodesIn(demand) * ports,
    arithmetic: demand =>
      `(${nodeTerms(demand)}) x ${many(ports)} = ${many(nodesIn(demand) * ports)}; ${ips(addresses)} x ${many(SNAT.portsPerFrontend)} = ${many(available)}`,
    used: nodesNow(input) * ports,
    limitsNodes: true,
    refusal: needed => ({
      code: 'InvalidLoadBalancerProfileAllocatedOutboundPorts',
      message: portsFault(ports, needed / ports, addresses)?.message ?? `${many(needed)} of ${many(available)} ports`,
      path: PATH,
    }),
  }
}

/** Ports by the size of the cluster: every node gets some, fewer the more nodes there are. */
function byTable(input: PlanInput, addresses: number): Rule {
  const ports = (nodes: number): number => defaultPortsPerNode(nodes, addresses) ?? 0
  return {
    resource: 'outboundSnatPorts',
    scope: 'cluster',
    unit: 'ports',
    enforced: 'use',
    rule: 'ports of a node by the size of the cluster (up to 50 nodes 1,024, 100: 512, 200: 256, 400: 128, 800: 64, 1,000: 32) x outbound IPs, 1,024 at most',
    source: 'Use Source Network Address Translation (SNAT) for outbound connections',
    available: portsOfFrontends(addresses),
    needed: demand => nodesIn(demand) * ports(nodesIn(demand)),
    arithmetic: demand => {
      const nodes = nodesIn(demand)
      const each = defaultPortsPerNode(nodes, addresses)
      if (each === null) return `${many(nodes)} nodes: no page says what nodes get beyond 1,000`
      return `${many(nodes)} nodes with ${ips(addresses)}: ${many(each)} each, ${many(nodes * each)} of ${many(portsOfFrontends(addresses))}`
    },
    used: nodesNow(input) * ports(nodesNow(input)),
    limitsNodes: false,
    refusal: needed => ({ code: 'InvalidLoadBalancerProfileAllocatedOutboundPorts', message: `${many(needed)} ports`, path: PATH }),
  }
}

/** Shared by all nodes, given out one by one: no limit on nodes, but on connections to one destination at a time. */
const onDemand = (addresses: number): Rule => ({
  resource: 'outboundSnatPorts',
  scope: 'cluster',
  unit: 'ports',
  enforced: 'use',
  rule: `${many(SNAT.portsPerNatAddress)} ports x public IPs, shared by all nodes on demand; each can lead to many destinations at once. Of an address at most 50,000 connections to one destination, 2,000,000 in all (Standard: 50 Gbps, 5 M packets/s; StandardV2: 100 Gbps, 10 M packets/s)`,
  source: 'Azure NAT Gateway resource',
  available: addresses * SNAT.portsPerNatAddress,
  needed: () => 0,
  arithmetic: () => `${addresses} x ${many(SNAT.portsPerNatAddress)} = ${many(addresses * SNAT.portsPerNatAddress)} for each destination`,
  used: 0,
  limitsNodes: false,
  refusal: () => ({ code: 'SnatPorts', message: 'no port is left', path: PATH }),
})
