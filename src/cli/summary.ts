// What a finished run says on stdout: the verdict first, then what ended how, how long it took on the way, what is fullest, and how to
// get the very same run again.

import { bitRate, bytes, count, duration, share, short } from '../base/units.js'
import { VERDICTS } from '../datapath/verdict.js'
import type { RunResult } from '../run/result.js'
import { eventLines, waitLines } from './cluster-lines.js'
import { type Align, alignRows } from './table.js'

/** Resources shown; the rest is in result.json. */
const FULLEST = 4

export interface SummaryContext {
  /** Scenario's own length: an interrupted run has not reached it. */
  readonly durationNs: number
  /** The command that repeats the run. */
  readonly command: string
  readonly folder: string | null
  readonly files: readonly string[]
  readonly paint: Paint
}

/** Colours, or none. */
export interface Paint {
  good(text: string): string
  bad(text: string): string
  title(text: string): string
}

export function summary(result: RunResult, context: SummaryContext): string {
  const { paint } = context
  const blocks: [string, string[]][] = [
    ['packets', packets(result)],
    ['drops', drops(result)],
    ['traffic', result.traffic.length > 1 ? traffic(result) : []],
    ...connections(result),
    ['latency', latency(result)],
    ['throughput', throughput(result)],
    ['resources', resources(result)],
    ['waits', waitLines(result)],
    ['cluster', eventLines(result)],
    ['warnings', result.warnings.map(({ code, message, hint }) => `${code}: ${message}${hint ? `; ${hint}` : ''}`)],
    ['engine', engine(result)],
    ['digest', [result.digest]],
    ['repeat', [context.command]],
    ['files', context.folder === null ? [] : [`${context.folder}: ${context.files.join(', ')}`]],
  ]
  const width = Math.max(...blocks.map(([title]) => title.length))
  const body = blocks.flatMap(([title, lines]) =>
    lines.map((line, i) => `${i === 0 ? paint.title(title.padEnd(width)) : ' '.repeat(width)}  ${line}`),
  )
  return `${[...verdict(result, context), '', ...body].join('\n')}\n`
}

function verdict(result: RunResult, { durationNs, paint }: SummaryContext): string[] {
  const failed = result.assertions.filter(({ held }) => !held)
  const all = result.assertions.length
  const under = result.scenario.encapsulation === 'vxlan' ? 'VXLAN' : 'no encapsulation'
  const what = `${result.scenario.name}: ${duration(result.simulatedNs)} of virtual time, seed ${result.seed}, ${under}`
  if (result.partial)
    return [`${paint.bad('INTERRUPTED')}  ${what} (of ${duration(durationNs)}); the results are partial`, ...failed.map(failure)]
  if (all === 0) return [`${paint.good('DONE')}  ${what}`]
  if (failed.length === 0) return [`${paint.good('PASSED')}  ${what}; ${all === 1 ? 'its assertion holds' : `all ${all} assertions hold`}`]
  return [
    `${paint.bad('FAILED')}  ${what}; ${failed.length} of ${all} assertions ${failed.length === 1 ? 'does' : 'do'} not hold`,
    ...failed.map(failure),
  ]
}

function failure({ expression, left, right }: RunResult['assertions'][number]): string {
  const sides = right === null ? String(left) : `${left} against ${right}`
  return `  false: ${expression} (${sides})`
}

function packets({ totals }: RunResult): string[] {
  const { sent } = totals
  const rows = [
    ['sent', count(sent), ''],
    ['delivered', count(totals.delivered), share(totals.delivered, sent)],
    ['dropped', count(totals.dropped), share(totals.dropped, sent)],
    ['in flight', count(totals.inFlight), share(totals.inFlight, sent)],
    ...optional('encapsulated', totals.encapsulated),
    ...optional('masqueraded', totals.masqueraded),
  ]
  return alignRows(rows, ['left', 'right', 'right'])
}

const optional = (name: string, value: number): string[][] => (value > 0 ? [[name, count(value), '']] : [])

function drops({ drops: { total, byReason } }: RunResult): string[] {
  const rows = VERDICTS.flatMap(({ name, sentence }) => {
    const dropped = byReason[name]
    return dropped === undefined ? [] : [[name, count(dropped), share(dropped, total), sentence]]
  })
  return alignRows(rows, ['left', 'right', 'right', 'left'])
}

function traffic(result: RunResult): string[] {
  const head = ['', 'sent', 'delivered', 'dropped']
  const rows = result.traffic.map(({ name, sent, delivered, dropped }) => [name, count(sent), count(delivered), count(dropped)])
  return alignRows([head, ...rows], ['left', 'right', 'right', 'right'])
}

/** A line an entry with how long connecting took, then why those failed that did; no block without connections. */
function connections({ connections: all }: RunResult): [string, string[]][] {
  if (all.traffic.length === 0) return []
  const head = ['', 'attempts', 'established', 'completed', 'failed', 'open', 'connect p50', 'p99', 'max']
  const row = (name: string, c: RunResult['connections'] | RunResult['connections']['traffic'][number]): string[] => [
    name,
    ...[c.attempts, c.established, c.completed, c.failed, c.open].map(count),
    ...(c.connectNs.count > 0 ? [c.connectNs.p50, c.connectNs.p99, c.connectNs.max].map(duration) : ['', '', '']),
  ]
  const rows = all.traffic.map(entry => row(entry.name, entry))
  const total = all.traffic.length > 1 ? [row('all', all)] : []
  const reasons = Object.entries(all.failedByReason).map(([reason, failed]) => `${reason} ${count(failed)}`)
  const lines = [
    ...alignRows([head, ...rows, ...total], ['left', ...head.slice(1).map((): Align => 'right')]),
    ...(reasons.length > 0 ? [`failed: ${reasons.join(', ')}`] : []),
    ...(all.stopped > 0 ? [`stopped with their pod: ${count(all.stopped)}`] : []),
    ...(all.retransmissions > 0 ? [`retransmissions: ${count(all.retransmissions)}`] : []),
  ]
  return [['connections', lines]]
}

function latency({ latencyNs: l }: RunResult): string[] {
  if (l.count === 0) return []
  const columns = { min: l.min, mean: l.mean, p50: l.p50, p90: l.p90, p99: l.p99, 'p99.9': l.p999, max: l.max }
  const aligns = Object.keys(columns).map((): Align => 'right')
  return alignRows([Object.keys(columns), Object.values(columns).map(duration)], aligns)
}

function throughput({ totals, simulatedNs, throughput: { intervalNs, bits } }: RunResult): string[] {
  if (simulatedNs === 0 || totals.delivered === 0) return []
  const perSecond = 1e9 / simulatedNs
  const peak = bits.reduce((most, value) => Math.max(most, value), 0) * (1e9 / intervalNs)
  const mean = `${short(totals.delivered * perSecond)} packets/s, ${bitRate(totals.bytesDelivered * 8 * perSecond)} delivered`
  return [`${mean}; ${bitRate(peak)} in the busiest ${duration(intervalNs)}`]
}

function resources(result: RunResult): string[] {
  const fill = ({ peak, capacity }: RunResult['resources'][number]) => (capacity > 0 ? peak / capacity : 0)
  const fullest = result.resources
    .filter(resource => resource.peak > 0 || resource.failures > 0)
    .sort((a, b) => b.failures - a.failures || fill(b) - fill(a))
    .slice(0, FULLEST)
  const rows = fullest.map(({ name, scope, peak, capacity, unit, failures }) => [
    name,
    scope === 'cluster' ? '' : scope,
    `${count(peak)} of ${count(capacity)} ${unit}`,
    share(peak, capacity),
    failures > 0 ? `${count(failures)} refused` : '',
  ])
  return alignRows(rows, ['left', 'left', 'right', 'right', 'left'])
}

function engine({ performance: p, engine: { workers } }: RunResult): string[] {
  const on = workers === 0 ? 'in one thread' : `on ${workers} ${workers === 1 ? 'worker' : 'workers'}`
  const waiting = workers > 1 ? `, ${Math.round(p.barrierShare * 100)} % of it waiting at barriers` : ''
  const speed = `${short(p.packetsPerSecond)} packets/s, ${short(p.eventsPerSecond)} events/s ${on}`
  return [
    `${speed}; ${duration(p.wallSeconds * 1e9)}${waiting}, after ${duration(p.setupSeconds * 1e9)} of set-up; ${bytes(p.peakRssBytes)}`,
  ]
}
