// Flows: keyed by names, never to oneself, one source port for each remote; and what adding things elsewhere must not change.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { streamKey } from '../../src/base/random.js'
import { compile } from '../../src/cluster/compile.js'
import { namesOf } from '../../src/cluster/names.js'
import { planCluster } from '../../src/cluster/plan.js'
import { openImage } from '../../src/image/image.js'
import type { Scenario } from '../../src/scenario/model.js'
import { formatIpv4 } from '../../src/wire/address.js'
import { fixedPod, ip, makeScenario, pool, udp, workload } from './make-scenario.js'

interface Flow {
  readonly source: string
  readonly target: string
  readonly entry: string
  readonly ports: number
  readonly key: string
  readonly startNs: number
}

function flowsOf(scenario: Scenario): Flow[] {
  const plan = planCluster(scenario)
  const names = namesOf(scenario, plan)
  const columns = openImage(compile(scenario, plan, { shards: 2, readReplay: () => [] }))
  const byAddress = new Map<number, string>()
  for (let pod = 0; pod < plan.pods.count; pod++) byAddress.set(columns.podAddress[pod], names.podName(pod))
  return Array.from(columns.flowLp, (lp, i) => ({
    source: columns.flowPod[i] >= 0 ? names.podName(columns.flowPod[i]) : names.lpName(lp),
    target: byAddress.get(columns.flowTargetAddress[i]) ?? formatIpv4(columns.flowTargetAddress[i]),
    entry: scenario.traffic[columns.flowTraffic[i]].name,
    ports: columns.flowPorts[i],
    key: `${columns.flowKey0[i]}/${columns.flowKey1[i]}`,
    startNs: columns.flowStartNs[i],
  }))
}

const text = (flow: Flow): string => JSON.stringify(flow)

const base = makeScenario({
  pools: [pool('p', 5)],
  workloads: [workload('shop/client', 20), workload('shop/web', 12)],
  traffic: [
    udp('east', 'shop/client', 'shop/web', { flows: 4 }),
    udp('mesh', 'shop/web', 'shop/web', { arrivals: { kind: 'constant' }, flows: 3 }),
  ],
})

describe('flows', () => {
  it('come from the streams the names promise', () => {
    const flow = flowsOf(base).find(({ source, entry }) => source === 'shop/client/7' && entry === 'east')
    expect(flow?.key).toBe(streamKey(1, 'shop/client/7', 'arrivals:east:0').join('/'))
  })

  it('lie grouped by source process', () => {
    const columns = openImage(compile(base, planCluster(base), { shards: 1, readReplay: () => [] }))
    expect([...columns.flowLp]).toEqual([...columns.flowLp].sort((a, b) => a - b))
    expect(columns.flowLp).toHaveLength(20 * 4 + 12 * 3)
  })

  it('never lead to oneself, and never share a source port towards one remote', () => {
    const flows = flowsOf(base)
    expect(flows.filter(flow => flow.source === flow.target)).toEqual([])
    expect(new Set(flows.map(({ source, target, ports }) => `${source} ${target} ${ports >>> 16}`)).size).toBe(flows.length)
    for (const { ports } of flows) expect(ports >>> 16).toSatisfy((port: number) => port >= 32768 && port <= 60999)
  })

  it('have none when the only target is the source', () => {
    const traffic = [udp('self', '', '', { from: { kind: 'pod', pod: 'shop/web/0' }, to: { kind: 'pod', pod: 'shop/web/0' } })]
    expect(flowsOf({ ...base, traffic })).toEqual([])
  })

  it('of constant rate start at whole nanoseconds within their first interval, others at once', () => {
    for (const { entry, startNs } of flowsOf(base)) {
      if (entry === 'east') expect(startNs).toBe(0)
      else expect(startNs).toSatisfy((ns: number) => Number.isInteger(ns) && ns >= 0 && ns < 1e7)
    }
  })

  it('spread evenly over the targets', () => {
    const many = {
      ...base,
      workloads: [workload('shop/client', 1000), workload('shop/web', 10)],
      traffic: [udp('e', 'shop/client', 'shop/web', { flows: 10 })],
    }
    const counts = new Map<string, number>()
    for (const { target } of flowsOf(many)) counts.set(target, (counts.get(target) ?? 0) + 1)
    // 10,000 draws among 10: chi-square with 9 degrees of freedom exceeds 27.9 once in a thousand.
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    expect(counts.size).toBe(10)
    expect(chiSquare).toBeLessThan(27.9)
  })

  it('go to endpoints and addresses, and come from endpoints', () => {
    const scenario = {
      ...base,
      endpoints: [{ name: 'partner', address: ip('203.0.113.10'), location: 'internet' as const }],
      traffic: [
        udp('out', '', '', { from: { kind: 'pod', pod: 'shop/web/0' }, to: { kind: 'endpoint', endpoint: 'partner' } }),
        udp('in', '', '', { from: { kind: 'endpoint', endpoint: 'partner' }, to: { kind: 'address', address: ip('198.51.100.1') } }),
        udp('any', '', 'shop/web', { from: { kind: 'selector', namespace: null, labels: { app: 'client' } } }),
      ],
    }
    const flows = flowsOf(scenario)
    expect(flows.find(flow => flow.entry === 'out')).toMatchObject({ source: 'shop/web/0', target: '203.0.113.10' })
    expect(flows.find(flow => flow.entry === 'in')).toMatchObject({ source: 'partner', target: '198.51.100.1' })
    expect(flows.filter(flow => flow.entry === 'any')).toHaveLength(20)
  })

  it('come from the pods that a selector finds, by the labels of fixed pods too', () => {
    const labels = { app: 'db' }
    const pods = ['db-0', 'db-1', 'db-2'].map((name, i) => fixedPod(name, { labels: { ...labels, role: i === 1 ? 'primary' : 'replica' } }))
    const to = (role: string) => ({
      ...base,
      workloads: [...base.workloads, workload('shop/db', 3, { labels, pods })],
      traffic: [udp('probe', '', 'shop/web', { from: { kind: 'selector', namespace: null, labels: { app: 'db', role } } })],
    })
    expect(flowsOf(to('primary')).map(flow => flow.source)).toEqual(['shop/db-1'])
    expect(flowsOf(to('replica')).map(flow => flow.source)).toEqual(['shop/db-0', 'shop/db-2'])
    expect(flowsOf(to('nothing'))).toEqual([])
  })
})

describe('adding', () => {
  const before = new Set(flowsOf(base).map(text))
  const missing = (scenario: Scenario): number => {
    const after = new Set(flowsOf(scenario).map(text))
    return [...before].filter(flow => !after.has(flow)).length
  }

  it('a workload, source pods, nodes or an entry changes no other flow', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.boolean(), fc.integer({ min: 0, max: 5 }), (more, front, nodes) => {
        const extra = workload('other/thing', more)
        const [client, web] = base.workloads
        const grown = { ...client, replicas: client.replicas + more }
        const workloads = front ? [extra, grown, web] : [grown, web, extra]
        const traffic = [...base.traffic, udp('new', 'other/thing', 'shop/web', { flows: 2 })]
        const cluster = { ...base.cluster, agentPoolProfiles: [pool('p', 5 + nodes)] }
        expect(missing({ ...base, workloads, traffic, cluster })).toBe(0)
      }),
      { numRuns: 20 },
    )
  })

  it('a target moves only the flows it takes over', () => {
    const [client, web] = base.workloads
    const scenario = { ...base, workloads: [client, { ...web, replicas: 13 }] }
    const after = flowsOf(scenario)
    const taken = after.filter(flow => flow.target === 'shop/web/12').length
    expect(taken).toBeGreaterThan(0)
    expect(missing(scenario)).toBeLessThanOrEqual(taken)
  })
})
