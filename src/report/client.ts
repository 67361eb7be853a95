// What runs in the reader's browser: time series that can be zoomed into, and the map of nodes. Draws from the data in the page and
// asks for nothing else. Without scripts the page still has every chart as a drawing and every number in a table.

// The few words of the browser that are spoken here. Its whole library of types would be everybody's, and hides mistakes on the other side.
interface Box {
  className: string
  textContent: string | null
  readonly clientWidth: number
  readonly classList: { add(name: string): void }
  readonly style: { height: string }
  append(child: Box): void
  remove(): void
  addEventListener(type: string, act: (event: Motion) => void): void
  querySelector(selector: 'canvas'): Canvas | null
  querySelector(selector: 'select'): Choice | null
  querySelector(selector: string): Box | null
}
interface Motion {
  readonly offsetX: number
  readonly offsetY: number
  readonly key: string
  preventDefault(): void
}
interface Choice extends Box {
  readonly selectedIndex: number
}
interface Pen {
  fillStyle: string
  strokeStyle: string
  globalAlpha: number
  lineWidth: number
  scale(x: number, y: number): void
  fillRect(x: number, y: number, width: number, height: number): void
  strokeRect(x: number, y: number, width: number, height: number): void
}
interface Canvas extends Box {
  width: number
  height: number
  getContext(kind: '2d'): Pen | null
}
declare const document: {
  readonly documentElement: Box
  getElementById(id: string): Box | null
  querySelector(selector: string): Box | null
  createElement(name: string): Box
}
declare function getComputedStyle(of: Box): { getPropertyValue(name: string): string }
declare function matchMedia(query: string): { addEventListener(type: 'change', act: () => void): void }
declare class ResizeObserver {
  constructor(act: () => void)
  observe(box: Box): void
  disconnect(): void
}

interface SeriesData {
  readonly id: string
  readonly unit: 'packets' | 'bits' | 'ns' | 'count'
  readonly x: readonly number[]
  readonly lines: readonly { readonly name: string; readonly values: readonly (number | null)[] }[]
}

interface MapData {
  readonly names: readonly string[]
  readonly metrics: readonly { readonly name: string; readonly unit: string; readonly values: readonly number[] }[]
}

interface PageData {
  readonly series?: readonly SeriesData[]
  readonly map?: MapData
}

type Plotter = new (
  options: object,
  data: readonly unknown[],
  target: Box,
) => { setSize(size: { width: number; height: number }): void; destroy(): void }

const HEIGHT = 260
const STEPS = ['', 'k', 'M', 'G', 'T']

function short(value: number): string {
  let at = 0
  let rest = Math.abs(value)
  while (rest >= 1000 && at < STEPS.length - 1) {
    rest /= 1000
    at++
  }
  return `${value < 0 ? '-' : ''}${Number(rest.toPrecision(3))}${at > 0 ? ` ${STEPS[at]}` : ''}`
}

function spoken(value: number | null | undefined, unit: SeriesData['unit']): string {
  if (value === null || value === undefined) return ''
  if (unit === 'bits') return `${short(value)}bit/s`.replace(/(\d)bit/, '$1 bit')
  if (unit === 'packets') return `${short(value)} packets/s`
  if (unit === 'count') return short(value)
  if (value >= 1e9) return `${Number((value / 1e9).toPrecision(3))} s`
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))} ms`
  return value >= 1e3 ? `${Number((value / 1e3).toPrecision(3))} us` : `${Math.round(value)} ns`
}

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

function draw(series: SeriesData, host: Box): () => void {
  const Plot = (globalThis as unknown as { uPlot: Plotter }).uPlot
  const target = document.createElement('div')
  target.className = 'live'
  host.append(target)
  host.classList.add('has-live')
  const axis = { stroke: colour('--soft'), grid: { stroke: colour('--rule'), width: 1 }, ticks: { stroke: colour('--rule'), width: 1 } }
  const options = {
    width: host.clientWidth,
    height: HEIGHT,
    scales: { x: { time: false }, y: { range: (_: unknown, __: number, most: number) => [0, most > 0 ? most * 1.05 : 1] } },
    cursor: { drag: { x: true, y: false } },
    axes: [
      { ...axis, values: (_: unknown, ticks: number[]) => ticks.map(tick => `${Number(tick.toPrecision(6))} s`) },
      {
        ...axis,
        size: 78,
        values: (_: unknown, ticks: number[]) => ticks.map(tick => (series.unit === 'packets' ? short(tick) : spoken(tick, series.unit))),
      },
    ],
    series: [
      {
        label: 'virtual time',
        value: (_: unknown, value: number | null | undefined) =>
          value === null || value === undefined ? '' : `${Number(value.toPrecision(6))} s`,
      },
      ...series.lines.map(({ name }, i) => ({
        label: name,
        stroke: colour(`--c${i % 8}`),
        width: 1.8,
        value: (_: unknown, value: number | null | undefined) => spoken(value, series.unit),
      })),
    ],
  }
  const plot = new Plot(options, [series.x, ...series.lines.map(({ values }) => values)], target)
  const fit = new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height: HEIGHT }))
  fit.observe(host)
  return () => {
    fit.disconnect()
    plot.destroy()
    target.remove()
  }
}

/** Thousands of nodes as cells of one canvas: dark where much is, described where the pointer or the arrow keys are. */
function drawMap(map: MapData, host: Box): () => void {
  const canvas = host.querySelector('canvas')
  const choice = host.querySelector('select')
  const told = host.querySelector('output')
  const pen = canvas?.getContext('2d')
  if (!canvas || !choice || !told || !pen) return () => {}
  const count = map.names.length
  let columns = 1
  let size = 1
  let chosen = -1

  function paint(): void {
    const width = canvas!.clientWidth
    const ratio = (globalThis as { devicePixelRatio?: number }).devicePixelRatio ?? 1
    size = Math.max(3, Math.min(28, Math.floor(Math.sqrt((width * Math.min(420, Math.max(40, count))) / count))))
    columns = Math.max(1, Math.floor(width / size))
    const height = Math.ceil(count / columns) * size
    canvas!.width = width * ratio
    canvas!.height = height * ratio
    canvas!.style.height = `${height}px`
    pen!.scale(ratio, ratio)
    const { values } = map.metrics[choice!.selectedIndex]
    let most = 0
    for (const value of values) if (value > most) most = value
    pen!.fillStyle = colour('--c0')
    const gap = size > 6 ? 1 : 0
    for (let i = 0; i < count; i++) {
      pen!.globalAlpha = most > 0 ? 0.06 + 0.94 * (values[i] / most) : 0.06
      pen!.fillRect((i % columns) * size, Math.floor(i / columns) * size, size - gap, size - gap)
    }
    pen!.globalAlpha = 1
    if (chosen < 0) return
    pen!.strokeStyle = colour('--ink')
    pen!.lineWidth = 2
    pen!.strokeRect((chosen % columns) * size, Math.floor(chosen / columns) * size, size, size)
  }

  function choose(index: number): void {
    if (index < 0 || index >= count || index === chosen) return
    chosen = index
    told!.textContent = `${map.names[index]}: ${map.metrics.map(({ name, unit, values }) => `${name} ${values[index].toLocaleString('en-US')}${unit}`).join(', ')}`
    paint()
  }

  canvas.addEventListener('pointermove', event => {
    choose(Math.floor(event.offsetY / size) * columns + Math.min(columns - 1, Math.floor(event.offsetX / size)))
  })
  canvas.addEventListener('keydown', event => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key]
    if (step === undefined) return
    event.preventDefault()
    choose(chosen < 0 ? 0 : chosen + step)
  })
  choice.addEventListener('change', paint)
  const fit = new ResizeObserver(paint)
  fit.observe(host)
  return () => fit.disconnect()
}

function start(): void {
  const data = JSON.parse(document.getElementById('data')?.textContent ?? '{}') as PageData
  let stops: (() => void)[] = []
  const begin = (): void => {
    for (const stop of stops) stop()
    stops = []
    for (const series of data.series ?? []) {
      const host = document.querySelector(`[data-series="${series.id}"]`)
      if (host) stops.push(draw(series, host))
    }
    const host = document.querySelector('.map')
    if (host && data.map) stops.push(drawMap(data.map, host))
  }
  begin()
  // Colours are read when drawing: another scheme means drawing anew.
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', begin)
}

start()
