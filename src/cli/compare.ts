// vxlane compare: two finished runs side by side.
import { readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from '@commander-js/extra-typings'
import { count, duration, share } from '../base/units.js'
import type { BenchComparison } from '../compare/benches.js'
import { type Change, type ComparedRun, compareRuns, type RunComparison } from '../compare/runs.js'
import { toJson } from '../run/json.js'
import { Exit, report } from './exit.js'
import { readRun, UnreadableResult } from './read-result.js'
import { seriesOf } from './result-folder.js'
import { type Align, alignRows } from './table.js'

const EXAMPLES = `Examples:
  vxlane compare results/before results/after        same work? what changed, and since when
  vxlane compare before/result.json after/result.json --json
`

export function registerCompare(program: Command): void {
  program
    .command('compare')
    .summary('two saved results')
    .description(
      'Compares two finished runs: exact counters and digests first, then where they part: the first interval whose digests differ, and the nodes ' +
        'whose numbers do. Not supported yet: benchmarks, --html.',
    )
    .argument('<a>', 'folder of a run, or its result.json')
    .argument('<b>', 'another')
    .option('--json', 'print the comparison as JSON')
    .addHelpText('before', EXAMPLES)
    .addHelpText(
      'after',
      '\nExit codes: 0 equal, or other work (another scenario or seed); 4 the same scenario and seed came out otherwise.',
    )
    .action((a, b, { json }) => {
      process.exitCode = compareCommand(a, b, json === true)
    })
}

function compareCommand(a: string, b: string, json: boolean): number {
  try {
    const comparison = compareRuns(readSide(a), readSide(b))
    process.stdout.write(json ? toJson(comparison) : comparisonText(comparison))
    return exitOf(comparison)
  } catch (error) {
    if (!(error instanceof UnreadableResult)) return report(error)
    process.stderr.write(`vxlane: ${error.message}\n`)
    return Exit.usage
  }
}

/** Benchmarks that got slower, and runs that came out otherwise, fail a pipeline. */
const exitOf = ({ of, verdict }: RunComparison | BenchComparison): number =>
  verdict === (of === 'runs' ? 'changed' : 'regressed') ? Exit.regression : Exit.done

function readSide(argument: string): ComparedRun {
  const isFolder = statSync(argument, { throwIfNoEntry: false })?.isDirectory() ?? false
  const file = isFolder ? join(argument, 'result.json') : argument
  return { result: readRun(file, text => readFileSync(text, 'utf8')), series: seriesOf(dirname(file)) }
}

const VERDICTS: Readonly<Record<RunComparison['verdict'], string>> = {
  equal: 'EQUAL  the same scenario and seed, and everything that happened is the same',
  changed: 'CHANGED  the same scenario and seed came out otherwise',
  different: 'DIFFERENT WORK  another scenario or seed: what changed is the difference between them',
}

export function comparisonText(comparison: RunComparison): string {
  const { verdict, a, b, metrics, firstDifference, packetsPerSecond } = comparison
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
    VERDICTS[verdict],
    '',
    ...sides,
    '',
    `${count(metrics.changed.length)} of ${count(metrics.compared)} exact numbers differ`,
    ...changed,
    ...partingLines(firstDifference),
    '',
    `speed: ${count(packetsPerSecond.a)} and ${count(packetsPerSecond.b)} packets/s; one run each says nothing about the difference`,
  ].join('\n')}\n`
}

function changeRow(change: Change): string[] {
  const { name, a, b } = change
  const difference =
    a === null || b === null
      ? ''
      : `${b > a ? '+' : ''}${shown(change, b - a)}${a > 0 ? `, ${b > a ? '+' : '-'}${share(Math.abs(b - a), a)}` : ''}`
  return [name, a === null ? '-' : shown(change, a), b === null ? '-' : shown(change, b), difference]
}

const shown = ({ unit }: Change, value: number): string =>
  unit === 'ns' ? `${value < 0 ? '-' : ''}${duration(Math.abs(value))}` : count(value)

function partingLines(parting: RunComparison['firstDifference']): string[] {
  if (parting === null) return []
  const { fromNs, toNs, nodes } = parting
  const rows = nodes.map(({ node, column, a, b }) => [node, column, count(a), count(b)])
  const where = rows.length === 0 ? [] : alignRows([['', '', 'a', 'b'], ...rows], ['left', 'left', 'right', 'right'])
  return ['', `they part between ${duration(fromNs)} and ${duration(toNs)} of virtual time${rows.length === 0 ? '' : ', at'}`, ...where]
}
