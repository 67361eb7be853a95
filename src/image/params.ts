// What holds for the whole run, as numbers: the part of the image that travels by value. Workers never see YAML or names.

/** Numbers that hold for the whole run. Times in ns, lengths in bytes, addresses as signed 32-bit integers. */
export interface Params {
  readonly seed: number
  readonly durationNs: number
  /** Window length: no packet crosses from one logical process to another in less. */
  readonly lookaheadNs: number
  /** Statistics interval; a multiple of `lookaheadNs`. */
  readonly intervalNs: number
  readonly latencyNs: number
  readonly gatewayLatencyNs: number
  readonly shardCount: number
  readonly lpCount: number
  readonly podCount: number
  /** Pods and nodes come and go during the run; else every pod lives from beginning to end. */
  readonly changes: boolean
  readonly flowCount: number
  /** The device between the VNet and the internet, of whatever kind, or -1. */
  readonly gatewayLp: number
  /** First internet endpoint: where the outside's router leads packets that no endpoint owns; -1 without one. */
  readonly internetLp: number

  readonly vxlan: boolean
  readonly vni: number
  readonly mtu: number
  /** MTU of the way into the overlay (`mtu` - 50 under VXLAN). */
  readonly overlayMtu: number
  readonly podMtu: number
  readonly queue: number
  readonly udpChecksum: boolean
  /** 0: inherit. */
  readonly outerTtl: number
  /** -1: default (ECN only), -2: inherit, else the value. */
  readonly outerTos: number
  /** 0 unset, 1 set, 2 inherit. */
  readonly outerDf: number
  readonly sourcePortFirst: number
  readonly sourcePortLast: number

  /** Blocks of pod addresses; where pods have addresses of the VNet, a range that holds none. */
  readonly podCidrBase: number
  readonly podCidrMask: number
  /** Conntrack, hence defragmentation, on nodes: where anything needs it. */
  readonly tracking: boolean
  /** Source NAT on nodes. */
  readonly masquerade: boolean
  /** Where pods have addresses of the VNet: what a node masquerades. Null elsewhere. */
  readonly flat: FlatParams | null
  /** kube-proxy on nodes, and its load balancer in the fabric. */
  readonly services: boolean
  /** The DNS address that nodes answer themselves because no DNS pods run; 0: none. */
  readonly dnsStandIn: number
  /** Also towards the VNet's own addresses. */
  readonly masqueradeVnet: boolean
  /** VNet and peered ranges: pairs of base and mask. */
  readonly vnetRanges: readonly (readonly [number, number])[]
  readonly nodeSubnetBase: number
  readonly nodeSubnetMask: number
  /** The subnet's .1: the VNet's router, or the appliance that took its place. */
  readonly gatewayAddress: number
  readonly conntrackMax: number
  readonly icmpRateLimit: boolean
  readonly ephemeralFirst: number
  readonly ephemeralLast: number
  /** The gateway's first public address, and the router beyond it. */
  readonly gatewayPublic: number
  readonly gatewayNextHop: number
  readonly appliancePortFirst: number
  readonly appliancePortLast: number

  /** Rules of a load balancer or NAT gateway; null where there is neither. */
  readonly snat: SnatParams | null

  /** Whether NetworkPolicies are enforced; the numbers that follow belong to their columns (`table/policy.ts`). */
  readonly policies: boolean
  readonly policyIdentities: number
  readonly policyWidth: number
  /** Established connections are asked about again: the engine does so, and policies change during the run. */
  readonly policyRecheck: boolean

  /** Whether any NIC has a network security group. */
  readonly nsg: boolean

  readonly taps: readonly TapParams[]
}

/** How a load balancer or NAT gateway gives out ports, and for how long. */
export interface SnatParams {
  readonly publicAddresses: readonly number[]
  /** Ports of each node, given by hand; 0: by the size of the pool, at a load balancer; on demand, at a NAT gateway. */
  readonly allocatedPorts: number
  readonly idleNs: number
  readonly udpIdleNs: number
  readonly halfOpenNs: number
  /** How long a port is held after the last FIN, after a RST, after the end of a UDP flow. */
  readonly finNs: number
  readonly rstNs: number
  readonly udpHoldNs: number
}

/** Masquerade of nodes whose pods have addresses of the VNet; ranges are pairs of base and mask. */
export interface FlatParams {
  /** Whose source is translated. */
  readonly pods: readonly (readonly [number, number])[]
  /** Destinations that see the pod's own address. */
  readonly plain: readonly (readonly [number, number])[]
  /** Azure's DNS (168.63.129.16:53) and instance metadata (169.254.169.254:80) always see the node's. */
  readonly hostServices: boolean
  /** Pods live in the nodes' subnet, so that the destination itself is the next hop. */
  readonly onLink: boolean
}

/** One capture point. */
export interface TapParams {
  readonly lp: number
  /** A pod's eth0, or -1. */
  readonly pod: number
  /** Which interface of `lp`: `Interface` of `kinds.ts`. */
  readonly interface: number
  readonly maxPackets: number
}
