// vxlane report: the page of a result that is already there.
import { dirname, join } from 'node:path'
import type { Command } from '@commander-js/extra-typings'
import { comparisonReport } from '../report/comparison-report.js'
import { studyReport } from '../report/study-report.js'
import { writeWhole } from '../run/output.js'
import type { StudySummary } from '../study/summary.js'
import { isComparison } from './comparison-page.js'
import { Exit, report } from './exit.js'
import { butKnown, fileAt, kindOf, readJson, runIn, UnreadableResult, type Wanted } from './read-result.js'
import { REPORT, reportOf } from './result-folder.js'

const EXAMPLES = `Examples:
  vxlane report results/thousand-nodes              results/thousand-nodes/report.html, made anew
  vxlane report results/thousand-nodes -o page.html
  vxlane report results/thousand-nodes -o -         on standard output
  vxlane report results/which-mode                  the page of a study
  vxlane report comparison.json                     the page of a comparison: comparison.html
`

export function registerReport(program: Command): void {
  program
    .command('report')
    .summary('the HTML page of a result')
    .description(
      'Makes the page of a finished run or study: one file that opens from disk and loads nothing. "vxlane run --out" and "vxlane study" write it by themselves. ' +
        'Takes what "vxlane compare --json" printed, too.',
    )
    .argument('<result>', 'folder of a run or study, or its result.json or summary.json, or a saved comparison')
    .option('-o, --output <file>', `where to write it, - for standard output (default: ${REPORT} beside the result)`)
    .addHelpText('before', EXAMPLES)
    .action((argument, { output }) => {
      process.exitCode = reportCommand(argument, output)
    })
}

function reportCommand(argument: string, output: string | undefined): number {
  try {
    const file = fileAt(argument, WANTED)
    const { html, kind } = pageOf(file)
    if (output === '-') process.stdout.write(html)
    else {
      const target = output ?? targetOf(file, kind)
      writeWhole(target, Buffer.from(html))
      process.stderr.write(`${target}\n`)
    }
    return Exit.done
  } catch (error) {
    return report(error)
  }
}

/** A folder holds the result of a run, or the summary of a study. */
const WANTED: Wanted = {
  names: ['result.json', 'summary.json'],
  hint: 'name what vxlane run --out or vxlane study wrote, or vxlane compare --json printed',
}

/** A folder's page has a name of its own; a comparison's stands beside it under its name. */
const targetOf = (file: string, kind: unknown): string =>
  kind === 'comparison' ? `${file.replace(/\.json$/, '')}.html` : join(dirname(file), REPORT)

function pageOf(file: string): { html: string; kind: unknown } {
  const value = readJson(file, WANTED.hint)
  const kind = kindOf(value)
  if (kind === 'study') {
    if (!isSummary(value))
      throw new UnreadableResult(`${file} is no summary that this version writes; call vxlane study on its folder again`)
    return { kind, html: studyReport({ summary: value, command: 'vxlane study STUDY' }) }
  }
  if (kind === 'comparison') {
    if (!isComparison(value)) throw new UnreadableResult(`${file} is no comparison that this version writes; call vxlane compare again`)
    return { kind, html: comparisonReport({ comparison: value, a: null, b: null, command: 'vxlane compare A B' }) }
  }
  if (kind !== 'run')
    throw new UnreadableResult(`${file} is neither the result of a run or study nor a comparison${butKnown(value)}; ${WANTED.hint}`)
  return { kind, html: reportOf(dirname(file), runIn(value, file)) }
}

const LISTS = ['axes', 'combinations', 'failed'] as const

/** Enough of a summary for a page. */
function isSummary(value: unknown): value is StudySummary {
  const summary = value as Partial<StudySummary>
  const { answer, measure, combinations, points, engine } = summary
  const isWhole =
    summary.schemaVersion === 1 &&
    LISTS.every(name => Array.isArray(summary[name]) && summary[name].every(isObject)) &&
    [answer, measure].every(list => Array.isArray(list) && list.every(text => typeof text === 'string')) &&
    [points, engine].every(isObject)
  return isWhole && combinations!.every(({ command, values, measures }) => typeof command === 'string' && !!values && !!measures)
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null
