// What a study's columns say about a cell. Of a search, the limit is the answer; what binds and when is read from the point just beyond it,
// everything else from the point at the limit.
import { type Expression, type Value, worth } from '../scenario/expression.js'
import type { Cell, CellPoint } from './cell.js'
import type { Measure } from './model.js'

/** Read from the point beyond the limit: at the limit itself nothing is exhausted. */
const BEYOND: ReadonlySet<string> = new Set(['bindingResource', 'timeToExhaustion', 'refused'])

/** The value found by the search; null if none holds. */
export function limitOf(cell: Cell): number | string | null {
  return cell.found?.position == null ? null : cell.valueAt(cell.found.position)
}

/** The nearest point after the limit that was looked at and does not hold. */
function beyond(cell: Cell): CellPoint | null {
  if (cell.found === null) return null
  const limit = cell.found.position ?? -1
  const after = [...cell.points].filter(([position, { holds }]) => position > limit && holds === false).sort(([a], [b]) => a - b)
  return after[0]?.[1] ?? null
}

export function measureOf(cell: Cell, { expression }: Measure): Value {
  const root = rootOf(expression)
  if (cell.found === null) return plain(expression, cell.points.get(0) ?? null)
  if (root === 'limit') return limitOf(cell)
  const at = cell.found.position === null ? null : (cell.points.get(cell.found.position) ?? null)
  return plain(expression, root !== null && BEYOND.has(root) ? beyond(cell) : at)
}

const rootOf = (expression: Expression): string | null => (expression.kind === 'path' ? String(expression.steps[0]) : null)

/** The value at one point, if it is one that a table can hold. */
export function plain(expression: Expression, point: CellPoint | null): Value {
  if (point?.facts == null) return null
  const value = worth(expression, point.facts)
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : null
}
