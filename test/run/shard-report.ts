// A shard's report as tests need one: ten packets, seven delivered after 50 us, two dropped, one in flight.
import { VERDICT_COUNT, Verdict } from '../../src/datapath/verdict.js'
import type { ShardReport } from '../../src/engine/report.js'
import { BUCKETS, bucketOf } from '../../src/observe/histogram.js'

export interface ReportChanges {
  readonly shard?: number
  readonly lp?: number
  readonly endNs?: number
  readonly totals?: Partial<ShardReport['totals']>
  readonly digest?: readonly number[]
  readonly checkpoints?: readonly number[]
  readonly captures?: ShardReport['captures']
}

export function shardReport(changes: ReportChanges = {}): ShardReport {
  const lp = changes.lp ?? 0
  const verdicts = new Float64Array(VERDICT_COUNT)
  verdicts[Verdict.delivered] = 7
  verdicts[Verdict.nicQueueFull] = 1
  verdicts[Verdict.noRoute] = 1
  const latency = new Float64Array(BUCKETS)
  latency[bucketOf(50_000)] = 7
  return {
    shard: changes.shard ?? 0,
    endNs: changes.endNs ?? 2_000_000,
    totals: {
      ...{ sent: 10, delivered: 7, dropped: 2, inFlight: 1, bytesDelivered: 7000, encapsulated: 6, decapsulated: 5, masqueraded: 0 },
      ...changes.totals,
    },
    verdicts,
    latency,
    latencySum: 7 * 50_000,
    throughputPackets: Float64Array.of(4, 3),
    throughputBytes: Float64Array.of(4000, 3000),
    traffic: Float64Array.of(10, 7, 2, 7000),
    digest: Int32Array.from(changes.digest ?? [1, 2, 3, 4]),
    checkpoints: Int32Array.from(changes.checkpoints ?? [1, 2, 3, 4, 5, 6, 7, 8]),
    series: {
      interval: Uint32Array.of(0, 1),
      lp: Uint32Array.of(lp, lp),
      sent: Uint32Array.of(5, 5),
      delivered: Uint32Array.of(4, 3),
      dropped: Uint32Array.of(1, 1),
      bytesDelivered: Float64Array.of(4000, 3000),
      queuePeak: Uint32Array.of(2, 1),
      conntrack: Uint32Array.of(5, 3),
    },
    drops: {
      interval: Uint32Array.of(0, 1),
      lp: Uint32Array.of(lp, lp),
      verdict: Uint32Array.of(Verdict.nicQueueFull, Verdict.noRoute),
      count: Uint32Array.of(1, 1),
    },
    dropSamples: [{ verdict: Verdict.noRoute, timeNs: 1_500_000, lp, length: 3, bytes: Uint8Array.of(1, 2, 3) }],
    snat: {
      rows: {
        interval: Uint32Array.of(1),
        lp: Uint32Array.of(lp),
        by: Uint32Array.of(1),
        used: Uint32Array.of(9),
        refused: Uint32Array.of(2),
      },
      talkers: [],
      hosts: [],
      firstRefusedNs: Number.POSITIVE_INFINITY,
      device: null,
    },
    latencyGrowth: {
      interval: Uint32Array.of(0, 1),
      bucket: Uint32Array.of(bucketOf(50_000), bucketOf(50_000)),
      count: Float64Array.of(4, 3),
    },
    conntrack: Float64Array.of(lp, 5, 3, 1),
    captures: changes.captures ?? [],
    effort: { events: 30, windows: 40, barrierSeconds: 0.5, runSeconds: 2 },
  }
}
