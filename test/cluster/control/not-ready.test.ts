// Nodes that Azure makes although there is no range for their pods: what is refused beforehand and what is not, every word of their events,
// and every moment, worked out on paper.
import { describe, expect, test } from 'vitest'
import type { SimTime } from '../../../src/base/brand.js'
import { goDuration } from '../../../src/cluster/control/autoscaler-readiness.js'
import { type Plan, planCluster } from '../../../src/cluster/plan.js'
import type { TimelineEvent } from '../../../src/scenario/model-timeline.js'
import { cidr, makeScenario, pool, workload } from '../make-scenario.js'

const MINUTE = 60e9
const at = (minutes: number): SimTime => (minutes * MINUTE) as SimTime
const NEVER = Number.POSITIVE_INFINITY
const NOT_READY =
  'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized'

type Parts = NonNullable<Parameters<typeof makeScenario>[0]>
const vnet = (podSubnet: string): Parts['vnet'] => ({
  addressSpace: [cidr('10.224.0.0/12')],
  subnets: { 'aks-nodes': { cidr: cidr('10.224.0.0/24') }, pods: { cidr: cidr(podSubnet) } },
  peerings: [],
})

/** Static blocks of a /24: 14 of 16 addresses, two a node (maxPods 30), hence 7 nodes; Azure's check counts one a node. */
const staticBlocks = (timeline: readonly TimelineEvent[], parts: Parts = {}) =>
  makeScenario({
    durationNs: at(120),
    vnet: vnet('10.225.0.0/24'),
    profile: { addressing: 'podSubnetStatic', podCidr: null },
    pools: [pool('a', 5, { maxPods: 30, podSubnet: 'pods' })],
    workloads: [workload('x/w', 150)],
    timeline,
    ...parts,
  })

/** A pod CIDR of so many blocks. */
const blocks = (addressing: 'overlay' | 'kubenet', podCidr: string, count: number, timeline: readonly TimelineEvent[], parts: Parts = {}) =>
  makeScenario({
    durationNs: at(120),
    profile: { addressing, podCidr: cidr(podCidr) },
    pools: [pool('a', count, { maxPods: 100 })],
    workloads: [],
    timeline,
    ...parts,
  })

const name = (index: number): string => `aks-a-00000000-vmss${index.toString(36).padStart(6, '0')}`
const row = (plan: Plan, resource: string) => plan.resources.find(found => found.name === resource)
const eventsOf = (plan: Plan, object: string) =>
  plan.events
    .filter(event => event.object === object)
    .map(({ atNs, lastNs, type, reason, message, count }) => [atNs / MINUTE, lastNs / MINUTE, type, reason, message, count])
const readiness = (plan: Plan) => plan.nodes.map(({ joinNs, readyNs }) => [joinNs / MINUTE, readyNs / MINUTE])
const scaleTo = (minutes: number, count: number): TimelineEvent => ({ atNs: at(minutes), kind: 'scalePool', pool: 'a', count })
const { fabric } = makeScenario()
const azure = { encapsulation: 'none' } as const

describe('static blocks', () => {
  const scaled = planCluster(staticBlocks([scaleTo(10, 9)]))
  test('pass the check of one a node; the nodes without two of them are made and stay NotReady', () => {
    expect(readiness(scaled)).toEqual([...Array(5).fill([0, 0]), [12, 12], [12, 12], [12, NEVER], [12, NEVER]])
    expect(scaled.nodesRefused).toBe(0)
    expect(row(scaled, 'nodeSubnet')).toMatchObject({ used: 9, exhausted: false })
    expect(row(scaled, 'podSubnet')).toMatchObject({ capacity: 14, used: 14, exhausted: true, exhaustedAtNs: at(12), failures: 2 })
    expect(row(scaled, 'maxPods')).toMatchObject({ capacity: 210 })
    expect(scaled.waits?.forRange).toMatchObject({ count: 7, still: 2, stillNs: at(108), maxNs: 0 })
  })
  test('say so word by word, and again every two minutes', () => {
    expect(eventsOf(scaled, name(7))).toEqual([
      // At 12, 14, … 118 minutes.
      [12, 118, 'Warning', 'NCUpdateFailed', 'Subnet is full: addresses of pods: 32 needed, 0 available', 54],
      [12, 12, 'Warning', 'KubeletNotReady', NOT_READY, 1],
    ])
    expect(eventsOf(scaled, 'a')).toEqual([[10, 10, 'Normal', 'ScaleUp', 'a scaled from 5 to 9 nodes', 1]])
    expect(scaled.notReady[0]).toEqual({ name: name(7), pool: 'a', fromNs: at(12), untilNs: null, end: 'stillNotReady' })
  })
  test('take no pods: the scheduler sees their taint', () => {
    const plan = planCluster(staticBlocks([scaleTo(10, 9), { atNs: at(20), kind: 'scaleWorkload', workload: 'x/w', replicas: 230 }]))
    const message = '0/9 nodes are available: 2 node(s) had untolerated taint {node.kubernetes.io/not-ready: }, 7 Too many pods'
    expect(eventsOf(plan, 'x/w')).toEqual([[20, 20, 'Warning', 'FailedScheduling', message, 20]])
    expect(plan.pending).toMatchObject([{ count: 20, reason: `FailedScheduling: ${message}` }])
    expect(plan.pods.count).toBe(210)
  })
  test('are had by those who waited longest when some come back, at their next try', () => {
    const plan = planCluster(staticBlocks([scaleTo(10, 9), { atNs: at(31), kind: 'failNodes', pool: 'a', count: 1 }]))
    expect(readiness(plan).slice(-2)).toEqual([
      [12, 32],
      [12, NEVER],
    ])
    expect(eventsOf(plan, name(7))).toEqual([
      [12, 30, 'Warning', 'NCUpdateFailed', 'Subnet is full: addresses of pods: 32 needed, 0 available', 10],
      [12, 12, 'Warning', 'KubeletNotReady', NOT_READY, 1],
      [32, 32, 'Normal', 'NodeReady', `Node ${name(7)} status is now: NodeReady`, 1],
    ])
    expect(plan.waits?.forRange).toMatchObject({ count: 8, still: 1, maxNs: at(20) })
    expect(plan.notReady[0]).toMatchObject({ fromNs: at(12), untilNs: at(32), end: 'ready' })
  })
  test('go with the newest nodes when the pool is scaled down', () => {
    const plan = planCluster(staticBlocks([scaleTo(10, 9), scaleTo(40, 8)]))
    expect(plan.nodes.length).toBe(8)
    expect(plan.notReady.map(({ end, untilNs }) => [end, untilNs])).toEqual([
      ['gone', at(40)],
      ['stillNotReady', null],
    ])
    // At 12, 14, … 38 minutes.
    expect(eventsOf(plan, name(8))[0]).toEqual([
      12,
      38,
      'Warning',
      'NCUpdateFailed',
      'Subnet is full: addresses of pods: 32 needed, 0 available',
      14,
    ])
  })
  test('an own address of the node that is short is refused beforehand, and no node is made', () => {
    const timeline: TimelineEvent[] = [{ atNs: at(1), kind: 'occupy', subnet: 'aks-nodes', count: 245 }, scaleTo(10, 9)]
    const plan = planCluster(staticBlocks(timeline))
    expect(plan.nodes.length).toBe(5)
    expect(eventsOf(plan, 'a')).toEqual([
      [
        10,
        10,
        'Warning',
        'SubnetIsFull',
        expect.stringContaining("doesn't have enough capacity for IP addresses: 4 needed, 1 available"),
        1,
      ],
    ])
  })
})

test('a dynamic pod subnet without a first batch', () => {
  const scenario = staticBlocks([{ atNs: at(1), kind: 'occupy', subnet: 'pods', count: 160 }, scaleTo(10, 6)], {
    profile: { addressing: 'podSubnetDynamic', podCidr: null },
    workloads: [],
  })
  const plan = planCluster({ ...scenario, timeline: [...scenario.timeline, { atNs: at(25), kind: 'vacate', subnet: 'pods', count: 160 }] })
  expect(readiness(plan)[5]).toEqual([12, 26])
  expect(eventsOf(plan, name(5))[0]).toEqual([
    12,
    24,
    'Warning',
    'NCUpdateFailed',
    'Subnet is full: addresses of pods: 16 needed, 11 available',
    7,
  ])
})

describe('blocks of the pod CIDR', () => {
  test('of kubenet are not counted beforehand: CIDRNotAvailable, and no route', () => {
    const plan = planCluster(blocks('kubenet', '10.244.0.0/23', 2, [scaleTo(10, 3)]))
    expect(readiness(plan)).toEqual([
      [0, 0],
      [0, 0],
      [12, NEVER],
    ])
    expect(plan.nodes[2].block).toBeNull()
    expect(eventsOf(plan, name(2))).toEqual([
      [12, 118, 'Normal', 'CIDRNotAvailable', `Node ${name(2)} status is now: CIDRNotAvailable`, 54],
      [12, 12, 'Warning', 'KubeletNotReady', NOT_READY, 1],
    ])
    expect(row(plan, 'podCidr')).toMatchObject({ capacity: 2, used: 2, exhausted: true, failures: 1 })
    expect(row(plan, 'routeTable')).toMatchObject({ used: 2 })
    expect(row(plan, 'nodeSubnet')).toMatchObject({ used: 3 })
  })
  test('of an overlay are: InsufficientSubnetSize, and no node', () => {
    const plan = planCluster(blocks('overlay', '10.244.0.0/23', 2, [scaleTo(10, 3)]))
    expect(eventsOf(plan, 'a')[0].slice(2, 4)).toEqual(['Warning', 'InsufficientSubnetSize'])
    expect(plan.nodes.length).toBe(2)
  })
  const unchecked = { controlPlane: { ...fabric.controlPlane, preCheck: false } }
  const expanded: TimelineEvent[] = [scaleTo(10, 4), { atNs: at(45), kind: 'expand', podCidr: cidr('10.244.0.0/22') }]
  test('of an overlay without that check: the words of whoever gives them, and ready once the range is larger', () => {
    const own = planCluster(blocks('overlay', '10.244.0.0/23', 2, expanded, { fabric: unchecked }))
    expect(readiness(own).slice(2)).toEqual([
      [12, 46],
      [12, 46],
    ])
    expect(own.nodes[3].block).toEqual(cidr('10.244.3.0/24'))
    expect(eventsOf(own, name(2))[0].slice(2)).toEqual([
      'Normal',
      'CIDRNotAvailable',
      `Node ${name(2)} status is now: CIDRNotAvailable`,
      17,
    ])
    const ofAzure = planCluster(blocks('overlay', '10.244.0.0/23', 2, expanded, { fabric: { ...unchecked, ...azure } }))
    const full = 'Subnet is full: node blocks of the pod CIDR: 1 needed, 0 available'
    expect(eventsOf(ofAzure, name(2))[0].slice(2)).toEqual(['Warning', 'NCUpdateFailed', full, 17])
  })
})

describe('an upgrade whose surge nodes', () => {
  const upgrade = (nodes: number): TimelineEvent => ({ atNs: at(10), kind: 'upgrade', pool: 'a', maxSurge: { kind: 'nodes', nodes } })
  const full = (surge: number) => staticBlocks([upgrade(surge)], { pools: [pool('a', 7, { maxPods: 30, podSubnet: 'pods' })] })
  test('are none of them ready gives up after the drain timeout, and leaves them', () => {
    const plan = planCluster(full(1))
    const why = `0 of 7 nodes upgraded: the surge node ${name(7)} is not ready: ${NOT_READY}; surge nodes stay`
    expect(eventsOf(plan, 'a')).toEqual([
      [10, 10, 'Normal', 'Surge', '1 surge nodes for 7 nodes to upgrade', 1],
      [42, 42, 'Warning', 'UpgradeFailed', why, 1],
    ])
    expect(plan.nodes.length).toBe(8)
  })
  test('are ready but for one goes round with the others, and takes that one away', () => {
    const plan = planCluster(staticBlocks([upgrade(2)], { pools: [pool('a', 6, { maxPods: 30, podSubnet: 'pods' })] }))
    expect(eventsOf(plan, 'a').at(-1)?.slice(3, 5)).toEqual(['Upgrade', '6 of 6 nodes upgraded'])
    expect(plan.notReady).toMatchObject([{ name: name(7), end: 'gone' }])
    expect(plan.nodes.length).toBe(6)
  })
})

describe('the autoscaler', () => {
  const grown = (replicas: number, parts: Parts = {}) =>
    staticBlocks([], {
      durationNs: at(90),
      pools: [pool('a', 7, { maxPods: 30, podSubnet: 'pods', autoScaling: { minCount: 1, maxCount: 12 } })],
      workloads: [workload('x/w', 210, { growth: { kind: 'trace', points: [{ atNs: at(10), replicas }] } })],
      ...parts,
    })
  test('counts a young node that is not ready as one on its way, gives the scale-up up after 15 minutes, tries again, and removes it', () => {
    const plan = planCluster(grown(220))
    const added = eventsOf(plan, 'a')
    // Asked for at the scan after ten minutes; those pods that fit are held by the node until 27 minutes have passed. From then on it is
    // unready, and after 20 minutes of that it goes.
    const timedOut = added.find(([, , , reason]) => reason === 'ScaleUpTimedOut')
    expect(timedOut?.slice(2)).toEqual([
      'Warning',
      'ScaleUpTimedOut',
      'Nodes added to group a failed to register within 15m10s',
      expect.any(Number),
    ])
    expect(timedOut?.[0]).toBeCloseTo(25 + 20 / 60, 6)
    expect(plan.notReady.map(({ fromNs, untilNs, end }) => [fromNs / 1e9, untilNs && untilNs / 1e9, end])).toEqual([
      [730, 730 + 35 * 60, 'gone'],
      // The pause of five minutes after the time-out at 25:20, and two minutes of provisioning.
      [1940, 1940 + 35 * 60, 'gone'],
      // The next pause, after 45:30, is ten minutes.
      [3450, null, 'stillNotReady'],
    ])
    const gone = `node ${name(7)} removed by cluster autoscaler: unready`
    expect(added.filter(([, , , reason]) => reason === 'ScaleDown')).toMatchObject([
      [47 + 1 / 6, 67 + 1 / 3, 'Normal', 'ScaleDown', gone.replace(name(7), name(8)), 2],
    ])
    expect(plan.nodes.length).toBeLessThanOrEqual(9)
  })
  test('does nothing any more when too many nodes are unready', () => {
    // Seven ready nodes, and it asks for five more at once: 5 of 12 are below 45 %, so two lost ones are needed.
    const plan = planCluster({
      ...grown(350),
      timeline: [
        { atNs: at(20), kind: 'occupy', subnet: 'pods', count: 16 },
        { atNs: at(26), kind: 'failNodes', pool: 'a', count: 2 },
        { atNs: at(26), kind: 'occupy', subnet: 'pods', count: 64 },
      ],
    })
    expect(eventsOf(plan, 'cluster-autoscaler-status')).toEqual([
      [expect.any(Number), expect.any(Number), 'Warning', 'ClusterUnhealthy', 'Cluster is unhealthy', 1],
    ])
    expect(plan.notReady.map(({ end }) => end)).toEqual(Array(5).fill('stillNotReady'))
    expect(plan.nodes.length).toBe(10)
  })
})

test('spans as Go prints them', () => {
  expect([15e9, 910e9, 3600e9, 5400.5e9].map(goDuration)).toEqual(['15s', '15m10s', '1h0m0s', '1h30m0.5s'])
})
