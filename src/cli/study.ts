// `vxlane study`: sweep axes or search for a limit. Goes on where an earlier call with the same folder ended.
import { join, relative } from 'node:path'
import { type Command, Option } from '@commander-js/extra-typings'
import pc from 'picocolors'
import { counted } from '../base/units.js'
import { QueueError } from '../queue/queue-error.js'
import { toJson } from '../run/json.js'
import { asOption, combinationAt, combinationCount } from '../study/axes.js'
import type { StudyProgress } from '../study/course.js'
import type { StudyExecutor } from '../study/executor.js'
import { loadStudy } from '../study/load.js'
import type { Study } from '../study/model.js'
import { type PartChoice, rangeOf } from '../study/parts.js'
import { StudyInterrupted, study } from '../study/study.js'
import type { StudySummary } from '../study/summary.js'
import { Exit, report } from './exit.js'
import { interruptible } from './interrupt.js'
import { isAnimated } from './progress.js'
import { executorOf, type QueueFlags, REDIS_ENV, shownQueue } from './queue-flags.js'
import { addStudyReport } from './result-folder.js'
import { parseWorkers } from './run.js'
import { EXPORT_OPTIONS, type ExportFlags, exportCommand, refuseWithoutExport } from './study-export.js'
import { parsePoints, parseShard, partCommand } from './study-part.js'
import { studyProgressLine } from './study-progress.js'
import { failuresText, studyText } from './study-text.js'

const EXAMPLES = `Examples:
  vxlane study scenarios/studies/largest-cluster.yaml
  vxlane study scenarios/studies/which-mode-lasts.yaml --out results/modes --workers 4
  vxlane study which.yaml --dry-run                 the points, and nothing computed
  vxlane study which.yaml --shard 0/16 --out shared a sixteenth of the points, here; the others elsewhere
  vxlane study which.yaml --out shared              all of them put together
  vxlane study which.yaml --executor bullmq --redis redis://localhost    by vxlane worker, anywhere
  vxlane study which.yaml --export k8s-job          the same by a Job of Kubernetes, as a manifest
`

const OUTPUT = `
Results go to --out (default: results/NAME): report.html (the page), points.jsonl (the journal, a line a point), summary.json, points.csv, points.parquet.
A study that was stopped or killed goes on where it was when it is called again with the same folder; no finished point is computed twice.
Past one machine: --shard I/N and --points A..B compute a part of the combinations (times seeds; each whole search belongs to one part), in the
order of --dry-run, and write points-….jsonl into --out. Called without them, the study takes what all parts in the folder have, computes what
is in none, and writes the results: the same bytes as if one machine had done it all. Points that fail do not fail their part.
Exit codes: 0 done, 5 some points failed or are in no part (--merge-only), 2 a mistake in the study, 130 interrupted.`

interface Flags extends QueueFlags, ExportFlags {
  readonly workers?: number | 'solo'
  readonly out?: string
  readonly json?: true
  readonly quiet?: true
  readonly dryRun?: true
  readonly shard?: PartChoice
  readonly points?: PartChoice
  readonly mergeOnly?: true
}

export function registerStudy(program: Command): void {
  const command = program
    .command('study')
    .summary('sweep parameters or search for a limit')
    .description('A what-if study: every combination of the axes of a study file, or for each the largest value for which something holds.')
    .argument('<study>', 'study file (YAML or JSON), - for standard input')
    .addOption(
      new Option('--workers <n>', 'threads, or "solo": no threads at all (default: number of cores)')
        .env('VXLANE_WORKERS')
        .argParser(parseWorkers),
    )
    .addOption(
      new Option(
        '--executor <kind>',
        'what computes the points: local (threads here) or bullmq (a queue in Redis or Valkey, see vxlane worker)',
      )
        .choices(['local', 'bullmq'])
        .default('local'),
    )
    .option(
      '--redis <url>',
      `where the queue is: redis://HOST:PORT, rediss:// for TLS (env: ${REDIS_ENV}, which keeps a password out of the list of processes)`,
    )
    .option('--out <folder>', 'folder of the journal and the results (default: results/NAME)')
    .option('--json', 'print the summary as JSON')
    .option('-q, --quiet', 'no progress and no table: only the exit code and errors')
    .option('--dry-run', 'list the points instead of computing them')
    .addOption(new Option('--shard <index/count>', 'compute one of so many parts only, counted from 0: 0/16 … 15/16').argParser(parseShard))
    .addOption(new Option('--points <from..to>', 'compute these only, counted from 0').argParser(parsePoints).conflicts('shard'))
    .addOption(new Option('--merge-only', 'compute nothing: put parts together, or say what is in none').conflicts(['shard', 'points']))
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', OUTPUT)
    .action(async (file, flags, command) => {
      const here = command.getOptionValueSource('workers') === 'cli' ? (flags as Flags).workers : undefined
      process.exitCode = await studyCommand(file, flags as Flags, here)
    })
  command.optionsGroup('Options of --export:')
  for (const option of EXPORT_OPTIONS) command.addOption(option)
}

async function studyCommand(file: string, flags: Flags, threads: Flags['workers']): Promise<number> {
  try {
    const loaded = loadStudy(file)
    if (flags.export) return exportCommand(loaded, file, threads, flags)
    refuseWithoutExport(flags)
    return flags.dryRun ? dryRun(loaded, flags) : await realStudy(loaded, file, flags, executorOf(flags, threads))
  } catch (error) {
    return report(error)
  }
}

function dryRun(loaded: Study, flags: Flags): number {
  const { axes, seeds, search } = loaded
  const part = flags.shard ?? flags.points
  const { from, to } = part ? rangeOf(part, loaded) : { from: 0, to: combinationCount(axes) * seeds }
  const first = Math.floor(from / seeds)
  const count = Math.ceil(to / seeds) - first
  const points = Array.from({ length: count }, (_, i) => [...loaded.set, ...combinationAt(axes, first + i)].map(asOption))
  if (flags.json) {
    process.stdout.write(
      toJson({
        schemaVersion: 1,
        kind: 'studyDryRun',
        name: loaded.name,
        mode: loaded.mode,
        combinations: count,
        seeds,
        find: search?.path ?? null,
        points,
      }),
    )
    return Exit.done
  }
  const what = search ? `a search over ${search.count} values of ${search.path} for each` : 'a point for each'
  process.stdout.write(`${loaded.name}: ${counted(count, 'combination')}, ${counted(seeds, 'seed')}, ${what}; nothing was computed\n`)
  for (const point of points) process.stdout.write(`${point.join(' ') || '(the base itself)'}\n`)
  return Exit.done
}

async function realStudy(loaded: Study, file: string, flags: Flags, executor: StudyExecutor | undefined): Promise<number> {
  const out = flags.out ?? join('results', loaded.name)
  const line = flags.quiet ? null : studyProgressLine(process.stderr, isAnimated(process.stderr, process.env))
  const stop = interruptible('stopping after the points under way; ^C again quits at once')
  const part = flags.shard ?? flags.points
  const onProgress = (progress: StudyProgress): void => line?.show(progress)
  const options = { workers: flags.workers, out, executor, signal: stop.signal, onProgress }
  try {
    if (part) return await partCommand(loaded, file, { ...options, part, here: command => fromHere(command, loaded) }, flags)
    const summary = await study(loaded, { ...options, mergeOnly: flags.mergeOnly })
    line?.clear()
    addStudyReport(out, summary, `vxlane study ${file}`)
    print(summary, loaded, out, flags)
    return summary.failed.length > 0 ? Exit.incomplete : Exit.done
  } catch (error) {
    line?.clear()
    const again = `To go on: vxlane study ${file} --out ${out}${shownQueue(flags)}\n`
    if (error instanceof QueueError) return queueFailed(error, `what was finished is kept in ${out}. ${again}`)
    if (!(error instanceof StudyInterrupted)) throw error
    const done = error.progress ? `${counted(error.progress.points, 'point')} done` : 'nothing was finished'
    process.stderr.write(`interrupted; ${done} and kept in ${out}. ${again}`)
    return Exit.interrupted
  } finally {
    stop.release()
  }
}

function queueFailed(error: QueueError, kept: string): number {
  const code = report(error)
  process.stderr.write(kept)
  return code
}

function print(summary: StudySummary, loaded: Study, out: string, flags: Flags): void {
  process.stderr.write(failuresText(summary.failed, command => fromHere(command, loaded)))
  if (flags.json) process.stdout.write(toJson(summary))
  if (flags.json || flags.quiet) return
  const colors = pc.createColors(pc.isColorSupported && process.stdout.isTTY === true)
  process.stdout.write(
    `${studyText(summary, colors.bold)}\nresults in ${out}: report.html, summary.json, points.csv, points.parquet, points.jsonl\n`,
  )
}

/** The study names its base from where it lies itself; a command is typed here. */
function fromHere(command: string, { base }: Study): string {
  if (base.given === null) return command
  const [program, mode, given, ...rest] = command.split(' ')
  return [program, mode, relative(process.cwd(), join(base.folder, given.split('/').at(-1) ?? given)), ...rest].join(' ')
}
