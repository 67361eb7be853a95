// Erlang's B formula end to end: real handshakes through pod, node, load balancer and endpoint, each connection reset after its hold, its
// port held a second longer. The share of connections that fail is the formula's (golden/analytic.json), whatever the hold's distribution.
import { describe, expect, it } from 'vitest'
import analytic from './golden/analytic.json' with { type: 'json' }
import { runWith } from './support/any-run.js'

const LONG = process.env.VXLANE_LONG !== undefined
const PODS = 8
/** Seconds that a port is held: nine of life, one after the RST. */
const HELD_S = 10

const HOLDS: Readonly<Record<string, unknown>> = {
  constant: '9s',
  exponential: { kind: 'exponential', mean: '9s' },
  bimodal: { kind: 'empirical', values: [{ value: '5s', weight: 9 }, { value: '45s' }] },
}

const scenarioOf = (c: number, a: number, hold: string, seconds: number): object => ({
  apiVersion: 'vxlane/v1',
  name: 'erlang',
  duration: `${seconds}s`,
  cluster: {
    networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay', loadBalancerProfile: { allocatedOutboundPorts: c } },
    agentPoolProfiles: [{ name: 'nodepool1', count: 1 }],
  },
  fabric: { loadBalancer: { releaseAfterRst: '1s' } },
  workloads: [{ namespace: 'shop', name: 'client', replicas: PODS }],
  endpoints: [{ name: 'api', address: '203.0.113.10' }],
  traffic: [
    {
      name: 'calls',
      from: { workload: 'shop/client' },
      to: { endpoint: 'api', port: 443 },
      arrivals: 'poisson',
      // One SYN and no other: a retry would be an arrival that depends on the last one.
      connections: {
        rate: `${a / HELD_S / PODS}/s`,
        hold: HOLDS[hold],
        request: 50,
        response: 50,
        close: 'rst',
        synRetries: 0,
        synLinearTimeouts: 0,
      },
    },
  ],
})

const rowOf = (c: number, rho: number) => analytic.erlangB.table.find(table => table.c === c)!.rows.find(row => row.rho === rho)!

/** Mean and standard error of the failed share over batches of intervals, the first left out as warm-up. */
function failedShare(attempts: readonly number[], failed: readonly number[], perBatch: number): { mean: number; error: number } {
  const shares: number[] = []
  const sum = (values: readonly number[], from: number) => values.slice(from, from + perBatch).reduce((total, value) => total + value, 0)
  for (let from = perBatch; from + perBatch <= attempts.length; from += perBatch) shares.push(sum(failed, from) / sum(attempts, from))
  const mean = shares.reduce((total, share) => total + share, 0) / shares.length
  const variance = shares.reduce((total, share) => total + (share - mean) ** 2, 0) / (shares.length - 1)
  return { mean, error: Math.sqrt(variance / shares.length) }
}

describe('connections through a load balancer with c ports fail as Erlang B says', () => {
  const cases: [number, number, string][] = LONG
    ? [32, 64, 128].flatMap(c =>
        [0.8, 0.9, 1, 1.2].flatMap(rho => Object.keys(HOLDS).map((hold): [number, number, string] => [c, rho, hold])),
      )
    : [
        [32, 0.9, 'constant'],
        [32, 1.2, 'exponential'],
      ]
  it.each(cases)('c %i, rho %f, %s', async (c, rho, hold) => {
    const { a, B } = rowOf(c, rho)
    const seconds = LONG ? 10_000 : 2_400
    const { connections, drops } = await runWith(scenarioOf(c, a, hold, seconds), 0)
    const { mean, error } = failedShare(connections.overTime.attempts, connections.overTime.failed, 4)
    console.log(
      `c ${c} rho ${rho} ${hold}: ${connections.attempts} connections, ${mean.toFixed(4)} failed, Erlang B ${B.toFixed(4)}, 3 se ${(3 * error).toFixed(4)}`,
    )
    expect(Math.abs(mean - B)).toBeLessThanOrEqual(3 * error)
    expect(connections.failedByReason).toEqual({ connectTimeout: connections.failed })
    expect(drops.byReason.snatPortsExhausted).toBeGreaterThanOrEqual(connections.failed)
  })
})
