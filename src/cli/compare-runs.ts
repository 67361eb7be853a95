// Two runs side by side, as a terminal shows them.
import { count, duration, share } from '../base/units.js'
import type { EventSide, FirstEvent } from '../compare/first-event.js'
import type { Change, RunComparison } from '../compare/runs.js'
import { RUN_VERDICTS, shown } from './compare-words.js'
import { type Align, alignRows } from './table.js'

export function runsText(comparison: RunComparison): string {
  const { verdict, a, b, metrics, firstDifference, firstEvent, packetsPerSecond } = comparison
  const sides = alignRows(
    [
      ['', 'scenario', 'seed', 'engine', 'digest'],
      ['a', a.scenario, String(a.seed), a.engine, a.digest],
      ['b', b.scenario, String(b.seed), b.engine, b.digest],
    ],
    ['left', 'left', 'right', 'left', 'left'],
  )
  const aligns: Align[] = ['left', 'right', 'right', 'right']
  const changed =
    metrics.changed.length === 0 ? [] : ['', ...alignRows([['', 'a', 'b', 'difference'], ...metrics.changed.map(changeRow)], aligns)]
  return `${[
    RUN_VERDICTS[verdict].join('  '),
    '',
    ...sides,
    '',
    `${count(metrics.changed.length)} of ${count(metrics.compared)} exact numbers differ`,
    ...changed,
    ...partingLines(firstDifference),
    ...(firstEvent === null ? hintLines(comparison) : eventLines(firstEvent)),
    '',
    `speed: ${count(packetsPerSecond.a)} and ${count(packetsPerSecond.b)} packets/s; one run each says nothing about the difference`,
  ].join('\n')}\n`
}

/** A metric's name, both values and the difference. */
export function changeRow(change: Change): string[] {
  const { name, a, b } = change
  const difference =
    a === null || b === null
      ? ''
      : `${b > a ? '+' : ''}${shown(change, b - a)}${a > 0 ? `, ${b > a ? '+' : '-'}${share(Math.abs(b - a), a)}` : ''}`
  return [name, a === null ? '-' : shown(change, a), b === null ? '-' : shown(change, b), difference]
}

function partingLines(parting: RunComparison['firstDifference']): string[] {
  if (parting === null) return []
  const { fromNs, toNs, nodes } = parting
  const rows = nodes.map(({ node, column, a, b }) => [node, column, count(a), count(b)])
  const where = rows.length === 0 ? [] : alignRows([['', '', 'a', 'b'], ...rows], ['left', 'left', 'right', 'right'])
  return ['', `they part between ${duration(fromNs)} and ${duration(toNs)} of virtual time${rows.length === 0 ? '' : ', at'}`, ...where]
}

function hintLines({ a, b, firstDifference }: RunComparison): string[] {
  if (a.digest === b.digest) return []
  if (firstDifference !== null) return ['with --events, both are repeated up to there and the first packet that ended otherwise is shown']
  return [
    '',
    'their digests were taken at other times, so where they part is not known; with --events, both are repeated and it is looked for',
  ]
}

const WHERE = 'in the part that was looked at'

/** The last ends that both runs share, and then what each had next. */
export function eventLines({ node, order, a, b }: FirstEvent): string[] {
  return [
    '',
    `the first packet that ended otherwise: on ${node}, number ${count(order + 1)} of its ends ${WHERE}`,
    ...a.before.map(end => `     ${endWords(end)}`),
    ...sideLines('a', a),
    ...sideLines('b', b),
  ]
}

const sideLines = (name: string, { event }: EventSide): string[] => [
  `  ${name}  ${event === null ? `nothing more ended there ${WHERE}` : endWords(event)}`,
]

const endWords = ({ timeNs, verdict, origin, serial, sentNs, frame }: NonNullable<EventSide['event']>): string =>
  `${count(timeNs)} ns  ${verdict}, packet ${serial} of ${origin}, ${count(timeNs - sentNs)} ns old: ${frame}`
