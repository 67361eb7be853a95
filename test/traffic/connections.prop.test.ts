// Laws of connections, whatever opens, is lost and closes: every attempt has one outcome, every ephemeral port comes back, every packet is
// accounted for, and none of it depends on the number of shards.
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runShards, runWith } from '../support/any-run.js'

const LONG = process.env.VXLANE_LONG !== undefined
const RUNS = LONG ? 300 : 40

const message = fc.oneof(
  fc.constantFrom<unknown>(1, '512B', '4KiB', '40KiB', 1410),
  fc.constantFrom<unknown>({ kind: 'exponential', mean: '2KiB' }, { kind: 'uniform', least: 1, most: 9000 }),
  fc.constantFrom<unknown>(
    { kind: 'lognormal', median: 700, sigma: 1.5, most: 50_000 },
    { kind: 'pareto', scale: 60, shape: 1.2, most: 20_000 },
  ),
  fc.constant<unknown>({ kind: 'empirical', values: [{ value: 100, weight: 9 }, { value: 30_000 }] }),
)
const hold = fc.constantFrom<unknown>(
  '0s',
  '50ms',
  '3s',
  { kind: 'exponential', mean: '200ms' },
  { kind: 'uniform', least: '0s', most: '1s' },
)
const once = fc.record({ hold, close: fc.constantFrom('fin', 'fin', 'rst') })
const pooled = fc.record({
  keepAlive: fc.record({ pool: fc.integer({ min: 1, max: 5 }), requests: fc.constantFrom(1, 3, 1000) }),
})

const connections = fc
  .tuple(
    fc.record({
      rate: fc.constantFrom('1/s', '7/s', '40/s'),
      request: message,
      response: fc.oneof(message, fc.constant(0)),
      server: fc.constantFrom('accept', 'accept', 'accept', 'refuse', 'ignore'),
      synRetries: fc.constantFrom(0, 1, 6),
      synLinearTimeouts: fc.constantFrom(0, 4),
      dataRetries: fc.constantFrom(1, 5),
    }),
    fc.oneof(once, pooled),
  )
  .map(([common, kind]) => ({ ...common, ...kind }))

const exchanges = fc.record({
  rate: fc.constantFrom('1/s', '20/s'),
  hold,
  request: message,
  response: fc.oneof(message, fc.constant(0)),
  server: fc.constantFrom('accept', 'accept', 'refuse', 'ignore'),
  timeout: fc.constantFrom('20ms', '5s'),
})

const WEB = { workload: 'a/web' }
const entry = fc
  .tuple(
    fc.constantFrom<object>(WEB, { workload: 'a/client' }, { workload: 'a/client' }, { node: 'one/0' }),
    fc.constantFrom<object>(
      WEB,
      WEB,
      { service: 'a/web' },
      { endpoint: 'api' },
      { endpoint: 'vm' },
      { node: 'one/1' },
      { address: '10.224.200.200' },
      { address: '203.0.113.77' },
    ),
    fc.constantFrom('constant', 'poisson'),
    fc.oneof(
      { weight: 3, arbitrary: connections.map(talk => ({ protocol: 'tcp', connections: talk })) },
      exchanges.map(talk => ({ protocol: 'udp', connections: talk })),
    ),
  )
  .map(([from, to, arrivals, talk]) => ({ from, to: { ...to, port: 80 }, arrivals, stop: '2s', ...talk }))

const anyTalk = fc
  .record({
    entries: fc.array(entry, { minLength: 1, maxLength: 4 }),
    fabric: fc.record({
      nicRate: fc.constantFrom('12.5Gbps', '10Mbps', '1Mbps'),
      queue: fc.constantFrom(1000, 2, 12),
      encapsulation: fc.constantFrom('vxlan', 'vxlan', 'none'),
      mtu: fc.constantFrom('1500B', '1500B', '600B'),
      podMtu: fc.constantFrom(undefined, undefined, '1500B'),
      conntrack: fc.record({ max: fc.constantFrom(262144, 262144, 5) }),
      appliance: fc.record({ portRange: fc.constantFrom('1024-65535', '40000-40003') }),
      ephemeralPorts: fc.constantFrom('32768-60999', '40000-40006', '40000-40000'),
      podCidrRoute: fc.constantFrom('none', 'unreachable'),
      masquerade: fc.record({ enabled: fc.constantFrom(true, true, false) }),
    }),
    outbound: fc.constantFrom<object>(
      { outboundType: 'userDefinedRouting' },
      { outboundType: 'userDefinedRouting' },
      { outboundType: 'loadBalancer', loadBalancerProfile: { allocatedOutboundPorts: 8, idleTimeoutInMinutes: 4 } },
      { outboundType: 'managedNATGateway', natGatewayProfile: { idleTimeoutInMinutes: 4 } },
    ),
    seed: fc.nat(1000),
  })
  .map(({ entries, fabric: { podMtu, ...fabric }, outbound, seed }) => ({
    apiVersion: 'vxlane/v1',
    seed,
    // Longer than any retransmission with these retries goes on, and TIME_WAIT after it.
    duration: '1200s',
    cluster: {
      networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay', ...outbound },
      agentPoolProfiles: [{ name: 'one', count: 3 }],
    },
    fabric: podMtu === undefined ? fabric : { ...fabric, podMtu },
    workloads: [
      { namespace: 'a', name: 'client', replicas: 3 },
      { namespace: 'a', name: 'web', replicas: 2, labels: { app: 'web' } },
    ],
    services: [
      {
        namespace: 'a',
        name: 'web',
        selector: { app: 'web' },
        ports: ['TCP', 'UDP'].map(protocol => ({ name: protocol.toLowerCase(), port: 80, protocol })),
      },
    ],
    endpoints: [
      { name: 'api', address: '203.0.113.10' },
      { name: 'vm', address: '10.224.100.1', location: 'vnet' },
    ],
    traffic: entries.map((traffic, i) => ({ name: `t${i}`, ...traffic })),
  }))

describe('connections', () => {
  const sample = fc.sample(anyTalk, { numRuns: RUNS, seed: 20260703 })

  it.each(sample.map((scenario, i) => [i, scenario] as const))('generated scenario %i', async (i, scenario) => {
    const { connections: found, totals, drops } = await runWith(scenario, 0, i % 2 === 0)
    expect(totals.delivered + totals.dropped + totals.inFlight).toBe(totals.sent)
    expect(totals.inFlight).toBe(0)
    for (const one of [found, ...found.traffic]) {
      const { attempts, completed, failed, stopped, open, established, requests } = one
      expect(attempts).toBeGreaterThanOrEqual(0)
      expect(completed + failed + stopped + open).toBe(attempts)
      expect(open).toBeGreaterThanOrEqual(0)
      expect(established).toBeLessThanOrEqual(attempts)
      expect(Object.values(one.failedByReason).reduce((sum, count) => sum + count, 0)).toBe(failed)
      expect(one.connectNs.count).toBe(established)
      expect(requests.answered + requests.failed).toBeLessThanOrEqual(requests.made)
    }
    expect(found.overTime.attempts.reduce((sum, count) => sum + count, 0)).toBe(found.attempts)
    // Pools keep their connections; all others have come to an end, and their ports are free again.
    const kept = found.traffic.reduce((sum, { name, open }) => {
      const traffic = scenario.traffic.find(item => item.name === name) as { connections: { keepAlive?: unknown } }
      if (traffic.connections.keepAlive === undefined) expect(open).toBe(0)
      return sum + open
    }, 0)
    // Requests that waited for a pool may still be closing theirs.
    const hasWork = found.requests.made > found.requests.answered + found.requests.failed
    if (hasWork) expect(found.portsInUse).toBeGreaterThanOrEqual(kept)
    else expect(found.portsInUse).toBe(kept)
    expect(drops.total).toBe(totals.dropped)
    const whole = runShards(scenario, 1)
    const { digest } = await runWith(scenario, 0, i % 2 !== 0)
    expect(whole.digest).toBe(digest)
    const parted = runShards(scenario, 2 + (i % 3))
    if (!isDeepStrictEqual(parted, whole)) expect(parted).toEqual(whole)
  })
})
