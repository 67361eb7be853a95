// What a summary says of a cluster that changed: its events, the warnings first, how long pods waited, and nodes that were NotReady.

import { count, duration } from '../base/units.js'
import type { RunResult } from '../run/result.js'
import { alignRows } from './table.js'

/** Events shown; all of them are in result.json. */
const MOST_EVENTS = 8
const MOST_TEXT = 150

export function eventLines({ events }: RunResult): string[] {
  const all = together(events).sort((a, b) => rank(a) - rank(b) || a.atNs - b.atNs)
  const shown = all.slice(0, MOST_EVENTS)
  const rows = shown.map(({ atNs, reason, object, message, count: times }) => [
    duration(atNs),
    reason,
    object,
    times > 1 ? `x${count(times)}` : '',
    message.length > MOST_TEXT ? `${message.slice(0, MOST_TEXT - 1)}…` : message,
  ])
  const rest = all.length - shown.length
  return [...alignRows(rows, ['right', 'left', 'left', 'right', 'left']), ...(rest > 0 ? [`${count(rest)} more in result.json`] : [])]
}

type Event = RunResult['events'][number]

/** What is said of several objects in the same words is said once. */
function together(events: readonly Event[]): Event[] {
  const same = new Map<string, Event[]>()
  for (const event of events) {
    const key = `${event.reason} ${event.message}`
    same.set(key, [...(same.get(key) ?? []), event])
  }
  return [...same.values()].map(([first, ...others]) =>
    others.length === 0
      ? first
      : {
          ...first,
          object: `${first.object} and ${count(others.length)} more`,
          count: others.reduce((sum, event) => sum + event.count, first.count),
        },
  )
}

const rank = ({ type }: RunResult['events'][number]): number => (type === 'Warning' ? 0 : 1)

export function waitLines({ waits }: RunResult): string[] {
  if (waits === null) return []
  const { node, address, start, range } = waits
  // Only where there was something to wait for: that is not the everyday.
  const others = [['for their start', start, 'pods'] as const, ['for a pod range', range, 'nodes'] as const]
  const shown = others.filter(([, wait]) => wait.maxNs > 0 || wait.stillWaiting > 0)
  const all = [['for a node', node, 'pods'] as const, ['for an address', address, 'pods'] as const, ...shown]
  const rows = all.map(([what, wait, who]) => [
    what,
    `${count(wait.count)} ${who}`,
    `p50 ${duration(wait.p50Ns)}`,
    `p99 ${duration(wait.p99Ns)}`,
    `max ${duration(wait.maxNs)}`,
    wait.stillWaiting > 0 ? `${count(wait.stillWaiting)} still wait, since ${duration(wait.longestStillWaitingNs)}` : '',
  ])
  return alignRows(rows, ['left', 'right', 'right', 'right', 'right', 'left'])
}
