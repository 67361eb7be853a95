// Exact numbers that differ between two runs: as rows of a table, and drawn by how much they differ.
import { bytes, count, duration } from '../base/units.js'
import type { Change } from '../compare/runs.js'
import { forest, signed } from './forest.js'
import { text } from './html.js'

const MOST_ROWS = 24

export const namedIn = (changed: readonly Change[], prefix: string): Change[] => changed.filter(({ name }) => name.startsWith(prefix))

/** A number as people read it; what it never came to is said. */
export function shown({ unit, name }: Change, value: number | null): string {
  if (value === null) return name.endsWith('AtNs') ? 'never' : 'none'
  const size = Math.abs(value)
  return `${value < 0 ? '−' : ''}${unit === 'ns' ? duration(size) : unit === 'bytes' ? bytes(size) : count(size)}`
}

export function changeRows(changed: readonly Change[]): string[][] {
  const rows = changed.map(change => {
    const { name, a, b } = change
    const difference = a === null || b === null ? '' : `${b > a ? '+' : ''}${shown(change, b - a)}`
    return [name, shown(change, a), shown(change, b), difference, shiftOf(change) === null ? '' : signed(shiftOf(change)!)]
  })
  return [['', 'A', 'B', 'difference', 'shift'], ...rows]
}

/** B over A, less 1; null where that cannot be said. */
const shiftOf = ({ a, b }: Change): number | null => (a === null || b === null || a <= 0 || b <= 0 ? null : b / a - 1)

/** The greatest shifts first; what begins or ends at nothing has none and is in the table alone. */
export function changeFigure(title: string, changed: readonly Change[]): string {
  const sorted = changed
    .flatMap(change => {
      const shift = shiftOf(change)
      return shift === null ? [] : [{ change, shift }]
    })
    .sort((x, y) => Math.abs(Math.log(1 + y.shift)) - Math.abs(Math.log(1 + x.shift)))
  if (sorted.length === 0) return ''
  const rows = sorted.slice(0, MOST_ROWS).map(({ change, shift }) => ({
    name: change.name,
    shift,
    interval: null,
    kind: 'exact',
    words: `${shown(change, change.a)} to ${shown(change, change.b)}`,
  }))
  const drawing = forest({
    description: `${title}: ${rows.map(({ name, shift }) => `${name} ${signed(shift)}`).join('; ')}`,
    rows,
    floor: 0,
    less: 'less in B',
    more: 'more in B',
  })
  const left = sorted.length > rows.length ? `; the ${rows.length} of ${sorted.length} that moved most` : ''
  return `<figure><figcaption><bdi>${text(title)}</bdi> <span>B over A, by ratio; exact, so there is no interval${left}</span></figcaption>${drawing}</figure>`
}
