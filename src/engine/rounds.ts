// The round, the same for threads and for one thread: meet and agree on the next window that anybody has work for, drain rings, run the
// window, publish. A window is safe to run because everything between two logical processes takes at least the lookahead: what is
// sent within it arrives after it (conservative windows; Nicol 1993, and ns-3's and Shadow's runahead).
import { AbortedError, Board } from '../shm/board.js'
import type { Conntrack } from '../table/conntrack.js'
import type { ShardReport } from './report.js'
import { Shard, type ShardSetup } from './shard.js'

export type { ShardSetup }
export { AbortedError }

const STOP = -1
const noClock = (): number => 0

/** Runs one shard against the others of its mesh until the end, a requested stop, or an abort ({@link AbortedError}). */
export function runShard(setup: ShardSetup): ShardReport {
  const board = new Board(setup.mesh.board)
  const seconds = setup.stopwatch ?? noClock
  const shard = new Shard(setup, () => {
    if (board.aborted) throw new AbortedError()
    board.wake()
    shard.drain()
  })
  const drain = () => shard.drain()
  shard.start()
  const { durationNs, lookaheadNs } = shard.params
  const started = seconds()
  let barrierSeconds = 0
  let reached = -1
  for (;;) {
    if (board.paused) board.hold()
    const proposal = board.stopRequested ? STOP : shard.proposal(reached + 1)
    const before = seconds()
    const window = board.meet(setup.shard, proposal, drain)
    barrierSeconds += seconds() - before
    if (window === STOP || window === Number.POSITIVE_INFINITY) {
      shard.drain()
      const endNs = window === STOP ? Math.min(durationNs, (reached + 1) * lookaheadNs) : durationNs
      return shard.report(endNs, barrierSeconds, seconds() - started)
    }
    shard.drain()
    shard.runWindow(window)
    shard.publish()
    reached = window
    shard.progress(board, window)
  }
}

/** The connections that a run has tracked when it comes to a moment: one shard alone, up to there and no further. */
export function conntrackAt(setup: ShardSetup, atNs: number): Conntrack {
  const shard: Shard = new Shard(setup, () => shard.drain())
  shard.start()
  for (let window = shard.proposal(0); window * shard.params.lookaheadNs < atNs; window = shard.proposal(window + 1)) {
    shard.drain()
    shard.runWindow(window)
    shard.publish()
  }
  return shard.stack.conntrack
}

export interface SoloControl {
  shouldStop(): boolean
  onWindow?(timeNs: number): void
}

/** Runs all shards in the calling thread, window by window. */
export function runSolo(setups: readonly ShardSetup[], control?: SoloControl): ShardReport[] {
  const rounds = soloRounds(setups)
  let round = rounds.next()
  while (!round.done) {
    control?.onWindow?.(round.value)
    round = rounds.next(control?.shouldStop() ?? false)
  }
  return round.value
}

/**
 * The same with a pause after every window, at the virtual time that was reached, so that a caller may let its event loop turn.
 * `next(true)` asks for the end.
 */
export function* soloRounds(setups: readonly ShardSetup[]): Generator<number, ShardReport[], boolean> {
  const board = new Board(setups[0].mesh.board)
  const seconds = setups[0].stopwatch ?? noClock
  const shards: Shard[] = setups.map(setup => new Shard(setup, to => shards[to].drain()))
  for (const shard of shards) shard.start()
  const { durationNs, lookaheadNs } = shards[0].params
  const started = seconds()
  let reached = -1
  let stopped = false
  for (;;) {
    let window = Number.POSITIVE_INFINITY
    for (const shard of shards) window = Math.min(window, shard.proposal(reached + 1))
    if (stopped || window === Number.POSITIVE_INFINITY) {
      for (const shard of shards) shard.drain()
      const endNs = stopped ? Math.min(durationNs, (reached + 1) * lookaheadNs) : durationNs
      return shards.map(shard => shard.report(endNs, 0, seconds() - started))
    }
    for (const shard of shards) {
      shard.drain()
      shard.runWindow(window)
      shard.publish()
      shard.progress(board, window)
    }
    reached = window
    stopped = yield Math.min(durationNs, (window + 1) * lookaheadNs)
  }
}
