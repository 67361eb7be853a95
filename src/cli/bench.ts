// `vxlane bench`: how fast this build is, and whether it is slower than another one.
import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import pc from 'picocolors'
import { type Bench, SIZES } from '../bench/bench.js'
import { thisBuild } from '../bench/build.js'
import { ChildError } from '../bench/child-process.js'
import { PAIRED_RUNS } from '../bench/measure.js'
import { SETS, select, UnknownBench } from '../bench/select.js'
import { toJson } from '../run/json.js'
import { type AgainstFlags, benchAgainst } from './bench-against.js'
import { claimFiles, keepSamples, sayInterrupted, takeSamples } from './bench-samples.js'
import { benchText, listText } from './bench-text.js'
import { parseFloor } from './compare.js'
import { Exit, report } from './exit.js'
import { UnreadableResult } from './read-result.js'

const EXAMPLES = `Examples:
  vxlane bench                                     the quick set: about a minute on a quiet machine
  vxlane bench all --runs 10 --save before.json    everything, kept for later
  vxlane bench --against ../main                   this build and the one in ../main, in turn: is this one slower?
  vxlane bench --against before.json               a weaker answer to the same question
  vxlane bench fib,conntrack --json                two of them, for programs
  vxlane bench --list                              what there is
`

/** Samples of each benchmark where nobody says how many. */
const ALONE_RUNS = 5

const DETAILS = `
SUITE is ${Object.keys(SETS).join(', ')}, or names separated by commas. On a quiet machine quick takes about a minute with ${ALONE_RUNS} runs, all about
three; against another build, quick takes about twelve with ${PAIRED_RUNS} runs of both.
Each sample is taken in a process of its own. A first round is a warm-up and is not kept. Exact counters must be the same in every run of a build:
anything else is a fault of vxlane (exit 1). Times are processor time; docs/bench.md says how to read them.
^C ends it (exit 130); with --save, the samples taken so far are kept.
Exit codes with --against: 4 a benchmark regressed, 0 none did; vxlane compare --help has the words.`

type Flags = Omit<AgainstFlags, 'against'> & { readonly against?: string; readonly list?: true }

export function registerBench(program: Command): void {
  program
    .command('bench')
    .summary('measure how fast this build is')
    .description(
      'The benchmark suite: whole runs, plans and studies, and kernels of the data plane. Exact counters say what was done, times how long it took.',
    )
    .argument('[suite]', 'a set of benchmarks, or names (default: quick; against a file, what it has)')
    .option('--runs <n>', `samples of each benchmark (default: ${ALONE_RUNS}; with --against ${PAIRED_RUNS})`, parseRuns)
    .option('--save <file>', 'write the samples to a file, for vxlane compare and --against')
    .option('--against <place>', 'folder of another build, which takes turns with this one (A B B A), or a saved file')
    .option('--floor <share>', 'with --against: smaller differences are not called regressions', parseFloor)
    .option('--markdown [file]', 'with --against: the comparison as Markdown')
    .option('--json', 'print what --save writes, or the comparison, as JSON')
    .option('-q, --quiet', 'no progress')
    .option('--list', 'say what each benchmark does, and measure nothing')
    .addOption(new Option('--size <size>', 'smoke: the same work, much smaller, for tests').choices(SIZES).default('full').hideHelp())
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', DETAILS)
    .action(async (suite, flags) => {
      process.exitCode = await benchCommand(suite, flags as Flags)
    })
}

/** More than anybody waits for. */
const MOST_RUNS = 1000

function parseRuns(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0
  if (value < 1 || value > MOST_RUNS) throw new InvalidArgumentError(`It is a whole number from 1 to ${MOST_RUNS}.`)
  return value
}

async function benchCommand(suite: string | undefined, flags: Flags): Promise<number> {
  try {
    if (flags.list) {
      process.stdout.write(listText(select(suite ?? 'all')))
      return Exit.done
    }
    checkFlags(flags)
    const { against } = flags
    if (against !== undefined) return await benchAgainst(suite === undefined ? null : select(suite), { ...flags, against })
    return await alone(select(suite ?? 'quick'), flags)
  } catch (error) {
    if (error instanceof UnknownBench || error instanceof UnreadableResult) return say(error.message, Exit.usage)
    if (error instanceof ChildError) return say(error.message, Exit.fault)
    return report(error)
  }
}

function checkFlags({ against, floor, markdown, json }: Flags): void {
  if (against === undefined && (floor !== undefined || markdown !== undefined))
    throw new UnreadableResult('--floor and --markdown say how to compare; add --against')
  if (json && (markdown === true || markdown === '-'))
    throw new UnreadableResult('--json and --markdown both go to standard output; name a file: --markdown FILE')
}

function say(text: string, code: number): number {
  process.stderr.write(`vxlane: ${text}\n`)
  return code
}

async function alone(benches: readonly Bench[], { size, save, runs = ALONE_RUNS, json, quiet }: Flags): Promise<number> {
  const files = save === undefined ? [] : [save]
  claimFiles(files)
  const { saved, interrupted } = await takeSamples({ benches, builds: [await thisBuild(size)], runs, size }, quiet === true)
  keepSamples(files, saved)
  if (interrupted) return sayInterrupted(files, saved)
  const colors = pc.createColors(pc.isColorSupported && process.stdout.isTTY === true)
  process.stdout.write(json ? toJson(saved[0]) : benchText(saved[0], colors.bold))
  return Exit.done
}
