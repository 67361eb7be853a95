// Growth curves that stand in files: CSV of time and replicas, one change a line, in order of time. Read when the scenario is loaded,
// so that planning needs no file and the scenario's hash covers what is in it.
import { readFileSync } from 'node:fs'
import { whyUnread } from '../base/file-words.js'
import { parseQuantity } from '../base/quantity.js'
import { LAST_MOMENT } from '../base/sim-time.js'
import type { CompleteDocument } from './complete.js'
import { type Issue, issue } from './issue.js'
import type { TracePoint } from './model-timeline.js'

const MOST_REPLICAS = 10_000_000

/** The curves of all files that workloads name, by path; what cannot be read becomes an issue at the workload. */
export function readGrowthTraces(document: CompleteDocument, issues: Issue[]): Map<string, readonly TracePoint[]> {
  const traces = new Map<string, readonly TracePoint[]>()
  document.workloads.forEach(({ growth }, i) => {
    if (growth?.kind !== 'trace' || traces.has(growth.file)) return
    const path = ['workloads', i, 'growth', 'file']
    try {
      const points = parseTrace(readFileSync(growth.file, 'utf8'))
      if (typeof points === 'string')
        issues.push(issue(path, 'BadGrowthTrace', `${growth.file}: ${points}`, 'write one change a line, as in 30m,120'))
      else traces.set(growth.file, points)
    } catch (error) {
      issues.push(issue(path, 'FileNotRead', `${growth.file}: ${whyUnread(error)}`, 'the path counts from the folder of the scenario'))
    }
  })
  return traces
}

/** The points of a CSV text, or what is wrong with it. A first line without digits is a heading; # begins a comment. */
export function parseTrace(text: string): readonly TracePoint[] | string {
  const points: TracePoint[] = []
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
  for (const [i, line] of lines.entries()) {
    const bare = line.replace(/#.*/, '').trim()
    if (bare === '' || (points.length === 0 && !/\d/.test(bare))) continue
    const [time, replicas, ...more] = bare.split(/[,;\t]/).map(part => part.trim())
    const atNs = timeOf(time)
    const count = /^\d{1,8}$/.test(replicas) ? Number(replicas) : -1
    if (atNs === null || replicas === undefined || more.length > 0) return `line ${i + 1} is not time,replicas: ${bare.slice(0, 60)}`
    if (count < 0 || count > MOST_REPLICAS) return `line ${i + 1}: ${replicas} is no number of replicas`
    if (points.length > 0 && atNs <= points[points.length - 1].atNs) return `line ${i + 1}: ${time} is not later than the line before`
    points.push({ atNs, replicas: count })
  }
  return points.length > 0 ? points : 'there is no line of time,replicas'
}

/** A time with its unit, or plain seconds. */
function timeOf(text: string): number | null {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1e9 : parseQuantity(text, 'time')
  return value === null || value > LAST_MOMENT ? null : Math.round(value)
}
