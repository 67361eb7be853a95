// A chart of lines or steps as SVG: axes, marks, a legend, moments worth a vertical line, and a sentence that says what it shows. Colours
// come from the page's style, so that dark mode and print need no second drawing.
import { text } from './html.js'
import type { Scale } from './scale.js'
import { label, place } from './svg.js'

// As wide as the page's column, so that letters are as large as the text around them; narrower screens scroll.
const WIDTH = 920
const HEIGHT = 260
const LEFT = 84
const RIGHT = 12
const TOP = 16
const BOTTOM = 34

export interface Line {
  readonly name: string
  /** Pairs of x and y, x rising; where y is NaN the line is interrupted. */
  readonly points: readonly (readonly [number, number])[]
  /** Holds its value until the next point. */
  readonly step?: boolean
  /** A bound rather than a measurement. */
  readonly dashed?: boolean
  /** Number of its colour; without one its place among the lines. */
  readonly colour?: number
}

/** A single value, beside the lines. */
export interface Dot {
  readonly x: number
  readonly y: number
  readonly colour: number
  readonly isHollow: boolean
}

export interface Axis {
  readonly scale: Scale
  readonly label: string
  readonly format: (value: number) => string
}

export interface Moment {
  readonly at: number
  readonly name: string
  /** What stands on top of its line: a number in a list beside the chart, nothing where that of a neighbour stands for both, null for a dot. */
  readonly mark: string | null
}

export interface Plot {
  /** What a person who cannot see it needs to know. */
  readonly description: string
  readonly x: Axis
  readonly y: Axis
  readonly lines: readonly Line[]
  readonly dots?: readonly Dot[]
  readonly moments?: readonly Moment[]
}

export function plot({ description, x, y, lines: given, dots = [], moments = [] }: Plot): string {
  const lines = given.map((line, i) => ({ colour: i, ...line }))
  const toX = (value: number): number => LEFT + x.scale.at(value) * (WIDTH - LEFT - RIGHT)
  const toY = (value: number): number => HEIGHT - BOTTOM - y.scale.at(value) * (HEIGHT - TOP - BOTTOM)
  const parts = [
    ...y.scale.ticks.map(tick => grid(LEFT, toY(tick), WIDTH - RIGHT, toY(tick)) + label(LEFT - 6, toY(tick) + 4, y.format(tick), 'end')),
    ...x.scale.ticks.map(tick => label(toX(tick), HEIGHT - BOTTOM + 16, x.format(tick), anchorAt(x.scale.at(tick)))),
    `<line class="axis" x1="${LEFT}" y1="${HEIGHT - BOTTOM}" x2="${WIDTH - RIGHT}" y2="${HEIGHT - BOTTOM}"/>`,
    label(WIDTH - RIGHT, HEIGHT - 4, x.label, 'end'),
    ...moments.map(moment => momentLine(toX(moment.at), moment)),
    ...lines.map(line => path(line, toX, toY)),
    ...dots.map(dot => dotMark(dot, toX, toY)),
  ]
  const svg = `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${text(description)}">${parts.join('')}</svg>`
  return `<div class="drawing">${svg}</div>${lines.length > 1 ? legend(lines) : ''}`
}

const grid = (x1: number, y1: number, x2: number, y2: number): string =>
  `<line class="grid" x1="${place(x1)}" y1="${place(y1)}" x2="${place(x2)}" y2="${place(y2)}"/>`

const momentLine = (x: number, { name, mark }: Moment): string =>
  `<g class="moment"><title>${text(name)}</title><line x1="${place(x)}" y1="${TOP}" x2="${place(x)}" y2="${HEIGHT - BOTTOM}"/>` +
  `${mark === null ? `<circle cx="${place(x)}" cy="${TOP}" r="4"/>` : label(x, TOP - 4, mark, 'middle')}</g>`

/** Words at the very ends stay inside the drawing. */
const anchorAt = (share: number): 'middle' | 'end' => (share > 0.98 ? 'end' : 'middle')

function path({ points, step, dashed, colour = 0 }: Line, toX: (x: number) => number, toY: (y: number) => number): string {
  let d = ''
  points.forEach(([x, y], i) => {
    const px = place(toX(x))
    const py = place(toY(y))
    if (Number.isNaN(y)) return
    d += i === 0 || Number.isNaN(points[i - 1][1]) ? `M${px} ${py}` : step ? `H${px}V${py}` : `L${px} ${py}`
  })
  const classes = `line s${colour % 8}${dashed ? ' dashed' : ''}`
  return points.length === 1
    ? `<circle class="dot s${colour % 8}" cx="${place(toX(points[0][0]))}" cy="${place(toY(points[0][1]))}" r="3"/>`
    : `<path class="${classes}" d="${d}"/>`
}

const dotMark = ({ x, y, colour, isHollow }: Dot, toX: (x: number) => number, toY: (y: number) => number): string =>
  `<circle class="dot s${colour % 8}${isHollow ? ' hollow' : ''}" cx="${place(toX(x))}" cy="${place(toY(y))}" r="3.5"/>`

const legend = (lines: readonly Line[]): string =>
  `<ul class="legend">${lines.map(({ name, dashed, colour = 0 }) => `<li><i class="key s${colour % 8}${dashed ? ' dashed' : ''}"></i>${text(name)}</li>`).join('')}</ul>`
