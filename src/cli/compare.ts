// vxlane compare: two finished runs, or two saved benchmarks, side by side.
import { dirname } from 'node:path'
import { type Command, InvalidArgumentError } from '@commander-js/extra-typings'
import { parseQuantity } from '../base/quantity.js'
import { readSavedBench } from '../bench/saved.js'
import { BENCH_OPTIONS, type BenchComparison, compareBenches } from '../compare/benches.js'
import { type ComparedRun, compareRuns, type RunComparison, spanToRepeat } from '../compare/runs.js'
import { toJson } from '../run/json.js'
import { writeWhole } from '../run/output.js'
import { benchesText } from './compare-benches.js'
import { firstEvent, type RepeatedSide } from './compare-events.js'
import { comparisonMarkdown } from './compare-markdown.js'
import { runsText } from './compare-runs.js'
import { writeComparisonPage } from './comparison-page.js'
import { Exit, report } from './exit.js'
import { butKnown, fileAt, kindOf, readBoth, readJson, runIn, UnreadableResult, type Wanted } from './read-result.js'
import { evidenceOf, seriesOf } from './result-folder.js'

const EXAMPLES = `Examples:
  vxlane compare results/before results/after          two runs: same work? what changed, and since when
  vxlane compare before.json after.json                two saved benchmarks: same work? slower?
  vxlane compare base.json head.json --markdown c.md   for the comment on a pull request
  vxlane compare results/a results/b --html c.html     a page: charts over each other, how the scenarios differ
`

const VERDICTS = `
Of two runs: equal; changed (the same scenario and seed came out otherwise); different work (another scenario or seed).
Of two benchmarks, workload by workload: exact counters and digests first. Where they differ it is different work, and times are not judged. Else:
regressed and improved (slower, faster by the floor or more), changed (a real difference below the floor), equal (a difference as large as the floor is
ruled out), inconclusive (the times differ too much among themselves).
Exit codes: 4 a benchmark regressed, or a run changed; 0 anything else that could be compared; 2 what cannot be read or compared.`

interface Flags {
  readonly json?: true
  readonly markdown?: string | true
  readonly html?: string
  readonly floor?: number
  readonly events?: true
  readonly scenarios?: readonly string[]
  readonly buildA?: string
  readonly buildB?: string
}

export function registerCompare(program: Command): void {
  program
    .command('compare')
    .summary('two saved results or benchmarks')
    .description(
      'Compares two finished runs or two saved benchmarks: exact counters and digests first, for what did other work is neither slower nor faster. ' +
        'Then, of runs, where they part: the first interval whose digests differ, and the nodes whose numbers do. Of benchmarks, the times, with statistics.',
    )
    .argument('<a>', 'what was: folder of a run, its result.json, or a file of vxlane bench --save')
    .argument('<b>', 'what is to be judged, of the same kind')
    .option('--json', 'print the comparison as JSON')
    .option('--markdown [file]', 'as Markdown for a pull request, into a file or on standard output')
    .option('--html <file>', 'a page, as one file that loads nothing; - for standard output')
    .option(
      '--floor <share>',
      `differences below this share are not called regressions (default: ${BENCH_OPTIONS.floor * 100}%)`,
      parseFloor,
    )
    .option('--events', 'of runs: repeat both up to where they part, and show the first packet that ended otherwise')
    .option('--scenarios <files...>', 'of runs: the two scenarios, where the result folders do not hold them')
    .option('--build-a <folder>', 'of runs: the build of vxlane that made A, where it is not this one')
    .option('--build-b <folder>', 'the same for B')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', VERDICTS)
    .action(async (a, b, flags) => {
      process.exitCode = await compareCommand(a, b, flags as Flags)
    })
}

/** A share from 0.1 to 100 %. */
export function parseFloor(text: string): number {
  const value = parseQuantity(text, 'share')
  if (value === null || value < 0.001 || value > 1) throw new InvalidArgumentError('It is a share from 0.1% to 100%, such as 3%.')
  return value
}

async function compareCommand(a: string, b: string, flags: Flags): Promise<number> {
  try {
    const comparison = await compared(a, b, flags)
    if (flags.html !== undefined) writePage(comparison, a, b, flags.html)
    if (flags.html !== '-') writeComparison(comparison, flags)
    return exitOf(comparison)
  } catch (error) {
    return report(error)
  }
}

async function compared(a: string, b: string, flags: Flags): Promise<BenchComparison | RunComparison> {
  const { floor, json, markdown, html } = flags
  const toStdout = [json && '--json', (markdown === true || markdown === '-') && '--markdown', html === '-' && '--html'].filter(Boolean)
  if (toStdout.length > 1)
    throw new UnreadableResult(`${toStdout.join(' and ')} both go to standard output; name a file: ${toStdout.at(-1)} FILE`)
  const kinds = readBoth([a, b], kindAt)
  if (kinds[0] !== kinds[1]) throw new UnreadableResult(`${a} is a ${kinds[0]}, ${b} a ${kinds[1]}; compare two of a kind`)
  refuseOthers(flags, kinds[0])
  if (kinds[0] === 'run') return withEvents(a, b, flags)
  const [before, after] = readBoth([a, b], file => readSavedBench(file))
  return compareBenches(before, after, floor === undefined ? {} : { floor })
}

/** Options of the one kind say nothing of the other; who gives them expects something. */
function refuseOthers(flags: Flags, kind: 'run' | 'benchmark'): void {
  const { events, scenarios, buildA, buildB, floor } = flags
  const given =
    kind === 'run' ? { '--floor': floor } : { '--events': events, '--scenarios': scenarios, '--build-a': buildA, '--build-b': buildB }
  const [option] = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  if (option === undefined) return
  const [wanted, found] = kind === 'run' ? ['benchmarks', 'runs'] : ['runs', 'benchmarks']
  throw new UnreadableResult(`${option} is for two ${wanted}; these are two ${found}`)
}

async function withEvents(a: string, b: string, flags: Flags): Promise<RunComparison> {
  const sides = readBoth([a, b], readSide)
  const comparison = compareRuns(...sides)
  const { events, scenarios, buildA, buildB } = flags
  const isAsked = events || scenarios !== undefined || buildA !== undefined || buildB !== undefined
  const span = spanToRepeat(sides[0].result, sides[1].result, comparison)
  if (!isAsked || span === null) return comparison
  if (scenarios !== undefined && scenarios.length !== 2) throw new UnreadableResult('--scenarios takes two files, that of A and that of B')
  const side = (name: 'a' | 'b', i: 0 | 1, argument: string, build: string | undefined): RepeatedSide => ({
    ...{ name, result: sides[i].result, file: fileAt(argument, WANTED) },
    ...{ scenario: scenarios?.[i] ?? null, build: build ?? null },
  })
  return { ...comparison, firstEvent: await firstEvent([side('a', 0, a, buildA), side('b', 1, b, buildB)], span) }
}

/** Goes where the flags say; the text of a terminal where they say nothing. */
export function writeComparison(comparison: BenchComparison | RunComparison, { json, markdown }: Pick<Flags, 'json' | 'markdown'>): void {
  const isFile = typeof markdown === 'string' && markdown !== '-'
  if (isFile) writeWhole(markdown, Buffer.from(comparisonMarkdown(comparison)))
  if (json) process.stdout.write(toJson(comparison))
  else if (markdown !== undefined && !isFile) process.stdout.write(comparisonMarkdown(comparison))
  else process.stdout.write(comparison.of === 'runs' ? runsText(comparison) : benchesText(comparison))
}

/** Runs are drawn over each other, out of their folders; benchmarks out of the comparison itself. */
function writePage(comparison: BenchComparison | RunComparison, a: string, b: string, html: string): void {
  const [one, other] =
    comparison.of === 'runs' ? [a, b].map(side => evidenceOf(dirname(fileAt(side, WANTED)), readSide(side).result)) : [null, null]
  writeComparisonPage(html, comparison, ['vxlane compare', a, b, '--html', html].join(' '), one, other)
}

/** Benchmarks that got slower, and runs that came out otherwise, fail a pipeline. */
export const exitOf = ({ of, verdict }: RunComparison | BenchComparison): number =>
  verdict === (of === 'runs' ? 'changed' : 'regressed') ? Exit.regression : Exit.done

const WANTED: Wanted = {
  names: ['result.json'],
  hint: 'name what vxlane run --out or vxlane bench --save wrote',
}

const KINDS: Readonly<Record<string, 'run' | 'benchmark'>> = { run: 'run', bench: 'benchmark' }

function kindAt(argument: string): 'run' | 'benchmark' {
  const value = readJson(fileAt(argument, WANTED), WANTED.hint)
  const kind = kindOf(value)
  const known = typeof kind === 'string' && Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
  if (known !== undefined) return known
  throw new UnreadableResult(`${argument} is neither the result of a run nor a saved benchmark${butKnown(value)}; ${WANTED.hint}`)
}

function readSide(argument: string): ComparedRun {
  const file = fileAt(argument, WANTED)
  return { result: runIn(readJson(file, WANTED.hint), file), series: seriesOf(dirname(file)) }
}
