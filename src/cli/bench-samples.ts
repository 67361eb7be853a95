// Taking samples for a user who watches: progress on stderr, ^C, and files that are known to be writable before minutes are spent.
import { existsSync, statSync } from 'node:fs'
import { type Measured, type MeasureOptions, measure } from '../bench/measure.js'
import type { SavedBench } from '../bench/saved.js'
import { toJson } from '../run/json.js'
import { claimFile, writeWhole } from '../run/output.js'
import { OutputError } from '../run/run-error.js'
import { benchProgress } from './bench-progress.js'
import { Exit } from './exit.js'
import { interruptible } from './interrupt.js'
import { isAnimated } from './progress.js'

/** Measures with progress on stderr, until done or interrupted. */
export async function takeSamples(options: MeasureOptions, isQuiet: boolean): Promise<Measured> {
  const line = isQuiet ? null : benchProgress(process.stderr, isAnimated(process.stderr, process.env))
  const stop = interruptible('stopping')
  try {
    return await measure({ ...options, signal: stop.signal, onProgress: progress => line?.show(progress) })
  } finally {
    line?.clear()
    stop.release()
  }
}

/** Makes sure that samples can be kept in these files. Throws an OutputError. */
export function claimFiles(files: readonly string[]): void {
  for (const file of files) {
    if (file === '-') throw new OutputError('--save takes a file; --json prints what it would hold')
    if (existsSync(file) && statSync(file).isDirectory()) throw new OutputError(`${file} is a folder; name a file for the samples`)
    claimFile(file)
  }
}

/** Writes what was taken, each build's into its file; nothing where no sample was finished. */
export function keepSamples(files: readonly string[], saved: readonly SavedBench[]): void {
  for (const [i, file] of files.entries()) if (saved[i].workloads.length > 0) writeWhole(file, Buffer.from(toJson(saved[i])))
}

/** Says what became of the samples of a measurement that was interrupted; returns the exit code. */
export function sayInterrupted(files: readonly string[], saved: readonly SavedBench[]): number {
  const samples = saved.flatMap(({ workloads }) => workloads).reduce((total, workload) => total + workload.samples.length, 0)
  const words = `${samples} ${samples === 1 ? 'sample is' : 'samples are'} kept in ${files.join(' and ')}`
  const kept = samples === 0 ? 'no sample was finished' : files.length === 0 ? 'nothing is kept without --save' : words
  process.stderr.write(`interrupted; ${kept}\n`)
  return Exit.interrupted
}
