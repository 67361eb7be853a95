// The browser's side of a run that goes on: listens to the stream of events and draws. Knows only what it is told.

import { count, duration, short } from '../base/units.js'
import { type Box, type Chart, document, uPlot } from '../report/browser.js'
import { axisInk, colour } from '../report/ink.js'
import { nodeMap } from '../report/node-map.js'
import { TIME_STEPS } from '../report/scale.js'
import type { LiveView } from './view.js'

declare class EventSource {
  constructor(url: string)
  addEventListener(type: string, act: (event: { readonly data: string }) => void): void
  close(): void
}
declare function fetch(path: string, options: object): Promise<unknown>

interface Nodes {
  readonly columns: Readonly<Record<string, readonly number[]>>
}
const MOST_POINTS = 2000
const MOST_RESOURCES = 8
const byId = (id: string): Box => document.getElementById(id)!

const times: number[] = []
const rates: number[] = []
let chart: Chart | null = null

function drawRate(view: LiveView): void {
  if (times.length > 0 && view.timeNs / 1e9 <= times[times.length - 1]) return
  times.push(view.timeNs / 1e9)
  rates.push(view.packetsPerSecond)
  if (times.length > MOST_POINTS) {
    times.shift()
    rates.shift()
  }
  const host = byId('rate')
  chart ??= new uPlot(
    {
      width: host.clientWidth,
      height: 220,
      scales: { x: { time: false }, y: { range: (_: unknown, __: number, most: number) => [0, Math.max(most * 1.1, 1)] } },
      legend: { show: false },
      axes: [
        { ...axisInk(), incrs: TIME_STEPS, space: 90, values: (_: unknown, ticks: number[]) => ticks.map(tick => duration(tick * 1e9)) },
        { ...axisInk(), size: 70, values: (_: unknown, ticks: number[]) => ticks.map(short) },
      ],
      series: [{}, { stroke: colour('--c0'), width: 1.8, fill: `${colour('--c0')}22` }],
    },
    [times, rates],
    host,
  )
  chart.setData([times, rates])
}

function drawResources(view: LiveView): void {
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
    words.textContent = `${count(used)} of ${count(capacity)} ${unit}`
    track.append(fill)
    for (const part of [title, track, words]) row.append(part)
    return row
  })
  byId('resources').replaceChildren(...rows)
}

const METRICS = [
  ['delivered', 'delivered'],
  ['dropped', 'dropped'],
  ['NIC queue, peak', 'queuePeak'],
  ['connections tracked', 'conntrack'],
] as const
byId('metric').append(
  ...METRICS.map(([name]) => {
    const option = document.createElement('option')
    option.textContent = name
    return option
  }),
)
let map: ReturnType<typeof nodeMap> | null = null

function show(view: LiveView): void {
  const share = view.durationNs > 0 ? view.timeNs / view.durationNs : 1
  byId('done').style.width = `${(share * 100).toFixed(2)}%`
  byId('time').textContent = `${duration(view.timeNs)} of ${duration(view.durationNs)}`
  byId('pace').textContent = `${short(view.packetsPerSecond)} packets/s`
  byId('left').textContent = view.paused ? 'paused' : view.leftSeconds === null ? 'unknown' : duration(view.leftSeconds * 1e9)
  byId('delivered').textContent = count(view.delivered)
  byId('dropped').textContent = count(view.dropped)
  byId('hold').textContent = view.paused ? 'Go on' : 'Pause'
  document.title = `${Math.floor(share * 100)} % ${byId('name').textContent}`
  drawRate(view)
  drawResources(view)
}

const ask = (path: string): Promise<unknown> => fetch(path, { method: 'POST' })

const events = new EventSource('/events')
let paused = false
events.addEventListener('start', event => {
  const { name, nodes } = JSON.parse(event.data) as { name: string; nodes: readonly string[] }
  byId('name').textContent = name
  byId('count').textContent = `${count(nodes.length)} nodes, gateways and endpoints`
  map?.stop()
  map = nodeMap(byId('nodes'), nodes, { nothing: 'nothing yet. Nodes are counted at the end of each interval of the statistics.' })
})
events.addEventListener('view', event => {
  const view = JSON.parse(event.data) as LiveView
  paused = view.paused
  show(view)
})
events.addEventListener('nodes', event => {
  const { columns } = JSON.parse(event.data) as Nodes
  map?.show(METRICS.map(([name, column]) => ({ name, unit: '', values: columns[column] ?? [] })))
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
