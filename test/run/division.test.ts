// How the work of a run was divided adds up to what the run did, for any number of shards.
import { expect, test } from 'vitest'
import { run } from '../../src/index.js'

const scenario = {
  apiVersion: 'vxlane/v1',
  name: 'divided',
  duration: '20ms',
  cluster: {
    agentPoolProfiles: [
      { name: 'zoned', count: 3, availabilityZones: ['1', '2'] },
      { name: 'other', count: 2 },
    ],
  },
  workloads: [{ namespace: 'shop', name: 'web', replicas: 20 }],
  endpoints: [{ name: 'far', address: '203.0.113.9', location: 'internet' }],
  traffic: [
    {
      name: 'inside',
      from: { workload: 'shop/web' },
      to: { workload: 'shop/web', port: 80 },
      protocol: 'udp',
      size: '200B',
      rate: '1000/s',
    },
    { name: 'outside', from: { workload: 'shop/web' }, to: { endpoint: 'far', port: 80 }, protocol: 'udp', size: '200B', rate: '100/s' },
  ],
}

test.each([0, 1, 2, 3])('%i workers', async workers => {
  const { totals, performance } = await run(scenario, { workers })
  const { shards, pools, lookaheadNs, windows } = performance.division!
  const shardCount = Math.max(1, workers)
  expect(shards).toHaveLength(shardCount)
  expect(pools.map(({ pool, zones }) => [pool, zones])).toEqual([
    ['zoned', ['1', '2']],
    ['other', []],
    [null, []],
  ])
  const sum = (name: 'processes' | 'sent' | 'delivered' | 'dropped') =>
    pools.reduce((all, { byShard }) => all + byShard.reduce((one, load) => one + load[name], 0), 0)
  expect(pools.every(({ byShard }) => byShard.length === shardCount)).toBe(true)
  expect([sum('sent'), sum('delivered'), sum('dropped')]).toEqual([totals.sent, totals.delivered, totals.dropped])
  // Nodes, the load balancer that leads outside, and the endpoint.
  expect(sum('processes')).toBe(7)
  expect(shards.reduce((all, { events }) => all + events, 0)).toBe(performance.events)
  expect(lookaheadNs).toBeGreaterThan(0)
  expect(windows).toBeGreaterThan(0)
  const crossed = shards.map(({ sentTo }, from) => {
    expect(sentTo[from]).toBe(0)
    return sentTo.reduce((all, sent) => all + sent, 0)
  })
  const cut = crossed.reduce((all, sent) => all + sent, 0)
  if (shardCount === 1) expect(cut).toBe(0)
  else {
    expect(cut).toBeGreaterThan(0)
    // A packet crosses at most on each of its hops: node to node, or by way of the load balancer.
    expect(cut).toBeLessThanOrEqual(totals.sent * 2)
  }
})
