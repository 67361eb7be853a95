// Series over virtual time that can be zoomed into, all of a page together: one cursor and one span for every chart. Part of the pages'
// scripts. Keys: arrows move the cursor, + and - zoom at it, 0 shows everything.
import { bitRate, duration, short } from '../base/units.js'
import { type Box, type Chart, document, type Motion, ResizeObserver, uPlot } from './browser.js'
import { axisInk, colour } from './ink.js'
import { TIME_STEPS } from './scale.js'

export interface SeriesData {
  readonly id: string
  readonly unit: 'packets' | 'bits' | 'ns' | 'count'
  /** Shown by powers of ten: the least would not be seen beside the greatest. */
  readonly isWide?: boolean
  readonly x: readonly number[]
  readonly lines: readonly {
    readonly name: string
    readonly values: readonly (number | null)[]
    readonly dashed?: boolean
    readonly joins?: boolean
    readonly colour?: number
  }[]
}

export interface MomentData {
  /** Seconds. */
  readonly at: number
  readonly name: string
  readonly mark: string | null
}

const HEIGHT = 260

const seconds = (value: number): string => (value === 0 ? '0' : duration(value * 1e9))
const SPOKEN: Readonly<Record<SeriesData['unit'], (value: number) => string>> = {
  packets: value => `${short(value)} packets/s`,
  bits: bitRate,
  ns: duration,
  count: short,
}

/** Charts that share their span of time. */
export class TimePlots {
  private readonly charts: { chart: Chart; stop: () => void }[] = []
  private isFollowing = false

  constructor(private readonly moments: readonly MomentData[]) {}

  add(series: SeriesData, host: Box): void {
    const target = document.createElement('div')
    target.className = 'live'
    host.append(target)
    host.classList.add('has-live')
    const chart = new uPlot(this.options(series, host), [series.x, ...series.lines.map(({ values }) => values)], target)
    const fit = new ResizeObserver(() => chart.setSize({ width: host.clientWidth, height: HEIGHT }))
    fit.observe(host)
    target.tabIndex = 0
    target.setAttribute('role', 'group')
    target.setAttribute('aria-label', `${series.id} over time: arrow keys move the cursor, plus and minus zoom, 0 shows everything`)
    target.addEventListener('keydown', event => pressed(chart, event))
    this.charts.push({
      chart,
      stop: () => {
        fit.disconnect()
        chart.destroy()
        target.remove()
      },
    })
  }

  stop(): void {
    for (const { stop } of this.charts) stop()
  }

  /** What one chart is zoomed to, all are. */
  private follow(from: Chart): void {
    const { min, max } = from.scales.x
    if (this.isFollowing || min === undefined || max === undefined) return
    this.isFollowing = true
    for (const { chart } of this.charts) {
      if (chart !== from && (chart.scales.x.min !== min || chart.scales.x.max !== max)) chart.setScale('x', { min, max })
    }
    this.isFollowing = false
  }

  private options({ unit, lines, isWide }: SeriesData, host: Box): object {
    const spoken = SPOKEN[unit]
    const told = (value: number | null | undefined, say: (value: number) => string) =>
      value === null || value === undefined ? '–' : say(value)
    return {
      width: host.clientWidth,
      height: HEIGHT,
      scales: {
        x: { time: false },
        y: isWide ? { distr: 3 } : { range: (_: unknown, __: number, most: number) => [0, most > 0 ? most * 1.05 : 1] },
      },
      cursor: { drag: { x: true, y: false }, sync: { key: 'time' } },
      axes: [
        { ...axisInk(), incrs: TIME_STEPS, space: 90, values: (_: unknown, ticks: number[]) => ticks.map(seconds) },
        {
          ...axisInk(),
          size: 84,
          values: (_: unknown, ticks: (number | null)[]) =>
            ticks.map(tick => (tick === null ? null : unit === 'packets' ? short(tick) : spoken(tick))),
        },
      ],
      series: [
        { label: 'virtual time', value: (_: unknown, value: number | null) => told(value, seconds) },
        ...lines.map(({ name, dashed, joins, colour: own }, i) => ({
          label: name,
          stroke: colour(`--c${(own ?? i) % 8}`),
          width: 1.8,
          ...(dashed && { dash: [6, 4] }),
          spanGaps: joins === true,
          points: { size: 4 },
          value: (_: unknown, value: number | null) => told(value, spoken),
        })),
      ],
      hooks: { draw: [(chart: Chart) => this.drawMoments(chart)], setScale: [(chart: Chart) => this.follow(chart)] },
    }
  }

  /** What happened then: a dotted line with its number in the list below. */
  private drawMoments({ ctx, bbox, valToPos }: Chart): void {
    ctx.save()
    ctx.strokeStyle = colour('--warn')
    ctx.fillStyle = colour('--warn')
    ctx.font = `${Math.round(bbox.height / 16)}px system-ui,sans-serif`
    ctx.textAlign = 'center'
    ctx.setLineDash([2, 4])
    for (const { at, mark } of this.moments) {
      const x = valToPos(at, 'x', true)
      if (x < bbox.left || x > bbox.left + bbox.width) continue
      ctx.beginPath()
      ctx.moveTo(x, bbox.top)
      ctx.lineTo(x, bbox.top + bbox.height)
      ctx.stroke()
      ctx.fillText(mark ?? '', x, bbox.top - 3)
    }
    ctx.restore()
  }
}

function pressed(chart: Chart, event: Motion): void {
  const [xs] = chart.data as readonly (readonly number[])[]
  const last = xs.length - 1
  const at = chart.cursor.idx ?? 0
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -last, End: last }[event.key]
  const zoom = { '+': 0.5, '=': 0.5, '-': 2, '0': Number.POSITIVE_INFINITY }[event.key]
  if (step === undefined && zoom === undefined) return
  event.preventDefault()
  if (step !== undefined) {
    const to = Math.max(0, Math.min(last, at + step))
    chart.setCursor({ left: chart.valToPos(xs[to], 'x'), top: 10 })
    return
  }
  const { min = 0, max = 1 } = chart.scales.x
  const half = Math.min(((max - min) / 2) * zoom!, (xs[last] - xs[0]) / 2)
  const middle = Math.max(xs[0] + half, Math.min(xs[last] - half, xs[at]))
  if (half > 0) chart.setScale('x', { min: middle - half, max: middle + half })
}
