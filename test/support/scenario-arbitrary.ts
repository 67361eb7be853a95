// Any scenario: a small cluster of any kind with any traffic, faults of input included, that sends a few thousand packets in a few
// milliseconds, or as many in half an hour, so that connections end and begin anew. Everything generated is accepted; what a scenario may
// not say is tested elsewhere.
import fc from 'fast-check'
import { anyFrame } from './arbitraries.js'
import { changesOf, rangeEvents } from './changes-arbitrary.js'
import { anyCluster, clusterOf, encapsulationIn, podSubnets } from './cluster-arbitrary.js'
import { guardsOf } from './guards-arbitrary.js'

/** A scenario whose replay entries name `frames-N` instead of a file; the files are written from `recordings`. */
export interface AnyScenario {
  readonly scenario: Record<string, unknown> & { readonly traffic: readonly object[] }
  readonly recordings: readonly (readonly Uint8Array[])[]
  /** Nearly every event has a window to itself, so that threads mostly wait for each other. */
  readonly isSlow?: boolean
}

/** What a run lasts; all rates below are chosen for it. */
const DURATION_US = 4000
/** How much longer a slow one takes: 2,000 s. */
const SLOWER = 500_000
const WORKLOADS = ['a/front', 'a/back', 'b/batch']

/** The everyday value three times in four. */
const mostly = <Value>(usual: Value, ...others: Value[]): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) })

const unusualDevice = fc.record({
  udpChecksum: fc.boolean(),
  ttl: fc.constantFrom(64, 9, 'inherit'),
  tos: fc.constantFrom('default', 'inherit', '0x10'),
  df: fc.constantFrom('unset', 'set', 'inherit'),
})

const fabric = fc.record({
  encapsulation: mostly('vxlan', 'none'),
  mtu: mostly('1500B', '1280B', '9000B'),
  latency: fc.constantFrom('20us', '50us', '333us'),
  gatewayLatency: fc.constantFrom('35us', '500us'),
  nicRate: mostly('12.5Gbps', '5Mbps', '300Mbps', '1Gbps'),
  queue: mostly(1000, 1, 3, 64),
  // The everyday device lets flows take the express path; unusual options take every packet through the steps.
  vxlan: fc.oneof({ weight: 5, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: unusualDevice }),
  masquerade: fc.record({ enabled: mostly(true, false), vnet: fc.boolean() }),
  conntrack: fc.record({ max: mostly(262144, 1, 20) }),
  podCidrRoute: fc.constantFrom('none', 'unreachable', 'blackhole', 'prohibit'),
  icmpRateLimit: fc.boolean(),
  appliance: fc.record({ portRange: fc.constantFrom('1024-65535', '40000-40003') }),
})

const length = (most: number) => fc.integer({ min: 28, max: most })

const size = fc.oneof(
  { weight: 5, arbitrary: length(1200) },
  length(9000),
  fc.constant('imix'),
  fc.constant({ kind: 'uniform', least: 28, most: 3000 }),
  fc.constant({ kind: 'exponential', mean: 700 }),
  fc.constant({ kind: 'lognormal', median: 300, sigma: 1.5, most: 20000 }),
  fc.constant({ kind: 'pareto', scale: 60, shape: 1.2, most: 20000 }),
  fc.constant({ kind: 'empirical', values: [{ value: 28 }, { value: 1500, weight: 3 }, { value: 65535, weight: 0.1 }] }),
)

const arrivalsOf = (slower: number) =>
  fc.constantFrom('constant', 'poisson', 'poisson', { kind: 'onOff', on: `${200 * slower}us`, off: `${1000 * slower}us` })

const datagramsOf = (slower: number) =>
  fc.record({
    from: fc.constantFrom<object>(
      ...[...WORKLOADS, ...WORKLOADS].map(workload => ({ workload })),
      { selector: { labels: { tier: 'x' } } },
      { pod: 'a/front/0' },
      { node: 'one/0' },
      { endpoint: 'vm' },
      { endpoint: 'office' },
    ),
    to: fc.constantFrom<object>(
      ...[...WORKLOADS, ...WORKLOADS, ...WORKLOADS].map(workload => ({ workload, port: 8080 })),
      { selector: { namespace: 'a', labels: { tier: 'x' } }, port: 80 },
      { pod: 'a/back/0', port: 4789 },
      { node: 'one/0', port: 4789 },
      { node: 'one/0', port: 53 },
      { endpoint: 'vm', port: 53 },
      { endpoint: 'peer', port: 53 },
      { address: '10.244.1.99', port: 53 },
      { address: '10.244.77.7', port: 53 },
      { address: '10.224.3.3', port: 53 },
    ),
    size,
    arrivals: arrivalsOf(slower),
    flows: fc.integer({ min: 1, max: 3 }),
    rate: fc.constantFrom(2000, 10_000, 40_000).map(rate => `${rate / slower}/s`),
    df: fc.boolean(),
    answer: fc.option(fc.record({ size: length(3000), after: fc.constantFrom('0s', '1ns', '777us') }), { nil: undefined }),
  })

const recordingOf = (slower: number) =>
  fc.record({
    from: fc.constantFrom({ pod: 'a/front/0' }, { node: 'one/0', interface: 'eth0' }, { endpoint: 'vm' }, { endpoint: 'office' }),
    frames: fc.array(anyFrame, { minLength: 1, maxLength: 60 }),
    spacing: fc.constantFrom('1ns', `${7 * slower}us`, `${60 * slower}us`),
  })

/** Connections, with which every pod and host has sockets: what else arrives at them is answered too. */
const talkOf = (slower: number) =>
  fc.record({
    from: fc.constantFrom<object>(...WORKLOADS.map(workload => ({ workload })), { node: 'one/0' }, { endpoint: 'vm' }),
    to: fc.constantFrom<object>(
      ...WORKLOADS.map(workload => ({ workload, port: 80 })),
      { node: 'one/0', port: 80 },
      { endpoint: 'peer', port: 80 },
      { address: '10.244.1.99', port: 80 },
    ),
    arrivals: arrivalsOf(slower),
    connections: fc
      .record({
        rate: fc.constantFrom(500, 3000).map(rate => `${rate / slower}/s`),
        request: fc.constantFrom<unknown>(1, 700, { kind: 'exponential', mean: 3000 }),
        response: fc.constantFrom<unknown>(0, 100, 20_000, { kind: 'pareto', scale: 60, shape: 1.1, most: 50_000 }),
        server: mostly('accept', 'refuse', 'ignore'),
      })
      .chain(common =>
        fc.oneof(
          fc.constantFrom({ close: 'fin' }, { close: 'rst', hold: '1ms' }, { close: 'idle' }).map(own => ({ ...common, ...own })),
          fc.constantFrom(1, 3).map(pool => ({ ...common, keepAlive: { pool, requests: 5 } })),
        ),
      ),
  })

/** Towards the internet and back: only with an appliance. */
const outsideOf = (slower: number) =>
  fc.record({
    size: length(3000),
    rate: fc.constantFrom(5000, 20_000).map(rate => `${rate / slower}/s`),
    flows: fc.integer({ min: 1, max: 4 }),
    df: fc.boolean(),
  })

const scenarioIn = (slower: number): fc.Arbitrary<AnyScenario> =>
  fc
    .record({
      seed: fc.nat(),
      cluster: anyCluster,
      fabric,
      podMtu: mostly(undefined, '1000B', '1280B', '1500B', '9000B'),
      datagrams: fc.array(datagramsOf(slower), { minLength: 1, maxLength: 3 }),
      recordings: fc.array(recordingOf(slower), { maxLength: 2 }),
      outside: fc.option(outsideOf(slower), { nil: undefined }),
      talks: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(talkOf(slower), { minLength: 1, maxLength: 2 })),
      changes: fc.option(changesOf(DURATION_US, slower), { nil: undefined, freq: 2 }),
      guards: fc.option(guardsOf(DURATION_US * slower), { nil: undefined, freq: 1 }),
    })
    .map(parts => {
      const isRouted = parts.cluster.outbound !== 'none'
      const traffic = [
        ...parts.datagrams.map((entry, i) => ({ name: `entry-${i}`, protocol: 'udp', ...entry })),
        ...parts.recordings.map(({ from, spacing }, i) => ({ name: `replay-${i}`, from, replay: { file: `frames-${i}`, spacing } })),
        ...(isRouted && parts.outside ? [outwards(parts.outside)] : []),
        ...parts.talks.map((entry, i) => ({ name: `talk-${i}`, ...entry })),
      ]
      const scenario = {
        apiVersion: 'vxlane/v1',
        name: 'any',
        seed: parts.seed,
        duration: `${DURATION_US * slower}us`,
        vnet: {
          addressSpace: ['10.224.0.0/12'],
          subnets: {
            ...podSubnets(parts.cluster),
            'aks-nodes': {
              cidr: '10.224.0.0/16',
              ...(parts.guards?.rules.length && {
                networkSecurityGroup: {
                  securityRules: parts.guards.rules.map((rule, i) => ({ name: `r${i}`, priority: 100 + i, ...rule })),
                },
              }),
            },
          },
          peerings: [{ name: 'hub', addressSpace: ['10.100.0.0/16'] }],
        },
        cluster: clusterOf(parts.cluster, parts.changes !== undefined, parts.guards?.engine),
        networkPolicies: parts.guards?.policies ?? [],
        timeline: [
          ...(parts.changes?.timeline ?? []),
          ...rangeEvents(parts.changes?.ranges ?? [], parts.cluster.mode),
          ...(parts.guards?.applied ?? []),
        ],
        fabric: {
          ...parts.fabric,
          encapsulation: encapsulationIn(parts.cluster, parts.fabric.encapsulation),
          ...(parts.changes && { controlPlane: parts.changes.controlPlane }),
          ...(parts.podMtu && { podMtu: parts.podMtu }),
        },
        workloads: WORKLOADS.map((path, i) => {
          const [namespace, name] = path.split('/')
          const churn = parts.changes?.lifetime && {
            churn: { lifetime: { kind: 'exponential', mean: parts.changes.lifetime, least: '1us' } },
          }
          return { namespace, name, replicas: parts.cluster.replicas[i], labels: { tier: i === 1 ? 'y' : 'x' }, ...(i > 0 && churn) }
        }),
        endpoints: [
          { name: 'vm', address: '10.224.0.100', location: 'vnet' },
          { name: 'peer', address: '10.100.0.9', location: 'peered' },
          { name: 'office', address: '192.168.7.7', location: 'onPremises' },
          ...(isRouted ? [{ name: 'inet', address: '203.0.113.10', location: 'internet' }] : []),
        ],
        traffic,
      }
      return { scenario, recordings: parts.recordings.map(({ frames }) => frames), isSlow: slower > 1 }
    })

function outwards(entry: object): object {
  const to = { endpoint: 'inet', port: 443 }
  return { name: 'outside', from: { workload: 'a/front' }, to, protocol: 'udp', arrivals: 'poisson', answer: { size: 500 }, ...entry }
}

export const anyScenario: fc.Arbitrary<AnyScenario> = fc.oneof(
  { weight: 2, arbitrary: scenarioIn(1) },
  { weight: 1, arbitrary: scenarioIn(SLOWER) },
)
