// The one shared page that all shards and the main thread look at: stop word, window barrier, proposals for the next window, and a
// row of progress per shard.
//
// The barrier counts arrivals; the last one starts a new generation. Waiters spin briefly (a free core answers within a
// microsecond), then sleep in Atomics.wait with a timeout and look at the stop word, so that a dead shard ends the run at once.
// Each shard brings a proposal (the next window it has work for, or -1: stop), and all leave with the least of them. Proposals are
// kept in two sets that alternate, so that a fast shard cannot overwrite what a slow one has yet to read.

const STOP = 0
const GENERATION = 16
const ARRIVED = 32
const PAUSED = 48
const CONTROL_WORDS = 64
const ROW_DOUBLES = 8
const SPINS = 4000
const SLEEP_MS = 50

const RUNNING = 0
const STOP_REQUESTED = 1
const ABORTED = 2

/** Thrown out of a wait when another shard has died; not a fault of this one. */
export class AbortedError extends Error {
  override name = 'AbortedError'
  constructor() {
    super('another shard failed')
  }
}

export interface Progress {
  readonly timeNs: number
  readonly sent: number
  readonly delivered: number
  readonly dropped: number
  readonly events: number
}

export const createBoard = (shards: number): SharedArrayBuffer =>
  new SharedArrayBuffer(CONTROL_WORDS * 4 + shards * ROW_DOUBLES * 8 + shards * 16)

export class Board {
  private readonly control: Int32Array
  private readonly rows: Float64Array
  private readonly proposals: Float64Array
  private readonly shards: number
  private round = 0

  constructor(buffer: SharedArrayBuffer) {
    this.shards = (buffer.byteLength - CONTROL_WORDS * 4) / (ROW_DOUBLES * 8 + 16)
    this.control = new Int32Array(buffer, 0, CONTROL_WORDS)
    this.rows = new Float64Array(buffer, CONTROL_WORDS * 4, this.shards * ROW_DOUBLES)
    this.proposals = new Float64Array(buffer, CONTROL_WORDS * 4 + this.shards * ROW_DOUBLES * 8, this.shards * 2)
  }

  /** Asks all shards to stop after the window they are in. */
  requestStop(): void {
    Atomics.compareExchange(this.control, STOP, RUNNING, STOP_REQUESTED)
  }

  /** Shards stop before their next window, and go on when told. */
  pause(): void {
    Atomics.store(this.control, PAUSED, 1)
  }

  resume(): void {
    Atomics.store(this.control, PAUSED, 0)
    Atomics.notify(this.control, PAUSED)
  }

  get paused(): boolean {
    return Atomics.load(this.control, PAUSED) === 1
  }

  /** Waits while the run is paused. Others wait for this shard at the barrier; an end that somebody asks for ends the pause. */
  hold(): void {
    while (this.paused && !this.stopRequested) Atomics.wait(this.control, PAUSED, 1, SLEEP_MS)
  }

  /** Tells all shards to leave at once: one of them is gone. */
  abort(): void {
    Atomics.store(this.control, STOP, ABORTED)
    this.wake()
  }

  get stopRequested(): boolean {
    return Atomics.load(this.control, STOP) !== RUNNING
  }

  get aborted(): boolean {
    return Atomics.load(this.control, STOP) === ABORTED
  }

  /** Wakes sleepers of the barrier, so that they drain their rings. */
  wake(): void {
    Atomics.notify(this.control, GENERATION)
  }

  /**
   * Meets the other shards; returns the least proposal. `whileWaiting` runs between looks (it drains inbound rings, so that a
   * writer with a full ring gets on). Throws {@link AbortedError} when the run is aborted.
   */
  meet(shard: number, proposal: number, whileWaiting: () => void): number {
    const set = (this.round & 1) * this.shards
    this.proposals[set + shard] = proposal
    this.round++
    const generation = Atomics.load(this.control, GENERATION)
    if (Atomics.add(this.control, ARRIVED, 1) === this.shards - 1) {
      Atomics.store(this.control, ARRIVED, 0)
      Atomics.add(this.control, GENERATION, 1)
      this.wake()
    } else this.wait(generation, whileWaiting)
    let least = this.proposals[set]
    for (let i = 1; i < this.shards; i++) if (this.proposals[set + i] < least) least = this.proposals[set + i]
    return least
  }

  private wait(generation: number, whileWaiting: () => void): void {
    for (let spin = 0; spin < SPINS; spin++) {
      if (Atomics.load(this.control, GENERATION) !== generation) return
      if ((spin & 63) === 63) whileWaiting()
    }
    while (Atomics.load(this.control, GENERATION) === generation) {
      if (this.aborted) throw new AbortedError()
      whileWaiting()
      Atomics.wait(this.control, GENERATION, generation, SLEEP_MS)
    }
  }

  /** Publishes a shard's row; read by the main thread at its leisure. */
  report(shard: number, timeNs: number, sent: number, delivered: number, dropped: number, events: number): void {
    const r = shard * ROW_DOUBLES
    this.rows[r] = timeNs
    this.rows[r + 1] = sent
    this.rows[r + 2] = delivered
    this.rows[r + 3] = dropped
    this.rows[r + 4] = events
  }

  /** The least virtual time and the sums over all shards. */
  progress(): Progress {
    let timeNs = Number.POSITIVE_INFINITY
    const sums = [0, 0, 0, 0]
    for (let r = 0; r < this.rows.length; r += ROW_DOUBLES) {
      timeNs = Math.min(timeNs, this.rows[r])
      for (let i = 0; i < 4; i++) sums[i] += this.rows[r + 1 + i]
    }
    return { timeNs, sent: sums[0], delivered: sums[1], dropped: sums[2], events: sums[3] }
  }
}

export const openBoard = (buffer: SharedArrayBuffer): Board => new Board(buffer)
