// The pods that a workload wants: replica numbers from 0 up, each with the row of its present pod. Scaling down takes the highest numbers.
import type { StreamKey } from '../../base/random.js'
import type { Workload } from '../../scenario/model.js'
import type { Growth } from '../../scenario/model-timeline.js'
import { grown } from './event-queue.js'

export class ReplicaSet {
  /** Row of each replica's present pod. */
  rows = new Int32Array(16)
  /** How many pods each replica number has had. */
  lives = new Int32Array(16)
  count = 0
  readonly name: string
  readonly growth: Growth | null
  /** Of the stream that lifetimes are drawn from. */
  readonly key0: number
  readonly key1: number
  /** Of the one that starts are drawn from. */
  readonly startupKey0: number
  readonly startupKey1: number

  constructor(
    readonly index: number,
    readonly workload: Workload,
    root: StreamKey,
  ) {
    this.name = `${workload.namespace}/${workload.name}`
    this.growth = workload.growth
    const key = root.with(this.name).with('\u0000lifetime')
    this.key0 = key.key0
    this.key1 = key.key1
    const startup = root.with(this.name).with('\u0000startup')
    this.startupKey0 = startup.key0
    this.startupKey1 = startup.key1
  }

  /** Room for replica numbers below `count`. */
  reach(count: number): void {
    if (count <= this.rows.length) return
    const size = Math.max(count, this.rows.length * 2)
    this.rows = grown(this.rows, new Int32Array(size))
    this.lives = grown(this.lives, new Int32Array(size))
  }
}
