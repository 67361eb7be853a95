// The page of two runs side by side: is it the same work, which exact numbers differ, what was lost, how long packets took, what ran out
// when, and where the two part.
import { count, duration, share, short } from '../base/units.js'
import type { FirstEvent } from '../compare/first-event.js'
import type { Change, RunComparison } from '../compare/runs.js'
import type { RunResult } from '../run/result.js'
import { changeFigure, changeRows, namedIn } from './change-figure.js'
import { facts, table, text } from './html.js'
import type { Section } from './page.js'
import type { RunEvidence } from './run-evidence.js'
import { dropPairs, latencyOverlays, limitCurves } from './run-overlays.js'

const WORDS: Readonly<Record<RunComparison['verdict'], readonly [head: string, mood: string, sentence: string]>> = {
  equal: ['EQUAL', 'good', 'The same scenario and seed, and everything that happened is the same.'],
  changed: ['CHANGED', 'bad', 'The same scenario and seed came out otherwise: a change of the program must explain it.'],
  different: ['DIFFERENT WORK', '', 'Another scenario or seed: what changed is the difference between them.'],
}

export const runTitle = ({ a, b }: RunComparison): string =>
  a.scenario === b.scenario ? `${a.scenario}, twice` : `${a.scenario} against ${b.scenario}`

export const runHeading = ({ a, b }: RunComparison): string =>
  a.scenario === b.scenario
    ? `<bdi>${text(a.scenario)}</bdi>, twice`
    : `<bdi>${text(a.scenario)}</bdi> against <bdi>${text(b.scenario)}</bdi>`

export function runLead(comparison: RunComparison, one: RunEvidence | null, other: RunEvidence | null): string {
  const { verdict, a, b, metrics, firstDifference } = comparison
  const [head, mood, sentence] = WORDS[verdict]
  const parting =
    firstDifference === null
      ? ''
      : ` They part between ${duration(firstDifference.fromNs)} and ${duration(firstDifference.toNs)} of virtual time.`
  const rows = [a, b].map((side, i) => [i === 0 ? 'A' : 'B', side.scenario, String(side.seed), `vxlane ${side.engine}`, side.digest])
  return (
    `<div class="verdict ${mood}"><b class="${mood}">${head}</b>. ${text(sentence)} ${count(metrics.changed.length)} of ${count(metrics.compared)} exact numbers differ.${text(parting)}</div>` +
    `<div class="scroll">${table([['', 'scenario', 'seed', 'engine', 'digest'], ...rows], { words: [1, 3, 4] })}</div>${one === null || other === null ? '' : tiles(one.result, other.result)}`
  )
}

/** What a person asks first, of both. */
function tiles(a: RunResult, b: RunResult): string {
  const percentile = ({ latencyNs: { count: packets, p99 } }: RunResult): string => (packets > 0 ? duration(p99) : 'none')
  const firstOut = ({ resources }: RunResult): string => {
    const out = resources.filter(({ exhausted }) => exhausted).sort((x, y) => (x.exhaustedAtNs ?? Infinity) - (y.exhaustedAtNs ?? Infinity))
    return out.length === 0 ? 'nothing' : `${out[0].name}${out[0].exhaustedAtNs === null ? '' : ` at ${duration(out[0].exhaustedAtNs)}`}`
  }
  const asked: [string, (result: RunResult) => string][] = [
    ['sent', ({ totals }) => short(totals.sent)],
    ['delivered', ({ totals }) => share(totals.delivered, totals.sent) || 'none'],
    ['dropped', ({ totals }) => (totals.dropped === 0 ? 'none' : share(totals.dropped, totals.sent))],
    ['latency, 99 %', percentile],
    ...(a.connections.attempts + b.connections.attempts > 0
      ? [
          ['connections failed', ({ connections: c }: RunResult) => (c.failed === 0 ? 'none' : share(c.failed, c.attempts))] as [
            string,
            (result: RunResult) => string,
          ],
        ]
      : []),
    ['ran out first', firstOut],
  ]
  const tile = ([name, say]: (typeof asked)[number]): string =>
    `<div class="tile pairs"><dt>${text(name)}</dt><dd><small>A</small> ${text(say(a))}</dd><dd><small>B</small> ${text(say(b))}</dd></div>`
  return `<dl class="tiles">${asked.map(tile).join('')}</dl>`
}

export function runSections(comparison: RunComparison, a: RunEvidence | null, b: RunEvidence | null): Section[] {
  const { changed } = comparison.metrics
  return [
    { id: 'numbers', title: 'What differs', body: numbers(changed) },
    { id: 'drops', title: 'Drops', body: drops(changed, a, b) },
    { id: 'latency', title: 'Latency', body: latency(changed, a, b) },
    { id: 'limits', title: 'What ran out', body: limits(changed, a, b) },
    { id: 'parting', title: 'Where they part', body: parting(comparison, a, b) },
    { id: 'quality', title: 'How far to trust it', body: quality(comparison, a, b) },
  ]
}

function numbers(changed: readonly Change[]): string {
  if (changed.length === 0) return '<p>None of the exact numbers.</p>'
  return `${changeFigure('Numbers that differ most', changed)}<div class="scroll tall">${table(changeRows(changed))}</div>`
}

function drops(changed: readonly Change[], a: RunEvidence | null, b: RunEvidence | null): string {
  const own = namedIn(changed, 'drops.byReason.')
  if (a === null || b === null) return own.length === 0 ? '' : `<div class="scroll">${table(changeRows(own))}</div>`
  return dropPairs(a.result, b.result)
}

function latency(changed: readonly Change[], a: RunEvidence | null, b: RunEvidence | null): string {
  const own = [
    ...namedIn(changed, 'latencyNs.'),
    ...namedIn(changed, 'connections.connectNs.'),
    ...namedIn(changed, 'connections.responseNs.'),
  ].filter(({ unit }) => unit === 'ns')
  const drawn = a === null || b === null ? '' : latencyOverlays(a.result, b.result)
  const rows = own.length === 0 ? '' : `<div class="scroll">${table(changeRows(own))}</div>`
  return drawn === '' && rows === '' ? '' : drawn + (rows || '<p>No percentile differs.</p>')
}

/** Only what changed: a limit that both reach at the same moment is not listed. */
function limits(changed: readonly Change[], a: RunEvidence | null, b: RunEvidence | null): string {
  const own = namedIn(changed, 'resources.')
  const when = own.filter(({ name }) => name.endsWith('.exhaustedAtNs'))
  const rest = own.filter(({ name }) => /\.(capacity|failures)$/.test(name))
  if (when.length + rest.length === 0) return ''
  const nameOf = ({ name }: Change): string => name.split('.')[1]
  const never = (ns: number | null): string => (ns === null ? 'never' : duration(ns))
  const rows = when.map(change => [
    nameOf(change),
    never(change.a),
    never(change.b),
    change.a !== null && change.b !== null ? `${change.b > change.a ? '+' : '−'}${duration(Math.abs(change.b - change.a))}` : '',
  ])
  const times =
    rows.length === 0
      ? '<p>Nothing ran out in one and not in the other, or at another time.</p>'
      : `<div class="scroll">${table([['ran out', 'A', 'B', 'difference'], ...rows])}</div>`
  const curves = a === null || b === null ? '' : limitCurves(a.result, b.result, [...new Set([...when, ...rest].map(nameOf))])
  return `${times}${curves}${rest.length === 0 ? '' : `<div class="scroll">${table(changeRows(rest))}</div>`}`
}

function parting({ firstDifference, firstEvent }: RunComparison, a: RunEvidence | null, b: RunEvidence | null): string {
  if (firstDifference === null) return ''
  const { interval, fromNs, toNs, nodes } = firstDifference
  const digests = a === null || b === null ? '' : digestTable(a, b, interval)
  const where =
    nodes.length === 0
      ? '<p>Which nodes that was is in series.msgpack, which one of the sides has not, or only the order of events differs.</p>'
      : `<p>In that interval the numbers differ of:</p><div class="scroll">${table([['node, gateway or endpoint', 'number', 'A', 'B'], ...nodes.map(({ node, column, a: one, b: other }) => [node, column, count(one), count(other)])], { words: [1] })}</div>`
  const agreed = interval === 0 ? 'differ from the first interval on' : `agree up to ${duration(fromNs)} and never again`
  return `<p>Digests of all that happened ${agreed}: the first difference lies before ${duration(toNs)}.</p>${digests}${where}${eventHtml(firstEvent)}`
}

/** The first packet that ended otherwise, and what ended at the same node just before it. */
function eventHtml(first: RunComparison['firstEvent']): string {
  // A comparison of an earlier version has none.
  if (!first) return '<p class="soft">Which packet was the first: vxlane compare A B --events repeats both runs up to there.</p>'
  const side = (name: string, { before, event }: FirstEvent['a']): string => {
    const rows = [...before, ...(event === null ? [] : [event])].map(({ timeNs, verdict, origin, serial, lengthBytes, frame }) => [
      ...[exactTime(timeNs), verdict, `${origin} no. ${count(serial)}`, count(lengthBytes), frame],
    ])
    const none = event === null ? '<p>Nothing more ended there within the interval.</p>' : ''
    return `<h4>${name}</h4><div class="scroll ends${event === null ? '' : ' marked'}">${table([['ended at', 'verdict', 'packet of', 'bytes', 'headers'], ...rows], { words: [1, 2, 4] })}</div>${none}`
  }
  return `<h3>The first packet that ended otherwise</h3><p>At <b>${text(first.node)}</b>; the last row of each is where they differ, those above are the same.</p>${side('A', first.a)}${side('B', first.b)}`
}

const exactTime = (ns: number): string => `${ns.toLocaleString('en-US')} ns`

/** The digests around the first interval that differs. */
function digestTable(a: RunEvidence, b: RunEvidence, interval: number): string {
  const { intervalNs } = a.result.throughput
  const rows = [-2, -1, 0, 1].flatMap(offset => {
    const at = interval + offset
    const [one, other] = [a, b].map(({ result }) => result.checkpoints[at])
    return one === undefined || other === undefined
      ? []
      : [[`${duration(at * intervalNs)} to ${duration((at + 1) * intervalNs)}`, one, other, one === other ? 'same' : 'differs']]
  })
  return `<div class="scroll">${table([['interval', 'digest of A', 'digest of B', ''], ...rows], { words: [3] })}</div>`
}

function quality({ packetsPerSecond, a, b }: RunComparison, one: RunEvidence | null, other: RunEvidence | null): string {
  const workers = (number: number): string => (number === 0 ? 'one thread' : `${number} worker${number === 1 ? '' : 's'}`)
  const engine = (evidence: RunEvidence | null, side: RunComparison['a']): string =>
    evidence === null
      ? `vxlane ${side.engine}`
      : `vxlane ${side.engine}, Node ${evidence.result.engine.node}, ${workers(evidence.result.engine.workers)}${evidence.result.partial ? ', INTERRUPTED' : ''}`
  return facts([
    ['the numbers', 'exact: functions of scenario and seed, the same on every machine. They need no statistics.'],
    ['A', engine(one, a)],
    ['B', engine(other, b)],
    [
      'speed',
      `${short(packetsPerSecond.a)} and ${short(packetsPerSecond.b)} packets/s; one run each says nothing about the difference: vxlane bench --against does`,
    ],
  ])
}
