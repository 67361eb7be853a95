// The resolved scenario: what `load.ts` hands to the control plane. Every default is filled in, every quantity is a plain number
// in the unit its name says (ns, bytes, bits per second), every address is parsed. No machine is touched to make it.
import type { AddressingMode } from '../base/addressing-mode.js'
import type { Ipv4, SimTime } from '../base/brand.js'
import type { Distribution } from '../base/distribution.js'
import type { Cidr } from '../wire/address.js'
import type { ConnectionTraffic } from './model-connections.js'
import type { LoadBalancer, LoadBalancerProfile, NatGateway, NatGatewayProfile, OutboundType } from './model-outbound.js'
import type { Namespace, NetworkPolicy, PolicyEngine, SecurityGroup } from './model-policy.js'
import type { AutoScaler, Churn, ControlPlane, Growth, TimelineEvent } from './model-timeline.js'
import type { NodeShare } from './node-share.js'

export interface Scenario {
  readonly apiVersion: 'vxlane/v1'
  readonly name: string
  readonly description: string
  readonly seed: number
  readonly durationNs: SimTime
  readonly vnet: Vnet
  readonly cluster: Cluster
  readonly fabric: Fabric
  readonly workloads: readonly Workload[]
  readonly services: readonly Service[]
  readonly namespaces: readonly Namespace[]
  readonly networkPolicies: readonly NetworkPolicy[]
  readonly endpoints: readonly Endpoint[]
  readonly traffic: readonly Traffic[]
  readonly timeline: readonly TimelineEvent[]
  readonly capture: readonly Capture[]
  readonly assert: readonly string[]
}

export interface Vnet {
  readonly addressSpace: readonly Cidr[]
  readonly subnets: Readonly<Record<string, Subnet>>
  readonly peerings: readonly { readonly name: string; readonly addressSpace: readonly Cidr[] }[]
}

export interface Subnet {
  readonly cidr: Cidr
  /** Addresses that others have from the start, beside endpoints and the appliance; absent: none. */
  readonly occupied?: number
  /** Absent: everything passes. */
  readonly networkSecurityGroup?: SecurityGroup
}

export interface Cluster {
  readonly networkProfile: NetworkProfile
  readonly agentPoolProfiles: readonly AgentPool[]
  readonly autoScaler: AutoScaler
  /** More nodes or pools than AKS makes are something to warn of; absent: a mistake. */
  readonly limits?: 'warn'
}

export interface NetworkProfile {
  readonly networkPlugin: 'azure' | 'kubenet'
  readonly networkPluginMode: 'overlay' | null
  /** What follows from the plugin, its mode and the pools' pod subnets. */
  readonly addressing: AddressingMode
  /** Who enforces NetworkPolicies. */
  readonly networkPolicy: PolicyEngine
  /** Range of the nodes' blocks; null where pods have addresses of the VNet. */
  readonly podCidr: Cidr | null
  readonly serviceCidr: Cidr
  readonly dnsServiceIp: Ipv4
  readonly outboundType: OutboundType
  /** Acts with outboundType loadBalancer. */
  readonly loadBalancerProfile: LoadBalancerProfile
  /** Acts with the outboundTypes of a NAT gateway. */
  readonly natGatewayProfile: NatGatewayProfile
  /** What the file says beyond that, kept as given. */
  readonly facts?: Readonly<Record<string, unknown>>
}

export interface AgentPool {
  readonly name: string
  readonly count: number
  readonly maxPods: number
  readonly vmSize: string | null
  /** Null without the autoscaler. */
  readonly autoScaling: { readonly minCount: number; readonly maxCount: number } | null
  /** Name of a subnet of `vnet.subnets`. */
  readonly vnetSubnet: string
  /** Name of the pods' subnet; null where the mode has none. */
  readonly podSubnet: string | null
  readonly upgrade: UpgradeSettings
  /** Fixed nodes of imported clusters: the first of the pool's `count` nodes; the others get names, addresses and blocks. */
  readonly nodes: readonly FixedNode[]
  /** What the file says beyond that (limits of the autoscaler, zones), kept as given. */
  readonly facts?: Readonly<Record<string, unknown>>
}

/** How an upgrade replaces the nodes of a pool. */
export interface UpgradeSettings {
  readonly maxSurge: NodeShare
  readonly maxUnavailable: NodeShare
  readonly drainTimeoutNs: SimTime
  readonly nodeSoakNs: SimTime
}

export interface FixedNode {
  readonly name: string
  readonly address: Ipv4 | null
  readonly podCidr: Cidr | null
}

export interface Fabric {
  readonly encapsulation: 'vxlan' | 'none'
  readonly vni: number
  /** MTU of a node's eth0, bytes. */
  readonly mtu: number
  /** MTU that pods believe in, bytes: `mtu` - 50 under VXLAN, `mtu` without; set it higher to study an MTU mistake. */
  readonly podMtu: number
  readonly latencyNs: number
  readonly gatewayLatencyNs: number
  /** Bits per second of a node's NIC, or null: the rate of the pool's vmSize where known, else 12.5 Gbps. */
  readonly nicRate: number | null
  /** Packets that wait at a NIC egress, the one being sent included; the rest is dropped. */
  readonly queue: number
  readonly podInterface: 'transparent' | 'gateway'
  readonly vxlan: {
    readonly udpChecksum: boolean
    /** Outer TTL; `inherit` copies the inner one. */
    readonly ttl: number | 'inherit'
    readonly tos: 'default' | 'inherit' | number
    readonly df: 'unset' | 'set' | 'inherit'
    readonly sourcePorts: PortRange
  }
  readonly masquerade: { readonly enabled: boolean; readonly vnet: boolean }
  readonly appliance: { readonly address: Ipv4; readonly publicAddress: Ipv4; readonly nextHop: Ipv4; readonly portRange: PortRange }
  /** Acts with outboundType loadBalancer. */
  readonly loadBalancer: LoadBalancer
  /** Acts with the outboundTypes of a NAT gateway. */
  readonly natGateway: NatGateway
  readonly conntrack: { readonly max: number }
  readonly ephemeralPorts: PortRange
  /** What a node answers for an address of its own block that no pod has: follow the default route, or one of the kernel's refusing routes. */
  readonly podCidrRoute: 'none' | 'unreachable' | 'blackhole' | 'prohibit'
  /** ICMP errors as Linux limits them (6 at once, then 1 a second for each destination), or without limit. */
  readonly icmpRateLimit: boolean
  readonly controlPlane: ControlPlane
  readonly ipam: IpamOptions
}

/** Choices where pages of Microsoft disagree; what each means stands in `schema-fabric.ts`. */
export interface IpamOptions {
  readonly poolMonitor: 'v1' | 'v2'
  readonly primaryAddress: 'within' | 'beside'
  readonly subnetScarcity: boolean
  readonly staticCheck: 'oneBlock' | 'allBlocks'
  readonly upgradeBuffer: number
}

/** Both ends included. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

export interface Workload {
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly ports: readonly ContainerPort[]
  /** Its pods have their node's address. */
  readonly hostNetwork: boolean
  /** Pods to place: either `replicas` of them, or the fixed ones. */
  readonly replicas: number
  readonly pods: readonly FixedPod[]
  readonly growth: Growth | null
  readonly churn: Churn | null
  /** From the moment a pod has its address until it is ready, ns; null: at once. */
  readonly startup: Distribution | null
}

export interface ContainerPort {
  readonly name: string | null
  readonly containerPort: number
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
}

export interface FixedPod {
  readonly name: string
  readonly node: string | null
  readonly address: Ipv4 | null
  /** All of them, the workload's included. */
  readonly labels: Readonly<Record<string, string>>
  readonly ports: readonly ContainerPort[]
  /** Whether Services send it connections. */
  readonly ready: boolean
}

/** A Kubernetes Service as the file has it; addresses and node ports that are null are allocated by the control plane. */
export interface Service {
  readonly namespace: string
  readonly name: string
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer'
  /** 'None': headless. */
  readonly clusterIp: Ipv4 | 'None' | null
  /** Null: `endpoints` says who is behind it. */
  readonly selector: Readonly<Record<string, string>> | null
  readonly ports: readonly ServicePort[]
  readonly sessionAffinity: 'None' | 'ClientIP'
  readonly sessionAffinityTimeoutNs: number
  readonly externalTrafficPolicy: 'Cluster' | 'Local'
  readonly internalTrafficPolicy: 'Cluster' | 'Local'
  readonly publishNotReadyAddresses: boolean
  readonly loadBalancerIp: Ipv4 | null
  readonly endpoints: readonly { readonly address: Ipv4; readonly port: number | null; readonly ready: boolean }[]
}

export interface ServicePort {
  readonly name: string | null
  readonly port: number
  /** A number, or the name of a container port. */
  readonly targetPort: number | string
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
  readonly nodePort: number | null
}

export interface Endpoint {
  readonly name: string
  readonly address: Ipv4
  readonly location: 'internet' | 'vnet' | 'peered' | 'onPremises'
}

/** Who: a workload's pods (`namespace/name`), pods by labels, one pod (`namespace/workload/index` or `namespace/podname`), an endpoint, a node, a Service (`namespace/name`). */
export type PeerRef =
  | { readonly kind: 'workload'; readonly workload: string }
  | { readonly kind: 'selector'; readonly namespace: string | null; readonly labels: Readonly<Record<string, string>> }
  | { readonly kind: 'pod'; readonly pod: string }
  | { readonly kind: 'endpoint'; readonly endpoint: string }
  | { readonly kind: 'node'; readonly node: string }
  | { readonly kind: 'service'; readonly service: string }
  | { readonly kind: 'address'; readonly address: Ipv4 }

export type Traffic = DatagramTraffic | ReplayTraffic | ConnectionTraffic

export interface DatagramTraffic {
  readonly kind: 'udp'
  readonly name: string
  readonly from: PeerRef
  readonly to: PeerRef
  /** Destination port. */
  readonly port: number
  /** IP length, bytes. */
  readonly size: Distribution
  /** Flows of each source pod, each to one target. */
  readonly flows: number
  /** Packets per second of each flow (while on, for onOff). */
  readonly rate: number
  readonly arrivals:
    | { readonly kind: 'constant' }
    | { readonly kind: 'poisson' }
    | { readonly kind: 'onOff'; readonly onNs: number; readonly offNs: number }
  /** Don't fragment, as Linux UDP sockets set it. */
  readonly df: boolean
  /** Each datagram is answered by its receiver with one of this IP length after this long; null: not answered. */
  readonly answer: { readonly size: number; readonly afterNs: number } | null
  readonly startNs: SimTime
  /** Last moment at which a packet is sent; the scenario's end if not given. */
  readonly stopNs: SimTime
}

export interface ReplayTraffic {
  readonly kind: 'replay'
  readonly name: string
  /** A pod: frames enter the node by the pod's veth. An endpoint or node: frames are put on the VNet (or the outside) as they are. */
  readonly from: PeerRef
  /** Absolute path of a pcap or pcapng file of Ethernet frames. */
  readonly file: string
  /** Constant spacing that replaces the recorded times, or null. */
  readonly spacingNs: number | null
  /** Virtual time of the first frame. */
  readonly startNs: SimTime
}

export interface Capture {
  /** Where: a node's eth0, a pod's eth0, an endpoint's interface, or a side of the outbound gateway. */
  readonly at:
    | { readonly kind: 'node'; readonly node: string }
    | { readonly kind: 'pod'; readonly pod: string }
    | { readonly kind: 'endpoint'; readonly endpoint: string }
    | { readonly kind: 'gateway'; readonly side: 'inside' | 'outside' }
  readonly file: string
  readonly maxPackets: number
}
