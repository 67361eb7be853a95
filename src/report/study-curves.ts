// A study's measure along its last axis: a line for each row of a map. Of a search the line is the border of what holds, and every value
// that was looked at is a dot: full where the condition held, empty where it did not.
import type { CombinationResult, StudySummary } from '../study/summary.js'
import { numbersBehind, text } from './html.js'
import { type Dot, type Line, plot } from './plot.js'
import { exact, linear, type Scale } from './scale.js'
import { type CellMap, compact, numberIn, numberOf, shortPath, shownValue } from './study-cells.js'

/** Half of a bar's width, as a share of a column's. */
const BAR = 0.3

export const curves = (maps: readonly CellMap[], measure: string, find: StudySummary['find']): string =>
  maps.map(map => curveFigure(map, measure, find)).join('')

function curveFigure(map: CellMap, measure: string, find: StudySummary['find']): string {
  const { title, columns, columnPath, rows, cells } = map
  const { xs, scale, format, isNumber } = along(map)
  const lines: Line[] = rows.map((name, row) => ({
    name: name === '' ? measure : name,
    points: cells[row].flatMap((cell, i) => {
      const y = numberOf(cell, measure)
      if (y === null) return []
      // Between two names there is nothing that a line could mean: each has a bar of its own.
      return isNumber ? [[xs[i], y] as const] : [[xs[i] - BAR, y] as const, [xs[i] + BAR, y] as const, [xs[i], Number.NaN] as const]
    }),
  }))
  const dots = find === null || measure !== 'limit' ? [] : cells.flatMap((row, line) => row.flatMap((cell, i) => dotsOf(cell, xs[i], line)))
  const all = [...lines.flatMap(({ points }) => points.flatMap(([, y]) => (Number.isNaN(y) ? [] : [y]))), ...dots.map(({ y }) => y)]
  if (all.length === 0 || columns.length < 2) return ''
  const what = dots.length > 0 ? `${measure}: the border of what holds` : measure
  const drawing = plot({
    description: `${what} against ${columnPath}${title === '' ? '' : `, ${title}`}, from ${compact(Math.min(...all))} to ${compact(Math.max(...all))}`,
    x: { scale, label: shortPath(columnPath), format },
    y: { scale: linear(0, Math.max(...all, 1)), label: '', format: compact },
    lines: lines.filter(({ points }) => points.length > 0),
    dots,
  })
  const body = rows.map((name, row) => [name, ...cells[row].map(cell => shownValue(cell.measures[measure]))])
  const note = dots.length > 0 ? 'the line is the last value that holds; full dots were looked at and hold, empty ones do not' : ''
  return `<figure><figcaption>${text(measure)} <span><bdi>${text(title)}</bdi>${title !== '' && note !== '' ? '; ' : ''}${note}</span></figcaption>${drawing}${numbersBehind([['', ...columns], ...body])}</figure>`
}

/** Numbers lie where they are; names one beside the other. */
function along({ cells, columns, columnPaths }: CellMap): {
  xs: number[]
  scale: Scale
  format: (value: number) => string
  isNumber: boolean
} {
  const values = cells[0].map(({ values: set }) => set[columnPaths[0]])
  if (values.every(value => typeof value === 'number') && new Set(values).size === values.length) {
    const xs = values as number[]
    return { xs, scale: exact(Math.min(...xs), Math.max(...xs)), format: shownValue, isNumber: true }
  }
  const scale = exact(-0.5, columns.length - 0.5, 1)
  const ticks = columns.map((_, i) => i)
  return { xs: ticks, scale: { ...scale, ticks }, format: i => columns[i] ?? '', isNumber: false }
}

function dotsOf({ search }: CombinationResult, x: number, line: number): Dot[] {
  return (search?.looked ?? []).flatMap(looked =>
    looked.flatMap(({ value, holds }) => {
      const y = numberIn(value)
      return y === null || holds === null ? [] : [{ x, y, colour: line, isHollow: !holds }]
    }),
  )
}
