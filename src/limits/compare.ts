// `plan --compare`: the five modes for the same nodes and pods, in the same ranges.
import { ADDRESSING_MODES, type AddressingMode, hasPodSubnet, isFlat } from '../base/addressing-mode.js'
import type { LimitName } from '../cluster/limit-of-issue.js'
import { type Cidr, parseCidr } from '../wire/address.js'
import type { PlanInput } from './input.js'
import { type ClusterLimits, type Limit, limitsOf } from './limits.js'

export interface ModeComparison {
  readonly mode: AddressingMode
  readonly maxPodsPerNode: number
  readonly fits: boolean
  readonly maxNodes: number
  readonly maxPods: number
  readonly bindingResource: LimitName
  /** Addresses that the nodes need of their subnet, and the smallest subnet that has them. */
  readonly nodeSubnet: Need
  /** The same for the pods' own range: blocks of the pod CIDR, or addresses of the pod subnet; null where the nodes' subnet is theirs too. */
  readonly podRange: Need | null
}

interface Need {
  readonly needed: number
  readonly unit: string
  readonly smallest: string | null
}

/** How large a range a limit asks for: 32 less its prefix; beyond any where none would do. */
const widthOf = ({ smallest }: Limit): number => (smallest === null ? 33 : 32 - Number(smallest.slice(1)))

/** Ranges for the modes that the input itself is not of. */
export interface CompareRanges {
  readonly podCidr: Cidr
  readonly podSubnet: Cidr
  /** Most pods of a node in each mode; the input's own where it is not given. */
  readonly maxPods?: Readonly<Record<AddressingMode, number>> | undefined
}

const POD_SUBNET = 'pods'
const DEFAULT_RANGE = parseCidr('10.244.0.0/16')!

/** For an input of one mode: its pod range serves the other modes as well, and only its size counts here. */
export function rangesFor({ podCidr, pools, subnets }: PlanInput): CompareRanges {
  const named = pools.flatMap(({ podSubnet }) => podSubnet ?? [])[0]
  const range = podCidr ?? (named === undefined ? undefined : subnets.get(named)?.cidr) ?? DEFAULT_RANGE
  return { podCidr: range, podSubnet: range }
}

export const compareModes = (input: PlanInput, ranges: CompareRanges): ModeComparison[] =>
  ADDRESSING_MODES.map(mode => rowOf(mode, inMode(input, mode, ranges)))

function inMode(input: PlanInput, mode: AddressingMode, { podCidr, podSubnet, maxPods }: CompareRanges): PlanInput {
  if (mode === input.mode) return input
  const withPods = hasPodSubnet(mode)
  return {
    ...input,
    mode,
    pools: input.pools.map(pool => ({
      ...pool,
      maxPods: maxPods?.[mode] ?? pool.maxPods,
      podSubnet: withPods ? (pool.podSubnet ?? POD_SUBNET) : null,
    })),
    subnets: new Map([[POD_SUBNET, { cidr: podSubnet, held: [] }], ...input.subnets]),
    podCidr: isFlat(mode) ? null : (input.podCidr ?? podCidr),
  }
}

function rowOf(mode: AddressingMode, input: PlanInput): ModeComparison {
  const { fits, maxNodes, maxPods, bindingResource, limits }: ClusterLimits = limitsOf(input)
  const need = (resource: LimitName): Need | null => {
    const rows = limits.filter(limit => limit.resource === resource && limit.enforced !== 'advice')
    // Azure's check and actual use may count in different units: the one that asks for the larger range is the need.
    const most = rows.reduce<Limit | null>((best, limit) => (best === null || widthOf(limit) > widthOf(best) ? limit : best), null)
    return most && { needed: most.needed, unit: most.unit, smallest: most.smallest }
  }
  return {
    mode,
    maxPodsPerNode: Math.max(0, ...input.pools.map(pool => pool.maxPods)),
    fits,
    maxNodes,
    maxPods,
    bindingResource,
    nodeSubnet: need('nodeSubnet') ?? { needed: 0, unit: 'addresses', smallest: null },
    podRange: need('podCidr') ?? need('podSubnet'),
  }
}
