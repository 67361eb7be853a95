// Nodes that had no range for their pods: listed, and marked on the map while they still wait at the end.
import { count, duration } from '../base/units.js'
import type { RunResult } from '../run/result.js'
import { table } from './html.js'
import type { CellMetric, Flagged } from './node-map.js'

interface NotReadyNode {
  readonly name: string
  readonly pool: string
  readonly fromNs: number
  /** Null: it still is. */
  readonly untilNs: number | null
}

/** Results of earlier versions have none. */
const nodesOf = (result: RunResult): readonly NotReadyNode[] =>
  (result as { readonly notReadyNodes?: readonly NotReadyNode[] }).notReadyNodes ?? []

const lengthNs = ({ fromNs, untilNs }: NotReadyNode, { simulatedNs }: RunResult): number => (untilNs ?? simulatedNs) - fromNs

/** The nodes that waited longest. */
export function notReadyTable(result: RunResult): string {
  const nodes = nodesOf(result)
  if (nodes.length === 0) return ''
  const MOST = 50
  const sorted = [...nodes].sort((a, b) => lengthNs(b, result) - lengthNs(a, result)).slice(0, MOST)
  const rows = sorted.map(node => [
    ...[
      node.name,
      node.pool,
      duration(node.fromNs),
      node.untilNs === null ? 'still is' : duration(node.untilNs),
      duration(lengthNs(node, result)),
    ],
  ])
  const more = nodes.length > MOST ? `; the ${MOST} of ${count(nodes.length)} that waited longest` : ''
  return `<div class="scroll">${table([['', 'pool', 'from', 'until', 'for'], ...rows], { caption: `Nodes that were NotReady for want of a range for their pods${more}`, words: [1] })}</div>`
}

/** Seconds without a range, for each cell; null where no node waited. */
export function notReadyMetric(result: RunResult, names: readonly string[]): CellMetric | null {
  const nodes = nodesOf(result)
  if (nodes.length === 0) return null
  const cells = new Map(names.map((name, cell) => [name, cell]))
  const values = new Array<number>(names.length).fill(0)
  for (const node of nodes) {
    const cell = cells.get(node.name)
    if (cell !== undefined) values[cell] += lengthNs(node, result) / 1e9
  }
  return { name: 'NotReady', unit: ' s', values }
}

export function stillNotReady(result: RunResult, names: readonly string[]): Flagged | undefined {
  const waiting = new Set(nodesOf(result).flatMap(({ name, untilNs }) => (untilNs === null ? [name] : [])))
  const cells = names.flatMap((name, cell) => (waiting.has(name) ? [cell] : []))
  return cells.length === 0 ? undefined : { name: 'NotReady', cells }
}
