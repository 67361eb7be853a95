// `vxlane plan`: every limit of an input side by side, what each allows, and the one that binds first.
import type { AddressingMode } from '../base/addressing-mode.js'
import type { LimitName } from '../cluster/limit-of-issue.js'
import { podCidrRules, routeRules } from './block-rules.js'
import { nodeRules, podRules, serviceRules } from './cluster-rules.js'
import { type Demand, demandOf, spread, sum } from './demand.js'
import type { PlanInput } from './input.js'
import { outboundRules } from './outbound-rules.js'
import { podSubnetRules } from './pod-subnet-rules.js'
import type { Enforcement, Rule } from './rule.js'
import { nodeSubnetRules, vnetRules } from './subnet-rules.js'

export interface Limit {
  readonly resource: LimitName
  readonly scope: string
  readonly unit: string
  /** What the check counts: autoscaler maxima and surge included. */
  readonly needed: number
  readonly available: number
  /** What nodes and pods take as things stand. */
  readonly used: number
  readonly headroom: number
  readonly fits: boolean
  readonly enforced: Enforcement
  /** Nodes and pods this limit alone allows; null where it says nothing about them. */
  readonly maxNodes: number | null
  readonly maxPods: number | null
  /** The smallest range with room for what is needed. */
  readonly smallest: string | null
  readonly rule: string
  readonly arithmetic: string
  readonly source: string
}

export interface PlanError {
  readonly code: string
  readonly message: string
  /** Path in the scenario, or the flag. */
  readonly path: string
}

export interface ClusterLimits {
  readonly mode: AddressingMode
  readonly nodes: number
  readonly surgeNodes: number
  readonly pods: number
  readonly fits: boolean
  readonly maxNodes: number
  readonly maxPods: number
  /** The limit that stops growth first, or that is passed already. */
  readonly bindingResource: LimitName
  readonly limits: readonly Limit[]
  readonly refusals: readonly ReturnType<Rule['refusal']>[]
}

const MAKERS = [nodeSubnetRules, podSubnetRules, podCidrRules, routeRules, vnetRules, nodeRules, podRules, outboundRules, serviceRules]

export const rulesOf = (input: PlanInput): Rule[] => MAKERS.flatMap(make => make(input))

/** More nodes than any range could hold. */
const MOST_NODES = 2 ** 25

/**
 * The largest value from 0 on for which a condition holds that, once false, stays false; -1 if it never does. Steps are doubled until it fails:
 * most limits are small beside the largest one there could be.
 */
export function largest(most: number, holds: (value: number) => boolean): number {
  let low = -1
  let high = 0
  while (high <= most && holds(high)) {
    low = high
    high = Math.min(2 * high + 1, Math.max(most + 1, high + 1))
  }
  high = Math.min(high, most + 1)
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (holds(middle)) low = middle
    else high = middle
  }
  return low
}

const fitsIn = (rule: Rule, demand: Demand): boolean => rule.needed(demand) <= rule.available

export function limitsOf(input: PlanInput): ClusterLimits {
  const { pools } = input
  const weights = pools.map(({ most }) => most)
  const asked = demandOf(pools, weights)
  const known = new Map<number, Demand>()
  const grown = (nodes: number): Demand => {
    const demand = known.get(nodes) ?? demandOf(pools, spread(nodes, weights))
    known.set(nodes, demand)
    return demand
  }
  const places = (nodes: number): number => sum(spread(nodes, weights).map((count, i) => count * pools[i].maxPods))
  const rules = rulesOf(input)
  const limits = rules.map(rule => limitOf(rule, asked, grown, places))
  const failing = limits.filter(({ fits, enforced }) => !fits && enforced !== 'advice')
  const maxNodes = Math.min(...limits.map(limit => (limit.enforced === 'advice' ? Infinity : (limit.maxNodes ?? Infinity))))
  // How many pods the nodes that there are can take does not bound how many there could be on more nodes.
  const podLimits = limits.filter(({ resource, enforced }) => resource !== 'maxPods' && enforced !== 'advice')
  const binding = first(failing) ?? first(limits.filter(({ enforced }) => enforced !== 'advice'))
  return {
    mode: input.mode,
    nodes: sum(weights),
    surgeNodes: sum(asked.surges),
    pods: input.pods,
    fits: failing.length === 0,
    maxNodes,
    maxPods: Math.min(places(maxNodes), ...podLimits.map(limit => limit.maxPods ?? Infinity)),
    bindingResource: binding?.resource ?? 'nodesPerCluster',
    limits,
    refusals: rules.filter((_, i) => failing.includes(limits[i])).map(rule => rule.refusal(rule.needed(asked))),
  }
}

function limitOf(rule: Rule, asked: Demand, grown: (nodes: number) => Demand, places: (nodes: number) => number): Limit {
  const needed = rule.needed(asked)
  const maxNodes = rule.limitsNodes
    ? Math.max(
        0,
        largest(MOST_NODES, nodes => fitsIn(rule, grown(nodes))),
      )
    : null
  const { resource, scope, unit, enforced, available, used, source } = rule
  return {
    resource,
    scope,
    unit,
    needed,
    available,
    used,
    headroom: available - needed,
    fits: needed <= available,
    enforced,
    maxNodes,
    maxPods: rule.pods === undefined ? (maxNodes === null ? null : places(maxNodes)) : rule.pods,
    smallest: rule.smallest?.(needed) ?? null,
    rule: rule.rule,
    arithmetic: rule.arithmetic(asked),
    source,
  }
}

/** The one with the fewest nodes; one that says nothing about nodes comes last. */
const first = (limits: readonly Limit[]): Limit | undefined =>
  limits.reduce<Limit | undefined>(
    (best, limit) => (best === undefined || (limit.maxNodes ?? Infinity) < (best.maxNodes ?? Infinity) ? limit : best),
    undefined,
  )
