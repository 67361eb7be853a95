// Policies in whole runs: what they cost nobody, what they cut and when, and that neither shards nor the express path can be told from the
// result.
import { describe, expect, it } from 'vitest'
import { Verdict } from '../src/datapath/verdict.js'
import { type RunResult, run } from '../src/index.js'
import { runShards, runWith } from './support/any-run.js'

type Essence = Omit<RunResult, 'engine' | 'performance'>

const cluster = (engine: string) => ({
  networkProfile: { networkPluginMode: 'overlay', networkPolicy: engine, outboundType: 'none' },
  agentPoolProfiles: [{ name: 'np', count: 4 }],
})

const flow = (name: string, from: string, to: string, rest: object = {}) => ({
  name,
  from: { workload: `shop/${from}` },
  to: { workload: `shop/${to}`, port: 80 },
  protocol: 'udp',
  size: '500B',
  rate: '1000/s',
  ...rest,
})

const policy = (name: string, spec: object) => ({ metadata: { name, namespace: 'shop' }, spec })
const select = (app: string) => ({ matchLabels: { app } })

const DENY_ALL = policy('default-deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
const ALLOW_ALL = policy('allow-all', { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [{}], egress: [{}] })
const WEB_IN = policy('web', {
  podSelector: select('web'),
  ingress: [{ from: [{ podSelector: select('client') }], ports: [{ protocol: 'UDP', port: 80 }] }],
})
const CLIENT_OUT = policy('client', {
  podSelector: select('client'),
  policyTypes: ['Egress'],
  egress: [{ to: [{ podSelector: select('web') }] }],
})

function scenario(engine: string, policies: readonly object[], rest: object = {}) {
  return {
    apiVersion: 'vxlane/v1',
    name: 'policies',
    duration: '100ms',
    cluster: cluster(engine),
    networkPolicies: policies,
    workloads: ['web', 'client', 'other'].map(name => ({ namespace: 'shop', name, replicas: 6, labels: { app: name } })),
    traffic: [
      flow('wanted', 'client', 'web', { answer: { size: '200B', after: '30us' }, arrivals: 'poisson' }),
      flow('unwanted', 'other', 'web'),
    ],
    ...rest,
  }
}

const entry = (result: Essence, name: string) => result.traffic.find(item => item.name === name)!
const reasons = ({ drops }: Essence) => Object.fromEntries(Object.entries(drops.byReason).filter(([, count]) => count > 0))

describe('policies in a run', () => {
  it('that allow everything change nothing', async () => {
    const plain = await runWith(scenario('none', []), 0)
    const allowed = await runWith(scenario('calico', [ALLOW_ALL]), 0)
    expect(allowed.digest).toBe(plain.digest)
    expect(allowed.totals).toEqual(plain.totals)
  })

  it('without an engine are not enforced, and the result says so', async () => {
    const result = await runWith(scenario('none', [DENY_ALL]), 0)
    expect(result.drops.total).toBe(0)
    expect(result.warnings.map(({ code }) => code)).toContain('PoliciesNotEnforced')
  })

  it('deny by default, and what they allow passes with its answers', async () => {
    const closed = await runWith(scenario('calico', [DENY_ALL]), 0)
    expect(closed.totals.delivered).toBe(0)
    expect(closed.totals.encapsulated).toBe(0)
    expect(Object.keys(reasons(closed))).toEqual(['policyEgressDenied'])
    const open = await runWith(scenario('calico', [DENY_ALL, WEB_IN, CLIENT_OUT]), 0)
    expect(entry(open, 'wanted').dropped).toBe(0)
    expect(entry(open, 'unwanted').delivered).toBe(0)
    const half = await runWith(scenario('calico', [WEB_IN]), 0)
    expect(reasons(half)).toEqual({ policyIngressDenied: 600 })
  })

  it('work without masquerade too, on connection tracking of their own', async () => {
    const fabric = { masquerade: { enabled: false } }
    const open = await runWith(scenario('cilium', [DENY_ALL, WEB_IN, CLIENT_OUT], { fabric }), 0)
    expect(entry(open, 'wanted').dropped).toBe(0)
    expect(entry(open, 'unwanted').delivered).toBe(0)
  })

  const modes: readonly (readonly [string, object, object])[] = [
    ['overlay without encapsulation', { networkPluginMode: 'overlay' }, {}],
    ['node subnet', { networkPlugin: 'azure' }, {}],
    ['pod subnet', { networkPlugin: 'azure' }, { podSubnet: 'pods' }],
    ['kubenet', { networkPlugin: 'kubenet' }, {}],
  ]
  it.each(modes)('are the same in the mode %s, where pods of the host network are their node', async (_name, profile, pool) => {
    const given = (policies: readonly object[]) => ({
      ...scenario('calico', policies),
      fabric: { encapsulation: 'none' },
      vnet: { addressSpace: ['10.224.0.0/12'], subnets: { 'aks-nodes': { cidr: '10.224.0.0/16' }, pods: { cidr: '10.225.0.0/16' } } },
      cluster: {
        networkProfile: { ...profile, networkPolicy: 'calico', outboundType: 'none' },
        agentPoolProfiles: [{ name: 'np', count: 4, vnetSubnet: 'aks-nodes', ...pool }],
      },
      workloads: [
        ...['web', 'client', 'other'].map(name => ({ namespace: 'shop', name, replicas: 4, labels: { app: name } })),
        // The labels that web asks for, on the nodes' own network.
        { namespace: 'shop', name: 'agent', replicas: 4, hostNetwork: true, labels: { app: 'client' } },
      ],
      traffic: [
        flow('wanted', 'client', 'web'),
        flow('unwanted', 'other', 'web'),
        flow('hosted', 'agent', 'web', { flows: 16 }),
        flow('to-host', 'other', 'agent'),
      ],
    })
    const result = await runWith(given([WEB_IN]), 0)
    expect(entry(result, 'wanted').dropped).toBe(0)
    expect(entry(result, 'unwanted').delivered).toBe(0)
    // A node reaches its own pods: that is a quarter of the flows or so.
    const { sent, delivered } = entry(result, 'hosted')
    expect(delivered / sent).toBeGreaterThan(0.05)
    expect(delivered / sent).toBeLessThan(0.6)
    expect((await runWith(given([ALLOW_ALL]), 0)).digest).toBe((await runWith(given([]), 0)).digest)
  })

  it('a connection whose SYN is denied times out, and its segments wait nowhere', async () => {
    const talk = (name: string, from: string) => ({
      name,
      from: { workload: `shop/${from}` },
      to: { workload: 'shop/web', port: 443 },
      protocol: 'tcp',
      connections: { rate: '20/s', hold: '5ms', request: '300B', response: '2KiB' },
    })
    const web = policy('web', {
      podSelector: select('web'),
      ingress: [{ from: [{ podSelector: select('client') }], ports: [{ port: 443 }] }],
    })
    for (const engine of ['calico', 'cilium']) {
      const given = {
        ...scenario(engine, [DENY_ALL, web, policy('out', { podSelector: {}, policyTypes: ['Egress'], egress: [{}] })]),
        duration: '400ms',
        traffic: [talk('wanted', 'client'), talk('unwanted', 'other')],
        timeline: [{ at: '300ms', delete: { networkPolicy: 'shop/web' } }],
      }
      const { connections, drops } = await runWith(given, 0)
      expect(connections?.established).toBeGreaterThan(20)
      expect(drops.byReason.policyIngressDenied).toBe(drops.total)
      expect(drops.total).toBeGreaterThan(20)
      const alone = runShards(given, 1)
      for (const shards of [2, 3]) expect(runShards(given, shards)).toEqual(alone)
      expect(runShards(given, 1, true)).toEqual(alone)
    }
  })

  it('speak of the pod that has an address now, where pods come and go', async () => {
    const given = scenario('cilium', [WEB_IN, CLIENT_OUT])
    const churning = {
      ...given,
      duration: '600ms',
      workloads: given.workloads.map(workload => ({
        ...workload,
        churn: { lifetime: { kind: 'exponential', mean: '80ms', least: '5ms' } },
      })),
      traffic: given.traffic.map(traffic => ({ ...traffic, rate: '300/s', flows: 2 })),
    }
    const alone = runShards(churning, 1)
    const result = await runWith(churning, 0)
    const [wanted, unwanted] = ['wanted', 'unwanted'].map(name => entry(result, name))
    expect(unwanted.sent).toBeGreaterThan(500)
    expect(wanted.delivered).toBeGreaterThan(500)
    // What arrives of the unwanted was addressed to web and met another pod there: never web itself.
    const denied = alone.verdicts[Verdict.policyIngressDenied]
    expect(denied).toBeGreaterThan(unwanted.sent * 0.3)
    for (const shards of [2, 3]) expect(runShards(churning, shards)).toEqual(alone)
    expect(runShards(churning, 1, true)).toEqual(alone)
  })

  const change = [
    { at: '50ms', apply: { networkPolicies: [DENY_ALL] } },
    { at: '80ms', delete: { networkPolicy: 'shop/default-deny' } },
  ]

  it('that change cut established connections with Cilium, and new ones alone with iptables', async () => {
    const late = flow('late', 'client', 'other', { start: '60ms', stop: '79ms' })
    const { traffic } = scenario('calico', [])
    const calico = await runWith(scenario('calico', [], { timeline: change, traffic: [...traffic, late] }), 0)
    expect(entry(calico, 'wanted').dropped + entry(calico, 'unwanted').dropped).toBe(0)
    expect(entry(calico, 'late').delivered).toBe(0)
    const cilium = await runWith(scenario('cilium', [], { timeline: change, traffic: [...traffic, late] }), 0)
    // 6 pods send 1,000 packets a second each for 30 of the 100 ms that nobody may.
    expect(entry(cilium, 'unwanted').dropped).toBe(180)
    expect(entry(cilium, 'late').delivered).toBe(0)
    expect(entry(cilium, 'wanted').dropped).toBeGreaterThan(100)
    const wanted = await runWith(scenario('cilium', [WEB_IN, CLIENT_OUT], { timeline: change }), 0)
    expect(entry(wanted, 'wanted').dropped).toBe(0)
  })

  it.each(['calico', 'cilium'])('leave the same result with %s for any shards, express or by the steps', async engine => {
    const given = scenario(engine, [WEB_IN], { timeline: change })
    const alone = runShards(given, 1)
    expect(alone.verdicts).toBeDefined()
    expect(runShards(given, 1, true)).toEqual(alone)
    for (const shards of [2, 3]) expect(runShards(given, shards)).toEqual(alone)
    expect((await runWith(given, 2)).digest).toBe((await runWith(given, 0)).digest)
  })
})

/** Packets a second of a run of 60 nodes and 3,000 pods, with 1,000 policies over them or with none. */
async function paceOf(engine: string): Promise<number> {
  const policies = Array.from({ length: 1000 }, (_, i) => ({
    metadata: { name: `p${i}`, namespace: `ns${i % 30}` },
    spec: {
      podSelector: i % 2 ? {} : { matchLabels: { app: 'c' } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [{ namespaceSelector: { matchExpressions: [{ key: `k${i}`, operator: 'DoesNotExist' }] } }],
          ports: [{ protocol: 'UDP', port: 80, endPort: 90 + i }],
        },
      ],
      egress: [{ to: [{ namespaceSelector: {} }] }],
    },
  }))
  const given = {
    ...scenario(engine, engine === 'none' ? [] : policies),
    duration: '3s',
    cluster: { ...cluster(engine), agentPoolProfiles: [{ name: 'np', count: 60 }] },
    workloads: Array.from({ length: 30 }, (_, i) => ({ namespace: `ns${i}`, name: 'c', replicas: 100, labels: { app: 'c' } })),
    traffic: [
      flow('all', 'client', 'web', {
        from: { selector: { labels: {} } },
        to: { selector: { labels: {} }, port: 80 },
        rate: '150/s',
        arrivals: 'poisson',
      }),
    ],
  }
  const { performance, drops } = await run(given, { workers: 0 })
  expect(drops.total).toBe(0)
  return performance.packetsPerSecond
}

if (process.env.VXLANE_LONG)
  it('cost at most a fifth of the packets a second', { timeout: 600_000 }, async () => {
    const paces: number[][] = [[], []]
    await paceOf('calico')
    for (let round = 0; round < 4; round++) {
      for (const which of round % 2 ? [0, 1] : [1, 0]) paces[which].push(await paceOf(['none', 'calico'][which]))
    }
    const ratio = Math.max(...paces[1]) / Math.max(...paces[0])
    console.log(
      `with 1,000 policies ${ratio.toFixed(2)} times the packets a second: ${paces.map(list => list.map(Math.round).join(' ')).join(' / ')}`,
    )
    expect(ratio).toBeGreaterThan(0.8)
  })
