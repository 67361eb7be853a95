// A whole run as a benchmark: the scenario is read beforehand; planning, the image, the thread of the one shard and everything that happens
// to each packet are measured. A thread of its own and not the caller's, because that is what users run and what its compiler flags are for.
import { loadAdmitted } from '../run/admitted.js'
import type { RunResult } from '../run/result.js'
import { run } from '../run/run.js'
import type { LoadOptions } from '../scenario/load.js'
import type { Done, Exact, Work } from './bench.js'

/** A run of a scenario; `unitsOf` says what its units are. */
export function runWork(scenario: object | string, unitsOf: (result: RunResult) => number, options: LoadOptions = {}): Work {
  const loaded = loadAdmitted(scenario, options)
  return async (): Promise<Done> => {
    const result = await run(loaded, { workers: 1 })
    return { units: unitsOf(result), exact: exactOf(result) }
  }
}

export const packetsSent = ({ totals }: RunResult): number => totals.sent

/** What a run counts, and the digest that says the same of everything it does not count. */
function exactOf({ digest, totals, performance, connections, drops }: RunResult): Exact {
  const byReason = Object.entries(drops.byReason).map(([reason, count]) => [`dropped.${reason}`, count])
  const { attempts, completed, failed } = connections
  return {
    digest,
    events: performance.events,
    ...totals,
    ...(attempts > 0 && { attempts, completed, failed }),
    ...Object.fromEntries(byReason),
  }
}
