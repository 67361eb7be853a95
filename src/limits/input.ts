// What the arithmetic of `vxlane plan` works on: a small record, made from a scenario or from flags alone. No node and no address is
// made for it, so the largest cluster costs no more than the smallest.
import type { AddressingMode } from '../base/addressing-mode.js'
import type { Ipv4 } from '../base/brand.js'
import type { NodeShare } from '../scenario/node-share.js'
import type { Cidr } from '../wire/address.js'

export interface PlanPool {
  readonly name: string
  /** Nodes that there are. */
  readonly count: number
  /** Nodes that Azure's check counts: the autoscaler's maximum where it is on, else `count`. */
  readonly most: number
  readonly maxPods: number
  /** Nodes an upgrade adds, as far as they are to be counted. */
  readonly surge: NodeShare
  /** Names of subnets. */
  readonly subnet: string
  readonly podSubnet: string | null
}

export interface PlanSubnet {
  readonly cidr: Cidr
  /** Addresses that others hold: endpoints, an appliance, what is occupied from the start. */
  readonly held: readonly Ipv4[]
}

export type PlanOutbound =
  /** `allocatedPorts` 0: Azure's table decides. */
  | { readonly kind: 'loadBalancer'; readonly addresses: number; readonly allocatedPorts: number }
  | { readonly kind: 'natGateway'; readonly addresses: number }
  | { readonly kind: 'other' }

/** Numbers on which Microsoft's pages disagree, or that users may set. */
export interface PlanOptions {
  /** Routes of kubenet's table: 400 by the AKS page, 1,000 by a later note on Azure's limits. */
  readonly routes: number
  /** 200,000 ("Best practices for large workloads") or 250,000 ("Plan pod networking"). */
  readonly podsPerCluster: number
  /** Dynamic pod subnets: whether a node's primary address is one of its first sixteen, or one more. */
  readonly primaryAddress: 'within' | 'beside'
  /** Static blocks: whether Azure's check counts one block of 16 a node, as was observed, or all of them. */
  readonly staticCheck: 'oneBlock' | 'allBlocks'
}

export interface PlanInput {
  readonly mode: AddressingMode
  readonly pools: readonly PlanPool[]
  /** The one pool stands for as many as it takes, because flags give a number of nodes and no pools. */
  readonly isOnePoolForAll: boolean
  /** Pods that want to run; 0 when nobody said. */
  readonly pods: number
  readonly subnets: ReadonlyMap<string, PlanSubnet>
  readonly podCidr: Cidr | null
  /** Blocks of the pod CIDR that count beside one for each node: fixed ones that are larger, and a node a pool where Azure keeps one. */
  readonly extraBlocks: number
  readonly serviceCidr: Cidr
  /** Services with an address of their own, beside `kubernetes` and the DNS. */
  readonly services: number
  readonly hasPeerings: boolean
  readonly outbound: PlanOutbound
  readonly options: PlanOptions
}

export const PLAN_OPTIONS: PlanOptions = { routes: 400, podsPerCluster: 200_000, primaryAddress: 'within', staticCheck: 'oneBlock' }
