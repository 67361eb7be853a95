// Every way a packet can end, in one list: step results, counters, result rows, capture comments and test labels derive from it.
// A verdict is a small integer; 0 means "go on". Drops are counted and explained, never thrown. The numbers are written as a literal:
// an object made from entries would be a hash table to V8, and a look-up in it at every step cost more than the step.

/** Verdict numbers by name, in order; those from `nicQueueFull` on are drops. */
export const Verdict = {
  continue: 0,
  delivered: 1,
  held: 2,
  nicQueueFull: 3,
  ethernetTooShort: 4,
  otherHost: 5,
  unhandledProtocol: 6,
  ipTooShort: 7,
  ipHeaderInvalid: 8,
  ipChecksum: 9,
  martianSource: 10,
  notForHost: 11,
  ttlExceeded: 12,
  noRoute: 13,
  routeUnreachable: 14,
  routeBlackhole: 15,
  routeProhibit: 16,
  fragmentationNeeded: 17,
  messageTooLong: 18,
  vxlanTooShort: 19,
  vxlanInvalidHeader: 20,
  vxlanReservedBits: 21,
  vxlanUnknownVni: 22,
  vxlanInnerTooShort: 23,
  vxlanOwnMac: 24,
  ecnInvalid: 25,
  udpChecksum: 26,
  udpTooShort: 27,
  tcpInvalid: 28,
  icmpInvalid: 29,
  portUnreachable: 30,
  connectionRefused: 31,
  protocolUnreachable: 32,
  noSuchHost: 33,
  unknownMac: 34,
  broadcastBlocked: 35,
  noOutbound: 36,
  conntrackFull: 37,
  natPortsExhausted: 38,
  fragmentInvalid: 39,
  fragmentTimeout: 40,
  arpUnanswered: 41,
  notAddressed: 42,
  snatPortsExhausted: 43,
  snatNoConnection: 44,
  snatUnsolicited: 45,
  snatFragment: 46,
  snatProtocol: 47,
  policyEgressDenied: 48,
  policyIngressDenied: 49,
  noConnection: 50,
  notAccepted: 51,
  nsgDenied: 52,
  serviceNoEndpoints: 53,
  serviceNoLocalEndpoints: 54,
  noHealthyNode: 55,
} as const

export type VerdictName = keyof typeof Verdict

/** How a step, or a packet's life, ended; see {@link VERDICTS} for names and sentences. */
export type Verdict = number

const SENTENCES: Readonly<Record<VerdictName, string>> = {
  continue: 'The step is done, the packet goes on.',
  delivered: 'The packet reached its addressee.',
  held: 'The packet waits, for the other fragments or in a queue.',
  nicQueueFull: 'The egress queue of the NIC was full.',
  ethernetTooShort: 'The frame is shorter than an Ethernet header.',
  otherHost: 'The destination MAC address is not of the interface the frame arrived on.',
  unhandledProtocol: 'Nobody on this host handles the EtherType.',
  ipTooShort: 'The frame is shorter than the IPv4 header or the total length it announces.',
  ipHeaderInvalid: 'The IPv4 version or header length is invalid.',
  ipChecksum: 'The IPv4 header checksum is wrong.',
  martianSource: 'The source address is one that cannot arrive from a wire (own, loopback, multicast or broadcast).',
  notForHost: 'The frame was addressed to all by its MAC, and such packets are not forwarded.',
  ttlExceeded: 'The TTL ran out; ICMP time exceeded went back.',
  noRoute: 'No route to the destination; ICMP network unreachable went back.',
  routeUnreachable: 'The route for the destination is "unreachable"; ICMP host unreachable went back.',
  routeBlackhole: 'The route for the destination is "blackhole".',
  routeProhibit: 'The route for the destination is "prohibit"; ICMP communication prohibited went back.',
  fragmentationNeeded: 'Longer than the MTU of the way out and DF is set; ICMP fragmentation needed went back.',
  messageTooLong: 'Longer than the MTU of the pod and DF is set: the send call fails with EMSGSIZE.',
  vxlanTooShort: 'The UDP payload is shorter than a VXLAN header.',
  vxlanInvalidHeader: 'The VXLAN I flag is clear (VXLAN_INVALID_HDR).',
  vxlanReservedBits: 'A VXLAN flag or reserved bit that this device does not know is set (VXLAN_INVALID_HDR).',
  vxlanUnknownVni: 'No VXLAN device has this VNI (VXLAN_VNI_NOT_FOUND).',
  vxlanInnerTooShort: 'The frame inside the VXLAN header is cut short.',
  vxlanOwnMac: 'The inner source MAC is that of the receiving VTEP itself (LOCAL_MAC).',
  ecnInvalid: 'Outer congestion mark on an inner packet that is not ECN capable (RFC 6040).',
  udpChecksum: 'The UDP checksum is wrong.',
  udpTooShort: 'The UDP length does not fit the packet.',
  tcpInvalid: 'The TCP header is cut short or its checksum is wrong.',
  icmpInvalid: 'The ICMP message is cut short or its checksum is wrong.',
  portUnreachable: 'Nobody listens on this UDP port of the host; ICMP port unreachable went back.',
  connectionRefused: 'Nobody listens on this TCP port of the host; a RST went back.',
  protocolUnreachable: 'The host does not speak this IP protocol; ICMP protocol unreachable went back.',
  noSuchHost: 'No host of the scenario has this address.',
  unknownMac: 'The VNet knows no host with this destination MAC address.',
  broadcastBlocked: 'A VNet carries no broadcast or multicast.',
  noOutbound: 'The cluster has no outbound device on the way to this address, or none that serves the sender (outboundType).',
  conntrackFull: 'nf_conntrack: table full, dropping packet.',
  natPortsExhausted: 'No free source port for this destination: insert_failed.',
  fragmentInvalid: 'The fragment overlaps another, is too long, or its length is not a multiple of 8.',
  fragmentTimeout: 'The other fragments did not arrive in time.',
  arpUnanswered: 'An ARP message that asks for no answer from here.',
  notAddressed: 'The packet reached a host that does not own its destination address.',
  snatPortsExhausted: 'The load balancer or NAT gateway has no free SNAT port for this destination; nothing goes back.',
  snatNoConnection: 'A segment of a connection that the load balancer or NAT gateway does not know, or no longer; only a SYN begins one.',
  snatUnsolicited: 'The load balancer or NAT gateway lets nothing in that answers no flow from inside.',
  snatFragment: 'The load balancer or NAT gateway passes no fragments.',
  snatProtocol: 'The load balancer or NAT gateway passes TCP and UDP only, no ICMP.',
  policyEgressDenied: 'A NetworkPolicy isolates the sending pod for egress and none allows this; nothing left its node.',
  policyIngressDenied: "A NetworkPolicy isolates the receiving pod for ingress and none allows this; it ended on the pod's node.",
  noConnection: 'The segment belongs to no connection of its addressee; a RST went back, unless it was one.',
  notAccepted: 'The port takes no new connections and says nothing.',
  nsgDenied:
    "A rule of the subnet's network security group denies it. The VNet sees the outermost header alone: under VXLAN UDP 4789 between nodes.",
  serviceNoEndpoints: 'The Service has no ready endpoint: kube-proxy rejects the packet; ICMP port unreachable went back.',
  serviceNoLocalEndpoints:
    'The Service keeps to endpoints of this node (traffic policy Local) and there is none: kube-proxy drops the packet.',
  noHealthyNode: 'The load balancer has no healthy node behind this frontend: no node has an endpoint of the Service.',
}

/** Name and sentence of each verdict, by number. */
export const VERDICTS: readonly { readonly name: VerdictName; readonly sentence: string }[] = (Object.keys(Verdict) as VerdictName[]).map(
  name => ({ name, sentence: SENTENCES[name] }),
)

export const VERDICT_COUNT: number = VERDICTS.length

/** The first verdict that is a drop; all after it are drops too. */
export const FIRST_DROP: Verdict = Verdict.nicQueueFull

export const isDrop = (verdict: Verdict): boolean => verdict >= FIRST_DROP
