// What all commands share about their streams: a reader that goes away is no error.
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

/** For options that may be given again. */
export const collect = (value: string, values: readonly string[] = []): readonly string[] => [...values, value]
