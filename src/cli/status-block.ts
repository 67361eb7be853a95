// How a run is doing, on a terminal: a few lines redrawn in place. How far, how fast with the last moments as a sparkline, what is filling up.
import { duration, short } from '../base/units.js'
import type { LiveView } from '../live/view.js'

const BAR = 24
const MOST_RATES = 32
const SPARKS = '▁▂▃▄▅▆▇█'
/** Share from which on something finite is worth a line. */
const FILLING = 0.5
const MOST_FILLING = 3

/** The lines of a moment; `rates` are the paces of the last ones, oldest first. */
export function statusLines(name: string, view: LiveView, rates: readonly number[], width: number): string[] {
  const { timeNs, durationNs, packetsPerSecond, dropped, leftSeconds, paused, resources } = view
  const share = durationNs > 0 ? Math.min(1, timeNs / durationNs) : 1
  const filled = Math.round(share * BAR)
  const left = paused ? 'paused' : leftSeconds === null ? 'ETA unknown' : `ETA ${duration(leftSeconds * 1e9)}`
  const filling = resources.filter(({ used, capacity }) => used >= capacity * FILLING).slice(0, MOST_FILLING)
  const lines = [
    `${name}  ${'━'.repeat(filled)}${'┄'.repeat(BAR - filled)} ${Math.floor(share * 100)} %  ${duration(timeNs)} of ${duration(durationNs)}, ${left}`,
    `${short(packetsPerSecond)} packets/s ${sparkline(rates)}  ${short(dropped)} dropped`,
    ...filling.map(({ name: what, scope, used, capacity, unit }) => {
      const where = scope === 'cluster' ? '' : ` of ${scope}`
      return `${Math.floor((used / capacity) * 100)} % ${what}${where}: ${used.toLocaleString('en-US')} of ${capacity.toLocaleString('en-US')} ${unit}`
    }),
  ]
  return lines.map(line => (line.length >= width ? `${line.slice(0, Math.max(0, width - 2))}…` : line))
}

export function sparkline(values: readonly number[]): string {
  const most = Math.max(...values, 1)
  return values
    .slice(-MOST_RATES)
    .map(value => SPARKS[Math.min(SPARKS.length - 1, Math.floor((value / most) * SPARKS.length))])
    .join('')
}

/** Quiet until then, ms: short runs say nothing. */
const FIRST_AFTER = 1000

export interface StatusBlock {
  show(view: LiveView): void
  /** Leaves the terminal as it was. */
  clear(): void
}

export function statusBlock(
  name: string,
  stream: { write(text: string): unknown; readonly columns?: number | undefined },
  now: () => number = performance.now.bind(performance),
): StatusBlock {
  const started = now()
  const rates: number[] = []
  let drawn = 0
  const erase = () => (drawn > 0 ? `\u001b[${drawn}A\r\u001b[J` : '')
  return {
    show(view) {
      if (!view.paused) rates.push(view.packetsPerSecond)
      if (rates.length > MOST_RATES) rates.shift()
      if (now() - started < FIRST_AFTER) return
      const lines = statusLines(name, view, rates, stream.columns ?? 100)
      stream.write(`${erase()}${lines.join('\n')}\n`)
      drawn = lines.length
    },
    clear() {
      stream.write(erase())
      drawn = 0
    },
  }
}
