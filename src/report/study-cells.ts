// The combinations of a study laid out for the eye: the last two axes span a map, every combination of the others has a map of its own.
import type { CombinationResult, StudySummary } from '../study/summary.js'

/** One map: rows along one axis, columns along the other. */
export interface CellMap {
  /** What the other axes are set to here; empty where there are no others. */
  readonly title: string
  readonly rowPath: string | null
  readonly columnPath: string
  /** What the columns set. */
  readonly columnPaths: readonly string[]
  readonly rows: readonly string[]
  readonly columns: readonly string[]
  /** By row, then column. */
  readonly cells: readonly (readonly CombinationResult[])[]
}

/** A measure as a number: values that carry a unit, such as 4/s, count by what stands before it. Null where it is none. */
export function numberIn(value: unknown): number | null {
  if (typeof value === 'number') return value
  const found = typeof value === 'string' ? /^(-?\d+(?:\.\d+)?) ?[a-zA-Z/%]*$/.exec(value) : null
  return found === null ? null : Number(found[1])
}

export const numberOf = ({ measures }: CombinationResult, name: string): number | null => numberIn(measures[name])

/** A value as a cell or an axis shows it. */
export function shownValue(value: unknown): string {
  if (value === null || value === undefined) return 'none'
  if (typeof value === 'number') return value.toLocaleString('en-US', { maximumSignificantDigits: 6 })
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** The last part of a path says enough beside a number. */
export const shortPath = (path: string): string => path.split('.').at(-1) ?? path

/** What people call an axis: its name if the study gives one, else what it sets. */
export const axisName = ({ name, paths }: StudySummary['axes'][number]): string => name ?? paths.join(', ')

/** Combinations come row by row, the last axis running fastest. */
export function cellMaps({ axes, combinations }: StudySummary): CellMap[] {
  if (axes.length === 0 || combinations.length === 0) return []
  const last = axes.length - 1
  const columnAxis = axes[last]
  const rowAxis = last > 0 ? axes[last - 1] : null
  const perMap = columnAxis.steps * (rowAxis?.steps ?? 1)
  return Array.from({ length: combinations.length / perMap }, (_, i) => {
    const own = combinations.slice(i * perMap, (i + 1) * perMap)
    const cells = Array.from({ length: rowAxis?.steps ?? 1 }, (_, row) => own.slice(row * columnAxis.steps, (row + 1) * columnAxis.steps))
    const others = axes.slice(0, Math.max(0, last - 1))
    return {
      title: others.map((axis, a) => `${axis.name ?? axis.paths.map(shortPath).join(', ')}: ${own[0].labels[a]}`).join('; '),
      rowPath: rowAxis === null ? null : axisName(rowAxis),
      columnPath: axisName(columnAxis),
      columnPaths: columnAxis.paths,
      rows: cells.map(([first]) => (rowAxis === null ? '' : first.labels[last - 1])),
      columns: cells[0].map(cell => cell.labels[last]),
      cells,
    }
  })
}

/** A number short enough for a cell. */
export const compact = (value: number): string =>
  Math.abs(value) >= 1e5
    ? `${Number((value / 1e3).toPrecision(3)).toLocaleString('en-US')}k`
    : Number(value.toPrecision(4)).toLocaleString('en-US')
