// What a person would check by hand: small clusters in which the order of things and every number can be worked out on paper.
import { describe, expect, test } from 'vitest'
import type { SimTime } from '../../../src/base/brand.js'
import { admit } from '../../../src/cluster/admission.js'
import { nextChangeAfter, replicasAt } from '../../../src/cluster/control/growth-curve.js'
import { TimelineRecorder } from '../../../src/cluster/control/timeline-recorder.js'
import { type Plan, planCluster } from '../../../src/cluster/plan.js'
import type { Growth, TimelineEvent } from '../../../src/scenario/model-timeline.js'
import { cidr, makeScenario, pool, workload } from '../make-scenario.js'

const MINUTE = 60e9
const HOUR = 60 * MINUTE
const at = (minutes: number): SimTime => (minutes * MINUTE) as SimTime

const row = (plan: Plan, name: string) => plan.resources.find(resource => resource.name === name)
const event = (plan: Plan, reason: string) => plan.events.find(found => found.reason === reason)

type Parts = NonNullable<Parameters<typeof makeScenario>[0]>
const flat = (timeline: readonly TimelineEvent[], parts: Parts = {}) =>
  makeScenario({
    durationNs: at(60),
    vnet: { addressSpace: [cidr('10.224.0.0/12')], subnets: { 'aks-nodes': { cidr: cidr('10.224.0.0/24') } }, peerings: [] },
    profile: { addressing: 'nodeSubnet', podCidr: null },
    pools: [pool('a', 5, { maxPods: 30 })],
    workloads: [workload('x/w', 150)],
    timeline,
    ...parts,
  })

describe('scaling a pool', () => {
  test('is refused as a whole by what Azure counts beforehand', () => {
    const plan = planCluster(flat([{ atNs: at(1), kind: 'scalePool', pool: 'a', count: 9 }]))
    expect(event(plan, 'InsufficientSubnetSize')?.message).toContain('Pre-allocated IPs 279 exceeds IPs available 251')
    expect(plan.nodes.length).toBe(5)
    expect(row(plan, 'nodeSubnet')).toMatchObject({ used: 155, exhausted: true, exhaustedAtNs: at(1), failures: 4 })
  })
  const crowded: TimelineEvent[] = [
    { atNs: at(1), kind: 'occupy', subnet: 'aks-nodes', count: 60 },
    { atNs: at(2), kind: 'scalePool', pool: 'a', count: 7 },
  ]
  test('fails later when others hold the addresses: nobody joins, and the message has the real numbers', () => {
    const plan = planCluster(flat(crowded))
    expect(event(plan, 'SubnetIsFull')?.message).toContain("doesn't have enough capacity for IP addresses: 62 needed, 36 available")
    expect([plan.nodes.length, plan.nodesRefused]).toEqual([5, 2])
    // Both checks side by side: Azure's own counts 5 x 31, others' addresses it does not see.
    expect(row(plan, 'nodeSubnet')).toMatchObject({ used: 215, preChecked: 155, capacity: 251 })
  })
  test('or as many join as fit', () => {
    const { fabric } = makeScenario()
    const plan = planCluster(flat(crowded, { fabric: { controlPlane: { ...fabric.controlPlane, scaleUp: 'partial' } } }))
    expect([plan.nodes.length, plan.nodesRefused]).toEqual([6, 1])
  })
})

test('pods that are pending run when nodes are ready, and their waiting is counted', () => {
  const plan = planCluster(
    flat([
      { atNs: at(1), kind: 'scaleWorkload', workload: 'x/w', replicas: 160 },
      { atNs: at(3), kind: 'scalePool', pool: 'a', count: 6 },
    ]),
  )
  // Two minutes of provisioning after two of waiting.
  expect(plan.waits?.forNode).toMatchObject({ count: 160, still: 0, maxNs: 4 * MINUTE })
  expect(row(plan, 'maxPods')).toMatchObject({ used: 160, exhaustedAtNs: at(1), failures: 10 })
  expect(row(plan, 'maxPods')?.timeline).toEqual([
    [0, 150],
    [at(5), 160],
  ])
  expect(event(plan, 'FailedScheduling')).toMatchObject({ count: 10, message: '0/5 nodes are available: 5 Too many pods' })
})

test('a pod that starts has its place and its address, and runs when it is ready', () => {
  const parts = { workloads: [workload('x/w', 100, { startup: { kind: 'constant' as const, value: 90e9 } })] }
  const scaled: TimelineEvent = { atNs: at(1), kind: 'scaleWorkload', workload: 'x/w', replicas: 140 }
  const plan = planCluster(flat([scaled], parts), true)
  const { startNs } = plan.pods
  expect([startNs.filter(ns => ns === 0).length, startNs.filter(ns => ns === at(1) + 90e9).length]).toEqual([100, 40])
  // The place is taken at once; the wait for an address was none.
  expect(row(plan, 'maxPods')?.timeline).toEqual([
    [0, 100],
    [at(1), 140],
  ])
  expect(plan.waits?.forAddress).toMatchObject({ count: 140, maxNs: 0 })
  expect(plan.waits?.forStart).toMatchObject({ count: 140, still: 0, maxNs: 90e9 })
  // Of those that begin a minute before the end none is ready, and one that is scaled away before never was.
  const late = planCluster(flat([{ ...scaled, atNs: at(59) }], parts), true)
  expect([late.pods.count, late.pending.length]).toEqual([100, 0])
  expect(late.waits?.forStart).toMatchObject({ count: 100, still: 40, stillNs: MINUTE })
  const gone = planCluster(flat([scaled, { ...scaled, atNs: at(2), replicas: 100 }], parts), true)
  expect(gone.pods.count).toBe(100)
  expect(row(gone, 'podIps')).toMatchObject({ peak: 28 })
})

test('an upgrade waits for pods that start', () => {
  const surge = { kind: 'nodes', nodes: 1 } as const
  const workloads = [workload('x/w', 100, { startup: { kind: 'constant' as const, value: 10 * MINUTE } })]
  const upgrade: TimelineEvent = { atNs: at(1), kind: 'upgrade', pool: 'a', maxSurge: surge }
  const end = (parts: Parts) => event(planCluster(flat([upgrade], { durationNs: at(300), ...parts })), 'Upgrade')?.atNs ?? 0
  // Five nodes, each ten minutes longer; the drain alone takes thirty seconds.
  expect(end({ workloads }) - end({ workloads: [workload('x/w', 100)] })).toBe(5 * (10 * MINUTE - 30e9))
})

test('the autoscaler asks for thirty nodes, gets none, and pauses 5, 10, 20, 30, 30 minutes', () => {
  const scenario = flat([{ atNs: at(1), kind: 'occupy', subnet: 'aks-nodes', count: 96 }], {
    durationNs: at(130),
    pools: [pool('a', 5, { maxPods: 30, autoScaling: { minCount: 1, maxCount: 40 } })],
    workloads: [workload('x/w', 150, { growth: { kind: 'trace', points: [{ atNs: at(2), replicas: 1050 }] } })],
  })
  const plan = planCluster(scenario)
  expect(event(plan, 'SubnetIsFull')?.message).toContain('930 needed, 0 available')
  // At 2, 7, 17, 37, 67, 97 and 127 minutes.
  expect(event(plan, 'SubnetIsFull')?.count).toBe(7)
  expect(plan.nodes.length).toBe(5)
})

test('an upgrade adds its surge, goes round the pool, and leaves it as it was', () => {
  const surge = { kind: 'nodes', nodes: 2 } as const
  const plan = planCluster(flat([{ atNs: at(1), kind: 'upgrade', pool: 'a', maxSurge: surge }], { workloads: [workload('x/w', 100)] }))
  expect(event(plan, 'Upgrade')?.message).toBe('5 of 5 nodes upgraded')
  expect(row(plan, 'nodeSubnet')).toMatchObject({ used: 155, peak: 217 })
  expect([plan.nodes.length, plan.pods.count, plan.pending.length]).toEqual([5, 100, 0])
})

test('pods of a lost node are replaced when Kubernetes gives them up', () => {
  const plan = planCluster(flat([{ atNs: at(1), kind: 'failNodes', pool: 'a', count: 1 }], { workloads: [workload('x/w', 50)] }))
  expect([plan.nodes.length, plan.pods.count]).toEqual([4, 50])
  expect(row(plan, 'maxPods')?.timeline).toEqual([
    [0, 50],
    [at(1), 40],
    [at(6), 50],
  ])
})

test('an expanded pod CIDR keeps its old blocks and has room for more: 64 become 256', () => {
  const scenario = makeScenario({
    durationNs: at(60),
    profile: { podCidr: cidr('10.244.0.0/18') },
    pools: [pool('a', 64)],
    timeline: [
      { atNs: at(1), kind: 'expand', podCidr: cidr('10.244.0.0/16') },
      { atNs: at(2), kind: 'scalePool', pool: 'a', count: 100 },
    ],
  })
  const plan = planCluster(scenario)
  expect(row(plan, 'podCidr')).toMatchObject({ capacity: 256, used: 100, failures: 0 })
  const codes = (podCidr: string) =>
    admit({ ...scenario, timeline: [{ atNs: at(1), kind: 'expand', podCidr: cidr(podCidr) }] }).map(({ code }) => code)
  expect(codes('10.244.0.0/19')).toEqual(['InvalidPodCidrExpansion'])
  expect(codes('10.0.0.0/12')).toEqual(['InvalidPodCidrExpansion'])
  expect(codes('10.244.0.0/17')).toEqual([])
})

describe('growth curves', () => {
  const CURVES: Growth[] = [
    { kind: 'linear', add: 7, perNs: HOUR, startNs: 5 * MINUTE, most: 90 },
    { kind: 'exponential', doublingNs: 3 * HOUR, startNs: HOUR, most: 80 },
    { kind: 'diurnal', mean: 30, amplitude: 20, periodNs: 24 * HOUR, peakAtNs: 14 * HOUR },
    {
      kind: 'trace',
      points: [
        { atNs: HOUR, replicas: 3 },
        { atNs: 2 * HOUR, replicas: 40 },
      ],
    },
  ]
  test.each(CURVES)('$kind: between two changes nothing changes, and no change is missed', growth => {
    let changeNs = nextChangeAfter(growth, 10, 0)
    let replicas = replicasAt(growth, 10, 0)
    for (let nowNs = 0; nowNs <= 30 * HOUR; nowNs += 10e9) {
      while (changeNs <= nowNs) {
        replicas = replicasAt(growth, 10, changeNs)
        const next = nextChangeAfter(growth, 10, changeNs)
        expect(next).toBeGreaterThan(changeNs)
        changeNs = next
      }
      expect(replicasAt(growth, 10, nowNs)).toBe(replicas)
    }
  })
  test('reach what the formulas say', () => {
    expect(replicasAt(CURVES[0], 10, HOUR + 5 * MINUTE)).toBe(17)
    expect(replicasAt(CURVES[1], 10, 7 * HOUR)).toBe(40)
    expect(replicasAt(CURVES[2], 10, 14 * HOUR)).toBe(50)
    expect(replicasAt(CURVES[2], 10, 2 * HOUR)).toBe(10)
  })
})

test('a timeline of many changes stays short and keeps its peak', () => {
  const recorder = new TimelineRecorder(1e6)
  for (let i = 0; i < 100_000; i++) recorder.record(i * 10, i === 54_321 ? 999 : i % 7)
  const points = recorder.points()
  expect(points.length).toBeLessThan(500)
  expect(points).toContainEqual([543_210, 999])
  expect(points[0]).toEqual([0, 0])
  expect([recorder.peak, recorder.peakNs]).toEqual([999, 543_210])
})
