// How the work of a run was divided: which pool's nodes each shard had, how much they did, and how many packets went from shard to shard.
// Of this run on this machine: with another number of workers it is another division of the same work.
import type { Plan } from '../cluster/plan.js'
import type { ShardReport } from '../engine/report.js'
import { type Image, openImage } from '../image/image.js'
import type { Scenario } from '../scenario/model.js'
import { type Mesh, sentBetween } from '../shm/mesh.js'

export interface Division {
  /** No event affects another process sooner: the length of a window. */
  readonly lookaheadNs: number
  /** Windows in which something happened. */
  readonly windows: number
  /** Latencies beyond the histogram's range. */
  readonly latenciesClamped: number
  readonly shards: readonly ShardEffort[]
  /** Pools in the scenario's order, then gateways and endpoints together. */
  readonly pools: readonly PoolLoad[]
}

export interface ShardEffort {
  readonly events: number
  readonly runSeconds: number
  /** Of that, spent waiting for the others. */
  readonly barrierSeconds: number
  /** Records handed to each shard, itself 0; a replayed packet may take several. */
  readonly sentTo: readonly number[]
}

export interface PoolLoad {
  /** Null: gateways and endpoints. */
  readonly pool: string | null
  /** As the scenario says; nothing in the model depends on them. */
  readonly zones: readonly string[]
  /** For each shard. */
  readonly byShard: readonly { readonly processes: number; readonly sent: number; readonly delivered: number; readonly dropped: number }[]
}

interface Divided {
  readonly scenario: Scenario
  readonly plan: Plan
  readonly image: Image
  readonly mesh: Mesh
  readonly reports: readonly ShardReport[]
  readonly latenciesClamped: number
}

export function divisionOf({ scenario, plan, image, mesh, reports, latenciesClamped }: Divided): Division {
  const { lookaheadNs, lpCount } = image.params
  const pools = scenario.cluster.agentPoolProfiles
  const fresh = () => reports.map(() => ({ processes: 0, sent: 0, delivered: 0, dropped: 0 }))
  const rows = Array.from({ length: pools.length + 1 }, fresh)
  const rowOf = (lp: number) => rows[plan.nodes[lp]?.pool ?? pools.length]
  const { lpShard } = openImage(image)
  for (let lp = 0; lp < lpCount; lp++) rowOf(lp)[lpShard[lp]].processes++
  for (const { shard, series } of reports) {
    series.lp.forEach((lp, row) => {
      const load = rowOf(lp)[shard]
      load.sent += series.sent[row]
      load.delivered += series.delivered[row]
      load.dropped += series.dropped[row]
    })
  }
  return {
    lookaheadNs,
    windows: Math.max(...reports.map(({ effort }) => effort.windows)),
    latenciesClamped,
    shards: reports.map(({ shard, effort: { events, runSeconds, barrierSeconds } }) => ({
      ...{ events, runSeconds, barrierSeconds },
      sentTo: sentBetween(mesh, shard),
    })),
    pools: [
      ...pools.map(({ name, facts }, i) => ({ pool: name, zones: zonesIn(facts), byShard: rows[i] })),
      { pool: null, zones: [], byShard: rows[pools.length] },
    ],
  }
}

function zonesIn(facts: Readonly<Record<string, unknown>> | undefined): string[] {
  const zones = facts?.availabilityZones
  return Array.isArray(zones) ? zones.map(String) : []
}
