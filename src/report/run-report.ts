// The page of a run: the verdict, the figures that matter, what happened over time, where it hurt, what filled up, which nodes, one packet's
// way, and how to get the very same run again.
import { bitRate, bytes, count, counted, duration, share, short } from '../base/units.js'
import type { TraceResult } from '../lab/trace-step.js'
import type { Series } from '../observe/series.js'
import type { RunResult } from '../run/result.js'
import { bars } from './bars.js'
import { clusterSection, momentList, momentsOf } from './cluster-section.js'
import { dropsSection } from './drops-section.js'
import { qualitySection, topologySection } from './effort-section.js'
import { facts, table, text } from './html.js'
import { journeyHtml } from './journey.js'
import { page, type Section } from './page.js'
import { type NodeMap, nodeMap, timeSeries } from './run-data.js'
import { percentileFigure, resourceFigure, timeFigure } from './run-figures.js'
import { snatSection } from './snat-section.js'

/** Characters of a resolved scenario that a page takes in. */
const MOST_SCENARIO = 64_000

export interface RunReport {
  readonly result: RunResult
  /** What the folder's series.msgpack holds; without it there is no map of nodes. */
  readonly series: Series | null
  /** One packet followed through the cluster. */
  readonly journey: TraceResult | null
  /** The command line that gives the very same run. */
  readonly command: string
  /** The resolved scenario as a text; null where it is not at hand. */
  readonly scenario: string | null
}

/** The run as one self-contained HTML page. */
export function runReport({ result, series, journey, command, scenario }: RunReport): string {
  const endSeconds = Math.max(result.simulatedNs / 1e9, 1e-9)
  const moments = momentsOf(result)
  const families = timeSeries(result)
  const map = nodeMap(result, series)
  const sections: (Section | null)[] = [
    {
      id: 'time',
      title: 'Over time',
      body: families.map(family => timeFigure(family, endSeconds, moments)).join('') + (families.length > 0 ? momentList(moments) : ''),
    },
    { id: 'latency', title: 'Latency', body: percentileFigure(result) },
    { id: 'drops', title: 'Drops', body: dropsSection(result, series) },
    { id: 'connections', title: 'Connections', body: connections(result) },
    { id: 'cluster', title: 'The cluster over time', body: clusterSection(result) },
    { id: 'resources', title: 'What fills up', body: resources(result, endSeconds) },
    { id: 'snat', title: 'Outbound ports', body: snatSection(result, series) },
    { id: 'traffic', title: 'Traffic', body: traffic(result) },
    map === null ? null : { id: 'nodes', title: 'Nodes', body: nodes(map) },
    journey === null ? null : { id: 'journey', title: "One packet's way", body: journeyHtml(journey) },
    { id: 'topology', title: 'How the work was divided', body: topologySection(result) },
    { id: 'quality', title: 'How far to trust it', body: qualitySection(result) },
    { id: 'provenance', title: 'Where this comes from', body: provenance(result, command, scenario) },
  ]
  const series0 = families.map(({ id, unit, isWide, x, lines }) => ({ id, unit, isWide, x, lines }))
  return page({
    title: result.scenario.name,
    lead: lead(result),
    sections: sections.filter((section): section is Section => section !== null && section.body !== ''),
    data: { series: series0, moments, ...(map !== null && { map }) },
    hasSeries: families.length > 0,
  })
}

function lead(result: RunResult): string {
  const { scenario, totals, assertions } = result
  const under = scenario.encapsulation === 'vxlan' ? 'VXLAN between nodes' : "no encapsulation, Azure's own routing"
  const failed = assertions.filter(({ held }) => !held)
  const word = result.partial ? 'INTERRUPTED' : failed.length > 0 ? 'FAILED' : assertions.length > 0 ? 'PASSED' : 'DONE'
  const mood = result.partial || failed.length > 0 ? 'bad' : 'good'
  const claims =
    assertions.length === 0 ? 'It asserts nothing.' : `${assertions.length - failed.length} of ${assertions.length} assertions hold.`
  const list = failed.map(
    ({ expression, left, right }) =>
      `<li><code>${text(expression)}</code> is false: ${text(String(left))} against ${text(String(right))}</li>`,
  )
  const tiles = totals.sent > 0 ? packetTiles(result) : resourceTiles(result)
  return (
    `<p class="soft">${duration(result.simulatedNs)} of virtual time, seed ${result.seed}, ${text(under)}</p>` +
    `<div class="verdict ${mood}"><b class="${mood}">${word}</b>. ${claims} ${text(firstExhaustion(result))}${list.length > 0 ? `<ul>${list.join('')}</ul>` : ''}</div>` +
    `<dl class="tiles">${tiles.map(([name, value, note]) => `<div class="tile"><dt>${text(name)}</dt><dd>${text(value)}<small>${text(note)}</small></dd></div>`).join('')}</dl>` +
    warnings(result)
  )
}

/** Name, value, and a note below it. */
type Tile = [name: string, value: string, note: string]

function packetTiles(result: RunResult): Tile[] {
  const { totals, latencyNs } = result
  return [
    ['sent', short(totals.sent), `${count(totals.sent)} packets`],
    ['delivered', share(totals.delivered, totals.sent) || '0', `${count(totals.delivered)} packets`],
    ['dropped', totals.dropped === 0 ? 'none' : share(totals.dropped, totals.sent), `${count(totals.dropped)} packets`],
    [
      'latency, median',
      latencyNs.count > 0 ? duration(latencyNs.p50) : 'none',
      latencyNs.count > 0 ? `99 %: ${duration(latencyNs.p99)}` : '',
    ],
    ['throughput', bitRate((totals.bytesDelivered * 8e9) / Math.max(result.simulatedNs, 1)), 'mean over the run'],
    ...connectionTile(result),
    ['engine', short(result.performance.packetsPerSecond), `packets/s, ${duration(result.performance.wallSeconds * 1e9)} of wall time`],
  ]
}

/** Of a run that sends nothing: what is fullest. */
const resourceTiles = ({ resources: rows }: RunResult): Tile[] =>
  [...rows]
    .filter(({ capacity }) => capacity > 0)
    .sort((a, b) => b.peak / b.capacity - a.peak / a.capacity)
    .slice(0, 5)
    .map(({ name, peak, capacity, unit }) => [name, share(peak, capacity), `${count(peak)} of ${count(capacity)} ${unit} at most`])

function connectionTile({ connections: { attempts, failed } }: RunResult): [string, string, string][] {
  return attempts === 0
    ? []
    : [['connections', count(attempts), failed === 0 ? 'none failed' : `${count(failed)} failed, ${share(failed, attempts)}`]]
}

/** What ran out first, and when. */
function firstExhaustion({ resources: rows }: RunResult): string {
  const out = rows.filter(({ exhausted }) => exhausted)
  if (out.length === 0) return 'Nothing ran out.'
  const [first] = [...out].sort((a, b) => (a.exhaustedAtNs ?? Number.POSITIVE_INFINITY) - (b.exhaustedAtNs ?? Number.POSITIVE_INFINITY))
  const when = first.exhaustedAtNs === null ? '' : ` at ${duration(first.exhaustedAtNs)}`
  const others =
    out.length > 1
      ? ` Later: ${out
          .filter(row => row !== first)
          .map(({ name }) => name)
          .join(', ')}.`
      : ''
  return `${first.name} of ${first.scope} ran out first${when}: ${count(first.capacity)} ${first.unit}, ${count(first.failures)} refused.${others}`
}

const warnings = ({ warnings: found }: RunResult): string =>
  found.length === 0
    ? ''
    : `<details open><summary>${found.length} ${found.length === 1 ? 'warning' : 'warnings'}</summary><ul>${found
        .map(({ code, message, hint }) => `<li><b>${text(code)}</b>: ${text(message)}${hint === '' ? '' : `; ${text(hint)}`}</li>`)
        .join('')}</ul></details>`

function connections({ connections: c }: RunResult): string {
  if (c.attempts === 0) return ''
  const reasons = Object.entries(c.failedByReason).filter(([, failed]) => (failed ?? 0) > 0)
  const chart =
    reasons.length === 0
      ? '<p>None failed.</p>'
      : `<figure><figcaption>Failures by reason <span>${count(c.failed)} of ${count(c.attempts)} connections</span></figcaption>${bars(
          reasons.map(([name, failed]) => ({ name, value: failed ?? 0, words: count(failed ?? 0) })),
          `Failed connections by reason: ${reasons.map(([name, failed]) => `${name} ${failed}`).join(', ')}`,
        )}</figure>`
  const times = [c.connectNs, c.responseNs].map(times =>
    [times.p50, times.p99, times.p999, times.max].map(ns => (times.count > 0 ? duration(ns) : '')),
  )
  const rows = [
    ['', 'p50', 'p99', 'p99.9', 'longest'],
    ['time to connect', ...times[0]],
    ['time to the whole response', ...times[1]],
  ]
  const entries = c.traffic.filter(({ attempts }) => attempts > 0)
  const byEntry = [
    ['', 'attempts', 'established', 'completed', 'failed', 'open at the end', 'sent again'],
    ...entries.map(entry => [
      entry.name,
      ...[entry.attempts, entry.established, entry.completed, entry.failed, entry.open, entry.retransmissions].map(count),
    ]),
  ]
  return `${chart}<div class="scroll">${table(rows)}${table(byEntry)}</div>`
}

function resources({ resources: rows }: RunResult, endSeconds: number): string {
  const fill = ({ peak, capacity }: RunResult['resources'][number]): number => (capacity > 0 ? peak / capacity : 0)
  const sorted = [...rows].sort((a, b) => b.failures - a.failures || fill(b) - fill(a))
  const head = ['', 'of', 'capacity', 'peak', 'at the end', 'of all', 'refused', 'ran out']
  const body = sorted.map(row => [
    row.name,
    row.scope,
    `${count(row.capacity)} ${row.unit}`,
    count(row.peak),
    count(row.used),
    share(row.peak, row.capacity),
    row.failures > 0 ? count(row.failures) : '',
    row.exhaustedAtNs === null ? '' : duration(row.exhaustedAtNs),
  ])
  const figures = sorted.filter(({ timeline, exhausted }) => timeline.length > 1 || exhausted).map(row => resourceFigure(row, endSeconds))
  return `${figures.join('')}<div class="scroll">${table([head, ...body], { words: [1] })}</div>`
}

function traffic({ traffic: entries }: RunResult): string {
  if (entries.length === 0) return ''
  const head = ['', 'sent', 'delivered', 'dropped', 'bytes delivered']
  const body = entries.map(entry => [
    entry.name,
    count(entry.sent),
    count(entry.delivered),
    count(entry.dropped),
    bytes(entry.bytesDelivered),
  ])
  return `<div class="scroll">${table([head, ...body])}</div>`
}

function nodes({ names, metrics, flagged }: NodeMap): string {
  const busiest = [...names.keys()]
    .sort((a, b) => metrics[2].values[b] - metrics[2].values[a] || metrics[1].values[b] - metrics[1].values[a])
    .slice(0, 20)
  const options = metrics.map(({ name }, i) => `<option${i === 1 ? ' selected' : ''}>${text(name)}</option>`).join('')
  const rows = busiest.map(i => [names[i], ...metrics.map(({ values }) => count(values[i]))])
  return (
    `<div class="map"><p><label>Each cell is a node, gateway or endpoint; the stronger its colour, the more <select>${options}</select></label>${flagged === undefined ? '' : ` Outlined: ${flagged.cells.length} ${text(flagged.name)} at the end.`}</p>` +
    `<canvas tabindex="0" role="img" aria-label="Map of ${names.length} nodes, gateways and endpoints; arrow keys move from cell to cell, the table below lists those that dropped most"></canvas>` +
    `<output aria-live="polite">Point at a cell, or use the arrow keys.</output></div>` +
    `<details><summary>those that dropped most, then those that received most</summary><div class="scroll">${table([['', ...metrics.map(({ name }) => name)], ...rows])}</div></details>`
  )
}

function provenance({ scenario, engine, seed, digest }: RunResult, command: string, resolved: string | null): string {
  const rows: [string, string][] = [
    ['scenario', scenario.name],
    ['hash of the resolved scenario', scenario.hash],
    ['seed', String(seed)],
    ['digest', digest],
    ['engine', `vxlane ${engine.version}, Node ${engine.node}, ${engine.workers === 0 ? 'one thread' : counted(engine.workers, 'worker')}`],
  ]
  return `<p>The same numbers on any machine, with any number of workers:</p><pre>${text(command)}</pre>${facts(rows)}${resolvedHtml(resolved)}`
}

function resolvedHtml(resolved: string | null): string {
  if (resolved === null) return ''
  if (resolved.length > MOST_SCENARIO)
    return `<p class="soft">The resolved scenario (${bytes(resolved.length)}) is in scenario.json beside this page.</p>`
  return `<details><summary>the scenario as it ran, with every default</summary><pre>${text(resolved)}</pre></details>`
}
