// What a summary says of a cluster that changed: its events, the warnings first, and how long pods waited.

import { count, duration } from '../base/units.js'
import type { RunResult } from '../run/result.js'
import { alignRows } from './table.js'

/** Events shown; all of them are in result.json. */
const MOST_EVENTS = 8
const MOST_TEXT = 150

export function eventLines({ events }: RunResult): string[] {
  const shown = [...events].sort((a, b) => rank(a) - rank(b) || a.atNs - b.atNs).slice(0, MOST_EVENTS)
  const rows = shown.map(({ atNs, reason, object, message, count: times }) => [
    duration(atNs),
    reason,
    object,
    times > 1 ? `x${count(times)}` : '',
    message.length > MOST_TEXT ? `${message.slice(0, MOST_TEXT - 1)}…` : message,
  ])
  const rest = events.length - shown.length
  return [...alignRows(rows, ['right', 'left', 'left', 'right', 'left']), ...(rest > 0 ? [`${count(rest)} more in result.json`] : [])]
}

const rank = ({ type }: RunResult['events'][number]): number => (type === 'Warning' ? 0 : 1)

export function waitLines({ waits }: RunResult): string[] {
  if (waits === null) return []
  const rows = Object.entries({ 'for a node': waits.node, 'for an address': waits.address }).map(([what, wait]) => [
    what,
    `${count(wait.count)} pods`,
    `p50 ${duration(wait.p50Ns)}`,
    `p99 ${duration(wait.p99Ns)}`,
    `max ${duration(wait.maxNs)}`,
    wait.stillWaiting > 0 ? `${count(wait.stillWaiting)} still wait, since ${duration(wait.longestStillWaitingNs)}` : '',
  ])
  return alignRows(rows, ['left', 'right', 'right', 'right', 'right', 'left'])
}
