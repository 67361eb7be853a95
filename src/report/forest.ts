// A forest plot: a row for each thing compared, with its shift, the interval around it, and the band within which a shift is not worth a
// word. Shares lie by the logarithm of the ratio, so that twice as much and half as much are equally far from nothing.
import { text } from './html.js'
import { label, place, shortened } from './svg.js'

const WIDTH = 920
const LEFT = 276
const RIGHT = 200
const ROW = 24
const TOP = 12
const BOTTOM = 40
const INSIDE = WIDTH - LEFT - RIGHT

/** Marks of the axis that may be used, as shares. */
const MARKS = [0, 0.01, -0.01, 0.02, -0.02, 0.05, -0.05, 0.1, -0.1, 0.2, -0.2, 0.5, -0.5, 1, 3, -0.75, 9, -0.9, 99, -0.99, 999, -0.999]
const LEAST_APART = 58
/** Of a name, as many as fit at its row. */
const MOST_LETTERS = 36

export interface ForestRow {
  readonly name: string
  /** B over A, less 1. */
  readonly shift: number
  /** Null: an exact number, which has none. */
  readonly interval: readonly [number, number] | null
  /** Class of the mark: what is said of it. */
  readonly kind: string
  /** The numbers, at the right end of its row. */
  readonly words: string
}

export interface Forest {
  readonly description: string
  readonly rows: readonly ForestRow[]
  /** Shifts below this are not worth a word; 0: no band. */
  readonly floor: number
  /** What the two sides of the axis mean. */
  readonly less: string
  readonly more: string
}

const ratio = (share: number): number => Math.log(Math.max(1 + share, 1e-4))

export function forest({ description, rows, floor, less, more }: Forest): string {
  const reached = rows.flatMap(({ shift, interval }) => [shift, ...(interval ?? [])])
  const far = Math.max(...reached.map(share => Math.abs(ratio(share))), ratio(Math.max(floor * 2, 0.01))) * 1.06
  const toX = (share: number): number => LEFT + ((ratio(share) + far) / (2 * far)) * INSIDE
  const bottom = TOP + rows.length * ROW
  const band =
    floor > 0
      ? `<rect class="floor" x="${place(toX(-floor))}" y="${TOP}" width="${place(toX(floor) - toX(-floor))}" height="${bottom - TOP}"/>`
      : ''
  const marks = marksOn(toX, far)
  const parts = [
    band,
    ...marks.map(
      share =>
        `<line class="${share === 0 ? 'axis' : 'grid'}" x1="${place(toX(share))}" y1="${TOP}" x2="${place(toX(share))}" y2="${bottom}"/>` +
        label(toX(share), bottom + 16, signed(share), 'middle'),
    ),
    label(LEFT, bottom + 34, `← ${less}`, 'start'),
    label(WIDTH - RIGHT, bottom + 34, `${more} →`, 'end'),
    ...rows.map((row, i) => rowMarks(row, TOP + i * ROW + ROW / 2, toX)),
  ]
  return `<div class="drawing"><svg class="forest" viewBox="0 0 ${WIDTH} ${bottom + BOTTOM}" role="img" aria-label="${text(description)}">${parts.join('')}</svg></div>`
}

function rowMarks({ name, shift, interval, kind, words }: ForestRow, y: number, toX: (share: number) => number): string {
  const line =
    interval === null ? '' : `<path class="whisker" d="M${place(toX(interval[0]))} ${y - 4}v8m0 -4H${place(toX(interval[1]))}m0 -4v8"/>`
  return (
    `<g class="shift ${kind}"><title>${text(`${name}: ${words}`)}</title>${label(LEFT - 10, y + 4, shortened(name, MOST_LETTERS), 'end', name)}${line}` +
    `<circle class="dot" cx="${place(toX(shift))}" cy="${y}" r="4.5"/>${label(WIDTH - RIGHT + 10, y + 4, words, 'start')}</g>`
  )
}

/** Nothing first, then outwards, each where there is room for its words. */
function marksOn(toX: (share: number) => number, far: number): number[] {
  const chosen: number[] = []
  for (const share of MARKS.filter(mark => Math.abs(ratio(mark)) <= far).sort((a, b) => Math.abs(b) - Math.abs(a) || b - a)) {
    if ([0, ...chosen].every(other => share === 0 || Math.abs(toX(other) - toX(share)) >= LEAST_APART)) chosen.push(share)
  }
  return chosen
}

/** +3.1 %; what is ten times as much is said as a factor. */
export function signed(share: number): string {
  if (share === 0) return '0'
  if (share >= 9) return `x ${Number((1 + share).toPrecision(3)).toLocaleString('en-US')}`
  const percent = Math.abs(share) * 100
  // A tenth of a per cent is less than any benchmark can tell; what is smaller still is not nothing.
  const shown = percent < 0.05 ? '< 0.05' : String(Number(percent.toFixed(percent < 99.5 || share < 0 ? 1 : 0)))
  return `${share > 0 ? '+' : '−'}${shown === '100' && share < 0 ? '> 99.9' : shown} %`
}
