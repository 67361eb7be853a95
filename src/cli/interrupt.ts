// ^C: the first one asks for an end after the current window, so that what was finished can be saved; the second one quits.
import { Exit } from './exit.js'

export interface Interrupt {
  readonly signal: AbortSignal
  /** Asks for the end as the first ^C does. */
  ask(): void
  /** ^C does again what it did before. */
  release(): void
}

/** Listens for ^C until released. */
export function interruptible(said = 'stopping after the current window; ^C again quits at once'): Interrupt {
  const controller = new AbortController()
  const onInterrupt = () => {
    if (controller.signal.aborted) process.exit(Exit.interrupted)
    controller.abort()
    process.stderr.write(`\n${said}\n`)
  }
  process.on('SIGINT', onInterrupt)
  return { signal: controller.signal, ask: () => controller.abort(), release: () => process.off('SIGINT', onInterrupt) }
}
