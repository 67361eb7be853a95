// How many nodes are asked of each pool, and how pools grow together: in the proportions in which they stand, by the rule of
// Sainte-Laguë, under which no pool ever shrinks when the cluster grows. Every limit can therefore be searched by halving.
import { nodesOf } from '../scenario/node-share.js'
import type { PlanPool } from './input.js'

export interface Demand {
  /** Nodes of each pool, in the order of the pools. */
  readonly counts: readonly number[]
  /** Nodes that an upgrade adds to each. */
  readonly surges: readonly number[]
}

/** Extra nodes of an upgrade: the percentage rounded up, and never more than there are nodes left to replace. */
export const surgeNodes = (pool: Pick<PlanPool, 'surge'>, count: number): number => Math.min(nodesOf(pool.surge, count), count)

export const demandOf = (pools: readonly PlanPool[], counts: readonly number[]): Demand => ({
  counts,
  surges: pools.map((pool, i) => surgeNodes(pool, counts[i])),
})

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/** Nodes of all pools, surge included. */
export const nodesIn = ({ counts, surges }: Demand): number => sum(counts) + sum(surges)

/** Nodes of one pool, surge included. */
export const poolNodes = ({ counts, surges }: Demand, pool: number): number => counts[pool] + surges[pool]

/** A cluster of so many nodes whose pools have the proportions of `weights`; equal ones if all are empty. */
export function spread(nodes: number, weights: readonly number[]): number[] {
  if (weights.length === 1) return [nodes]
  const total = sum(weights)
  const shares = total === 0 ? weights.map(() => 1) : weights
  const all = total === 0 ? weights.length : total
  // The k-th node of a pool of weight w comes at time (k - 1/2) / w. Just before the last nodes come, everybody has at most this many.
  let early = 0
  let late = (nodes + weights.length + 1) / all
  const at = (time: number): number[] => shares.map(weight => Math.floor(weight * time + 0.5))
  for (let i = 0; i < 80 && late - early > 1e-12 * late; i++) {
    const middle = (early + late) / 2
    if (sum(at(middle)) <= nodes) early = middle
    else late = middle
  }
  const counts = at(early)
  const next = at(late)
  // Several nodes may come at the same moment: earlier pools first.
  let left = nodes - sum(counts)
  for (let i = 0; i < counts.length && left > 0; i++) {
    const more = Math.min(next[i] - counts[i], left)
    counts[i] += more
    left -= more
  }
  return counts
}
