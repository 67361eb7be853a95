// A Linux machine that does SNAT, with few ports: what Linux 6.18 did with 64 of them, and with 1,024 (golden/kernel's machine).
import { describe, expect, it } from 'vitest'
import { confirm } from '../src/datapath/masquerade.js'
import { Way } from '../src/datapath/route.js'
import { Tracked } from '../src/datapath/stack.js'
import { Verdict } from '../src/datapath/verdict.js'
import { fabric } from './cluster/make-scenario.js'
import { runWith } from './support/any-run.js'
import { snatScenario } from './support/snat-scenario.js'
import { APPLIANCE, stackLab } from './support/stack-lab.js'

/** UDP flows of one packet each, `flows` of each of 8 pods. */
const burst = (name: string, endpoint: string, port: number, flows: number, start = '0s') => ({
  name,
  from: { workload: 'shop/client' },
  to: { endpoint, port },
  size: 60,
  flows,
  rate: '1/s',
  start,
  stop: `${Number.parseFloat(start) + 0.999}s`,
})
const deliveredOf = (result: Awaited<ReturnType<typeof runWith>>) => result.traffic.map(({ delivered }) => delivered)

describe('a Linux machine with 64 ports', () => {
  const narrow = { appliance: { portRange: '40000-40063' } }
  const lab = (traffic: readonly object[], duration = '1s') =>
    runWith(snatScenario({ outboundType: 'userDefinedRouting', fabric: narrow, traffic, duration }), 0)

  it('passes 64 of 200 UDP flows, and 64 of 136 others 31 s later', async () => {
    const result = await lab([burst('first', 'api', 53, 25), burst('others', 'api', 53, 17, '31s')], '33s')
    expect(deliveredOf(result)).toEqual([64, 64])
    expect(result.drops.byReason).toEqual({ natPortsExhausted: 136 + 72 })
    expect(result.snat.snatConnectionCount).toMatchObject({ attempted: 336, failed: 208 })
    const row = result.resources.find(({ name }) => name === 'outboundSnatPorts')
    expect(row).toMatchObject({ scope: 'appliance to 203.0.113.10:53', capacity: 64, peak: 64, exhausted: true, failures: 208 })
  })

  it('passes 256 of 800 towards four addresses, and four ports of one', async () => {
    const addresses = await lab(['api', 'dns', 'host12', 'host13'].map(name => burst(name, name, 53, 25)))
    expect(deliveredOf(addresses)).toEqual([64, 64, 64, 64])
    const ports = await lab([53, 54, 55, 56].map(port => burst(`p${port}`, 'api', port, 25)))
    expect(deliveredOf(ports)).toEqual([64, 64, 64, 64])
  })

  it('establishes 64 of 200 TCP connections; the others get no answer', async () => {
    const connections = { rate: '25/s', hold: '10s', request: 100, response: 100, synRetries: 0, synLinearTimeouts: 0 }
    const entry = {
      name: 'tcp',
      from: { workload: 'shop/client' },
      to: { endpoint: 'api', port: 80 },
      connections,
      arrivals: 'constant',
      stop: '999ms',
    }
    const result = await lab([entry], '3s')
    expect(result.connections.attempts).toBe(200)
    expect(result.connections.established).toBe(64)
    expect(result.connections.failedByReason).toEqual({ connectTimeout: 136 })
  })

  it('gives up its search too early with more ports, and still fills them all', () => {
    const own = stackLab({ appliance: { ...fabric().appliance, portRange: { first: 40_000, last: 41_023 } } })
    let passed = 0
    let firstLoss = -1
    for (let i = 0; i < 1280; i++) {
      Object.assign(own, { connection: Tracked.NEW, tupleProtocol: 17, tupleSource: 0x0ae00004 + (i >> 8), tupleTarget: -889_262_838 })
      own.tuplePorts = ((2000 + i) << 16) | 53
      if (confirm(own, APPLIANCE as never, Way.outside) === Verdict.continue) passed++
      else if (firstLoss < 0) firstLoss = i
    }
    // Linux: first losses at flow 939, 981 and 987, all 1,024 ports in use in the end.
    expect(firstLoss).toBeGreaterThan(900)
    expect(firstLoss).toBeLessThan(1020)
    expect(passed).toBeGreaterThanOrEqual(1016)
  })
})
