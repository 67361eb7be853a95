// The backend pool of a load balancer as it changes over time: nodes that join and leave at their moments of the plan, seen by the packets of
// another node.
import { describe, expect, it } from 'vitest'
import { compile } from '../../src/cluster/compile.js'
import { poolChangesOf } from '../../src/cluster/outbound.js'
import { planCluster } from '../../src/cluster/plan.js'
import { createSnatDevice, followPool } from '../../src/datapath/snat-device.js'
import { openImage } from '../../src/image/image.js'
import { ip, makeScenario, pool } from '../cluster/make-scenario.js'
import { stackLab } from '../support/stack-lab.js'

const SECOND = 1e9

/** 52 nodes, of which two come later and one of those leaves again. */
function deviceLab() {
  const scenario = makeScenario({
    pools: [pool('one', 52)],
    endpoints: [{ name: 'inet', address: ip('203.0.113.10'), location: 'internet' }],
  })
  const planned = planCluster(scenario)
  const times = new Map([
    [50, { joinNs: 10 * SECOND }],
    [51, { joinNs: 20 * SECOND, leaveNs: 30 * SECOND }],
    [3, { leaveNs: 30 * SECOND }],
  ])
  const plan = { ...planned, nodes: planned.nodes.map((node, i) => ({ ...node, ...times.get(i) })) }
  const image = compile(scenario, plan, { shards: 1, readReplay: () => [] })
  const stack = { ...stackLab(), params: image.params, image: openImage(image), clock: new Float64Array(4) }
  return { plan, stack, device: createSnatDevice(stack, image.params.gatewayLp as never, image.params.snat!) }
}

describe('a load balancer', () => {
  it('knows the changes in order of time, those who leave before those who join', () => {
    const { plan } = deviceLab()
    const changes = poolChangesOf(plan)
    expect(changes.slice(50)).toEqual([
      { ns: 10 * SECOND, node: 50 },
      { ns: 20 * SECOND, node: 51 },
      { ns: 30 * SECOND, node: ~51 },
      { ns: 30 * SECOND, node: ~3 },
    ])
  })

  it('halves the ports of all when the 51st node joins, and gives them back when the pool shrinks', () => {
    const { stack, device } = deviceLab()
    const ports = (seconds: number) => {
      stack.clock[0] = seconds * SECOND
      followPool(stack, device)
      return [0, 3, 50, 51].map(node => device.table.ports.capacityOf(node))
    }
    expect(ports(0)).toEqual([1024, 1024, 0, 0])
    for (let i = 0; i < 1000; i++) device.table.begin(0, 6, 1, 2, (i << 16) | 443)
    expect(ports(9.9)).toEqual([1024, 1024, 0, 0])
    expect(ports(10)).toEqual([512, 512, 512, 0])
    // Of a thousand connections those on the 488 highest ports are gone.
    expect(device.table.counts.broken).toBe(488)
    expect(ports(25)).toEqual([512, 512, 512, 512])
    expect(device.table.counts.broken).toBe(488)
    expect(ports(30)).toEqual([1024, 0, 1024, 0])
    expect(device.table.flows.live).toBe(512)
  })

  it('takes several changes in at once when nothing came by between them', () => {
    const { stack, device } = deviceLab()
    stack.clock[0] = 60 * SECOND
    followPool(stack, device)
    expect([0, 3, 50, 51].map(node => device.table.ports.capacityOf(node))).toEqual([1024, 0, 1024, 0])
    expect(device.changes).toBe(54)
  })
})
