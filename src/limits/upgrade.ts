// `plan --upgrade`: whether the extra nodes of an upgrade fit, pool by pool and all at once, and the largest surge that does.

import type { LimitName } from '../cluster/limit-of-issue.js'
import { AZURE } from '../ipam/azure-limits.js'
import { type NodeShare, parseNodeShare } from '../scenario/node-share.js'
import { type Demand, sum, surgeNodes } from './demand.js'
import type { PlanInput } from './input.js'
import { largest, rulesOf } from './limits.js'
import type { Rule } from './rule.js'

export interface PoolUpgrade {
  readonly pool: string
  readonly nodes: number
  /** As asked: "33%" or "2". */
  readonly surge: string
  /** Nodes that the surge is: rounded up, no more than the pool has. */
  readonly extraNodes: number
  readonly fits: boolean
  /** Largest number of extra nodes that fits while the other pools rest, and the largest whole percentage that is no more. */
  readonly largestSurge: number
  readonly largestPercent: number
  /** What stops a larger one; null when every node of the pool can be doubled. */
  readonly bindingResource: LimitName | null
  readonly arithmetic: string
}

export interface UpgradePlan {
  /** All pools can be upgraded at once, which is what Azure's pages reckon with. */
  readonly fits: boolean
  readonly extraNodes: number
  readonly bindingResource: LimitName | null
  /** Largest surge of every pool at which all fit at once: a number of nodes, and a whole percentage. */
  readonly largestSurge: number
  readonly largestPercent: number
  /** Every pool's upgrade fits while the others rest. */
  readonly fitsOneByOne: boolean
  readonly pools: readonly PoolUpgrade[]
}

/** Azure's own, where nobody set one. */
export const DEFAULT_SURGE = parseNodeShare(AZURE.defaultMaxSurge)!

/** The surges of `input` are those asked for. An upgrade replaces the nodes that there are, not those the autoscaler might add. */
export function upgradeOf(input: PlanInput): UpgradePlan {
  const rules = rulesOf(input).filter(rule => rule.limitsNodes && rule.enforced !== 'advice')
  const counts = input.pools.map(({ count }) => count)
  const extra = input.pools.map((pool, i) => surgeNodes(pool, counts[i]))
  const alone = (pool: number, surge: number): Demand => ({ counts, surges: counts.map((_, i) => (i === pool ? surge : 0)) })
  const pools = input.pools.map((pool, i) => {
    const most = largest(counts[i], surge => broken(rules, alone(i, surge)) === null)
    const next = most < counts[i] ? broken(rules, alone(i, most + 1)) : null
    const stop = broken(rules, alone(i, extra[i])) ?? next
    return {
      pool: pool.name,
      nodes: counts[i],
      surge: pool.surge.kind === 'percent' ? `${pool.surge.percent}%` : String(pool.surge.nodes),
      extraNodes: extra[i],
      fits: extra[i] <= most,
      largestSurge: Math.max(0, most),
      // A percentage is rounded up: so many percent of the nodes are at most this surge.
      largestPercent: counts[i] === 0 ? 0 : Math.floor((Math.max(0, most) * 100) / counts[i]),
      bindingResource: stop?.resource ?? null,
      arithmetic: (stop ?? rules[0])?.arithmetic(alone(i, extra[i])) ?? '',
    }
  })
  const all = broken(rules, { counts, surges: extra })
  const everywhere = (surge: NodeShare): boolean =>
    broken(rules, { counts, surges: counts.map(count => surgeNodes({ surge }, count)) }) === null
  return {
    fits: all === null,
    extraNodes: sum(extra),
    bindingResource: all?.resource ?? null,
    largestSurge: Math.max(
      0,
      largest(Math.max(0, ...counts), nodes => everywhere({ kind: 'nodes', nodes })),
    ),
    largestPercent: Math.max(
      0,
      largest(100, percent => everywhere({ kind: 'percent', percent })),
    ),
    fitsOneByOne: pools.every(({ fits }) => fits),
    pools,
  }
}

/** The rule that a demand breaks, the first of several. */
const broken = (rules: readonly Rule[], demand: Demand): Rule | null => rules.find(rule => rule.needed(demand) > rule.available) ?? null
