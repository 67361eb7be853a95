// vxlane report: the page of a result that is already there.
import { readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from '@commander-js/extra-typings'
import { writeWhole } from '../run/output.js'
import type { RunResult } from '../run/result.js'
import { resultSchema } from '../run/result-schema.js'
import { Exit, report } from './exit.js'
import { REPORT, reportOf } from './result-folder.js'

const EXAMPLES = `Examples:
  vxlane report results/thousand-nodes              results/thousand-nodes/report.html, made anew
  vxlane report results/thousand-nodes -o page.html
  vxlane report results/thousand-nodes -o -         on standard output
`

export function registerReport(program: Command): void {
  program
    .command('report')
    .summary('the HTML page of a result')
    .description(
      'Makes the page of a finished run: one file that opens from disk and loads nothing. "vxlane run --out" writes it by itself. ' +
        'Pages of studies and comparisons: not supported yet.',
    )
    .argument('<result>', 'folder of a run, or its result.json')
    .option('-o, --output <file>', `where to write it, - for standard output (default: ${REPORT} beside the result)`)
    .addHelpText('before', EXAMPLES)
    .action((argument, { output }) => {
      process.exitCode = reportCommand(argument, output)
    })
}

function reportCommand(argument: string, output: string | undefined): number {
  try {
    const file = fileOf(argument)
    const html = reportOf(dirname(file), readResult(file))
    if (output === '-') process.stdout.write(html)
    else {
      const target = output ?? join(dirname(file), REPORT)
      writeWhole(target, Buffer.from(html))
      process.stderr.write(`${target}\n`)
    }
    return Exit.done
  } catch (error) {
    if (!(error instanceof UnreadableResult)) return report(error)
    process.stderr.write(`vxlane: ${error.message}\n`)
    return Exit.usage
  }
}

class UnreadableResult extends Error {}

function fileOf(argument: string): string {
  try {
    return statSync(argument).isDirectory() ? join(argument, 'result.json') : argument
  } catch {
    throw new UnreadableResult(`there is no ${argument}; name the folder that vxlane run --out wrote`)
  }
}

function readResult(file: string): RunResult {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new UnreadableResult(`cannot read ${file}: ${(error as Error).message}`)
  }
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined
  if (kind !== 'run') throw new UnreadableResult(`${file} is no result of a run; not supported yet: pages of studies and comparisons`)
  const checked = resultSchema.safeParse(value)
  if (checked.success) return value as RunResult
  const [{ path, message }] = checked.error.issues
  throw new UnreadableResult(`${file} is no result that this version writes: ${path.join('.')}: ${message}`)
}
