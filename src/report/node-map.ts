// Thousands of nodes as cells of one canvas: the stronger the colour, the more; described where the pointer or the arrow keys are. Part of
// the scripts of a finished run's page and of a running one's.
import { count } from '../base/units.js'
import { type Box, type Canvas, devicePixelRatio, type Pen, ResizeObserver } from './browser.js'
import { colour } from './ink.js'

export interface CellMetric {
  readonly name: string
  readonly unit: string
  /** A number for each cell, in the order of the names. */
  readonly values: readonly number[]
}

export interface NodeMap {
  /** Other numbers for the same cells. */
  show(metrics: readonly CellMetric[]): void
  stop(): void
}

/** The faintest cell is still seen. */
const FAINT = 0.06
const LEAST = 3
const GREATEST = 28

/** Cells with an outline of their own, whatever is shown. */
export interface Flagged {
  /** What is said of them. */
  readonly name: string
  readonly cells: readonly number[]
}

export interface MapWords {
  /** Said where the chosen metric is nought everywhere. */
  readonly nothing?: string
  readonly flagged?: Flagged | undefined
}

/** Draws into the canvas of `host`, of whose select the chosen metric comes, and tells about a cell in its output. */
export function nodeMap(host: Box, names: readonly string[], { nothing = 'none anywhere.', flagged }: MapWords = {}): NodeMap {
  const canvas = host.querySelector('canvas')
  const choice = host.querySelector('select')
  const told = host.querySelector('output')
  const pen = canvas?.getContext('2d')
  if (!canvas || !choice || !told || !pen) return { show() {}, stop() {} }
  let metrics: readonly CellMetric[] = []
  let columns = 1
  let size = 1
  let chosen = -1

  function paint(): void {
    const metric = metrics[Math.min(choice!.selectedIndex, metrics.length - 1)]
    if (metric === undefined) return
    size = cellSize(canvas!.clientWidth, names.length)
    columns = Math.max(1, Math.floor(canvas!.clientWidth / size))
    sizeCanvas(canvas!, pen!, Math.ceil(names.length / columns) * size)
    paintCells(pen!, metric.values, columns, size)
    for (const cell of flagged?.cells ?? []) outline(cell, '--bad')
    if (chosen >= 0) outline(chosen, '--ink')
    told!.textContent = chosen < 0 ? most(metric) : about(chosen)
  }

  function outline(cell: number, ink: string): void {
    pen!.strokeStyle = colour(ink)
    pen!.lineWidth = 2
    pen!.strokeRect((cell % columns) * size + 1, Math.floor(cell / columns) * size + 1, Math.max(1, size - 3), Math.max(1, size - 3))
  }

  const isFlagged = new Set(flagged?.cells)
  const about = (cell: number): string =>
    `${names[cell]}: ${isFlagged.has(cell) ? `${flagged!.name}, ` : ''}${metrics.map(({ name, unit, values }) => `${name} ${count(values[cell] ?? 0)}${unit}`).join(', ')}`

  function most({ name, unit, values }: CellMetric): string {
    const at = greatest(values)
    return at < 0
      ? `${name}: ${nothing}`
      : `Most ${name}: ${count(values[at])}${unit} at ${names[at]}. Point at a cell, or use the arrow keys.`
  }

  function choose(cell: number): void {
    if (cell < 0 || cell >= names.length || cell === chosen) return
    chosen = cell
    paint()
  }

  canvas.addEventListener('pointermove', event =>
    choose(Math.floor(event.offsetY / size) * columns + Math.min(columns - 1, Math.floor(event.offsetX / size))),
  )
  canvas.addEventListener('keydown', event => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key]
    if (step === undefined) return
    event.preventDefault()
    choose(chosen < 0 ? 0 : chosen + step)
  })
  choice.addEventListener('change', paint)
  const fit = new ResizeObserver(paint)
  fit.observe(host)
  return {
    show(shown) {
      metrics = shown
      paint()
    },
    stop: () => fit.disconnect(),
  }
}

/** As large as the width allows, so that few nodes are not lost and thousands fit on a screen. */
const cellSize = (width: number, cells: number): number =>
  Math.max(LEAST, Math.min(GREATEST, Math.floor(Math.sqrt((width * Math.min(420, Math.max(40, cells))) / Math.max(1, cells)))))

function sizeCanvas(canvas: Canvas, pen: Pen, height: number): void {
  const ratio = devicePixelRatio ?? 1
  canvas.width = canvas.clientWidth * ratio
  canvas.height = height * ratio
  canvas.style.height = `${height}px`
  pen.scale(ratio, ratio)
}

function paintCells(pen: Pen, values: readonly number[], columns: number, size: number): void {
  const at = greatest(values)
  const top = at < 0 ? 1 : values[at]
  const gap = size > 6 ? 1 : 0
  pen.fillStyle = colour('--c0')
  values.forEach((value, cell) => {
    pen.globalAlpha = FAINT + (1 - FAINT) * (value / top)
    pen.fillRect((cell % columns) * size, Math.floor(cell / columns) * size, size - gap, size - gap)
  })
  pen.globalAlpha = 1
}

/** Where the greatest value is; -1 if none is above zero. */
function greatest(values: readonly number[]): number {
  let found = -1
  for (let i = 0; i < values.length; i++) if (values[i] > (found < 0 ? 0 : values[found])) found = i
  return found
}
