// The part of the resolved scenario that says who may talk to whom: namespaces, NetworkPolicies, network security groups.
import type { Cidr } from '../wire/address.js'
import type { PortRange } from './model.js'

type Labels = Readonly<Record<string, string>>

/** Azure's choices of an engine; azure is the Azure Network Policy Manager. */
export type PolicyEngine = 'none' | 'azure' | 'calico' | 'cilium'

export interface Namespace {
  readonly name: string
  /** With `kubernetes.io/metadata.name`. */
  readonly labels: Labels
}

/** A NetworkPolicy with Kubernetes' own defaults filled in. */
export interface NetworkPolicy {
  readonly namespace: string
  readonly name: string
  readonly podSelector: LabelSelector
  /** What may come in, in the order of the file; null where the policy does not isolate this direction. */
  readonly ingress: readonly PolicyRule[] | null
  readonly egress: readonly PolicyRule[] | null
}

export interface LabelSelector {
  readonly matchLabels: Labels
  readonly matchExpressions: readonly {
    readonly key: string
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
    readonly values: readonly string[]
  }[]
}

export interface PolicyRule {
  /** Null: everybody. */
  readonly peers: readonly PolicyPeer[] | null
  /** Null: every port of every protocol. */
  readonly ports: readonly PolicyPort[] | null
}

export type PolicyPeer =
  | {
      readonly kind: 'pods'
      /** Null: every pod of the namespaces. */
      readonly podSelector: LabelSelector | null
      /** Null: the policy's own namespace. */
      readonly namespaceSelector: LabelSelector | null
    }
  | {
      readonly kind: 'block'
      /** Null: a range of IPv6, which no packet here comes from. */
      readonly cidr: Cidr | null
      readonly except: readonly Cidr[]
      readonly text: string
    }

export interface PolicyPort {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
  /** A number, the name of a container port of the receiving pod, or null: every port. */
  readonly port: number | string | null
  readonly endPort: number | null
}

/** Rules of a network security group, in order of priority, Azure's default rules not among them. */
export interface SecurityGroup {
  readonly name: string
  readonly rules: readonly SecurityRule[]
}

export interface SecurityRule {
  readonly name: string
  readonly priority: number
  readonly direction: 'Inbound' | 'Outbound'
  readonly access: 'Allow' | 'Deny'
  /** IP protocol number; null: any. */
  readonly protocol: number | null
  readonly sources: readonly AddressPrefix[]
  readonly sourcePorts: readonly PortRange[]
  readonly targets: readonly AddressPrefix[]
  readonly targetPorts: readonly PortRange[]
}

/** A range, or one of Azure's service tags. */
export type AddressPrefix = Cidr | 'VirtualNetwork' | 'Internet' | 'AzureLoadBalancer'
