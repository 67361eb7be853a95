// Services in whole runs: the same result for any number of shards, on threads, express or step by step; nothing of a Service's address on
// the wire; connections that end and are drawn anew; and the size of a large cluster.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { compile } from '../src/cluster/compile.js'
import { planCluster } from '../src/cluster/plan.js'
import { openImage } from '../src/image/image.js'
import { loadScenario, openLab, run } from '../src/index.js'
import { headersOf } from '../src/lab/headers.js'
import type { Service } from '../src/scenario/model.js'
import { readCapture } from '../src/wire/pcap.js'
import { makeScenario, pool, workload } from './cluster/make-scenario.js'
import { runShards, runWith } from './support/any-run.js'
import { serviceScenario } from './support/service-lab.js'

const folder = mkdtempSync(join(tmpdir(), 'vxlane-services-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const WORKLOADS = [
  { namespace: 'shop', name: 'client', replicas: 9, labels: { app: 'client' } },
  { namespace: 'shop', name: 'web', replicas: 7, labels: { app: 'web' }, ports: [{ name: 'stats', containerPort: 8125, protocol: 'UDP' }] },
]
const SERVICES = [
  { namespace: 'shop', name: 'web', selector: { app: 'web' }, ports: [{ name: 'stats', port: 125, targetPort: 'stats', protocol: 'UDP' }] },
  {
    namespace: 'shop',
    name: 'sticky',
    selector: { app: 'web' },
    sessionAffinity: 'ClientIP',
    sessionAffinityTimeout: '5s',
    ports: [{ port: 126, protocol: 'UDP' }],
  },
  { namespace: 'shop', name: 'self', selector: { app: 'client' }, ports: [{ port: 127, protocol: 'UDP' }] },
  { namespace: 'shop', name: 'gone', selector: { app: 'gone' }, ports: [{ port: 128, protocol: 'UDP' }] },
  { namespace: 'shop', name: 'api', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
  {
    namespace: 'shop',
    name: 'front',
    type: 'LoadBalancer',
    loadBalancerIp: '192.0.2.80',
    selector: { app: 'web' },
    ports: [{ port: 129, protocol: 'UDP' }],
  },
]
const entry = (name: string, to: object, rest: object = {}) => ({
  name,
  from: { workload: 'shop/client' },
  to,
  size: { kind: 'uniform', least: '40B', most: '1400B' },
  rate: '300/s',
  arrivals: 'poisson',
  ...rest,
})
const TRAFFIC = [
  entry('plain', { service: 'shop/web' }, { flows: 3 }),
  entry('answered', { service: 'shop/web' }, { answer: { size: '200B', after: '1ms' } }),
  entry('sticky', { service: 'shop/sticky' }, { flows: 4, answer: { size: '64B' } }),
  entry('self', { service: 'shop/self' }, { flows: 2, answer: { size: '64B' } }),
  entry('gone', { service: 'shop/gone' }, { rate: '20/s' }),
  entry('long', { service: 'shop/web' }, { size: '1600B', df: false, rate: '30/s' }),
  entry('dns', { service: 'kube-system/kube-dns' }, { answer: { size: '120B' } }),
  entry(
    'outside',
    { address: '192.0.2.80', port: 129 },
    { from: { endpoint: 'client' }, flows: 12, rate: '50/s', answer: { size: '90B' } },
  ),
]
/** Connections through Services: the client talks to the Service, whoever answers. */
const CALLS = [
  {
    name: 'calls',
    from: { workload: 'shop/client' },
    to: { service: 'shop/api' },
    protocol: 'tcp',
    connections: { rate: '60/s', hold: '5ms', request: '512B', response: '4KiB' },
  },
  {
    name: 'lookups',
    from: { workload: 'shop/client' },
    to: { service: 'kube-system/kube-dns', port: 53 },
    protocol: 'udp',
    connections: { rate: '40/s', request: '60B', response: '120B' },
  },
]
const busy = (rest: object = {}) => serviceScenario(WORKLOADS, SERVICES, { duration: '120ms', traffic: [...TRAFFIC, ...CALLS], ...rest })

describe('a run with Services', () => {
  const variants: readonly (readonly [string, object])[] = [
    ['as it is', busy()],
    ['without encapsulation', busy({ fabric: { encapsulation: 'none' } })],
    ['without masquerade', busy({ fabric: { masquerade: { enabled: false } } })],
    // A datagram every 45 s on average, 31 s of conntrack: most connections are new, each with an endpoint of its own.
    [
      'slow',
      busy({ duration: '600s', traffic: [entry('slow', { service: 'shop/web' }, { flows: 4, rate: '0.022/s', answer: { size: '64B' } })] }),
    ],
  ]
  it.each(variants)('%s is the same however it is computed', { timeout: 300_000 }, async (_, scenario) => {
    const alone = await runWith(scenario, 0)
    expect(alone.totals.delivered + alone.totals.dropped + alone.totals.inFlight).toBe(alone.totals.sent)
    expect(await runWith(scenario, 0, true)).toEqual(alone)
    for (const workers of [1, 2, 4]) expect(await runWith(scenario, workers)).toEqual(alone)
    const whole = runShards(scenario, 1)
    expect(whole.digest).toBe(alone.digest)
    for (const shards of [2, 3, 8]) expect(runShards(scenario, shards)).toEqual(whole)
    const watched = busyCaptures(scenario)
    expect({ ...runShards(watched, 2), captures: [] }).toEqual(whole)
  })

  it('of a workload that grows and goes: new endpoints take their share, gone ones are forgotten', { timeout: 120_000 }, async () => {
    const traffic = [
      entry('inside', { service: 'shop/front' }, { flows: 3, size: '400B', rate: '5/s', answer: { size: '60B' } }),
      entry(
        'outside',
        { address: '192.0.2.80', port: 129 },
        { from: { endpoint: 'client' }, flows: 12, rate: '5/s', answer: { size: '90B' } },
      ),
    ]
    const front = { ...SERVICES.find(({ name }) => name === 'front'), externalTrafficPolicy: 'Local' }
    const timeline = [
      { at: '5s', scale: { workload: 'shop/web', replicas: 12 } },
      { at: '12s', scale: { workload: 'shop/web', replicas: 0 } },
    ]
    const scenario = serviceScenario(WORKLOADS, [front], { duration: '20s', traffic, timeline })
    const alone = await runWith(scenario, 0)
    expect(await runWith(scenario, 0, true)).toEqual(alone)
    for (const workers of [1, 2, 4]) expect(await runWith(scenario, workers)).toEqual(alone)
    // Nothing is sent to pods that are gone: kube-proxy rejects, and the load balancer has nobody.
    expect(Object.keys(alone.drops.byReason).sort()).toEqual(['noHealthyNode', 'serviceNoEndpoints'])
    const lab = await openLab(scenario)
    const chosen = (at: string) =>
      new Set(
        Array.from({ length: 60 }, (_, i) => {
          const { steps } = lab.trace({ from: 'shop/client/0', to: 'service:shop/front:129', protocol: 'udp', sourcePort: 33_000 + i, at })
          return steps.find(({ step }) => step === 'delivery')?.at
        }),
      )
    expect(chosen('1s').size).toBe(7)
    expect(chosen('9s').size).toBeGreaterThan(9)
    expect(lab.trace({ from: 'shop/client/0', to: 'service:shop/front:129', protocol: 'udp', at: '15s' }).verdict).toBe(
      'serviceNoEndpoints',
    )
    expect(() => lab.trace({ from: 'shop/client/0', to: 'shop/web/11:80', at: '1s' })).toThrow(/does not run at 1 s/)
    expect(lab.exec('node1', ['ip', 'route'], { at: '9s' }).split('\n').length).toBeGreaterThan(
      lab.exec('node1', ['ip', 'route'], { at: '1s' }).split('\n').length,
    )
  })

  it('loses only what nobody is behind', { timeout: 60_000 }, async () => {
    const {
      drops,
      traffic,
      connections: { established, failed },
    } = await run(busy(), { workers: 0 })
    expect(Object.keys(drops.byReason)).toEqual(['serviceNoEndpoints'])
    expect([established > 20, failed]).toEqual([true, 0])
    for (const { name, sent, delivered } of traffic)
      if (name !== 'gone') expect([name, sent - delivered < sent * 0.05]).toEqual([name, true])
    expect(traffic.find(({ name }) => name === 'gone')?.delivered).toBe(0)
  })

  it('shows no Service address on the wire', { timeout: 60_000 }, async () => {
    const capture = [{ node: 'node1', file: 'node1.pcapng', maxPackets: 100_000 }]
    await run(busy({ capture, traffic: TRAFFIC.slice(0, 4) }), { workers: 0, out: folder, force: true })
    const { frames } = readCapture(readFileSync(join(folder, 'node1.pcapng')))
    expect(frames.length).toBeGreaterThan(200)
    for (const { bytes } of frames) {
      const headers = headersOf(bytes)
      for (const one of [headers, headers?.inner])
        expect([one?.source, one?.target].some(address => address?.startsWith('10.0.'))).toBe(false)
    }
  })
})

const busyCaptures = (scenario: object): object => ({
  ...scenario,
  capture: [
    { node: 'node1', file: 'a.pcapng', maxPackets: 10 },
    { node: 'node3', file: 'b.pcapng', maxPackets: 10 },
  ],
})

describe('scale', () => {
  const many = (count: number): Service[] =>
    Array.from({ length: count }, (_, i) => ({
      namespace: 'ns',
      name: `s${i}`,
      type: 'ClusterIP',
      clusterIp: null,
      selector: { app: `w${i % 1000}` },
      ports: [{ name: null, port: 80, targetPort: 8080, protocol: 'TCP', nodePort: null }],
      sessionAffinity: 'None',
      sessionAffinityTimeoutNs: 0,
      externalTrafficPolicy: 'Cluster',
      internalTrafficPolicy: 'Cluster',
      publishNotReadyAddresses: false,
      loadBalancerIp: null,
      endpoints: [],
    }))
  it('5,000 Services over 200,000 pods are compiled in about a second', { timeout: 120_000 }, () => {
    const workloads = Array.from({ length: 1000 }, (_, i) => workload(`ns/w${i}`, 200, { labels: { app: `w${i}` } }))
    const scenario = makeScenario({
      pools: [pool('one', 5000)],
      profile: { podCidr: { base: (10 << 24) | (64 << 16), prefix: 10 } as never },
      workloads,
    })
    const timeOf = (services: Service[]): number => {
      const full = { ...scenario, services }
      const plan = planCluster(full)
      const started = performance.now()
      const image = compile(full, plan, { shards: 1, readReplay: () => [] })
      const took = performance.now() - started
      expect(openImage(image).endpointAddress.length).toBe(services.length * 200)
      return took
    }
    timeOf(many(10))
    const without = timeOf([])
    const withThem = timeOf(many(5000))
    console.log(`compile: ${without.toFixed(0)} ms without, ${withThem.toFixed(0)} ms with 5,000 Services and 1,000,000 endpoints`)
    // A second on an idle machine; others may be at work here.
    expect(withThem - without).toBeLessThan(4000)
  })
})

describe('traffic to a Service', () => {
  const mistakes = (to: object, services: object[] = SERVICES): string => {
    try {
      loadScenario(serviceScenario(WORKLOADS, services, { traffic: [entry('x', to)] }))
      return ''
    } catch (error) {
      return (error as Error).message
    }
  }
  it('names one that is there, and a port that it has', () => {
    expect(mistakes({ service: 'shop/web' })).toBe('')
    expect(mistakes({ service: 'shop/wbe', port: 1 })).toContain('UnknownService: there is no service shop/wbe; did you mean shop/web?')
    expect(mistakes({ service: 'shop/web', port: 99 })).toContain('UnknownPort: shop/web has no UDP port 99; it has UDP 125')
    expect(mistakes({ service: 'kube-system/kube-dns' })).toBe('')
    const two = [
      {
        name: 'two',
        namespace: 'shop',
        selector: { app: 'web' },
        ports: [1, 2].map(port => ({ name: `p${port}`, port, protocol: 'UDP' })),
      },
    ]
    expect(mistakes({ service: 'shop/two' }, two)).toContain('MissingKey: "port" is missing')
  })
  it('goes to the pods of a headless one', async () => {
    const headless = [
      { namespace: 'shop', name: 'db', clusterIp: 'None', selector: { app: 'web' }, ports: [{ port: 5432, protocol: 'UDP' }] },
    ]
    const scenario = serviceScenario(WORKLOADS, headless, { duration: '100ms', traffic: [entry('q', { service: 'shop/db' })] })
    const { drops, totals } = await run(scenario, { workers: 0 })
    expect([drops.total, totals.delivered > 100]).toEqual([0, true])
  })
})
