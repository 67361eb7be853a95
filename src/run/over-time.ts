// What happened when: latency percentiles and drops by reason for each statistics interval, and the first frames of every reason that
// dropped something. Sums and earliest ones over the shards, hence the same for any number of them.
import { FIRST_DROP, VERDICTS, type VerdictName } from '../datapath/verdict.js'
import { firstSamples } from '../engine/drop-books.js'
import type { DropSample, ShardReport } from '../engine/report.js'
import { BUCKETS, valueAt } from '../observe/histogram.js'
import { percentilesOverTime } from '../observe/sparse.js'
import { describeFrame } from '../wire/describe.js'

export interface OverTime {
  readonly intervalNs: number
  /** Of the datagrams delivered within each interval; 0 where there were none. */
  readonly latencyNs: { readonly p50: readonly number[]; readonly p99: readonly number[] }
  /** Packets dropped in each interval, of the reasons that occurred. */
  readonly dropped: Readonly<Partial<Record<VerdictName, readonly number[]>>>
}

/** A dropped frame as it was when it ended. */
export interface SampleFrame {
  readonly reason: VerdictName
  readonly atNs: number
  /** Node, appliance or endpoint. */
  readonly at: string
  /** Bytes of the frame; `bytes` holds the first 160 of them at most. */
  readonly length: number
  /** Hexadecimal. */
  readonly bytes: string
  /** The headers in one line. */
  readonly text: string
}

export function overTime(reports: readonly ShardReport[], intervalNs: number, intervals: number): OverTime {
  const parts = reports.map(({ latencyGrowth }) => latencyGrowth)
  const [p50, p99] = percentilesOverTime(parts, intervals, BUCKETS, [50, 99], valueAt)
  const dropped: Partial<Record<VerdictName, number[]>> = {}
  for (let verdict = FIRST_DROP; verdict < VERDICTS.length; verdict++) {
    if (reports.every(({ verdicts }) => verdicts[verdict] === 0)) continue
    dropped[VERDICTS[verdict].name] = new Array<number>(intervals).fill(0)
  }
  for (const { drops } of reports) {
    drops.interval.forEach((interval, row) => {
      const counts = dropped[VERDICTS[drops.verdict[row]].name]
      if (counts !== undefined && interval < intervals) counts[interval] += drops.count[row]
    })
  }
  return { intervalNs, latencyNs: { p50, p99 }, dropped }
}

export function sampleFrames(reports: readonly ShardReport[], nameOf: (lp: number) => string): SampleFrame[] {
  return firstSamples(reports.flatMap(({ dropSamples }) => [...dropSamples])).map(sample => sampleFrame(sample, nameOf))
}

function sampleFrame({ verdict, timeNs, lp, length, bytes }: DropSample, nameOf: (lp: number) => string): SampleFrame {
  const frame = Uint8Array.from(bytes)
  return {
    reason: VERDICTS[verdict].name,
    atNs: timeNs,
    at: nameOf(lp),
    length,
    bytes: Buffer.from(frame).toString('hex'),
    text: describeFrame(frame),
  }
}
