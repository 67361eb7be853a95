// The same shards without threads: all in the caller's thread, one after the other in every window. For debugging, for embedding
// where threads are not wanted, and to show that threads change nothing.
import type { ShardReport } from '../engine/report.js'
import { runSolo, type ShardSetup } from '../engine/rounds.js'
import type { Control } from './crew.js'
import { failureOf } from './messages.js'
import { inSeconds, RunError } from './run-error.js'

export function runAlone(setups: readonly ShardSetup[], control: Control): ShardReport[] {
  let reachedNs = 0
  try {
    return runSolo([...setups], {
      shouldStop: () => control.signal?.aborted ?? false,
      onWindow: timeNs => {
        reachedNs = timeNs
      },
    })
  } catch (error) {
    const { cause, stack, timeNs } = failureOf(error)
    const { seed } = setups[0].image.params
    const where = { seed, shard: null, timeNs: timeNs ?? reachedNs }
    throw new RunError(`solo threw ${cause} at ${inSeconds(where.timeNs)} of virtual time, seed ${seed}`, where, stack)
  }
}
