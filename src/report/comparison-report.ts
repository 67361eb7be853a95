// The page of a comparison, of two runs or of two benchmarks: the verdict, what differs and by how much, how far to trust it, and where
// both sides come from.
import { bytes } from '../base/units.js'
import type { BenchComparison } from '../compare/benches.js'
import type { RunComparison } from '../compare/runs.js'
import { benchLead, benchSections, benchTitle } from './bench-comparison.js'
import { table, text } from './html.js'
import { hunks, lineDiff } from './line-diff.js'
import { page, type Section } from './page.js'
import { runHeading, runLead, runSections, runTitle } from './run-comparison.js'
import type { RunEvidence } from './run-evidence.js'
import { timeFigure } from './run-figures.js'
import { overlaidSeries } from './run-overlays.js'

export type Comparison = RunComparison | BenchComparison

export interface ComparisonReport {
  readonly comparison: Comparison
  /** Of two runs, what is at hand beside the comparison: drawn over each other where both are there. */
  readonly a: RunEvidence | null
  readonly b: RunEvidence | null
  /** The command that repeats it. */
  readonly command: string
}

/** The comparison as one self-contained HTML page. */
export function comparisonReport(report: ComparisonReport): string {
  return report.comparison.of === 'runs' ? ofRuns(report, report.comparison) : ofBenches(report.comparison, report.command)
}

function ofBenches(comparison: BenchComparison, command: string): string {
  const { a, b } = comparison
  const rows = [
    ['', 'A', 'B'],
    ['suite', a.suite, b.suite],
    ['engine', `vxlane ${a.engine.version}`, `vxlane ${b.engine.version}`],
    ['build', a.engine.build, b.engine.build],
    ['Node.js', a.engine.node, b.engine.node],
    ['machine', a.machine.cpu, b.machine.cpu],
    ['cores, memory', ...[a, b].map(({ machine }) => `${machine.cores}, ${bytes(machine.memoryBytes)}`)],
    ['system', a.machine.os, b.machine.os],
    ['order', a.order, b.order],
  ]
  const provenance = `${repeat(command)}<div class="scroll">${table(rows, { words: [1, 2] })}</div>`
  return page({
    title: benchTitle(comparison),
    lead: benchLead(comparison),
    sections: [...benchSections(comparison), { id: 'provenance', title: 'Where this comes from', body: provenance }].filter(hasBody),
    data: { comparison },
    hasSeries: false,
  })
}

function ofRuns({ a, b, command }: ComparisonReport, comparison: RunComparison): string {
  const series = a === null || b === null ? [] : overlaidSeries(a.result, b.result)
  const endSeconds = a === null || b === null ? 0 : Math.max(a.result.simulatedNs, b.result.simulatedNs) / 1e9
  const [numbers, ...others] = runSections(comparison, a, b)
  const overTime: Section = { id: 'time', title: 'Over time', body: series.map(one => timeFigure(one, endSeconds, [])).join('') }
  const from: Section = { id: 'provenance', title: 'Where this comes from', body: provenance(comparison, a, b, command) }
  return page({
    title: runTitle(comparison),
    heading: runHeading(comparison),
    lead: runLead(comparison, a, b),
    sections: [numbers, overTime, ...others, from].filter(hasBody),
    data: { comparison, series: series.map(({ id, unit, isWide, x, lines }) => ({ id, unit, isWide, x, lines })) },
    hasSeries: series.length > 0,
  })
}

const hasBody = ({ body }: Section): boolean => body !== ''

const repeat = (command: string): string => `<p>The same comparison again:</p><pre>${text(command)}</pre>`

function provenance(comparison: RunComparison, a: RunEvidence | null, b: RunEvidence | null, command: string): string {
  const { a: one, b: other } = comparison
  const rows = [
    ['', 'A', 'B'],
    ['scenario', one.scenario, other.scenario],
    ['hash of the resolved scenario', one.hash, other.hash],
    ['seed', String(one.seed), String(other.seed)],
    ['digest', one.digest, other.digest],
    ['engine', `vxlane ${one.engine}`, `vxlane ${other.engine}`],
  ]
  return `${repeat(command)}<div class="scroll">${table(rows, { words: [1, 2] })}</div>${scenarios(comparison, a, b)}${manifests(a, b)}`
}

function scenarios(comparison: RunComparison, a: RunEvidence | null, b: RunEvidence | null): string {
  if (comparison.a.hash === comparison.b.hash) return '<p>The scenarios are the same.</p>'
  if (a === null || b === null)
    return '<p class="soft">Made of the comparison alone. With both folders, vxlane compare A B --html FILE shows what happened over time and how the scenarios differ.</p>'
  if (a.scenario === null || b.scenario === null)
    return '<p class="soft">A folder without scenario.json: how the scenarios differ is not known.</p>'
  const lines = lineDiff(a.scenario.split('\n'), b.scenario.split('\n'))
  const changed = lines.filter(({ sign }) => sign !== ' ').length
  const parts = hunks(lines).map(
    ({ line, lines: own }) =>
      `<span class="at">line ${line}</span>${own.map(({ sign, text: words }) => `<span class="${sign === '-' ? 'gone' : sign === '+' ? 'come' : 'same'}">${sign} ${text(words)}</span>`).join('')}`,
  )
  return `<h3>How the resolved scenarios differ</h3><p class="soft">${changed} lines; − as in A, + as in B</p><pre class="diff">${parts.join('')}</pre>`
}

function manifests(a: RunEvidence | null, b: RunEvidence | null): string {
  if (a === null || b === null || a.files.length + b.files.length === 0) return ''
  const names = [...new Set([...a.files, ...b.files].map(({ name }) => name))]
  const told = (file: RunEvidence['files'][number] | undefined): string =>
    file === undefined ? 'not there' : `${bytes(file.bytes)}, ${file.sha256.slice(0, 16)}…`
  const rows = names.map(name => {
    const [one, other] = [a, b].map(({ files }) => files.find(file => file.name === name))
    return [name, told(one), told(other), one?.sha256 === other?.sha256 ? 'same' : 'differs']
  })
  return `<details><summary>files of both manifests</summary><div class="scroll">${table([['file', 'A', 'B', ''], ...rows], { words: [1, 2, 3] })}</div></details>`
}
