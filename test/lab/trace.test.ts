// The lab against runs: the first frame of a probe, replayed in a run, meets the same verdict and leaves the same bytes at every place. And
// what a trace says about a few known ways.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { LabError, openLab, run, type TraceRequest, type TraceResult } from '../../src/index.js'
import { writePcapng } from '../../src/observe/pcapng.js'
import { readCapture } from '../../src/wire/pcap.js'

const folder = mkdtempSync(join(tmpdir(), 'vxlane-lab-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const cluster = (fabric: object = {}, rest: object = {}, profile: object = {}): object => ({
  apiVersion: 'vxlane/v1',
  name: 'lab',
  duration: '1s',
  cluster: {
    networkProfile: {
      networkPlugin: 'azure',
      networkPluginMode: 'overlay',
      podCidr: '10.244.0.0/16',
      outboundType: 'userDefinedRouting',
      ...profile,
    },
    agentPoolProfiles: [
      {
        name: 'nodepool1',
        nodes: [1, 2, 3].map(i => ({ name: `node${i}`, address: `10.224.0.${i + 3}`, podCidr: `10.244.${i}.0/24` })),
      },
    ],
  },
  fabric,
  workloads: [
    {
      namespace: 'lab',
      name: 'probe',
      pods: [1, 2, 3].flatMap(i =>
        [1, 2].map(k => ({
          name: `pod${i}${k}`,
          node: `node${i}`,
          address: `10.244.${i}.1${k}`,
          labels: { role: k === 1 ? 'open' : 'shut' },
        })),
      ),
    },
    { namespace: 'shop', name: 'web', replicas: 3, labels: { app: 'web' } },
  ],
  endpoints: [
    { name: 'inet', address: '203.0.113.10', location: 'internet' },
    { name: 'vm', address: '10.224.0.100', location: 'vnet' },
  ],
  ...rest,
})

const WHO = ['lab/pod11', 'lab/pod12', 'lab/pod21', 'lab/pod32', 'shop/web/0', 'shop/web/2'] as const
const WHOM = [
  ...WHO,
  'node:node1',
  'node:node3',
  'inet',
  'vm',
  '10.244.2.99',
  '8.8.8.8',
  '10.224.0.77',
  '10.244.200.1',
  '10.0.0.80',
  '10.0.0.81',
] as const
const PLACES = {
  node1: { node: 'node1' },
  node2: { node: 'node2' },
  node3: { node: 'node3' },
  inet: { endpoint: 'inet' },
  vm: { endpoint: 'vm' },
}

/** Frames of a capture at the given interfaces, in order of time, as hex. */
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

async function runOf(scenario: object, from: string, first: Uint8Array) {
  const file = join(folder, 'probe.pcapng')
  writeFileSync(
    file,
    writePcapng([{ name: 'probe' }], [{ interface: 0, timeNs: 0, direction: 2, bytes: first, comment: null }], {
      application: '',
      comment: '',
    }),
  )
  const out = join(folder, 'out')
  const result = await run(
    {
      ...scenario,
      traffic: [{ name: 'probe', from: { pod: from }, replay: { file } }],
      capture: Object.entries(PLACES).map(([name, at]) => ({ ...at, file: `${name}.pcapng` })),
    },
    { workers: 0, out, force: true },
  )
  const frames = Object.keys(PLACES).map(name =>
    readCapture(readFileSync(join(out, `${name}.pcapng`))).frames.map(({ bytes }) => hexOf(bytes)),
  )
  return { result, frames }
}

describe('a trace is a run of the same packet', () => {
  const SERVICES = [
    {
      namespace: 'shop',
      name: 'web',
      clusterIp: '10.0.0.80',
      selector: { app: 'web' },
      ports: [
        { name: 'u', port: 80, targetPort: 8080, protocol: 'UDP' },
        { name: 't', port: 80, targetPort: 8080 },
      ],
    },
    { namespace: 'lab', name: 'gone', clusterIp: '10.0.0.81', selector: { app: 'gone' }, ports: [{ port: 80 }] },
  ]
  const own = { from: [{ podSelector: {} }], ports: [{ port: 8080 }, { protocol: 'UDP', port: 8080 }] }
  const nodes = { to: [{ ipBlock: { cidr: '10.224.0.0/12' } }] }
  const POLICIES = [
    { metadata: { name: 'web', namespace: 'shop' }, spec: { podSelector: {}, ingress: [own] } },
    {
      metadata: { name: 'out', namespace: 'lab' },
      spec: { podSelector: { matchLabels: { role: 'shut' } }, policyTypes: ['Egress'], egress: [nodes] },
    },
  ]
  const RULE = { name: 'no', priority: 200, direction: 'Inbound', access: 'Deny', protocol: 'Udp', destinationPortRange: '4789' }
  const GROUP = { name: 'g', securityRules: [{ ...RULE, sourceAddressPrefix: '10.224.0.4' }] }
  const worlds: readonly (readonly [object, object])[] = [
    [{}, {}],
    [{}, { outboundType: 'loadBalancer' }],
    [{}, { outboundType: 'managedNATGateway' }],
    [{ services: SERVICES }, {}],
    [
      { services: SERVICES, networkPolicies: POLICIES },
      { networkPolicy: 'calico', outboundType: 'loadBalancer' },
    ],
    [{ vnet: { subnets: { 'aks-nodes': { cidr: '10.224.0.0/16', networkSecurityGroup: GROUP } } } }, {}],
  ]
  const fabrics = [
    {},
    { encapsulation: 'none' },
    { podCidrRoute: 'unreachable' },
    { masquerade: { enabled: false } },
    { vxlan: { ttl: 3, df: 'set' } },
  ]
  const asked = fc.record({
    fabric: fc.constantFrom(...fabrics),
    world: fc.constantFrom(...worlds),
    from: fc.constantFrom(...WHO),
    to: fc.constantFrom(...WHOM),
    protocol: fc.constantFrom('UDP', 'ICMP', 'TCP'),
    port: fc.oneof(fc.integer({ min: 1, max: 65535 }), fc.constantFrom(80, 8080)),
  })
  test('verdict and bytes', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(asked, async ({ fabric, world: [rest, profile], from, to, protocol, port }) => {
        const scenario = cluster(fabric, rest, profile)
        const lab = await openLab(scenario)
        const request = { from, to, protocol, port }
        const trace = lab.trace(request)
        const seen = lab.capture(request)
        const captured = readCapture(seen)
        const { result, frames } = await runOf(scenario, from, captured.frames[0].bytes)
        const { byReason, total } = result.drops
        const isAnswerLost = trace.steps.some(({ step, direction }) => step === 'drop' && direction === 'answer')
        if (trace.verdict === 'delivered' || (protocol === 'TCP' && isAnswerLost)) expect([total, byReason]).toEqual([0, {}])
        else expect(Object.keys(byReason)).toContain(trace.verdict)
        // A listener's SYN-ACK is the lab's own: the pods of a run do not listen.
        if (protocol === 'TCP') return
        const ours = captured.frames.map(({ bytes }) => hexOf(bytes))
        for (const place of frames) for (const frame of place) expect(ours).toContain(frame)
      }),
      { numRuns: process.env.VXLANE_LONG ? 2000 : 60 },
    )
  })
})

const stepsOf = ({ steps }: TraceResult): string[] => steps.map(({ direction, step, at }) => `${direction[0]} ${step} ${at}`)

describe('known ways', () => {
  const traced = async (request: TraceRequest, fabric: object = {}): Promise<TraceResult> => (await openLab(cluster(fabric))).trace(request)

  test('across nodes, a SYN and its SYN-ACK', async () => {
    const trace = await traced({ from: 'lab/pod11', to: 'lab/pod21:80' })
    expect(trace).toMatchObject({ delivered: true, verdict: 'delivered', droppedAt: null, encapsulated: true, port: 80, protocol: 'TCP' })
    expect(stepsOf(trace)).toEqual([
      'p send lab/pod11',
      'p veth node1',
      'p route node1',
      'p encapsulation node1',
      'p underlay VNet',
      'p decapsulation node2',
      'p route node2',
      'p delivery lab/pod21',
      'a send lab/pod21',
      'a veth node2',
      'a conntrack node2',
      'a route node2',
      'a encapsulation node2',
      'a underlay VNet',
      'a decapsulation node1',
      'a conntrack node1',
      'a route node1',
      'a delivery lab/pod11',
    ])
    const wrapped = trace.steps.find(({ step }) => step === 'encapsulation')?.headers
    expect(wrapped).toMatchObject({ source: '10.224.0.4', target: '10.224.0.5', targetPort: 4789, vni: 1 })
    expect(wrapped?.inner).toMatchObject({ source: '10.244.1.11', target: '10.244.2.11', targetPort: 80, kind: 'SYN', ttl: 63 })
  })

  test('on one node nothing is encapsulated', async () => {
    const trace = await traced({ from: 'lab/pod11', to: 'lab/pod12', port: 80, protocol: 'udp' })
    expect(trace).toMatchObject({ delivered: true, encapsulated: false })
    expect(stepsOf(trace)).toEqual(['p send lab/pod11', 'p veth node1', 'p route node1', 'p delivery lab/pod12'])
  })

  test('out of the cluster, translated twice and back', async () => {
    const trace = await traced({ from: 'lab/pod11', to: 'inet:443' })
    expect(trace.delivered).toBe(true)
    const nat = trace.steps.filter(({ step }) => step === 'nat')
    expect(nat.map(({ at, direction }) => `${direction} ${at}`)).toEqual([
      'probe node1',
      'probe appliance',
      'answer appliance',
      'answer node1',
    ])
    expect(nat[1].headers).toMatchObject({ source: '198.51.100.1', target: '203.0.113.10' })
  })

  test('an echo request and its reply', async () => {
    const trace = await traced({ from: 'lab/pod11', to: 'lab/pod32', protocol: 'icmp' })
    expect(trace).toMatchObject({ delivered: true, port: null })
    expect(trace.steps.at(-1)).toMatchObject({ packet: 'echo reply', direction: 'answer', step: 'delivery', at: 'lab/pod11' })
  })

  test('where it dies, and what would let it through', async () => {
    expect(await traced({ from: 'lab/pod11', to: '10.244.1.99:80' }, { podCidrRoute: 'blackhole' })).toMatchObject({
      delivered: false,
      verdict: 'routeBlackhole',
      droppedAt: 'source',
    })
    expect(await traced({ from: 'lab/pod11', to: '10.244.3.99:80' }, { podCidrRoute: 'blackhole' })).toMatchObject({
      verdict: 'routeBlackhole',
      droppedAt: 'destination',
      encapsulated: true,
    })
    const lost = await traced({ from: 'lab/pod11', to: '10.224.0.77:80' })
    expect(lost).toMatchObject({ verdict: 'unknownMac', droppedAt: 'underlay' })
    expect(lost.remedy).toMatch(/on the VNet/)
  })

  test('a host on which nobody listens was reached', async () => {
    expect(await traced({ from: 'lab/pod11', to: 'node:node3', port: 22 })).toMatchObject({ delivered: true, verdict: 'connectionRefused' })
  })

  test('from an address that nobody owns, to a pod', async () => {
    expect(await traced({ from: '192.0.2.7', to: 'lab/pod11:80' })).toMatchObject({
      delivered: true,
      encapsulated: false,
      from: '192.0.2.7',
    })
  })
})

describe('questions that have no answer', () => {
  test.each([
    [{ from: 'lab/pod1', to: 'lab/pod21:80' }, /there is no lab\/pod1; did you mean lab\/pod11\?/],
    [{ from: 'lab/pod11', to: 'lab/pod21' }, /which port of lab\/pod21\?/],
    [{ from: '8.8.8.8', to: '9.9.9.9:80' }, /neither 8.8.8.8 nor 9.9.9.9 is in this scenario/],
    [{ from: 'lab/pod11', to: 'lab/pod21:80', at: '5' }, /"5" is not a moment/],
    [{ from: 'lab/pod11', to: 'lab/pod21:80', at: '5s' }, /after the end/],
    [{ from: 'lab/pod11', to: 'lab/pod21:80', protocol: 'gre' }, /not supported yet: probes of gre/],
  ])('%j', async (request, message) => {
    const lab = await openLab(cluster())
    expect(() => lab.trace(request)).toThrow(message)
    expect(() => lab.trace(request)).toThrow(LabError)
  })
})

test('ten thousand probes in ten seconds', { timeout: 120_000 }, async () => {
  const lab = await openLab(cluster())
  const started = performance.now()
  for (let i = 0; i < 2000; i++) lab.trace({ from: WHO[i % WHO.length], to: WHO[(i * 7 + 1) % WHO.length], port: 1 + i })
  expect(performance.now() - started).toBeLessThan(10_000)
})
