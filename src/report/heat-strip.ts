// Many rows over time as a strip of cells: the darker, the more. For ports of nodes, where one line of a thousand is the one that matters.
import { text } from './html.js'
import { label, shortened } from './svg.js'

const WIDTH = 720
const LEFT = 200
const ROW = 12
const BOTTOM = 22

export interface Strip {
  readonly description: string
  /** Names of the rows, the most interesting first. */
  readonly names: readonly string[]
  /** A row of values for each name, null where nothing is known. */
  readonly values: readonly (readonly (number | null)[])[]
  /** What the darkest cell stands for. */
  readonly most: number
  readonly from: string
  readonly to: string
}

export function heatStrip({ description, names, values, most, from, to }: Strip): string {
  const columns = Math.max(...values.map(row => row.length), 1)
  const cell = (WIDTH - LEFT) / columns
  const height = names.length * ROW + BOTTOM
  const rows = names.map((name, i) => {
    const cells = values[i].map((value, column) => {
      if (value === null || value === 0) return ''
      const strength = (0.08 + 0.92 * Math.min(1, value / Math.max(most, 1))).toFixed(2)
      return `<rect x="${(LEFT + column * cell).toFixed(2)}" y="${i * ROW}" width="${(cell + 0.2).toFixed(2)}" height="${ROW - 1}" fill-opacity="${strength}"/>`
    })
    return `${label(LEFT - 6, i * ROW + ROW - 3, shortened(name, 30), 'end', name)}${cells.join('')}`
  })
  const ends = `<text x="${LEFT}" y="${height - 6}">${text(from)}</text><text x="${WIDTH}" y="${height - 6}" text-anchor="end">${text(to)}</text>`
  return `<svg class="strip" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${text(description)}">${rows.join('')}${ends}</svg>`
}
