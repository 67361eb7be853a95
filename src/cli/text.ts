// What all commands share about their streams: a reader that goes away is no error, and what is not built yet is said by name.
import { Exit } from './exit.js'

/** `vxlane … | head` closes our stdout early: stop quietly, as other tools do. */
export function survivePipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? Exit.done)
      throw error
    })
  }
}

/** Says what is not built yet; returns the exit code. */
export function notSupportedYet(what: string): number {
  process.stderr.write(`not supported yet: ${what}\n`)
  return Exit.usage
}

/** For options that may be given again. */
export const collect = (value: string, values: readonly string[] = []): readonly string[] => [...values, value]
