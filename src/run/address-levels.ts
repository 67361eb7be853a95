// Addresses that the pods of each node have at the end of an interval, for the series: read off the plan, which knows when each pod begins
// and ends. Pods of the host network have their node's address, which is none of these.
import type { Plan } from '../cluster/plan.js'
import type { SeriesInterval } from '../observe/series.js'

/** The intervals with one more column: a level for each row of `lp`; 0 for what is no node. */
export function* withAddresses(intervals: Iterable<SeriesInterval>, plan: Plan, intervalNs: number): Generator<SeriesInterval> {
  const levels = plan.nodes.map((): { begins: number[]; ends: number[] } => ({ begins: [], ends: [] }))
  const { pods, nodes } = plan
  for (let pod = 0; pod < pods.count; pod++) {
    if (pods.address[pod] === nodes[pods.node[pod]].address) continue
    levels[pods.node[pod]].begins.push(pods.startNs[pod])
    levels[pods.node[pod]].ends.push(pods.stopNs[pod])
  }
  for (const { begins, ends } of levels) for (const moments of [begins, ends]) moments.sort((a, b) => a - b)
  for (const interval of intervals) {
    const endNs = (interval.interval + 1) * intervalNs
    const at = (lp: number): number => (lp < levels.length ? upTo(levels[lp].begins, endNs) - upTo(levels[lp].ends, endNs) : 0)
    yield { ...interval, podAddresses: interval.lp.map(at) }
  }
}

/** How many of the sorted moments have come. */
function upTo(moments: readonly number[], atNs: number): number {
  let low = 0
  let high = moments.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (moments[middle] <= atNs) low = middle + 1
    else high = middle
  }
  return low
}
