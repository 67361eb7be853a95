// `vxlane bench --against`: this build and another one. Another build takes turns with this one; of a saved file only the times are there, taken
// in another hour, which is the weaker comparison and is said to be.
import { statSync } from 'node:fs'
import { extname } from 'node:path'
import type { Bench, Size } from '../bench/bench.js'
import { openBuild, thisBuild } from '../bench/build.js'
import { PAIRED_RUNS } from '../bench/measure.js'
import { readSavedBench, type SavedBench } from '../bench/saved.js'
import { SUITE, suiteOf } from '../bench/suite.js'
import { compareBenches } from '../compare/benches.js'
import { claimFiles, keepSamples, sayInterrupted, takeSamples } from './bench-samples.js'
import { exitOf, writeComparison } from './compare.js'
import { UnreadableResult } from './read-result.js'

export interface AgainstFlags {
  readonly against: string
  readonly runs?: number
  readonly save?: string
  readonly floor?: number
  readonly json?: true
  readonly markdown?: string | true
  readonly quiet?: true
  readonly size: Size
}

/** `named`: what the user asked for; null where nobody did. Returns the exit code. */
export async function benchAgainst(named: readonly Bench[] | null, flags: AgainstFlags): Promise<number> {
  const isFolder = flags.against !== '-' && (statSync(flags.against, { throwIfNoEntry: false })?.isDirectory() ?? false)
  return isFolder ? againstBuild(named ?? SUITE.filter(({ isQuick }) => isQuick), flags) : againstFile(named, flags)
}

/** Takes turns: A is the other build, what was; B is this one, what is to be judged. */
async function againstBuild(benches: readonly Bench[], flags: AgainstFlags): Promise<number> {
  const { against, size, save, runs = PAIRED_RUNS, quiet } = flags
  const builds = [await openBuild(against, size), await thisBuild(size)] as const
  const files = save === undefined ? [] : [besideOf(save), save]
  claimFiles(files)
  const { saved, interrupted } = await takeSamples({ benches, builds, runs, size }, quiet === true)
  keepSamples(files, saved)
  return interrupted ? sayInterrupted(files, saved) : judge(saved[0], saved[1], flags)
}

/** `x.json` is this build's; `x.against.json` the other's. */
function besideOf(file: string): string {
  const extension = extname(file)
  return `${file.slice(0, file.length - extension.length)}.against${extension}`
}

async function againstFile(named: readonly Bench[] | null, flags: AgainstFlags): Promise<number> {
  const { against, size, save, runs = PAIRED_RUNS, quiet } = flags
  const before = readSavedBench(against, suiteOf(size))
  const saved = before.workloads.map(({ name }) => name)
  const benches = (named ?? SUITE).filter(({ name }) => saved.includes(name))
  if (benches.length === 0) throw new UnreadableResult(`${against} has none of these benchmarks; it has ${saved.join(', ')}`)
  const missing = (named ?? []).filter(({ name }) => !saved.includes(name))
  if (missing.length > 0) process.stderr.write(`not in ${against}, so not measured: ${missing.map(({ name }) => name).join(', ')}\n`)
  const files = save === undefined ? [] : [save]
  claimFiles(files)
  const now = await takeSamples({ benches, builds: [await thisBuild(size)], runs, size }, quiet === true)
  keepSamples(files, now.saved)
  if (now.interrupted) return sayInterrupted(files, now.saved)
  const measured = benches.map(({ name }) => name)
  return judge({ ...before, workloads: before.workloads.filter(({ name }) => measured.includes(name)) }, now.saved[0], flags)
}

function judge(before: SavedBench, after: SavedBench, flags: AgainstFlags): number {
  const comparison = compareBenches(before, after, flags.floor === undefined ? {} : { floor: flags.floor })
  writeComparison(comparison, flags)
  return exitOf(comparison)
}
