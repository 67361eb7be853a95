// How the work was divided, and how far the numbers of a run can be trusted: pools by shards with their load, what went from shard to
// shard, and what the engine says about itself.
import { bytes, count, duration, share, short } from '../base/units.js'
import type { Division } from '../run/division.js'
import type { RunResult } from '../run/result.js'
import { facts, table, text } from './html.js'
import { label, shortened } from './svg.js'

const CELL = 120
const HIGH = 44
const LEFT = 220
const TOP = 26

/** Pools and shards as a grid: the stronger the colour, the more packets were sent there. */
export function topologySection({ performance: { division } }: RunResult): string {
  if (division === undefined) return ''
  const pools = division.pools.filter(({ byShard }) => byShard.some(({ processes }) => processes > 0))
  const head = ['', ...division.shards.map((_, shard) => `shard ${shard}`), 'in all']
  const rows = pools.map(({ pool, zones, byShard }) => {
    const cells = byShard.map(
      ({ processes, sent, delivered, dropped }) =>
        `${count(processes)}: ${count(sent)} sent, ${count(delivered)} delivered, ${count(dropped)} dropped`,
    )
    const sum = byShard.reduce((all, one) => all + one.sent, 0)
    return [nameOf(pool, zones), ...cells, `${count(byShard.reduce((all, one) => all + one.processes, 0))}: ${count(sum)} sent`]
  })
  const zoned = pools.some(({ zones }) => zones.length > 0)
    ? '<p class="soft">Zones are as the scenario names them; nothing in the model depends on them.</p>'
    : ''
  return `<figure><figcaption>Load by pool and shard <span>processes and packets they sent; the stronger, the more</span></figcaption>${grid(division, pools)}<details class="numbers"><summary>the numbers behind it</summary><div class="scroll">${table([head, ...rows])}</div></details></figure>${zoned}${cut(division)}`
}

const nameOf = (pool: string | null, zones: readonly string[]): string =>
  pool === null ? 'gateways, endpoints' : zones.length === 0 ? pool : `${pool}, zones ${zones.join(', ')}`

function grid({ shards }: Division, pools: Division['pools']): string {
  const most = Math.max(...pools.flatMap(({ byShard }) => byShard.map(({ sent }) => sent)), 1)
  const width = LEFT + shards.length * CELL
  const heads = shards.map((_, i) => label(LEFT + i * CELL + CELL / 2, 16, `shard ${i}`, 'middle'))
  const body = pools.map(({ pool, zones, byShard }, row) => {
    const y = TOP + row * HIGH
    const cells = byShard.map(({ processes, sent }, i) => {
      const x = LEFT + i * CELL
      return (
        `<rect class="cell s0" x="${x}" y="${y}" width="${CELL - 3}" height="${HIGH - 3}" fill-opacity="${(0.06 + 0.6 * (sent / most)).toFixed(2)}"/>` +
        label(x + CELL / 2, y + 18, count(processes), 'middle') +
        label(x + CELL / 2, y + 34, `${short(sent)} sent`, 'middle')
      )
    })
    return `<g><title>${text(nameOf(pool, zones))}</title>${label(LEFT - 10, y + 25, shortened(nameOf(pool, zones), 30), 'end')}${cells.join('')}</g>`
  })
  const described = `Load by pool and shard: ${pools.map(({ pool, zones, byShard }) => `${nameOf(pool, zones)} ${byShard.map(({ sent }) => short(sent)).join(', ')}`).join('; ')} packets sent`
  return `<div class="drawing"><svg class="cells" style="max-width:${width}px;min-width:${Math.min(width, 600)}px" viewBox="0 0 ${width} ${TOP + pools.length * HIGH}" role="img" aria-label="${text(described)}">${heads.join('')}${body.join('')}</svg></div>`
}

/** What crossed from shard to shard. */
function cut({ shards }: Division): string {
  if (shards.length < 2) return '<p>One shard: nothing went from shard to shard.</p>'
  const sum = shards.reduce((all, { sentTo }) => all + sentTo.reduce((one, sent) => one + sent, 0), 0)
  const rows = shards.map(({ sentTo }, from) => [`from shard ${from}`, ...sentTo.map((sent, to) => (to === from ? '–' : count(sent)))])
  return `<p>${count(sum)} packets went from shard to shard:</p><div class="scroll">${table([['', ...shards.map((_, to) => `to ${to}`)], ...rows])}</div>`
}

/** What a reader must know before believing the numbers. */
export function qualitySection({ performance: p, latencyNs, throughput, dropSamples, partial }: RunResult): string {
  const { division } = p
  const rows: [string, string][] = [
    [
      'packets',
      `every one is simulated and counted: nothing is sampled (1 of 1)${partial ? '; the run was INTERRUPTED before its end' : ''}`,
    ],
    ['statistics interval', `${duration(throughput.intervalNs)}; ${count(throughput.packets.length)} intervals`],
    [
      'latencies',
      `${count(latencyNs.count)}, to three digits${division === undefined ? '' : `; ${division.latenciesClamped === 0 ? 'none' : count(division.latenciesClamped)} beyond the histogram's range`}`,
    ],
    ['frames kept of drops', `the first of each reason, ${count(dropSamples.length)} in all`],
  ]
  if (division !== undefined) rows.push(...balance(division))
  rows.push(
    ['events', `${count(p.events)}, ${short(p.eventsPerSecond)} a second`],
    [
      'time',
      `${duration(p.setupSeconds * 1e9)} to set up, ${duration(p.wallSeconds * 1e9)} to run; ${(p.barrierShare * 100).toFixed(1)} % of the shards' time at barriers`,
    ],
    ['memory', bytes(p.peakRssBytes)],
  )
  return facts(rows)
}

function balance({ lookaheadNs, windows, shards }: Division): [string, string][] {
  const events = shards.map(shard => shard.events)
  const most = Math.max(...events)
  const mean = events.reduce((sum, one) => sum + one, 0) / shards.length
  const waits = shards.map(({ barrierSeconds, runSeconds }, i) => `shard ${i}: ${share(barrierSeconds, runSeconds) || 'none'}`)
  return [
    [
      'lookahead',
      `${duration(lookaheadNs)}: no packet affects another process sooner; ${count(windows)} windows, ${mean > 0 ? count(Math.round((mean * shards.length) / Math.max(1, windows))) : 'no'} events in each on average`,
    ],
    ...(shards.length > 1
      ? ([
          [
            'shard balance',
            `the busiest of ${shards.length} shards has ${(most / Math.max(1, mean)).toFixed(3)} times the mean (${events.map(count).join(', ')} events)`,
          ],
          ['waiting at barriers', waits.join(', ')],
        ] satisfies [string, string][])
      : []),
  ]
}
