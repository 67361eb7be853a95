// The headline: the same scenario and seed give the same result for every number of shards, on threads or without, watched or not, and
// every packet is accounted for. Scenarios are generated, faults of input included. Starting threads and shards costs most of the
// time, so each scenario meets some numbers of them here and all of them in the long run.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inFolder, runShards, runWith } from './support/any-run.js'
import { frame, udpPacket } from './support/frame-builder.js'
import { type AnyScenario, anyScenario } from './support/scenario-arbitrary.js'

const LONG = process.env.VXLANE_LONG !== undefined
const SCENARIOS = LONG ? 300 : 50
/** Of an Ethernet frame with an IPv4 header without options. */
const FROM_PORT = 34
const THREADS = [1, 2, 3, 4, 8]
const SHARDS = [2, 3, 4, 8]

/** The matcher takes its time over long arrays, so it is asked only to show a difference. */
function expectSame(found: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(found, wanted)) expect(found).toEqual(wanted)
}

/** Threads that mostly wait for each other take long where cores are few. */
function threadsFor(i: number, { isSlow }: AnyScenario): number[] {
  if (isSlow) return LONG ? [1, 2, 3] : i % 2 === 0 ? [2] : []
  return LONG ? THREADS : [THREADS[i % THREADS.length]]
}

describe('determinism', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vxlane-any-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const sample: AnyScenario[] = fc.sample(anyScenario, { numRuns: SCENARIOS, seed: 20260601 })

  it.each(sample.map((any, i) => [i, any] as const))('generated scenario %i', async (i, any) => {
    const scenario = inFolder(any, folder)
    const alone = await runWith(scenario, 0)
    const { sent, delivered, dropped, inFlight } = alone.totals
    expect(delivered + dropped + inFlight).toBe(sent)
    const whole = runShards(scenario, 1)
    expect(whole.digest).toBe(alone.digest)
    for (const shards of LONG ? SHARDS : [SHARDS[i % 3], 8]) expectSame(runShards(scenario, shards), whole)
    for (const threads of threadsFor(i, any)) expectSame(await runWith(scenario, threads), alone)
    expectSame(await runWith(scenario, 0, true), alone)
    const watched = runShards({ ...scenario, capture: CAPTURES }, 1 + (i % 3))
    expectSame({ ...watched, captures: [] }, whole)
    if (i % 4 === 0) expectSame(runShards({ ...scenario, capture: CAPTURES }, 4), watched)
  })
})

describe('ties', () => {
  // Frames of many hosts that reach one node at the very same moment, each the n-th event of its host: only the host's number says which
  // comes first. The node answers each of them, so that the order shows in everything it sends.
  it('of time and sequence are broken by origin alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vxlane-ties-'))
    const hosts = Array.from({ length: 7 }, (_, i) => ({ name: `vm${i}`, address: `10.224.0.${100 + i}`, location: 'vnet' }))
    const recordings = hosts.map(({ address }, i) => {
      const datagram = udpPacket({ from: address, to: '10.224.0.4' }, 1000, 9)
      return Array.from({ length: 40 }, () => frame('02000ae00004', `02000ae000${(100 + i).toString(16)}`, datagram))
    })
    const traffic = hosts.map(({ name }, i) => ({ name, from: { endpoint: name }, replay: { file: `frames-${i}`, spacing: '10us' } }))
    const nodes = [{ name: 'node1', address: '10.224.0.4' }, { name: 'node2' }]
    const cluster = { agentPoolProfiles: [{ name: 'one', count: 2, nodes }] }
    const capture = [{ node: 'node1', interface: 'eth0', file: 'a.pcapng' }]
    const tied = { apiVersion: 'vxlane/v1', duration: '2ms', cluster, endpoints: hosts, traffic, capture }
    const scenario = inFolder({ scenario: tied, recordings }, folder)
    const whole = runShards(scenario, 1)
    const inbound = whole.captures[0].frames.filter(({ direction }) => direction === 1)
    expect(inbound.map(({ bytes }) => bytes[29] - 100)).toEqual(inbound.map((_, i) => i % 7))
    expect(whole.totals.sent).toBe(2 * 7 * 40)
    for (const shards of [2, 3, 5, 8]) expectSame(runShards(scenario, shards), whole)
    rmSync(folder, { recursive: true, force: true })
  })
})

describe('growth', () => {
  // Tables begin small and grow: packets in flight, connections of a node that many talk to, events far apart. When that happens depends on
  // the number of shards; nothing else may.
  it.each([
    ['packets in flight', { latency: '10ms' }, '30ms', '500/s'],
    ['events far apart', { latency: '1us' }, '2ms', '500/s'],
    ['full queues', { latency: '1ms', nicRate: '500Mbps', queue: 3000 }, '20ms', '700/s'],
  ])('of %s', (_, fabric, duration, rate) => {
    const entry = { protocol: 'udp', rate, size: 'imix', df: false, arrivals: 'poisson' }
    const scenario = {
      apiVersion: 'vxlane/v1',
      duration,
      fabric,
      cluster: { agentPoolProfiles: [{ name: 'one', count: 6 }] },
      workloads: [
        { namespace: 'a', name: 'many', replicas: 300 },
        { namespace: 'a', name: 'one', replicas: 1 },
      ],
      traffic: [
        { ...entry, name: 'across', from: { workload: 'a/many' }, to: { workload: 'a/many', port: 7 }, flows: 6 },
        { ...entry, name: 'gathered', from: { workload: 'a/many' }, to: { workload: 'a/one', port: 7 }, flows: 5, answer: { size: 60 } },
      ],
    }
    const whole = runShards(scenario, 1)
    expectSame(runShards(scenario, 1, true), whole)
    for (const shards of LONG ? SHARDS : [3, 8]) expectSame(runShards(scenario, shards), whole)
  })
})

describe('random streams', () => {
  const plain = (parts: { seed?: number; workloads?: object[]; traffic?: object[] }): object => ({
    apiVersion: 'vxlane/v1',
    seed: parts.seed ?? 1,
    duration: '20ms',
    cluster: { agentPoolProfiles: [{ name: 'one', count: 4 }] },
    workloads: [{ namespace: 'a', name: 'front', replicas: 6 }, { namespace: 'a', name: 'back', replicas: 5 }, ...(parts.workloads ?? [])],
    traffic: [
      entry('poisson', 'a/front', 'a/back', { size: 'imix', arrivals: 'poisson', flows: 2 }),
      entry('bursts', 'a/back', 'a/front', {
        size: { kind: 'exponential', mean: 400, most: 1400 },
        arrivals: 'onOff',
        answer: { size: 90 },
      }),
      entry('even', 'a/front', 'a/front', { size: 500, arrivals: 'constant' }),
      ...(parts.traffic ?? []),
    ],
    capture: [0, 1, 2, 3, 4].map(i => ({ pod: `a/${['front', 'back'][i & 1]}/${i}`, file: `${i}.pcapng` })),
  })
  const entry = (name: string, from: string, to: string, rest: object): object => ({
    name,
    from: { workload: from },
    to: { workload: to, port: 7 },
    protocol: 'udp',
    rate: '3000/s',
    ...rest,
  })
  /** What left the watched pods: when, and every byte but the identification of answers, which one counter of the node gives to all. */
  const sentBy = ({ captures }: ReturnType<typeof runShards>): string[][] =>
    captures.map(({ frames }) =>
      frames.filter(({ direction }) => direction === 2).map(({ timeNs, bytes }) => `${timeNs} ${withoutId(bytes)}`),
    )
  const withoutId = (bytes: Uint8Array): string => {
    const isAnswer = bytes[FROM_PORT] === 0 && bytes[FROM_PORT + 1] === 7
    const [id, check] = isAnswer
      ? [
          [0, 0],
          [0, 0],
        ]
      : [bytes.subarray(18, 20), bytes.subarray(24, 26)]
    return Buffer.concat([
      bytes.subarray(14, 18),
      Buffer.from(id),
      bytes.subarray(20, 24),
      Buffer.from(check),
      bytes.subarray(26, 42),
    ]).toString('hex')
  }

  it('follow the seed', () => {
    const digests = [1, 2, 3, 2 ** 31, 2 ** 32 + 1, 2 ** 53 - 1].map(seed => runShards(plain({ seed }), 1).digest)
    expect(new Set(digests).size).toBe(digests.length)
    expect(runShards(plain({ seed: 2 }), 2).digest).toBe(digests[1])
  })

  it('do not notice other pods, workloads and entries', () => {
    const before = runShards(plain({}), 2)
    const after = runShards(
      plain({
        workloads: [{ namespace: 'b', name: 'other', replicas: 9 }],
        traffic: [entry('other', 'b/other', 'b/other', { size: 'imix', arrivals: 'poisson' })],
      }),
      3,
    )
    expect(after.digest).not.toBe(before.digest)
    expect(after.traffic.slice(0, before.traffic.length)).toEqual(before.traffic)
    expect(sentBy(after)).toEqual(sentBy(before))
    expect(sentBy(before).flat().length).toBeGreaterThan(300)
  })
})

/** A tap on every kind of interface that all generated scenarios have. */
const CAPTURES = [
  { node: 'one/0', interface: 'eth0', file: 'node.pcapng' },
  { pod: 'a/front/0', file: 'pod.pcapng', maxPackets: 3 },
  { endpoint: 'vm', file: 'vm.pcapng' },
]
