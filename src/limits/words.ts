// Arithmetic written out: "(50 + 1) x 31 + 3 x 111 = 1,914".
import { type Demand, nodesIn } from './demand.js'
import { many } from './rule.js'

/** More terms than this are not written out. */
const MOST_TERMS = 4

const nodesOfPool = (count: number, surge: number, grouped: boolean): string =>
  surge > 0 ? (grouped ? `(${many(count)} + ${many(surge)})` : `${many(count)} + ${many(surge)}`) : many(count)

/** Nodes of each pool, times what each costs there. */
export function costTerms({ counts, surges }: Demand, costs: readonly number[], costWords: readonly string[]): string {
  const total = counts.reduce((all, count, i) => all + (count + surges[i]) * costs[i], 0)
  if (counts.length > MOST_TERMS) return `${many(counts.length)} pools, each nodes x addresses of a node = ${many(total)}`
  const terms = counts.map((count, i) => `${nodesOfPool(count, surges[i], true)} x ${costWords[i]}`)
  return `${terms.join(' + ')} = ${many(total)}`
}

/** Nodes of all pools. */
export function nodeTerms(demand: Demand): string {
  const { counts, surges } = demand
  const total = nodesIn(demand)
  if (counts.length > MOST_TERMS) return `${many(counts.length)} pools with ${many(total)} nodes`
  const terms = counts.map((count, i) => nodesOfPool(count, surges[i], counts.length > 1))
  return terms.length === 1 && surges[0] === 0 ? terms[0] : `${terms.join(' + ')} = ${many(total)}`
}
