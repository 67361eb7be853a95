// The same shards without threads: all in the caller's thread, one after the other in every window. For debugging, for embedding
// where threads are not wanted, and to show that threads change nothing. Now and then the event loop gets its turn, so that ^C is heard.
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import type { ShardReport } from '../engine/report.js'
import { type ShardSetup, soloRounds } from '../engine/rounds.js'
import { type Board, openBoard } from '../shm/board.js'
import type { Control } from './crew.js'
import { failureOf } from './messages.js'
import { inSeconds, RunError } from './run-error.js'

/** Between two turns of the event loop, ms. */
const SLICE = 100
/** Between two looks whether a pause is over, ms. */
const PAUSE_LOOK = 20

/** Runs all shards in this thread; reports in order of shards. Throws {@link RunError} when one fails. */
export async function runAlone(setups: readonly ShardSetup[], control: Control): Promise<ShardReport[]> {
  const board = openBoard(setups[0].mesh.board)
  const rounds = soloRounds(setups.map(setup => ({ ...setup, stopwatch: () => performance.now() / 1000 })))
  const next = (stop: boolean) => guarded(() => rounds.next(stop), setups[0].image.params.seed, board)
  let sliceEnds = performance.now() + SLICE
  let round = next(false)
  while (!round.done) {
    if (performance.now() >= sliceEnds) {
      control.onProgress?.(board.progress())
      await turn()
      sliceEnds = performance.now() + SLICE
    }
    while (board.paused && !control.signal?.aborted) await wait(PAUSE_LOOK)
    round = next(control.signal?.aborted ?? false)
  }
  return round.value
}

/** What the engine throws becomes a {@link RunError} that says where. */
function guarded<Value>(step: () => Value, seed: number, board: Board): Value {
  try {
    return step()
  } catch (error) {
    const { cause, stack, timeNs } = failureOf(error)
    const where = { seed, shard: null, timeNs: timeNs ?? board.progress().timeNs }
    throw new RunError(`the run threw ${cause} at ${inSeconds(where.timeNs)} of virtual time, seed ${seed}`, where, stack)
  }
}
