// What is known about drops beside their sum: how many for which reason at each logical process in each interval, and the first few
// frames of every reason, so that a report can show what was lost. Written on the way of a drop only; a delivered packet never comes here.
import type { LpId, PacketId } from '../base/brand.js'
import { FIRST_DROP, VERDICT_COUNT, type Verdict } from '../datapath/verdict.js'
import type { PacketPool } from '../shm/packet-pool.js'
import type { DropRows, DropSample } from './report.js'

/** Frames kept of each reason: the earliest, of those at one time the ones at the least logical process. */
const SAMPLES = 3
/** Bytes kept of a frame: outer and inner headers with options. */
const SAMPLE_BYTES = 160

export class DropBooks {
  /** Drops of the open interval: a row of all verdicts for each logical process. */
  private readonly counts: Uint32Array
  private readonly rows: { interval: number[]; lp: number[]; verdict: number[]; count: number[] } = {
    interval: [],
    lp: [],
    verdict: [],
    count: [],
  }
  private readonly kept: DropSample[][] = Array.from({ length: VERDICT_COUNT }, () => [])
  /** When and where the last of the kept samples of a full reason lies; Infinity while there is room. */
  private readonly lastNs = new Float64Array(VERDICT_COUNT).fill(Number.POSITIVE_INFINITY)
  private readonly lastLp = new Int32Array(VERDICT_COUNT)

  constructor(
    private readonly pool: PacketPool,
    private readonly clock: Float64Array,
    lpCount: number,
  ) {
    this.counts = new Uint32Array(lpCount * VERDICT_COUNT)
  }

  /** A packet ended here that was not delivered. */
  note(lp: LpId, id: PacketId, verdict: Verdict): void {
    this.counts[lp * VERDICT_COUNT + verdict]++
    const last = this.lastNs[verdict]
    if (this.clock[0] < last || (this.clock[0] === last && lp < this.lastLp[verdict])) this.keep(lp, id, verdict)
  }

  /** Rows of a logical process that dropped something in the interval that ends. */
  close(interval: number, lp: number): void {
    const { counts, rows } = this
    for (let verdict = FIRST_DROP; verdict < VERDICT_COUNT; verdict++) {
      const at = lp * VERDICT_COUNT + verdict
      if (counts[at] === 0) continue
      rows.interval.push(interval)
      rows.lp.push(lp)
      rows.verdict.push(verdict)
      rows.count.push(counts[at])
      counts[at] = 0
    }
  }

  report(): DropRows {
    const { interval, lp, verdict, count } = this.rows
    return {
      interval: Uint32Array.from(interval),
      lp: Uint32Array.from(lp),
      verdict: Uint32Array.from(verdict),
      count: Uint32Array.from(count),
    }
  }

  samples(): DropSample[] {
    return this.kept.flat()
  }

  private keep(lp: LpId, id: PacketId, verdict: Verdict): void {
    const kept = this.kept[verdict]
    const bytes = this.pool.copyFrame(id)
    kept.push({ verdict, timeNs: this.clock[0], lp, length: bytes.length, bytes: bytes.slice(0, SAMPLE_BYTES) })
    kept.sort(inOrder)
    if (kept.length > SAMPLES) kept.pop()
    if (kept.length < SAMPLES) return
    const last = kept[SAMPLES - 1]
    this.lastNs[verdict] = last.timeNs
    this.lastLp[verdict] = last.lp
  }
}

/** By time, then place; a stable sort leaves those of one place in the order in which they happened. */
const inOrder = (a: DropSample, b: DropSample): number => a.timeNs - b.timeNs || a.lp - b.lp

/** The earliest samples of each reason out of all shards'. */
export function firstSamples(all: readonly DropSample[]): DropSample[] {
  const sorted = [...all].sort((a, b) => a.verdict - b.verdict || inOrder(a, b))
  return sorted.filter((sample, i) => sorted[i - SAMPLES]?.verdict !== sample.verdict)
}
