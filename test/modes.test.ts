// Clusters of all five addressing modes on the wire: whose address each destination sees (page "Legacy container networking interfaces",
// azure-container-networking's SWIFT-POSTROUTING), no tunnel where there is none, the NIC's MTU, and the same result however it is computed.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { ADDRESSING_MODES, type AddressingMode } from '../src/base/addressing-mode.js'
import { run } from '../src/index.js'
import { runShards, runWith } from './support/any-run.js'
import { modeScenario, POD_RANGE, seenAt } from './support/mode-scenario.js'
import { complaintsOf, hasTshark } from './support/tshark.js'

const POD = { pod: 'a/front/0' }
const NODE = '10.224.0.4'

/** Where a packet is looked at, what it is sent to, and who seems to have sent it, by mode: overlay, node subnet, dynamic, static, kubenet. */
const CELLS = [
  ['a pod of the cluster', { workload: 'a/back', port: 80 }, { pod: 'a/back/1' }, ['pod', 'pod', 'pod', 'pod', 'pod']],
  ['a node', { node: 'np/1', port: 80 }, { node: 'np/1' }, ['node', 'pod', 'pod', 'pod', 'node']],
  ['a VM of the VNet', { endpoint: 'vm', port: 80 }, { endpoint: 'vm' }, ['node', 'pod', 'pod', 'pod', 'node']],
  ['a VM of a peered VNet', { endpoint: 'far', port: 80 }, { endpoint: 'far' }, ['node', 'node', 'pod', 'pod', 'node']],
  ['the outbound device', { endpoint: 'net', port: 80 }, { gateway: 'inside' }, ['node', 'node', 'pod', 'pod', 'node']],
  ["Azure's DNS", { endpoint: 'dns', port: 53 }, { gateway: 'inside' }, ['node', 'node', 'node', 'node', 'node']],
  ["Azure's DNS, another port", { endpoint: 'dns', port: 80 }, { gateway: 'inside' }, ['node', 'node', 'pod', 'pod', 'node']],
  ['instance metadata', { endpoint: 'metadata', port: 80 }, { gateway: 'inside' }, ['node', 'node', 'node', 'node', 'node']],
] as const

describe.each(CELLS)('%s sees', (_, to, at, expected) => {
  const rows = ADDRESSING_MODES.map((mode, i) => [mode, expected[i]] as const)
  test.each(rows)('%s: the %s', (mode, who) => {
    const from = 'workload' in to ? { workload: 'a/front' } : POD
    const outcome = runShards(modeScenario(mode, { traffic: [{ from, to }], capture: [at] }), 1)
    const sources = seenAt(outcome, 0).filter(({ targetPort }) => targetPort === to.port)
    expect(sources.length).toBeGreaterThan(5)
    for (const { source } of sources) {
      if (who === 'node') expect(source).toBe(NODE)
      else expect(source).toMatch(POD_RANGE[mode])
      if (who === 'pod' && mode === 'nodeSubnet') expect(source).not.toBe(NODE)
    }
  })
})

const EVERYWHERE = [
  { from: { workload: 'a/front' }, to: { workload: 'a/back', port: 80 }, answer: { size: 100 } },
  { from: { workload: 'a/front' }, to: { endpoint: 'vm', port: 80 }, answer: { size: 100 } },
  { from: { workload: 'a/front' }, to: { endpoint: 'far', port: 80 }, answer: { size: 100 } },
  { from: { workload: 'a/front' }, to: { endpoint: 'net', port: 80 }, answer: { size: 100 } },
]
/** Only where a pod's address is one of the VNet can hosts of the VNet speak to it. */
const inwards = (mode: AddressingMode) =>
  mode === 'overlay' || mode === 'kubenet'
    ? []
    : [{ from: { endpoint: 'vm' }, to: { workload: 'a/back', port: 80 }, answer: { size: 100 } }]

describe.each(ADDRESSING_MODES)('%s', mode => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vxlane-modes-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('loses nothing, and says the same for any number of shards, on threads, and step by step', async () => {
    const scenario = modeScenario(mode, { traffic: [...EVERYWHERE, ...inwards(mode)] })
    const { totals, ...alone } = runShards(scenario, 1)
    expect([totals.dropped, totals.delivered > 100]).toEqual([0, true])
    for (const shards of [2, 3, 5]) expect(runShards(scenario, shards)).toEqual({ totals, ...alone })
    expect(runShards(scenario, 1, true).digest).toBe(alone.digest)
    expect((await runWith(scenario, 2)).digest).toBe(alone.digest)
  })

  it(mode === 'overlay' ? 'has a tunnel' : 'has no tunnel, and every byte of the MTU for its pods', () => {
    const traffic = [{ from: POD, to: { pod: 'a/back/1', port: 80 }, size: mode === 'overlay' ? 1450 : 1500 }]
    const outcome = runShards(modeScenario(mode, { traffic, capture: [{ node: 'np/0' }, { pod: 'a/back/1' }] }), 1)
    const [onWire, atPod] = [0, 1].map(tap => seenAt(outcome, tap))
    expect(outcome.totals.dropped).toBe(0)
    expect([new Set(onWire.map(({ depth }) => depth)), new Set(atPod.map(({ ttl }) => ttl))]).toEqual([
      new Set([mode === 'overlay' ? 2 : 1]),
      new Set([62]),
    ])
  })

  it('gives pods of the host network the address of their node, and all its own to each', () => {
    const traffic = [
      { from: { workload: 'a/agent' }, to: { pod: 'a/back/1', port: 80 }, flows: 2, answer: { size: 100 } },
      { from: { workload: 'a/front' }, to: { workload: 'a/agent', port: 9100 }, flows: 2, answer: { size: 100 } },
      { from: { workload: 'a/agent' }, to: { workload: 'a/agent', port: 9101 }, flows: 4, answer: { size: 100 } },
      { from: { workload: 'a/agent' }, to: { endpoint: 'net', port: 443 }, answer: { size: 100 } },
    ]
    const workloads = [{ namespace: 'a', name: 'agent', replicas: 7, hostNetwork: true }]
    const scenario = modeScenario(mode, { traffic, workloads, capture: [{ pod: 'a/back/1' }, { endpoint: 'net' }] })
    const outcome = runShards(scenario, 1)
    expect(outcome.totals.dropped).toBe(0)
    expect(runShards(scenario, 4)).toEqual(outcome)
    const addresses = new Set(Array.from({ length: 3 }, (_, i) => (mode === 'nodeSubnet' ? `10.224.0.${4 + 31 * i}` : `10.224.0.${4 + i}`)))
    // Towards another node's block a host speaks with the address of its tunnel's end.
    if (mode === 'overlay') for (const end of ['10.244.0.0', '10.244.2.0']) addresses.add(end)
    const asked = seenAt(outcome, 0).filter(({ targetPort }) => targetPort === 80)
    const sources = new Set(asked.map(({ source }) => source))
    expect([asked.length > 50, sources.size, [...sources].every(source => addresses.has(source))]).toEqual([true, 3, true])
    expect(seenAt(outcome, 1).length).toBeGreaterThan(20)
  })

  it.skipIf(!hasTshark)('is written so that tshark has nothing to say', async () => {
    const capture = [{ node: 'np/0' }, { pod: 'a/front/0' }, { endpoint: 'vm' }, { gateway: 'inside' }]
    await run(modeScenario(mode, { traffic: [...EVERYWHERE, ...inwards(mode)], capture }), { workers: 1, out: folder })
    for (const i of capture.keys()) expect(complaintsOf(join(folder, `c${i}.pcapng`))).toEqual([])
  })
})
