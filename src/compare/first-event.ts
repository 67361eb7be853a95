// The first packet whose end differs between two runs, within the interval in which their digests part. A node's ends come in one order, so
// for each node the first place is looked for at which its two lists differ; of those places, the earliest is where it began.
import type { EndMarks, PacketEnd } from '../run/witness.js'

/** The first packet that ended otherwise; times that are the same on both sides are no proof that its cause lay on this node. */
export interface FirstEvent {
  readonly node: string
  /** Position among the ends of the node within the interval. */
  readonly order: number
  readonly a: EventSide
  readonly b: EventSide
}

export interface EventSide {
  /** What ended there just before, the same in both runs. */
  readonly before: readonly PacketEnd[]
  /** Null: nothing more ended on this node within the interval. */
  readonly event: PacketEnd | null
}

export interface FirstPlace {
  readonly node: string
  readonly order: number
  readonly timeNs: number
}

/** Null: every node has the same ends in the same order. */
export function firstDifferingEnd(a: EndMarks, b: EndMarks): FirstPlace | null {
  const before = rowsByNode(a)
  const after = rowsByNode(b)
  let first: FirstPlace | null = null
  for (const node of new Set([...before.keys(), ...after.keys()])) {
    const place = placeOf(node, { marks: a, rows: before.get(node) ?? [] }, { marks: b, rows: after.get(node) ?? [] })
    if (place !== null && (first === null || place.timeNs < first.timeNs)) first = place
  }
  return first
}

/** Row numbers of each node, in the order in which its packets ended. */
function rowsByNode({ names, lp }: EndMarks): Map<string, number[]> {
  const rows = new Map<string, number[]>()
  lp.forEach((process, row) => {
    const known = rows.get(names[process])
    if (known === undefined) rows.set(names[process], [row])
    else known.push(row)
  })
  return rows
}

interface NodeRows {
  readonly marks: EndMarks
  readonly rows: readonly number[]
}

function placeOf(node: string, a: NodeRows, b: NodeRows): FirstPlace | null {
  const most = Math.max(a.rows.length, b.rows.length)
  for (let order = 0; order < most; order++) {
    const one = a.rows[order]
    const other = b.rows[order]
    if (one !== undefined && other !== undefined && a.marks.mark[one] === b.marks.mark[other]) continue
    const timeNs = Math.min(timeAt(a, one), timeAt(b, other))
    return { node, order, timeNs }
  }
  return null
}

const timeAt = ({ marks }: NodeRows, row: number | undefined): number => (row === undefined ? Number.POSITIVE_INFINITY : marks.timeNs[row])
