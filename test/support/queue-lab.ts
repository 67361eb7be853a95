// One NIC under Poisson load: fifty pods of one node send to pods of another, and what each packet waited is read off its latency. Batches
// are independent seeds. A run is a prefix of the same run with a longer duration, so the warm-up is run once more by itself and
// taken off: counts, sums and histograms subtract exactly.
import { lowestOf } from '../../src/observe/histogram.js'
import { runShards } from './any-run.js'
import type { Services } from './queue-theory.js'

/** Bytes that a packet occupies the wire for beside its IP length: Ethernet, preamble, FCS, gap, and VXLAN's outer headers. */
const PLAIN = 14 + 24
const TUNNEL = PLAIN + 50
const SHORTEST = 60 + 24
export const LATENCY_NS = 1000

export interface Link {
  readonly encapsulation: 'vxlan' | 'none'
  readonly size: number | { readonly kind: 'exponential'; readonly mean: number }
  readonly gbps: number
  readonly queue: number
  readonly rho: number
}

export interface Batch {
  readonly meanNs: number
  /** 99th percentile of latency, less the propagation. */
  readonly p99Ns: number
  readonly lost: number
}

const LEAST = 28
const MOST = 65535

/** Service times of the link's packets, in ns. */
export function servicesOf({ encapsulation, size, gbps }: Link): Services {
  const overhead = encapsulation === 'vxlan' ? TUNNEL : PLAIN
  const ns = (bytes: number): number => (Math.max(bytes + overhead, SHORTEST) * 8) / gbps
  if (typeof size === 'number') return [{ ns: ns(size), share: 1 }]
  const below = (bytes: number): number => (bytes <= LEAST ? 0 : bytes > MOST ? 1 : 1 - Math.exp(-bytes / size.mean))
  return Array.from({ length: MOST - LEAST + 1 }, (_, i) => {
    const bytes = LEAST + i
    return { ns: ns(bytes), share: below(bytes + 0.5) - below(bytes - 0.5) }
  })
}

const PODS = 50

function scenarioOf(link: Link, seed: number, packets: number, meanServiceNs: number): object {
  const perSecond = (link.rho / meanServiceNs) * 1e9
  const side = (node: number) => Array.from({ length: PODS }, (_, i) => ({ name: `p${i}`, node: `node${node}` }))
  return {
    apiVersion: 'vxlane/v1',
    seed,
    duration: `${Math.ceil((packets / perSecond) * 1e9)}ns`,
    cluster: { agentPoolProfiles: [{ name: 'one', count: 2, nodes: [{ name: 'node1' }, { name: 'node2' }] }] },
    fabric: { encapsulation: link.encapsulation, mtu: 65535, latency: `${LATENCY_NS}ns`, nicRate: `${link.gbps}Gbps`, queue: link.queue },
    workloads: [
      { namespace: 'a', name: 'from', pods: side(1) },
      { namespace: 'b', name: 'to', pods: side(2) },
    ],
    traffic: [
      {
        name: 'load',
        from: { workload: 'a/from' },
        to: { workload: 'b/to', port: 9 },
        protocol: 'udp',
        size: typeof link.size === 'number' ? link.size : { ...link.size, least: LEAST, most: MOST },
        rate: `${(perSecond / PODS).toFixed(6)}/s`,
        arrivals: 'poisson',
      },
    ],
  }
}

/** `count` batches of about `packets` packets each, after a warm-up of `warmUp` packets. */
export function batchesOf(link: Link, count: number, packets: number, warmUp: number, meanServiceNs: number): Batch[] {
  return Array.from({ length: count }, (_, i) => {
    const begin = runShards(scenarioOf(link, 100 + i, warmUp, meanServiceNs), 1)
    const whole = runShards(scenarioOf(link, 100 + i, warmUp + packets, meanServiceNs), 1)
    const counts = whole.latency.map((n, bucket) => n - begin.latency[bucket])
    const delivered = counts.reduce((sum, n) => sum + n, 0)
    const sent = whole.totals.sent - begin.totals.sent
    return {
      meanNs: (whole.latencySum - begin.latencySum) / delivered - LATENCY_NS,
      p99Ns: quantileOf(counts, delivered * 0.99) - LATENCY_NS,
      lost: (whole.totals.dropped - begin.totals.dropped) / sent,
    }
  })
}

/** The value below which `rank` of the counts lie, taken evenly through its bucket. */
function quantileOf(counts: Float64Array, rank: number): number {
  let below = 0
  let bucket = 0
  while (below + counts[bucket] < rank) below += counts[bucket++]
  return lowestOf(bucket) + ((rank - below) / counts[bucket]) * (lowestOf(bucket + 1) - lowestOf(bucket))
}

/** Mean over batches, and its standard error. */
export function estimate(values: readonly number[]): { readonly mean: number; readonly error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  return { mean, error: Math.sqrt(variance / values.length) }
}
