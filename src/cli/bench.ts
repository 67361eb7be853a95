// `vxlane bench`: how fast this build is, and whether it is slower than another one.
import { existsSync, rmSync, statSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import pc from 'picocolors'
import { type Bench, SIZES, type Size } from '../bench/bench.js'
import { thisBuild } from '../bench/build.js'
import { ChildError } from '../bench/child-process.js'
import { type Measured, type MeasureOptions, measure } from '../bench/measure.js'
import type { SavedBench } from '../bench/saved.js'
import { SETS, select, UnknownBench } from '../bench/select.js'
import { toJson } from '../run/json.js'
import { writeWhole } from '../run/output.js'
import { OutputError } from '../run/run-error.js'
import { benchProgress } from './bench-progress.js'
import { benchText, listText } from './bench-text.js'
import { Exit, report } from './exit.js'
import { interruptible } from './interrupt.js'
import { isAnimated } from './progress.js'
import { notSupportedYet } from './text.js'

const EXAMPLES = `Examples:
  vxlane bench                                     the quick set: about a minute on a quiet machine
  vxlane bench all --runs 10 --save before.json    everything, kept for later
  vxlane bench fib,conntrack --json                two of them, for programs
  vxlane bench --list                              what there is
`

const DETAILS = `
SUITE is ${Object.keys(SETS).join(', ')}, or names separated by commas. quick takes about a minute with 5 runs, all about three.
Each sample is taken in a process of its own. A first round is a warm-up and is not kept. Exact counters must be the same in every run of a build:
anything else is a fault of vxlane (exit 1). Times are processor time; docs/bench.md says how to read them.
^C ends it (exit 130); with --save, the samples taken so far are kept.`

interface Flags {
  readonly runs?: number
  readonly save?: string
  readonly against?: string
  readonly json?: true
  readonly list?: true
  readonly quiet?: true
  readonly size: Size
}

export function registerBench(program: Command): void {
  program
    .command('bench')
    .summary('measure how fast this build is')
    .description(
      'The benchmark suite: whole runs, plans and studies, and kernels of the data plane. Exact counters say what was done, times how long it took.',
    )
    .argument('[suite]', 'a set of benchmarks, or names', 'quick')
    .option('--runs <n>', 'samples of each benchmark (default: 5)', parseRuns)
    .option('--save <file>', 'write the samples to a file, for vxlane compare and --against')
    .option('--against <file>', 'a saved benchmark or another build to compare with (not supported yet)')
    .option('--json', 'print the saved benchmark as JSON')
    .option('-q, --quiet', 'no progress')
    .option('--list', 'say what each benchmark does, and measure nothing')
    .addOption(new Option('--size <size>', 'smoke: the same work, much smaller, for tests').choices(SIZES).default('full').hideHelp())
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', DETAILS)
    .action(async (suite, flags) => {
      process.exitCode = await benchCommand(suite, flags as Flags)
    })
}

/** Samples of each benchmark where nobody says how many. */
const RUNS = 5
/** More than anybody waits for. */
const MOST_RUNS = 1000

function parseRuns(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0
  if (value < 1 || value > MOST_RUNS) throw new InvalidArgumentError(`It is a whole number from 1 to ${MOST_RUNS}.`)
  return value
}

async function benchCommand(suite: string, flags: Flags): Promise<number> {
  try {
    if (flags.against !== undefined) return notSupportedYet('vxlane bench --against')
    const benches = select(suite)
    if (flags.list) {
      process.stdout.write(listText(benches))
      return Exit.done
    }
    return await alone(benches, flags)
  } catch (error) {
    if (error instanceof UnknownBench) return say(error.message, Exit.usage)
    if (error instanceof ChildError) return say(error.message, Exit.fault)
    return report(error)
  }
}

function say(text: string, code: number): number {
  process.stderr.write(`vxlane: ${text}\n`)
  return code
}

async function alone(benches: readonly Bench[], flags: Flags): Promise<number> {
  if (flags.save !== undefined) claim(flags.save)
  const { saved, interrupted } = await taken(benches, [await thisBuild(flags.size)], flags.runs ?? RUNS, flags)
  const [result] = saved
  keep(flags.save, result)
  if (interrupted) return leave([result], flags.save)
  const colors = pc.createColors(pc.isColorSupported && process.stdout.isTTY === true)
  process.stdout.write(flags.json ? toJson(result) : benchText(result, colors.bold))
  return Exit.done
}

/** Measures with progress on stderr, until done or interrupted. */
async function taken(benches: readonly Bench[], builds: MeasureOptions['builds'], runs: number, flags: Flags): Promise<Measured> {
  const line = flags.quiet ? null : benchProgress(process.stderr, isAnimated(process.stderr, process.env))
  const stop = interruptible('stopping')
  try {
    return await measure({ benches, builds, runs, size: flags.size, signal: stop.signal, onProgress: progress => line?.show(progress) })
  } finally {
    line?.clear()
    stop.release()
  }
}

/** Makes sure that the samples can be kept, before minutes are spent on them. */
function claim(file: string): void {
  if (existsSync(file) && statSync(file).isDirectory()) throw new OutputError(`${file} is a folder; name a file for the samples`)
  const probe = `${file}.${process.pid}.probe`
  writeWhole(probe, Buffer.of())
  rmSync(probe)
}

function keep(file: string | undefined, saved: SavedBench): void {
  if (file !== undefined && saved.workloads.length > 0) writeWhole(file, Buffer.from(toJson(saved)))
}

function leave(saved: readonly SavedBench[], file: string | undefined): number {
  const samples = saved.flatMap(({ workloads }) => workloads).reduce((total, workload) => total + workload.samples.length, 0)
  const kept =
    samples === 0
      ? 'no sample was finished'
      : file === undefined
        ? 'nothing is kept without --save'
        : `${samples} samples are kept in ${file}`
  process.stderr.write(`interrupted; ${kept}\n`)
  return Exit.interrupted
}
