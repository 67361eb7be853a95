// After any sequence of scaling, growth, churn, upgrades, node loss, expansion and release, in every mode: no address has two owners, none is
// lost, and every count is that of a naive model that only keeps sets (`checked-addressing.ts`).
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ADDRESSING_MODES } from '../../../src/base/addressing-mode.js'
import { adopt } from '../../../src/cluster/control/adopt.js'
import { outcomeOf } from '../../../src/cluster/control/outcome.js'
import { PodState } from '../../../src/cluster/control/pod-table.js'
import { atBeginning, simulate } from '../../../src/cluster/control/simulate.js'
import { addressingFor, fixedParts, wantedNodes } from '../../../src/cluster/node-addressing.js'
import { planCluster } from '../../../src/cluster/plan.js'
import { planPods } from '../../../src/cluster/plan-pods.js'
import type { PlannedNode } from '../../../src/cluster/planned.js'
import { isShortage } from '../../../src/ipam/addressing.js'
import type { Scenario } from '../../../src/scenario/model.js'
import { CheckedAddressing } from './checked-addressing.js'
import { changing } from './scenarios.js'

const RUNS = process.env.VXLANE_LONG ? 2000 : 120

/** What `planCluster` does, with every address under watch. */
function watched(scenario: Scenario, keepsAll: boolean) {
  const beginning = atBeginning(scenario)
  const wanted = wantedNodes(beginning)
  const fixed = fixedParts(beginning, wanted)
  const addressing = new CheckedAddressing(addressingFor(beginning, []))
  const nodes: PlannedNode[] = []
  const refused: { resource: never }[] = []
  wanted.forEach(({ name, pool, index }, i) => {
    const joined = addressing.addNode(nodes.length, pool, fixed[i])
    if (isShortage(joined)) refused.push(joined as never)
    else {
      const { maxPods } = scenario.cluster.agentPoolProfiles[pool]
      nodes.push({ name, pool, index, ...joined, maxPods, joinNs: 0, readyNs: 0, leaveNs: Number.POSITIVE_INFINITY })
    }
  })
  const { pods, pending } = planPods(beginning, nodes, addressing)
  const state = adopt(scenario, { nodes, pods, pending, addressing, refused: refused as never }, keepsAll)
  simulate(state)
  return { state, addressing }
}

describe.each(ADDRESSING_MODES)('%s', mode => {
  test('no address twice, none leaked, counts as a naive model has them', () => {
    fc.assert(
      fc.property(changing([mode]), fc.boolean(), (scenario, keepsAll) => {
        const { state, addressing } = watched(scenario, keepsAll)
        const { pods } = state
        // Nodes: those that are there, and no other.
        const alive = state.nodes.filter(node => node.state !== 'gone')
        expect([...addressing.nodes.keys()].sort((a, b) => a - b)).toEqual(alive.map(({ slot }) => slot).sort((a, b) => a - b))
        expect(state.pools.flatMap(pool => pool.nodes).sort((a, b) => a - b)).toEqual(alive.map(({ number }) => number))
        // Pods with an address of their own: as many as the model has, on the same nodes.
        const own = new Map<number, number>(alive.map(({ number }) => [number, 0]))
        const placed = new Map<number, number>(alive.map(({ number }) => [number, 0]))
        const replicas = state.workloads.map(() => new Map<number, number>())
        const hasReplacement: number[] = []
        for (let row = 0; row < pods.count; row++) {
          const is = pods.state[row]
          if (is === PodState.over || (is === PodState.running && pods.stopNs[row] < Number.POSITIVE_INFINITY)) continue
          const set = state.workloads[pods.workload[row]]
          if (set.rows[pods.replica[row]] === row && pods.replica[row] < set.count)
            replicas[set.index].set(pods.replica[row], (replicas[set.index].get(pods.replica[row]) ?? 0) + 1)
          else hasReplacement.push(row)
          const hasAddress = is === PodState.running || is === PodState.starting
          if (hasAddress || is === PodState.waitsForAddress) {
            placed.set(pods.node[row], (placed.get(pods.node[row]) ?? 0) + 1)
            if (hasAddress && !set.workload.hostNetwork) own.set(pods.node[row], (own.get(pods.node[row]) ?? 0) + 1)
          }
        }
        for (const { number, slot, pods: list, maxPods } of alive) {
          expect(addressing.pods.get(slot)?.size).toBe(own.get(number))
          expect(state.nodes[number].addresses).toBe(own.get(number))
          expect(list.length).toBe(placed.get(number))
          expect(list.length).toBeLessThanOrEqual(maxPods)
          expect(state.spread.pods[number]).toBe(placed.get(number))
        }
        // Nodes without a range are NotReady once they have registered, have no pods, and are tried again when something may be free.
        const notReady = alive.filter(node => node.state === 'notReady')
        expect([...state.notReady].sort((a, b) => a - b)).toEqual(notReady.map(({ number }) => number))
        const bare = alive.filter(node => node.isBare)
        expect([...addressing.bare].sort((a, b) => a - b)).toEqual(bare.map(({ slot }) => slot).sort((a, b) => a - b))
        expect(notReady.every(node => node.isBare && node.readyNs < 0 && node.pods.length === 0 && !state.spread.isOpen(node.number))).toBe(
          true,
        )
        expect(bare.every(({ state: is }) => is === 'notReady' || is === 'joining')).toBe(true)
        for (const node of notReady) if (!node.rangeFiled) expect(isShortage(addressing.equip(node.slot))).toBe(true)
        // Every replica that is wanted has one pod, somewhere; others are on nodes being emptied or lost.
        state.workloads.forEach((set, w) => {
          expect(replicas[w].size).toBe(set.count)
          expect([...replicas[w].values()].every(count => count === 1)).toBe(true)
        })
        for (const row of hasReplacement) expect(['draining', 'gone']).toContain(state.nodes[pods.node[row]]?.state)
        // Free places are not left to those who are pending.
        if (state.pending.length > 0) expect(state.spread.freeSlots).toBe(0)
        checkOutcome(state, keepsAll)
      }),
      { numRuns: RUNS },
    )
  }, 900_000)
})

/** What the plan says agrees with itself. */
function checkOutcome(state: Parameters<typeof outcomeOf>[0], keepsAll: boolean): void {
  const { pods, nodes, resources, waits, pending, notReady, events } = outcomeOf(state, keepsAll)
  expect(waits.forRange.still).toBe(state.notReady.size)
  for (const { fromNs, untilNs, end } of notReady) {
    expect(untilNs === null).toBe(end === 'stillNotReady')
    expect(untilNs ?? state.nowNs).toBeGreaterThanOrEqual(fromNs)
  }
  const counted = (reason: string): number => events.reduce((sum, event) => sum + (event.reason === reason ? event.count : 0), 0)
  // Every node that was NotReady has said so once, and each one that got over it too.
  expect(counted('NodeReady')).toBe(notReady.filter(({ end }) => end === 'ready').length)
  expect(counted('KubeletNotReady')).toBe(notReady.length)
  for (let pod = 0; pod < pods.count; pod++) {
    const node = nodes[pods.node[pod]]
    expect(pods.startNs[pod]).toBeGreaterThanOrEqual(node.readyNs)
    expect(pods.startNs[pod]).toBeLessThanOrEqual(pods.stopNs[pod])
    expect(Math.min(pods.stopNs[pod], state.nowNs)).toBeLessThanOrEqual(node.leaveNs)
  }
  expect(pending.reduce((sum, { count }) => sum + count, 0)).toBe(waits.forNode.still + waits.forAddress.still)
  for (const { name, used, peak, capacity, timeline, exhausted, failures } of resources) {
    expect(used, name).toBeLessThanOrEqual(peak)
    if (name !== 'maxPods' && name !== 'podIps') expect(peak, name).toBeLessThanOrEqual(capacity)
    expect(Math.max(...timeline.map(([, level]) => level)), name).toBe(peak)
    expect(timeline.every(([atNs], i) => i === 0 || atNs >= timeline[i - 1][0])).toBe(true)
    expect(exhausted).toBe(failures > 0)
  }
  if (keepsAll) checkOverlaps(pods)
}

/** No two pods have one address at the same time. */
function checkOverlaps(pods: ReturnType<typeof outcomeOf>['pods']): void {
  const order = Array.from({ length: pods.count }, (_, pod) => pod)
  order.sort((a, b) => pods.address[a] - pods.address[b] || pods.startNs[a] - pods.startNs[b] || pods.stopNs[a] - pods.stopNs[b])
  for (let i = 1; i < order.length; i++) {
    const [a, b] = [order[i - 1], order[i]]
    if (pods.address[a] !== pods.address[b] || pods.workload[a] === 1 || pods.workload[b] === 1) continue
    expect(pods.stopNs[a]).toBeLessThanOrEqual(pods.startNs[b])
  }
}

test('a plan is a function of the scenario, and what is kept for packets changes nothing of it', () => {
  fc.assert(
    fc.property(changing(), scenario => {
      const plan = planCluster(scenario)
      const again = planCluster(structuredClone(scenario))
      expect(again).toEqual(plan)
      const kept = watched(scenario, true).state
      const dropped = watched(scenario, false).state
      const { events, resources, waits, podEvents } = outcomeOf(kept, true)
      expect({ events, resources, waits, podEvents }).toEqual(
        (({ events, resources, waits, podEvents }) => ({ events, resources, waits, podEvents }))(outcomeOf(dropped, false)),
      )
    }),
    { numRuns: RUNS / 5 },
  )
}, 900_000)
