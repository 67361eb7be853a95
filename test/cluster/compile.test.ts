// What the image holds, read back through the data plane's own look-ups.
import { describe, expect, it } from 'vitest'
import { compile } from '../../src/cluster/compile.js'
import { planCluster } from '../../src/cluster/plan.js'
import { openImage } from '../../src/image/image.js'
import { Interface, LpKind, RouteKind } from '../../src/image/kinds.js'
import type { Scenario } from '../../src/scenario/model.js'
import { lpOf } from '../../src/table/address-index.js'
import { lookup } from '../../src/table/fib.js'
import { formatIpv4 } from '../../src/wire/address.js'
import { cidr, ip, makeScenario, pool, udp, workload } from './make-scenario.js'

const compiled = (scenario: Scenario, shards = 2, readReplay: Parameters<typeof compile>[2]['readReplay'] = () => []) => {
  const plan = planCluster(scenario)
  const image = compile(scenario, plan, { shards, readReplay })
  return { plan, params: image.params, columns: openImage(image) }
}

const outside = makeScenario({
  profile: { outboundType: 'userDefinedRouting' },
  pools: [pool('nodepool1', 2), pool('big', 1, { vmSize: 'Standard_D32s_v5' })],
  workloads: [workload('shop/web', 4), workload('shop/client', 5)],
  endpoints: [
    { name: 'partner', address: ip('203.0.113.10'), location: 'internet' },
    { name: 'vm', address: ip('10.224.0.100'), location: 'vnet' },
  ],
  traffic: [udp('east-west', 'shop/client', 'shop/web', { flows: 3 })],
  capture: [
    { at: { kind: 'node', node: 'nodepool1/0' }, file: 'a', maxPackets: 10 },
    { at: { kind: 'pod', pod: 'shop/web/1' }, file: 'b', maxPackets: 10 },
    { at: { kind: 'endpoint', endpoint: 'partner' }, file: 'c', maxPackets: 10 },
    { at: { kind: 'gateway', side: 'outside' }, file: 'd', maxPackets: 10 },
  ],
})

describe('compile', () => {
  it('lays out nodes in pool order, then the appliance, then the endpoints', () => {
    const { columns, params } = compiled(outside)
    expect([...columns.lpKind]).toEqual([LpKind.node, LpKind.node, LpKind.node, LpKind.appliance, LpKind.endpoint, LpKind.endpoint])
    expect([...columns.lpAddress].map(formatIpv4)).toEqual([
      '10.224.0.4',
      '10.224.0.5',
      '10.224.0.6',
      '10.224.0.1',
      '203.0.113.10',
      '10.224.0.100',
    ])
    expect([...columns.lpFar]).toEqual([0, 0, 0, 1, 1, 0])
    expect([...columns.lpNsPerByte]).toEqual([0.64, 0.64, 0.5, 0, 0, 0])
    expect(params).toMatchObject({
      gatewayLp: 3,
      internetLp: 4,
      lookaheadNs: 50_000,
      intervalNs: 10_000_000,
      overlayMtu: 1450,
      gatewayAddress: ip('10.224.0.1'),
    })
  })

  it('routes blocks to their nodes, the subnet on link and the rest by the gateway', () => {
    const { columns } = compiled(outside)
    const route = (address: string) => {
      const value = lookup(columns.fib, ip(address))
      return [value >>> 28, value & 0xfffffff]
    }
    expect(route('10.244.1.7')).toEqual([RouteKind.podBlock, 1])
    expect(route('10.224.77.1')).toEqual([RouteKind.onLink, 0])
    expect(route('10.244.9.1')).toEqual([RouteKind.gateway, 0])
    expect(route('8.8.8.8')).toEqual([RouteKind.gateway, 0])
  })

  it('finds every host by its address, the appliance by both', () => {
    const { columns } = compiled(outside)
    const found = ['10.224.0.6', '10.224.0.1', '198.51.100.1', '203.0.113.10', '10.224.0.9'].map(a =>
      lpOf(columns.addressKey, columns.addressLp, ip(a)),
    )
    expect(found).toEqual([2, 3, 3, 4, -1])
  })

  it('knows each pod by its address in its block', () => {
    const { columns, plan } = compiled(outside)
    for (let pod = 0; pod < plan.pods.count; pod++) {
      const lp = columns.podLp[pod]
      expect(columns.podAt[columns.lpPodRow[lp] + columns.podAddress[pod] - columns.lpBlockBase[lp]]).toBe(pod)
    }
    expect([...columns.podAt].filter(pod => pod >= 0)).toHaveLength(9)
  })

  it('puts the taps where the captures are, in their order', () => {
    expect(compiled(outside).params.taps).toEqual([
      { lp: 0, pod: -1, interface: Interface.eth0, maxPackets: 10 },
      { lp: 1, pod: 1, interface: Interface.pod, maxPackets: 10 },
      { lp: 4, pod: -1, interface: Interface.eth0, maxPackets: 10 },
      { lp: 3, pod: -1, interface: Interface.outside, maxPackets: 10 },
    ])
  })

  it('sorts, spaces and shifts replayed frames', () => {
    const frames = [
      { timeNs: 700, bytes: Uint8Array.of(3) },
      { timeNs: 500, bytes: Uint8Array.of(1, 2) },
    ]
    const from = { kind: 'pod', pod: 'shop/web/0' } as const
    const replay = { kind: 'replay', name: 'r', from, file: 'f', startNs: 1000 } as const
    const node = { ...replay, name: 's', from: { kind: 'node', node: 'nodepool1/1' } } as const
    const scenario = {
      ...outside,
      traffic: [
        { ...replay, spacingNs: null },
        { ...node, spacingNs: 50 },
      ],
    } as unknown as Scenario
    const { columns } = compiled(scenario, 2, () => frames)
    expect([...columns.replayLp, ...columns.replayPod, ...columns.replayFirst, ...columns.replayFrames]).toEqual([0, 1, 0, -1, 0, 2, 2, 2])
    expect([...columns.frameTimeNs]).toEqual([1000, 1200, 1000, 1050])
    expect([...columns.frameOffset, ...columns.frameLength, ...columns.frameBytes]).toEqual([0, 2, 3, 5, 2, 1, 2, 1, 1, 2, 3, 1, 2, 3])
  })

  it('writes size tables with cumulative probabilities that end at 1', () => {
    const size = { kind: 'empirical', values: [64, 576, 1400].map((value, i) => ({ value, weight: [7, 4, 1][i] })) } as const
    const { columns } = compiled({
      ...outside,
      traffic: [udp('a', 'shop/client', 'shop/web'), udp('b', 'shop/client', 'shop/web', { size })],
    })
    expect([...columns.trafficSizeKind]).toEqual([0, 5])
    expect([columns.trafficSizeA[1], columns.trafficSizeB[1]]).toEqual([0, 3])
    expect([...columns.sizeCumulative]).toEqual([7 / 12, 11 / 12, 1])
  })

  it('is the same for any number of shards but for the shards themselves', () => {
    const one = compiled(outside, 1)
    const three = compiled(outside, 3)
    for (const name of Object.keys(one.columns) as (keyof typeof one.columns)[]) {
      if (name !== 'lpShard') expect(three.columns[name]).toEqual(one.columns[name])
    }
    expect(new Set(three.columns.lpShard).size).toBe(3)
  })

  it('lets a node speak to foreign pods with its VTEP address', () => {
    const from = { kind: 'node', node: 'nodepool1/0' } as const
    const toPod = (pod: string) => ({ kind: 'pod', pod }) as const
    const traffic = ['shop/web/0', 'shop/web/1'].map((name, i) => udp(`t${i}`, '', '', { from, to: toPod(name) }))
    const nowhere = udp('t2', '', '', { from, to: { kind: 'address', address: ip('10.244.99.9') } })
    const { columns } = compiled({ ...outside, traffic: [...traffic, nowhere] })
    expect([...columns.flowSourceAddress].map(formatIpv4)).toEqual(['10.224.0.4', '10.244.0.0', '10.224.0.4'])
    expect([...columns.flowPod]).toEqual([-1, -1, -1])
  })
})

describe('lookahead', () => {
  it('is the gateway latency when only far processes can meet', () => {
    const scenario = makeScenario({ pools: [pool('p', 1)], endpoints: [{ name: 'e', address: ip('203.0.113.10'), location: 'internet' }] })
    expect(compiled(scenario).params.lookaheadNs).toBe(500_000)
  })

  it('takes fixed blocks of any size', () => {
    const nodes = [{ name: 'n', address: null, podCidr: cidr('10.244.8.0/22') }]
    const { columns } = compiled(makeScenario({ pools: [pool('p', 1, { nodes })] }))
    expect([columns.lpBlockSize[0], columns.podAt.length, formatIpv4(columns.lpVtep[0])]).toEqual([1024, 1024, '10.244.8.0'])
  })
})
