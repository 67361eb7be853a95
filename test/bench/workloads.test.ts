// What the workloads count, against products of their own numbers: flows x rate x time, clients x rate x time, axes multiplied.
import { describe, expect, it } from 'vitest'
import type { Done, Prepare } from '../../src/bench/bench.js'
import { APPS, type FlowsAndPackets, RATE } from '../../src/bench/udp-scenarios.js'
import { CONNECTIONS, prepare as prepareConnections } from '../../src/bench/workload-connections.js'
import { prepare as prepareFiveThousand } from '../../src/bench/workload-five-thousand-nodes.js'
import { prepare as preparePlan } from '../../src/bench/workload-plan.js'
import { prepare as prepareStudy } from '../../src/bench/workload-study.js'
import { CROSS_NODE, crossNode, EGRESS, egress, POLICIES, policies, SAME_NODE, sameNode } from '../../src/bench/workload-udp.js'

const counters = ({ exact }: Done): Record<string, number> => exact as Record<string, number>
const done = async (prepare: Prepare): Promise<Done> => prepare('smoke')()
const packetsOf = ({ flows, packets }: FlowsAndPackets): number => flows * RATE * (packets / flows / RATE)

describe('datagrams: flows x rate x time, and where they end', () => {
  it('udp-cross-node', async () => {
    const result = await done(crossNode)
    const { sent, delivered, dropped, inFlight, encapsulated } = counters(result)
    expect([result.units, sent, dropped, delivered + inFlight]).toEqual([packetsOf(CROSS_NODE.smoke), sent, 0, sent])
    // Of 400 pods on 10 nodes, 360 of 399 others are elsewhere.
    expect(encapsulated / sent).toBeGreaterThan(0.8)
  })

  it('udp-same-node', async () => {
    const result = await done(sameNode)
    const { sent, delivered, inFlight, encapsulated } = counters(result)
    expect([result.units, delivered + inFlight, encapsulated]).toEqual([packetsOf(SAME_NODE.smoke), sent, 0])
  })

  it('egress-snat: every request and its answer are translated at node and balancer', async () => {
    const { sent, delivered, dropped, inFlight, masqueraded } = counters(await done(egress))
    const requests = packetsOf(EGRESS.smoke)
    // What was sent in the last millisecond, two hops of 500 us, is not answered.
    expect(sent).toBe(requests + requests - EGRESS.smoke.flows * (RATE / 1000))
    expect([dropped, delivered + inFlight]).toEqual([0, sent])
    // Node and balancer translate each request; those of the last 500 us only the node.
    expect(masqueraded).toBeGreaterThan(2 * requests - EGRESS.smoke.flows)
    expect(masqueraded).toBeLessThanOrEqual(2 * requests)
  })

  it('policies: half of it is denied, all of that on arrival', async () => {
    const { sent, delivered, dropped, inFlight, ...rest } = counters(await done(policies))
    const half = packetsOf(POLICIES.smoke) / 2
    expect(sent).toBe(2 * half)
    expect(rest['dropped.policyIngressDenied']).toBe(dropped)
    expect(delivered + dropped + inFlight).toBe(sent)
    for (const ended of [delivered, dropped]) {
      expect(ended).toBeLessThanOrEqual(half)
      expect(ended).toBeGreaterThan(half - APPS * 10)
    }
  })
})

it('connections: clients x rate x time, and none fails', async () => {
  const { clients, perSecond, milliseconds } = CONNECTIONS.smoke
  const { units, exact } = await done(prepareConnections)
  const { attempts, failed, completed } = exact as Record<string, number>
  expect([units, attempts, failed]).toEqual([(clients * perSecond * milliseconds) / 1000, units, 0])
  expect(completed).toBeGreaterThan(attempts - clients)
})

it('five-thousand-nodes: as many packets as its Poisson flows send', async () => {
  const { sent, dropped } = counters(await done(prepareFiveThousand))
  // 1,000 flows of 20/s for 200 ms.
  expect(Math.abs(sent - 4000)).toBeLessThan(5 * Math.sqrt(4000))
  expect(dropped).toBe(0)
})

it('plan-1m-pods: each of 5,000 pods ends once an hour on average and comes back', async () => {
  const { podEvents, running, waiting, nodes } = counters(await done(preparePlan))
  const [hours, pods] = [2, 5000]
  const ended = (podEvents - pods) / 2
  expect(Math.abs(ended - pods * hours)).toBeLessThan(5 * Math.sqrt(pods * hours))
  expect([running, waiting, nodes]).toEqual([pods, 0, 50])
})

it('study-1000: a point for each combination, each bound by something', async () => {
  const { units, exact } = await done(prepareStudy)
  const bound = Object.entries(exact).filter(([name]) => name.startsWith('bound.'))
  expect([units, exact.points, exact.failed]).toEqual([5 * 2 * 4, 5 * 2 * 4, 0])
  expect(bound.reduce((total, [, count]) => total + Number(count), 0)).toBe(units)
  expect(bound.length).toBeGreaterThan(1)
})
