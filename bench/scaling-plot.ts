// The picture of docs/scaling.md: four small plots as one SVG, drawn from the measurements alone. It follows the reader's light or dark
// setting and loads nothing.
import { flowsOf } from './scaling-cases.js'
import { type Measured, nsPerPacket, of, packetsPerSecond, peakRss, type ScalingData, setupSeconds } from './scaling-data.js'

const WIDTH = 960
const HEIGHT = 640
const PANEL = { width: 370, height: 190 }
/** Left edge and top of the four plots' areas. */
const PLACES = [
  [80, 72],
  [560, 72],
  [80, 392],
  [560, 392],
] as const

const STYLE = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: var(--ink) }
  .title { font-weight: 600; font-size: 15px } .soft { fill: var(--soft); font-size: 12px }
  .grid { stroke: var(--grid); stroke-width: 1 } .axis { stroke: var(--soft); stroke-width: 1 }
  .line { fill: none; stroke-width: 2; stroke-linejoin: round } .dot { stroke: var(--paper); stroke-width: 1.5 }
  .s0 { stroke: #2563c9 } .s1 { stroke: #c2410c } .s2 { stroke: #15803d } .s3 { stroke: #7e22ce } .s4 { stroke: #a16207 }
  .f0 { fill: #2563c9 } .f1 { fill: #c2410c } .f2 { fill: #15803d } .f3 { fill: #7e22ce } .f4 { fill: #a16207 }
  svg { --paper: #ffffff; --ink: #1c2430; --soft: #5c6675; --grid: #e3e7ec }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #12161c; --ink: #e6e9ee; --soft: #a2abb8; --grid: #2a313b }
    .s0 { stroke: #6ea8fe } .s1 { stroke: #fb923c } .s2 { stroke: #4ade80 } .s3 { stroke: #c084fc } .s4 { stroke: #facc15 }
    .f0 { fill: #6ea8fe } .f1 { fill: #fb923c } .f2 { fill: #4ade80 } .f3 { fill: #c084fc } .f4 { fill: #facc15 }
  }`

interface Line {
  readonly name: string
  readonly points: readonly (readonly [number, number])[]
}

interface Panel {
  readonly title: string
  readonly x: string
  readonly y: string
  readonly lines: readonly Line[]
}

const lineOf = (name: string, list: readonly Measured[], x: (one: Measured) => number, y: (one: Measured) => number): Line => ({
  name,
  points: list.map(one => [x(one), y(one)] as const).sort((a, b) => a[0] - b[0]),
})

const isMost = ({ case: { flowsEach } }: Measured): boolean => flowsEach > 1

function panelsOf(data: ScalingData): Panel[] {
  const workers = [...new Set(of(data, 'workers').map(one => one.case.workers))]
  const flows = (one: Measured): number => flowsOf(one.case)
  const byWorkers = workers.map(count => {
    const list = of(data, 'workers').filter(one => one.case.workers === count && !isMost(one))
    return lineOf(count === 1 ? '1 worker' : `${count} workers`, list, flows, one => packetsPerSecond(one) / 1e6)
  })
  const single = of(data, 'workers').filter(one => one.case.workers === 1)
  const pods = of(data, 'pods').filter(one => one.case.nodes === 10_000)
  const idle = pods.filter(one => one.case.senders < one.case.pods || one.case.pods <= 10_000)
  return [
    { title: 'Speed against flows', x: 'flows', y: 'million packets a second', lines: byWorkers },
    {
      title: 'A packet against nodes',
      x: 'nodes, 100,000 flows',
      y: 'ns a packet, 1 worker',
      lines: [lineOf('', of(data, 'nodes'), one => one.case.nodes, nsPerPacket)],
    },
    {
      title: 'Set-up against pods',
      x: 'pods, on 10,000 nodes',
      y: 'seconds',
      lines: [lineOf('', idle, one => one.case.pods, setupSeconds)],
    },
    {
      title: 'Memory against flows',
      x: 'flows, 1 worker',
      y: 'GiB at the peak',
      lines: [lineOf('', single, flows, one => peakRss(one) / 2 ** 30)],
    },
  ]
}

/** A round step that cuts [0, most] into three to six. */
function stepOf(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most))
  return [0.2, 0.5, 1, 2].map(times => times * power).find(step => most / step <= 6) ?? power
}

const plain = (value: number): string => String(Number(value.toPrecision(6)))
const short = (value: number): string =>
  value >= 1e6 ? `${plain(value / 1e6)} M` : value >= 1000 ? `${plain(value / 1000)} k` : plain(value)
const at = (value: number): string => value.toFixed(1)

function draw({ title, x, y, lines }: Panel, [left, top]: readonly [number, number]): string {
  const points = lines.flatMap(line => line.points)
  const head = `<text class="title" x="${left - 50}" y="${top - 34}">${title}</text><text class="soft" x="${left - 50}" y="${top - 14}">${y}</text>`
  if (points.length === 0) return `${head}<text class="soft" x="${left}" y="${top + 90}">not measured</text>`
  const xs = [...new Set(points.map(([value]) => value))].sort((a, b) => a - b)
  const logs = [Math.log10(xs[0]), Math.log10(xs[xs.length - 1])]
  const span = logs[1] - logs[0] || 1
  const most = Math.max(...points.map(([, value]) => value))
  const step = stepOf(most)
  const high = Math.ceil(most / step) * step
  const px = (value: number): number => left + ((Math.log10(value) - logs[0]) / span) * PANEL.width
  const py = (value: number): number => top + PANEL.height - (value / high) * PANEL.height
  const parts = [head]
  for (let value = 0; value <= high + step / 2; value += step) {
    const style = value === 0 ? 'axis' : 'grid'
    parts.push(`<line class="${style}" x1="${left}" x2="${left + PANEL.width}" y1="${at(py(value))}" y2="${at(py(value))}"/>`)
    parts.push(`<text class="soft" x="${left - 8}" y="${at(py(value) + 4)}" text-anchor="end">${plain(value)}</text>`)
  }
  let free = Number.NEGATIVE_INFINITY
  for (const value of xs) {
    // Labels that would touch are left out; the points are there all the same.
    if (px(value) - free < 34) continue
    free = px(value)
    parts.push(`<text class="soft" x="${at(px(value))}" y="${top + PANEL.height + 20}" text-anchor="middle">${short(value)}</text>`)
  }
  parts.push(`<text class="soft" x="${left + PANEL.width / 2}" y="${top + PANEL.height + 40}" text-anchor="middle">${x}</text>`)
  for (const [i, line] of lines.entries()) parts.push(drawLine(line, i % 5, px, py))
  return parts.join('\n')
}

function drawLine({ name, points }: Line, series: number, px: (value: number) => number, py: (value: number) => number): string {
  if (points.length === 0) return ''
  const path = points.map(([x, y]) => `${at(px(x))},${at(py(y))}`).join(' ')
  const dots = points.map(
    ([x, y]) =>
      `<circle class="dot f${series}" cx="${at(px(x))}" cy="${at(py(y))}" r="4"><title>${short(x)}: ${plain(Number(y.toPrecision(3)))}</title></circle>`,
  )
  // Lines fall, so that nothing of its own is above and to the right of a line's middle.
  const [x, y] = points[points.length >> 1]
  const label = name === '' ? '' : `<text class="f${series}" x="${at(px(x) + 6)}" y="${at(py(y) - 8)}">${name}</text>`
  return [`<polyline class="line s${series}" points="${path}"/>`, ...dots, label].join('\n')
}

export function plotOf(data: ScalingData): string {
  const panels = panelsOf(data).map((panel, i) => draw(panel, PLACES[i]))
  const label =
    'Four plots: packets a second against flows, time for a packet against nodes, set-up time against pods, memory against flows.'
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">`,
    `<style>${STYLE}</style>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="var(--paper)"/>`,
    ...panels,
    '</svg>\n',
  ].join('\n')
}
