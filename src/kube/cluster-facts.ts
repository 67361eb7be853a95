// What is known of a cluster from its Kubernetes objects: only what concerns the network, in Kubernetes' own words.
import type { Labels } from './fields.js'
import type { Place } from './place.js'

export interface KubeNode {
  readonly name: string
  readonly labels: Labels
  /** First IPv4 address of type InternalIP. */
  readonly address: string | null
  readonly podCidr: string | null
  readonly maxPods: number | null
  readonly place: Place
}

export interface KubeNamespace {
  readonly name: string
  readonly labels: Labels
  readonly place: Place
}

export interface KubePort {
  readonly name?: string
  readonly containerPort: number
  readonly protocol: string
}

export interface Owner {
  readonly kind: string
  readonly name: string
}

export interface KubePod {
  readonly namespace: string
  readonly name: string
  readonly labels: Labels
  readonly owner: Owner | null
  readonly node: string | null
  readonly address: string | null
  /** Of its node. */
  readonly hostAddress: string | null
  /** Pending, Running, Succeeded, Failed, Unknown; null in a manifest. */
  readonly phase: string | null
  readonly ready: boolean
  readonly hostNetwork: boolean
  readonly ports: readonly KubePort[]
  readonly place: Place
}

/** A Deployment, ReplicaSet, StatefulSet, DaemonSet, Job or CronJob. */
export interface KubeWorkload {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly owner: Owner | null
  /** Pods it has, or in a manifest asks for; null: one a node (DaemonSet). */
  readonly replicas: number | null
  /** Of its pods, as their labels, ports and nodeSelector. */
  readonly labels: Labels
  readonly hostNetwork: boolean
  readonly ports: readonly KubePort[]
  readonly nodeSelector: Labels
  readonly place: Place
}

export interface KubeServicePort {
  readonly name: string | null
  readonly port: number
  readonly targetPort: number | string | null
  readonly protocol: string
  readonly nodePort: number | null
}

export interface KubeService {
  readonly namespace: string
  readonly name: string
  readonly type: string
  /** An address, "None", or null: to be allocated. */
  readonly clusterIp: string | null
  readonly selector: Labels | null
  readonly ports: readonly KubeServicePort[]
  readonly sessionAffinity: string | null
  readonly sessionAffinitySeconds: number | null
  readonly externalTrafficPolicy: string | null
  readonly internalTrafficPolicy: string | null
  readonly publishNotReadyAddresses: boolean
  readonly loadBalancerIp: string | null
  readonly place: Place
}

/** Who is behind a Service, out of EndpointSlices or Endpoints. */
export interface KubeEndpoint {
  readonly namespace: string
  readonly service: string
  readonly address: string
  readonly ready: boolean
  readonly ports: readonly { readonly name: string | null; readonly port: number; readonly protocol: string }[]
  /** Whether it comes from an EndpointSlice; where there are slices, Endpoints only repeat them. */
  readonly isSlice: boolean
}

export interface KubePolicy {
  readonly namespace: string
  readonly name: string
  readonly spec: unknown
  readonly place: Place
}

export interface ClusterFacts {
  readonly nodes: KubeNode[]
  readonly namespaces: KubeNamespace[]
  readonly pods: KubePod[]
  readonly workloads: KubeWorkload[]
  readonly services: KubeService[]
  readonly endpoints: KubeEndpoint[]
  readonly policies: KubePolicy[]
  /** Objects by kind. */
  readonly counts: Map<string, number>
  /** Objects of kinds that do not concern the network, by kind. */
  readonly skipped: Map<string, number>
}
