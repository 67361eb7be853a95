// Outbound ports: what the device has and who holds how many, node by node over time.
import { count, duration } from '../base/units.js'
import type { Series } from '../observe/series.js'
import type { RunResult } from '../run/result.js'
import { heatStrip } from './heat-strip.js'
import { numbersBehind, table, text } from './html.js'

const DEVICES: Readonly<Record<string, string>> = {
  loadBalancer: 'load balancer',
  natGateway: 'NAT gateway',
  appliance: 'appliance',
}

/** Rows drawn at most: those with most ports. */
const MOST_ROWS = 40
/** `portBy` of the series: held by the node's own masquerade, held at the device. */
const BY_NODE = 0
const BY_DEVICE = 1

export function snatSection(result: RunResult, series: Series | null): string {
  const { snat } = result
  if (snat.device === 'none' && snat.nodeTopTalkers.length === 0) return ''
  const { attempted, established, failed, timedOut, broken } = snat.snatConnectionCount
  const device = DEVICES[snat.device]
  const facts =
    device === undefined
      ? ''
      : `<p>The ${device} at ${text(snat.publicAddresses.join(', '))}: ${count(attempted)} connections asked for a port, ${count(failed)} found none` +
        `${established > 0 ? `, ${count(established)} were established` : ''}${timedOut > 0 ? `, ${count(timedOut)} timed out idle` : ''}` +
        `${broken > 0 ? `, ${count(broken)} lost theirs to another node` : ''}. ${count(snat.usedSnatPorts)} ports were in use at the end.</p>`
  const strips = [
    strip(result, series, BY_DEVICE, `Ports of nodes at the ${device}`),
    strip(result, series, BY_NODE, "Ports of nodes' own masquerade"),
  ]
  return `${facts}${strips.join('')}${talkers('Who needed most ports at the device', snat.topTalkers)}${talkers("Who needed most of the nodes' own masquerade", snat.nodeTopTalkers)}`
}

function talkers(title: string, rows: RunResult['snat']['topTalkers']): string {
  if (rows.length === 0) return ''
  const head = ['', 'protocol', 'destination', 'ports at most', 'refused']
  const body = rows.map(row => [row.node, row.protocol, row.destination, count(row.peakPorts), row.failures > 0 ? count(row.failures) : ''])
  return `<div class="scroll">${table([head, ...body], { caption: title, words: [1, 2] })}</div>`
}

function strip(result: RunResult, series: Series | null, by: number, title: string): string {
  if (series === null) return ''
  const { intervalNs } = series.header
  const columns = result.throughput.packets.length
  const rows = new Map<number, (number | null)[]>()
  for (const { interval, portLp, portBy, portUsed } of series.intervals) {
    portLp.forEach((lp, row) => {
      if (portBy[row] !== by || interval >= columns) return
      const values = rows.get(lp) ?? new Array<number | null>(columns).fill(null)
      values[interval] = portUsed[row]
      rows.set(lp, values)
    })
  }
  const peaks = [...rows].map(([lp, values]) => ({ lp, values: held(values), peak: Math.max(...values.map(value => value ?? 0)) }))
  const shown = peaks.sort((a, b) => b.peak - a.peak || a.lp - b.lp).slice(0, MOST_ROWS)
  if (shown.length === 0 || shown[0].peak === 0) return ''
  const names = shown.map(({ lp }) => series.header.names[lp])
  const more = peaks.length > shown.length ? `; the ${shown.length} of ${peaks.length} with most` : ''
  const drawing = heatStrip({
    description: `${title} over time: at most ${count(shown[0].peak)}, at ${names[0]}`,
    names,
    values: shown.map(({ values }) => values),
    most: shown[0].peak,
    from: '0',
    to: duration(columns * intervalNs),
  })
  const table = [['', 'most ports'], ...shown.map(({ peak }, i) => [names[i], count(peak)])]
  return `<figure><figcaption><bdi>${text(title)}</bdi> <span>the darkest is ${count(shown[0].peak)}${more}</span></figcaption>${drawing}${numbersBehind(table)}</figure>`
}

/** A level holds until it is told anew. */
function held(values: readonly (number | null)[]): (number | null)[] {
  let last: number | null = null
  return values.map(value => {
    if (value !== null) last = value
    return last
  })
}
