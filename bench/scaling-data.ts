// What `scaling.ts` has measured, as it keeps it in docs/scaling.json: everything that docs/scaling.md and its picture show comes from there.
import { flowsOf, inFlightOf, type NamedCase, type Series } from './scaling-cases.js'

/** One run of one case. */
export interface Sample {
  readonly setupSeconds: number
  readonly wallSeconds: number
  readonly delivered: number
  readonly peakRssBytes: number
  readonly barrierShare: number
}

export interface Measured {
  readonly case: NamedCase
  readonly samples: readonly Sample[]
}

export interface ScalingData {
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGiB: number; readonly node: string }
  readonly measured: readonly Measured[]
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}

export const of = ({ measured }: ScalingData, series: Series): Measured[] => measured.filter(one => one.case.series === series)

export const packetsPerSecond = ({ samples }: Measured): number =>
  median(samples.map(({ delivered, wallSeconds }) => delivered / wallSeconds))
export const nsPerPacket = (one: Measured): number => 1e9 / packetsPerSecond(one)
export const setupSeconds = ({ samples }: Measured): number => median(samples.map(sample => sample.setupSeconds))
export const peakRss = ({ samples }: Measured): number => median(samples.map(sample => sample.peakRssBytes))
export const barrierShare = ({ samples }: Measured): number => median(samples.map(sample => sample.barrierShare))

/** Bytes that each one more takes: between the least and the most of what `count` counts, everything else being equal. */
export function bytesEach(list: readonly Measured[], count: (one: NamedCase) => number): number | null {
  const sorted = [...list].sort((a, b) => count(a.case) - count(b.case))
  const first = sorted[0]
  const last = sorted[sorted.length - 1]
  if (!first || count(first.case) === count(last.case)) return null
  return (peakRss(last) - peakRss(first)) / (count(last.case) - count(first.case))
}

/** What must hold, with what was measured; null where a case was not measured. */
export interface Claim {
  readonly text: string
  readonly measured: string
  readonly held: boolean | null
}

const GIB = 2 ** 30

export function claimsOf(data: ScalingData): Claim[] {
  const nodes = (count: number): Measured | undefined => of(data, 'nodes').find(one => one.case.nodes === count)
  const few = nodes(50)
  const many = nodes(5_000)
  const ratio = few && many ? nsPerPacket(many) / nsPerPacket(few) : null
  const setUps = [10_000, 20_000].map(count =>
    of(data, 'pods').find(one => one.case.nodes === count && one.case.pods === 1_000_000 && one.case.senders < 1_000_000),
  )
  const setUp = (one: Measured | undefined): Omit<Claim, 'text'> => ({
    measured: one ? `${setupSeconds(one).toFixed(1)} s, ${(peakRss(one) / GIB).toFixed(2)} GiB` : 'not measured',
    held: one ? setupSeconds(one) <= 8 && peakRss(one) <= 2 * GIB : null,
  })
  return [
    {
      text: 'time for a packet at 5,000 nodes at most 1.5 times that at 50, with the same 100,000 flows',
      measured: ratio === null ? 'not measured' : `${ratio.toFixed(2)} times`,
      held: ratio === null ? null : ratio <= 1.5,
    },
    { text: '1,000,000 pods on 10,000 nodes set up within 8 s and 2 GiB', ...setUp(setUps[0]) },
    { text: '1,000,000 pods on 20,000 nodes likewise', ...setUp(setUps[1]) },
  ]
}

/** Memory of what there may be many of. */
export function memoryOf(data: ScalingData): { readonly pod: number | null; readonly flow: number | null; readonly packet: number | null } {
  const idle = of(data, 'pods').filter(one => one.case.nodes === 10_000 && one.case.senders < 100_000)
  const single = of(data, 'workers').filter(one => one.case.workers === 1 && one.case.flowsEach > 1)
  const base = of(data, 'workers').filter(one => one.case.workers === 1 && one.case.pods === single[0]?.case.pods)
  return { pod: bytesEach(idle, one => one.pods), flow: bytesEach(base, flowsOf), packet: bytesEach(of(data, 'flight'), inFlightOf) }
}
