// `vxlane run`: the command's options, where its results go, and what it prints. The run itself is the library's.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import pc from 'picocolors'
import { lpCountOf } from '../cluster/topology.js'
import { Watcher } from '../live/view.js'
import { loadAdmitted } from '../run/admitted.js'
import { estimate } from '../run/estimate.js'
import { toJson } from '../run/json.js'
import { packetsPerWindow } from '../run/memory.js'
import { listedIn } from '../run/output.js'
import { prepare } from '../run/prepare.js'
import type { RunResult } from '../run/result.js'
import { type Running, type RunProgress, run } from '../run/run.js'
import { MAX_WORKERS, workersFor } from '../run/workers.js'
import type { LoadedScenario } from '../scenario/load.js'
import { describeEstimate } from './dry-run.js'
import { Exit, report } from './exit.js'
import { type Interrupt, interruptible } from './interrupt.js'
import { type Live, LiveError, openLive } from './live.js'
import { isAnimated, progressLine } from './progress.js'
import { addReport, REPORT } from './result-folder.js'
import { statusBlock } from './status-block.js'
import { summary } from './summary.js'

export interface RunFlags {
  readonly workers?: number | 'solo'
  readonly seed?: number
  readonly duration?: string
  readonly out?: string
  readonly set: readonly string[]
  readonly json?: true
  readonly quiet?: true
  readonly force?: true
  readonly verify?: true
  readonly dryRun?: true
  /** Port of the page. */
  readonly live?: number | true
  readonly liveHost?: string
  readonly liveExposed?: true
}

const EXAMPLES = `Examples:
  vxlane run scenarios/vxlan-two-nodes.yaml
  vxlane run big.yaml --workers 4 --out results/big
  vxlane run big.yaml --set fabric.latency=100us --set workloads[0].replicas=500 --json
  vxlane run big.yaml --dry-run
  vxlane run big.yaml --live --out results/big       a page that follows it, on 127.0.0.1
`

const WORKERS = new Option(
  '--workers <n>',
  'threads, or "solo": no threads at all (default: number of cores, fewer where too little happens at a time to keep them busy)',
)
  .env('VXLANE_WORKERS')
  .argParser(parseWorkers)

export function registerRun(program: Command): void {
  program
    .command('run')
    .summary('run a scenario')
    .description('Run a scenario: every packet as bytes, on all cores, the same every time. Summary on stdout, progress on stderr.')
    .usage('[options] <scenario>')
    .argument('[scenario]', 'scenario file (YAML or JSON), - for standard input')
    .addOption(WORKERS)
    .option('--seed <n>', 'replaces the seed of the scenario', parseSeed)
    .option('--duration <time>', 'replaces the duration of the scenario, such as 500ms')
    .option(
      '--out <folder>',
      'write result.json, series.msgpack and captures there (default: results/NAME if the scenario captures, else nowhere)',
    )
    .option('--set <path=value...>', 'replace values of the scenario')
    .option('--json', 'print the result as JSON instead of the summary')
    .option('-q, --quiet', 'no progress and no summary: only the exit code and errors')
    .option('--force', 'replace results that are in the folder already; run even if memory looks too small')
    .option('--verify', "check the engine's laws at every packet: several times slower")
    .option('--live [port]', 'serve a page that follows the run, on this machine (default port: any that is free)', parsePort)
    .option('--live-host <address>', 'where it listens (default: 127.0.0.1)')
    .option('--live-exposed', 'let --live-host be an address that other machines can reach: they can watch, pause and stop')
    .option('--dry-run', 'show what would run: nodes, pods, flows, shards, expected packets; run nothing')
    .addHelpText('before', EXAMPLES)
    .action(async (argument, flags, command) => {
      const { file, set } = scenarioAmong(argument, flags.set ?? [])
      if (file === undefined)
        command.error("error: missing required argument 'scenario'", { code: 'commander.missingArgument', exitCode: Exit.usage })
      else process.exitCode = await runCommand(file, { ...(flags as Partial<RunFlags>), set })
    })
}

async function runCommand(file: string, flags: RunFlags): Promise<number> {
  try {
    const loaded = loadAdmitted(file, { set: flags.set, seed: flags.seed, duration: flags.duration })
    return flags.dryRun ? dryRun(loaded, flags) : await realRun(loaded, file, flags)
  } catch (error) {
    if (!(error instanceof LiveError)) return report(error)
    process.stderr.write(`vxlane: ${error.message}\n`)
    return Exit.usage
  }
}

function dryRun(loaded: LoadedScenario, flags: RunFlags): number {
  const prepared = prepare(loaded)
  const workers = workersFor(flags.workers, lpCountOf(loaded.scenario, prepared.plan), packetsPerWindow(prepared))
  const found = estimate(prepared, Math.max(workers, 1))
  process.stdout.write(flags.json ? toJson(found) : describeEstimate(found))
  return Exit.done
}

async function realRun(loaded: LoadedScenario, file: string, flags: RunFlags): Promise<number> {
  const out = flags.out ?? defaultFolder(loaded)
  const stop = interruptible()
  const live = await liveFor(loaded, flags, stop)
  if (live !== null) process.stderr.write(`live at ${live.url}\n`)
  const told = flags.quiet ? null : progressFor(loaded)
  try {
    const { workers, force, verify } = flags
    const result = await run(loaded, {
      ...{ workers, force, verify, out, signal: stop.signal },
      onStart: running => {
        told?.started(running)
        live?.started(running)
      },
      onProgress: progress => {
        told?.show(progress)
        live?.progress(progress)
      },
    })
    told?.clear()
    if (out !== undefined) await addReport(out, loaded, result, repeatCommand(file, result.seed, flags))
    await live?.ended(verdictOf(result), out === undefined ? null : join(out, REPORT))
    print(result, loaded, file, flags, out)
    return exitCodeOf(result)
  } catch (error) {
    await live?.ended(`failed: ${(error as Error).message}`, null)
    throw error
  } finally {
    told?.clear()
    stop.release()
  }
}

function liveFor(loaded: LoadedScenario, { live, liveHost, liveExposed }: RunFlags, stop: Interrupt): Promise<Live> | null {
  if (live === undefined) return null
  const port = live === true ? 0 : live
  return openLive(loaded.scenario.name, { port, host: liveHost ?? '127.0.0.1', isExposed: liveExposed ?? false }, () => stop.ask())
}

interface Told {
  started(running: Running): void
  show(progress: RunProgress): void
  clear(): void
}

/** A block redrawn in place on a terminal, a line now and then elsewhere. */
function progressFor({ scenario }: LoadedScenario): Told {
  if (!isAnimated(process.stderr, process.env)) {
    const line = progressLine(process.stderr)
    return { started: () => {}, show: progress => line.show(progress), clear: () => {} }
  }
  const block = statusBlock(scenario.name, process.stderr)
  let watcher: Watcher | null = null
  return {
    started(running) {
      watcher = new Watcher(running, performance.now.bind(performance))
    },
    show(progress) {
      if (watcher !== null) block.show(watcher.view(progress))
    },
    clear: () => block.clear(),
  }
}

const verdictOf = (result: RunResult): string =>
  result.partial ? 'interrupted' : result.assertions.every(({ held }) => held) ? 'finished' : 'finished; an assertion is false'

function print(result: RunResult, loaded: LoadedScenario, file: string, flags: RunFlags, out: string | undefined): void {
  if (flags.json) process.stdout.write(toJson(result))
  if (flags.json || flags.quiet) return
  const colors = pc.createColors(pc.isColorSupported && process.stdout.isTTY === true)
  process.stdout.write(
    summary(result, {
      durationNs: loaded.scenario.durationNs,
      command: repeatCommand(file, result.seed, flags),
      folder: out ?? null,
      files: out === undefined ? [] : listedIn(out),
      paint: { good: text => colors.bold(colors.green(text)), bad: text => colors.bold(colors.red(text)), title: colors.bold },
    }),
  )
}

function exitCodeOf(result: RunResult): number {
  if (result.partial) return Exit.interrupted
  return result.assertions.every(({ held }) => held) ? Exit.done : Exit.assertionFailed
}

/** Captures have to go somewhere: a folder of the scenario's name that is not there yet. Without captures, nowhere. */
function defaultFolder({ scenario }: LoadedScenario): string | undefined {
  if (scenario.capture.length === 0) return undefined
  const folder = join('results', scenario.name.replace(/[^\w.-]+/g, '-').replace(/^\.+/, '') || 'run')
  let free = folder
  for (let i = 2; existsSync(free); i++) free = `${folder}-${i}`
  return free
}

/** The command line that gives the very same result on any machine: the number of workers does not matter. */
function repeatCommand(file: string, seed: number, { duration, set }: RunFlags): string {
  const words = ['vxlane', 'run', file, '--seed', String(seed)]
  if (duration !== undefined) words.push('--duration', duration)
  for (const assignment of set) words.push('--set', assignment)
  return words.map(quoted).join(' ')
}

const quoted = (word: string): string => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

/** `--set` takes all words that follow; the one that assigns nothing is the scenario. */
function scenarioAmong(argument: string | undefined, set: readonly string[]): { file: string | undefined; set: readonly string[] } {
  if (argument !== undefined) return { file: argument, set }
  const file = set.find(word => !word.includes('='))
  return { file, set: set.filter(word => word !== file) }
}

export function parseWorkers(text: string): number | 'solo' {
  if (text === 'solo') return 'solo'
  const workers = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(workers)) throw new InvalidArgumentError('Give a whole number of threads, or "solo".')
  if (workers > MAX_WORKERS)
    throw new InvalidArgumentError(`There are ${MAX_WORKERS} at most: memory for their rings grows with the square.`)
  return workers
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('Give a port of 0 to 65535; 0 is any that is free.')
  return port
}

function parseSeed(text: string): number {
  const seed = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(seed)) throw new InvalidArgumentError('Give a whole number of at most 2^53 - 1.')
  return seed
}
