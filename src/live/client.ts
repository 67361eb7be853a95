// The browser's side of a run that goes on: listens to the stream of events and draws. Knows only what it is told.

interface Box {
  textContent: string | null
  className: string
  disabled: boolean
  readonly clientWidth: number
  readonly style: { height: string; width: string }
  append(child: Box): void
  replaceChildren(...children: Box[]): void
  addEventListener(type: string, act: () => void): void
  getContext(kind: '2d'): Pen
  width: number
  height: number
  readonly selectedIndex: number
}
interface Pen {
  fillStyle: string
  globalAlpha: number
  scale(x: number, y: number): void
  fillRect(x: number, y: number, width: number, height: number): void
}
declare const document: { title: string; readonly documentElement: Box; getElementById(id: string): Box; createElement(name: string): Box }
declare function getComputedStyle(of: Box): { getPropertyValue(name: string): string }
declare class EventSource {
  constructor(url: string)
  addEventListener(type: string, act: (event: { readonly data: string }) => void): void
  close(): void
}

interface View {
  readonly timeNs: number
  readonly durationNs: number
  readonly sent: number
  readonly delivered: number
  readonly dropped: number
  readonly packetsPerSecond: number
  readonly leftSeconds: number | null
  readonly paused: boolean
  readonly resources: readonly {
    readonly name: string
    readonly scope: string
    readonly unit: string
    readonly capacity: number
    readonly used: number
  }[]
}
interface Nodes {
  readonly columns: Readonly<Record<string, readonly number[]>>
}
type Plotter = new (
  options: object,
  data: readonly (readonly number[])[],
  target: Box,
) => { setData(data: readonly (readonly number[])[]): void }

const MOST_POINTS = 2000
const MOST_RESOURCES = 8
const byId = (id: string): Box => document.getElementById(id)
const whole = (value: number): string => Math.round(value).toLocaleString('en-US')
const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

function short(value: number): string {
  const at = value > 0 ? Math.min(4, Math.floor(Math.log10(value) / 3)) : 0
  const steps = ['', ' k', ' M', ' G', ' T']
  return at < 1 ? whole(value) : `${Number((value / 1000 ** at).toPrecision(3))}${steps[at]}`
}

function span(ns: number): string {
  if (ns >= 60e9) return `${Number((ns / 60e9).toPrecision(3))} min`
  if (ns >= 1e9) return `${Number((ns / 1e9).toPrecision(3))} s`
  return ns >= 1e6 ? `${Number((ns / 1e6).toPrecision(3))} ms` : `${Number((ns / 1e3).toPrecision(3))} us`
}

const times: number[] = []
const rates: number[] = []
let chart: InstanceType<Plotter> | null = null

function drawRate(view: View): void {
  if (times.length > 0 && view.timeNs / 1e9 <= times[times.length - 1]) return
  times.push(view.timeNs / 1e9)
  rates.push(view.packetsPerSecond)
  if (times.length > MOST_POINTS) {
    times.shift()
    rates.shift()
  }
  const host = byId('rate')
  const axis = { stroke: colour('--soft'), grid: { stroke: colour('--rule') } }
  chart ??= new (globalThis as unknown as { uPlot: Plotter }).uPlot(
    {
      width: host.clientWidth,
      height: 220,
      scales: { x: { time: false }, y: { range: (_: unknown, __: number, most: number) => [0, Math.max(most * 1.1, 1)] } },
      legend: { show: false },
      axes: [
        { ...axis, values: (_: unknown, ticks: number[]) => ticks.map(tick => `${Number(tick.toPrecision(4))} s`) },
        { ...axis, size: 70, values: (_: unknown, ticks: number[]) => ticks.map(short) },
      ],
      series: [{}, { stroke: colour('--c0'), width: 1.8, fill: `${colour('--c0')}22` }],
    },
    [times, rates],
    host,
  )
  chart.setData([times, rates])
}

function drawResources(view: View): void {
  const rows = view.resources.slice(0, MOST_RESOURCES).map(({ name, scope, unit, capacity, used }) => {
    const row = document.createElement('div')
    row.className = 'bar'
    const [title, track, words] = ['span', 'span', 'span'].map(tag => document.createElement(tag))
    const fill = document.createElement('i')
    title.textContent = scope === 'cluster' ? name : `${name} of ${scope}`
    title.className = 'bar-name'
    track.className = 'bar-track'
    words.className = 'bar-words'
    fill.style.width = `${Math.min(100, (used / capacity) * 100).toFixed(1)}%`
    words.textContent = `${whole(used)} of ${whole(capacity)} ${unit}`
    track.append(fill)
    for (const part of [title, track, words]) row.append(part)
    return row
  })
  byId('resources').replaceChildren(...rows)
}

let last: Nodes | null = null

function drawNodes(): void {
  if (last === null) return
  const names = ['delivered', 'dropped', 'queuePeak', 'conntrack']
  const values = last.columns[names[byId('metric').selectedIndex]] ?? []
  const canvas = byId('nodes')
  const count = Math.max(1, values.length)
  const size = Math.max(3, Math.min(28, Math.floor(Math.sqrt((canvas.clientWidth * Math.min(420, Math.max(40, count))) / count))))
  const columns = Math.max(1, Math.floor(canvas.clientWidth / size))
  canvas.width = canvas.clientWidth
  canvas.height = Math.ceil(count / columns) * size
  canvas.style.height = `${canvas.height}px`
  const pen = canvas.getContext('2d')
  let most = 0
  for (const value of values) if (value > most) most = value
  pen.fillStyle = colour('--c0')
  const gap = size > 6 ? 1 : 0
  values.forEach((value, i) => {
    pen.globalAlpha = most > 0 ? 0.06 + 0.94 * (value / most) : 0.06
    pen.fillRect((i % columns) * size, Math.floor(i / columns) * size, size - gap, size - gap)
  })
}

function show(view: View): void {
  const share = view.durationNs > 0 ? view.timeNs / view.durationNs : 1
  byId('done').style.width = `${(share * 100).toFixed(2)}%`
  byId('time').textContent = `${span(view.timeNs)} of ${span(view.durationNs)}`
  byId('pace').textContent = `${short(view.packetsPerSecond)} packets/s`
  byId('left').textContent = view.paused ? 'paused' : view.leftSeconds === null ? 'unknown' : span(view.leftSeconds * 1e9)
  byId('delivered').textContent = whole(view.delivered)
  byId('dropped').textContent = whole(view.dropped)
  byId('hold').textContent = view.paused ? 'Go on' : 'Pause'
  document.title = `${Math.floor(share * 100)} % ${byId('name').textContent}`
  drawRate(view)
  drawResources(view)
}

const ask = (path: string): Promise<unknown> =>
  (globalThis as unknown as { fetch(path: string, options: object): Promise<unknown> }).fetch(path, { method: 'POST' })

const events = new EventSource('/events')
let paused = false
events.addEventListener('start', event => {
  const { name, nodes } = JSON.parse(event.data) as { name: string; nodes: number }
  byId('name').textContent = name
  byId('count').textContent = `${whole(nodes)} nodes, gateways and endpoints`
})
events.addEventListener('view', event => {
  const view = JSON.parse(event.data) as View
  paused = view.paused
  show(view)
})
events.addEventListener('nodes', event => {
  last = JSON.parse(event.data) as Nodes
  drawNodes()
})
events.addEventListener('end', event => {
  const { verdict, report } = JSON.parse(event.data) as { verdict: string; report: string | null }
  events.close()
  byId('state').textContent = report === null ? verdict : `${verdict}. The page of the finished run: ${report}`
  byId('left').textContent = 'finished'
  byId('hold').disabled = true
  byId('stop').disabled = true
})
byId('hold').addEventListener('click', () => void ask(paused ? '/resume' : '/pause'))
byId('stop').addEventListener('click', () => void ask('/stop'))
byId('metric').addEventListener('change', drawNodes)
