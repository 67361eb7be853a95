// The exact numbers of a result, flat and named, in a stated order: what two runs are compared by. All are functions of scenario and
// seed, so a difference is a difference of what happened, never of the machine.
import type { RunResult } from '../run/result.js'

export type Unit = 'count' | 'ns' | 'bytes'

export interface Metric {
  /** As an assertion would write it: drops.byReason.noRoute. */
  readonly name: string
  readonly unit: Unit
  /** Null: it never came to it, such as a resource that never ran out. */
  readonly value: number | null
}

export function metricsOf(result: RunResult): Metric[] {
  return [
    ...counts('totals', result.totals, { bytesDelivered: 'bytes' }),
    ...counts('drops.byReason', result.drops.byReason),
    ...latency('latencyNs', result.latencyNs),
    ...result.traffic.flatMap(({ name, ...rest }) => counts(`traffic.${name}`, rest, { bytesDelivered: 'bytes' })),
    ...connections(result.connections),
    ...resources(result.resources),
    { name: 'simulatedNs', unit: 'ns', value: result.simulatedNs },
  ]
}

/** By name; where several have one name, such as the subnets of two pools, by scope too. */
function resources(all: RunResult['resources']): Metric[] {
  return all.flatMap(({ name, scope, capacity, used, peak, failures, exhaustedAtNs }) => {
    const isAlone = all.filter(other => other.name === name).length === 1
    const prefix = `resources.${name}${isAlone ? '' : `[${scope}]`}`
    return [
      ...counts(prefix, { capacity, used, peak, failures }),
      { name: `${prefix}.exhaustedAtNs`, unit: 'ns' as const, value: exhaustedAtNs },
    ]
  })
}

function connections(all: RunResult['connections']): Metric[] {
  if (all.attempts === 0) return []
  const { attempts, established, completed, failed, open, retransmissions } = all
  return [
    ...counts('connections', { attempts, established, completed, failed, open, retransmissions }),
    ...counts('connections.failedByReason', all.failedByReason),
    ...latency('connections.connectNs', all.connectNs),
    ...latency('connections.responseNs', all.responseNs),
  ]
}

function counts(prefix: string, values: object, units: Readonly<Record<string, Unit>> = {}): Metric[] {
  return Object.entries(values).flatMap(([name, value]) =>
    typeof value === 'number' ? [{ name: `${prefix}.${name}`, unit: units[name] ?? 'count', value }] : [],
  )
}

const TIMES = ['min', 'mean', 'p50', 'p90', 'p99', 'p999', 'max'] as const

const latency = (prefix: string, times: RunResult['latencyNs']): Metric[] => [
  { name: `${prefix}.count`, unit: 'count', value: times.count },
  ...TIMES.map(name => ({ name: `${prefix}.${name}`, unit: 'ns' as const, value: times.count > 0 ? times[name] : null })),
]
