// ^C, and the SIGTERM that Kubernetes and other supervisors send: the first one asks for an end after the current window, so that what was
// finished can be saved; the second one quits.
import { Exit } from './exit.js'

export interface Interrupt {
  readonly signal: AbortSignal
  /** Asks for the end as the first ^C does. */
  ask(): void
  /** ^C does again what it did before. */
  release(): void
}

/** As process 1 of a container we would not get a signal at all unless we listen for it. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Listens for ^C and SIGTERM until released. */
export function interruptible(said = 'stopping after the current window; ^C again quits at once'): Interrupt {
  const controller = new AbortController()
  const onInterrupt = () => {
    if (controller.signal.aborted) process.exit(Exit.interrupted)
    controller.abort()
    process.stderr.write(`\n${said}\n`)
  }
  for (const name of SIGNALS) process.on(name, onInterrupt)
  const release = (): void => {
    for (const name of SIGNALS) process.off(name, onInterrupt)
  }
  return { signal: controller.signal, ask: () => controller.abort(), release }
}
