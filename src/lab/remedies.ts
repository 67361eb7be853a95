// What would let a packet through that ended so. Of verdicts that a probe cannot meet (frames cut short, wrong checksums) nothing is said.
import type { VerdictName } from '../datapath/verdict.js'

const REMEDIES: Partial<Record<VerdictName, string>> = {
  noRoute: 'give the node a route to it, or send to an address that somebody has',
  routeUnreachable: 'no pod of this node has the address; fabric.podCidrRoute: none would send it out by the default route instead',
  routeBlackhole: 'no pod of this node has the address; fabric.podCidrRoute: none would send it out by the default route instead',
  routeProhibit: 'no pod of this node has the address; fabric.podCidrRoute: none would send it out by the default route instead',
  noSuchHost: 'send to an address that a node, a pod or an endpoint of the scenario has',
  unknownMac: 'send to a host that is on the VNet',
  noOutbound: 'give the cluster a way out: cluster.networkProfile.outboundType',
  conntrackFull: 'raise fabric.conntrack.max, or open fewer connections',
  natPortsExhausted: 'widen the range of SNAT ports, or reach fewer connections to one destination',
  snatPortsExhausted:
    'keep connections open, spread them over more destinations, allocate more ports (loadBalancerProfile), or use a NAT gateway',
  snatNoConnection: 'begin with a SYN: the outbound device knows no such connection, or no longer (idle timeout)',
  snatUnsolicited: 'nothing comes in by the outbound device; publish a Service of type LoadBalancer',
  snatFragment: 'send packets that fit the MTU: load balancer and NAT gateway drop fragments',
  snatProtocol: 'use TCP or UDP: load balancer and NAT gateway pass no ICMP',
  fragmentationNeeded: "lower the pods' MTU to that of the overlay (fabric.podMtu), or clear DF",
  messageTooLong: 'send shorter packets, or raise fabric.mtu',
  serviceNoEndpoints: 'give it endpoints: pods that run, are ready, and carry the labels of its selector',
  serviceNoLocalEndpoints: 'place an endpoint on this node, or set the traffic policy to Cluster',
  noHealthyNode: 'place an endpoint on some node, or set externalTrafficPolicy to Cluster',
  nicQueueFull: 'send slower, or raise fabric.nicRate or fabric.queue',
}

export const remedyFor = (verdict: VerdictName): string | null => REMEDIES[verdict] ?? null
