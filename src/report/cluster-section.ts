// What happened to the cluster itself: pods that waited, and its events in order.
import { count, duration } from '../base/units.js'
import type { RunResult } from '../run/result.js'
import { table, text } from './html.js'
import { notReadyTable } from './not-ready.js'
import type { Moment } from './plot.js'

/** Vertical lines in the charts at most: more would hide what they explain. */
const MOST_MOMENTS = 12

export function clusterSection(result: RunResult): string {
  const { events, waits } = result
  if (events.length === 0 && waits === null) return ''
  return waiting(waits) + notReadyTable(result) + listed(events)
}

function waiting(waits: RunResult['waits']): string {
  if (waits === null) return ''
  // Results of earlier versions do not know of nodes that wait.
  const { range } = waits as { readonly range?: typeof waits.node }
  const head = ['who waited', 'got it', 'p50', 'p99', 'longest', 'still wait', 'longest of these']
  const rows = [
    ['pods, for a node', waits.node] as const,
    ['pods, for an address', waits.address] as const,
    ...(range !== undefined && range.count + range.stillWaiting > 0 ? [['nodes, for a range', range] as const] : []),
  ].map(([name, wait]) => [
    name,
    count(wait.count),
    ...[wait.p50Ns, wait.p99Ns, wait.maxNs].map(ns => (wait.count > 0 ? duration(ns) : '')),
    wait.stillWaiting > 0 ? count(wait.stillWaiting) : '',
    wait.stillWaiting > 0 ? duration(wait.longestStillWaitingNs) : '',
  ])
  return `<div class="scroll">${table([head, ...rows])}</div>`
}

function listed(events: RunResult['events']): string {
  const rows = events.map(
    ({ atNs, lastNs, type, reason, object, message, count: times }) =>
      `<tr><th scope="row">${text(duration(atNs))}</th><td>${times > 1 && lastNs > atNs ? text(duration(lastNs)) : ''}</td><td>${times > 1 ? `x${text(count(times))}` : ''}</td>` +
      `<td class="words ${type === 'Warning' ? 'bad' : ''}">${text(reason)}</td><td class="words">${text(object)}</td><td class="words">${text(message)}</td></tr>`,
  )
  if (rows.length === 0) return ''
  return `<div class="scroll"><table class="events"><thead><tr><th scope="col">first</th><th scope="col">last</th><th scope="col">times</th><th scope="col">reason</th><th scope="col">object</th><th scope="col">message</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}

/** When something ran out, and when the cluster changed: numbered lines in the charts over time, in their order. */
export function momentsOf({ resources, events, simulatedNs }: RunResult): Moment[] {
  const out = resources.flatMap(({ name, scope, exhaustedAtNs }) =>
    exhaustedAtNs === null ? [] : [{ atNs: exhaustedAtNs, name: `${name} of ${scope} ran out` }],
  )
  const changes = events
    .filter(({ atNs }) => atNs > 0 && atNs <= simulatedNs)
    .map(({ atNs, reason, object, message }) => ({ atNs, name: `${reason} ${object}: ${message}` }))
  const found = [...out, ...changes].slice(0, MOST_MOMENTS).sort((a, b) => a.atNs - b.atNs)
  const marks = marksOf(
    found.map(({ atNs }) => atNs),
    simulatedNs / 40,
  )
  return found.map(({ atNs, name }, i) => ({ at: atNs / 1e9, name: `${duration(atNs)}: ${name}`, mark: marks[i] }))
}

/** Numbers from 1 on; those of moments that are too near to each other to be told apart stand together at the first of them. */
function marksOf(times: readonly number[], nearNs: number): string[] {
  const marks = times.map(() => '')
  for (let first = 0, next = 0; first < times.length; first = next) {
    while (next < times.length && times[next] - times[first] <= nearNs) next++
    marks[first] = next - first === 1 ? String(first + 1) : `${first + 1}–${next}`
  }
  return marks
}

/** What the numbers in the charts stand for. */
export const momentList = (moments: readonly Moment[]): string =>
  moments.length === 0 ? '' : `<ol class="moments">${moments.map(({ name }) => `<li>${text(name)}</li>`).join('')}</ol>`
