// Load balancer, NAT gateway and appliance in whole runs: the same result however many threads, sound captures on both sides, what running
// out of ports looks like, and Linux's own figures of an exhausted pool of 64 ports (test/golden/kernel's machine).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { confirm } from '../src/datapath/masquerade.js'
import { Way } from '../src/datapath/route.js'
import { NEW } from '../src/datapath/stack.js'
import { Verdict } from '../src/datapath/verdict.js'
import { openLab, run } from '../src/index.js'
import { readSeries } from '../src/observe/series.js'
import { fabric } from './cluster/make-scenario.js'
import { runShards, runWith } from './support/any-run.js'
import { APPLIANCE, stackLab } from './support/stack-lab.js'
import { complaintsOf, fieldsOf, hasTshark } from './support/tshark.js'

interface Parts {
  readonly outboundType: string
  readonly profile?: object
  readonly fabric?: object
  readonly traffic?: readonly object[]
  readonly duration?: string
  readonly capture?: readonly object[]
  readonly pods?: number
}

const CALLS = {
  name: 'calls',
  from: { workload: 'shop/client' },
  to: { endpoint: 'api', port: 443 },
  connections: { rate: '5/s', hold: '100ms', request: 200, response: 600 },
  stop: '1500ms',
}
const QUESTIONS = {
  name: 'questions',
  from: { workload: 'shop/client' },
  to: { endpoint: 'dns', port: 53 },
  size: 80,
  rate: '10/s',
  answer: { size: 200 },
  stop: '1500ms',
}

const scenarioOf = ({ outboundType, profile, fabric, traffic = [CALLS, QUESTIONS], duration = '2s', capture = [], pods = 8 }: Parts) => ({
  apiVersion: 'vxlane/v1',
  name: 'devices',
  duration,
  cluster: {
    networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay', outboundType, ...profile },
    agentPoolProfiles: [{ name: 'nodepool1', count: 4 }],
  },
  ...(fabric && { fabric }),
  workloads: [{ namespace: 'shop', name: 'client', replicas: pods }],
  endpoints: [10, 11, 12, 13].map(i => ({ name: { 10: 'api', 11: 'dns' }[i] ?? `host${i}`, address: `203.0.113.${i}` })),
  traffic,
  capture,
})

const DEVICES = ['loadBalancer', 'managedNATGateway', 'userDefinedRouting']

describe.each(DEVICES)('%s', outboundType => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vxlane-snat-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('gives the same result for any number of threads and shards, verified or not', async () => {
    const scenario = scenarioOf({ outboundType })
    const alone = await runWith(scenario, 0)
    expect(alone.drops.total).toBe(0)
    expect(alone.connections.failed).toBe(0)
    expect(alone.snat.device).toBe({ managedNATGateway: 'natGateway', userDefinedRouting: 'appliance' }[outboundType] ?? outboundType)
    for (const workers of [1, 2, 4]) expect(await runWith(scenario, workers)).toEqual(alone)
    expect(await runWith(scenario, 0, true)).toEqual(alone)
    const whole = runShards(scenario, 1)
    expect(whole.digest).toBe(alone.digest)
    expect(runShards(scenario, 5)).toEqual(whole)
  })

  it('is told of by a trace, both ways', async () => {
    const lab = await openLab(scenarioOf({ outboundType }))
    const { delivered, steps } = lab.trace({ from: 'shop/client/0', to: 'api', port: 443 })
    expect(delivered).toBe(true)
    const told = steps.filter(({ step, at }) => step === 'nat' && !at.startsWith('aks-')).map(({ text }) => text)
    expect(told[0]).toMatch(/^SNAT: 10\.224\.0\.[4-7]:32768 shows itself as 198\.51\.100\.1:\d+/)
    expect(told[1]).toMatch(/^target translated back: 198\.51\.100\.1 to 10\.224\.0\.[4-7]:32768/)
  })

  it.skipIf(!hasTshark)('shows node addresses inside and public ones outside, every checksum right', async () => {
    const capture = [
      { gateway: 'inside', file: 'inside.pcapng' },
      { gateway: 'outside', file: 'outside.pcapng' },
    ]
    const profile = {
      loadBalancerProfile: { managedOutboundIPs: { count: 2 } },
      natGatewayProfile: { managedOutboundIpProfile: { count: 2 } },
    }
    await run(scenarioOf({ outboundType, profile, capture }), { workers: 0, out: folder, force: true })
    for (const side of ['inside', 'outside']) {
      const file = join(folder, `${side}.pcapng`)
      expect(complaintsOf(file)).toEqual([])
      const rows = fieldsOf(file, 'ip', ['ip.src', 'ip.dst', 'ip.ttl'])
      expect(rows.length).toBeGreaterThan(200)
      const ours = rows.map(([source, target]) => (source.startsWith('203.') ? target : source))
      expect(ours.every(address => (side === 'inside' ? /^10\.224\.0\.[4-7]$/ : /^198\.51\.100\.[12]$/).test(address))).toBe(true)
    }
  })
})

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
    runWith(scenarioOf({ outboundType: 'userDefinedRouting', fabric: narrow, traffic, duration }), 0)

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
      Object.assign(own, { connection: NEW, tupleProtocol: 17, tupleSource: 0x0ae00004 + (i >> 8), tupleTarget: -889_262_838 })
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

describe('running out of ports', () => {
  const few = { loadBalancerProfile: { allocatedOutboundPorts: 8 } }
  const churn = {
    ...CALLS,
    connections: { ...CALLS.connections, rate: '4/s', close: 'rst', synRetries: 1, synLinearTimeouts: 0 },
    stop: '9s',
  }

  it('leaves new connections without an answer, old ones alive, other destinations reachable', async () => {
    const old = { ...QUESTIONS, stop: '9s' }
    const traffic = [
      old,
      { ...churn, from: { pod: 'shop/client/0' } },
      { ...churn, name: 'elsewhere', from: { pod: 'shop/client/0' }, to: { endpoint: 'host12', port: 443 }, start: '5s' },
    ]
    const result = await runWith(scenarioOf({ outboundType: 'loadBalancer', profile: few, traffic, duration: '10s' }), 0)
    expect(Object.keys(result.drops.byReason)).toEqual(['snatPortsExhausted'])
    const [, calls, elsewhere] = [null, ...result.connections.traffic]
    expect(calls).toMatchObject({ name: 'calls', established: 8 })
    expect(calls!.failedByReason).toEqual({ connectTimeout: expect.any(Number) })
    expect(elsewhere).toMatchObject({ established: 8 })
    // The datagrams that had ports before are all there, and all answered.
    expect(result.traffic[0].dropped).toBe(0)
    const row = result.resources.find(({ name }) => name === 'outboundSnatPorts')!
    expect(row).toMatchObject({ capacity: 8, peak: 8, exhausted: true })
    expect(row.exhaustedAtNs).toBeGreaterThan(1e9)
    expect(result.snat.topTalkers[0]).toMatchObject({ destination: '203.0.113.10:443', protocol: 'TCP', peakPorts: 8 })
    expect(result.snat.topTalkers[0].failures).toBeGreaterThan(20)
    // Only the node of that pod lacks ports.
    expect(new Set(result.snat.topTalkers.filter(({ failures }) => failures > 0).map(({ node }) => node)).size).toBe(1)
  })

  it('is over once the ports are back', async () => {
    const soon = { loadBalancer: { releaseAfterRst: '3s' } }
    const late = { ...churn, name: 'late', start: '14s', stop: '15s', connections: { ...churn.connections, rate: '4/s' } }
    const traffic = [churn, late].map(entry => ({ ...entry, from: { pod: 'shop/client/0' } }))
    const result = await runWith(scenarioOf({ outboundType: 'loadBalancer', profile: few, fabric: soon, traffic, duration: '25s' }), 0)
    const [calls, after] = result.connections.traffic
    expect(calls.failed).toBeGreaterThan(0)
    expect(after.failed).toBe(0)
    expect(after.established).toBe(after.attempts)
    expect(result.snat.usedSnatPorts).toBe(0)
  })

  it('shows in the series by node', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vxlane-snat-'))
    try {
      const scenario = scenarioOf({
        outboundType: 'loadBalancer',
        profile: few,
        traffic: [{ ...churn, from: { pod: 'shop/client/0' } }],
        duration: '10s',
      })
      await run(scenario, { workers: 2, out: folder })
      const { intervals, header } = readSeries(readFileSync(join(folder, 'series.msgpack')))
      const last = intervals[intervals.length - 3]
      const at = last.portBy.indexOf(1)
      expect(last.portUsed[at]).toBe(8)
      expect(header.names[last.portLp[at]]).toMatch(/^aks-nodepool1/)
      const refused = intervals.reduce((sum, { portBy, portRefused }) => sum + portRefused.reduce((s, n, i) => s + n * portBy[i], 0), 0)
      expect(refused).toBeGreaterThan(20)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('a SYN that nobody answers', () => {
  it('holds its port for the idle timeout of a load balancer, or as long as the fabric says', async () => {
    const connections = { rate: '8/s', server: 'ignore', synRetries: 0, synLinearTimeouts: 0 }
    const first = {
      name: 'first',
      from: { pod: 'shop/client/0' },
      to: { endpoint: 'api', port: 443 },
      arrivals: 'constant',
      connections,
      stop: '999ms',
    }
    // Another pod of the same node: the same one would repeat its source ports, hence its flows.
    const later = {
      ...first,
      name: 'later',
      from: { pod: 'shop/client/4' },
      start: '5s',
      stop: '5.999s',
      connections: { ...connections, server: 'accept' },
    }
    const profile = { loadBalancerProfile: { allocatedOutboundPorts: 8 } }
    const outcome = async (fabric: object) => {
      const result = await runWith(
        scenarioOf({ outboundType: 'loadBalancer', profile, fabric, traffic: [first, later], duration: '9s' }),
        0,
      )
      return result.connections.traffic.map(({ established }) => established)
    }
    expect(await outcome({})).toEqual([0, 0])
    expect(await outcome({ loadBalancer: { halfOpen: '3s' } })).toEqual([0, 8])
  })
})

describe('an idle connection', () => {
  const idle = (close: string) => ({
    name: 'idle',
    from: { pod: 'shop/client/0' },
    to: { endpoint: 'api', port: 443 },
    connections: { rate: '1/s', request: 100, response: 100, hold: '400s', close },
    stop: '1500ms',
  })
  const profile = { loadBalancerProfile: { idleTimeoutInMinutes: 4 }, natGatewayProfile: { idleTimeoutInMinutes: 4 } }

  it('is reset by a load balancer after 4 minutes, at both ends', async () => {
    const result = await runWith(scenarioOf({ outboundType: 'loadBalancer', profile, traffic: [idle('fin')], duration: '300s' }), 0)
    expect(result.connections.failedByReason).toEqual({ reset: result.connections.attempts })
    expect(result.snat.snatConnectionCount.timedOut).toBe(result.connections.attempts)
    expect(result.drops.total).toBe(0)
  })

  it('is forgotten by a NAT gateway, which resets it when it goes on', async () => {
    const result = await runWith(scenarioOf({ outboundType: 'managedNATGateway', profile, traffic: [idle('fin')], duration: '420s' }), 0)
    expect(result.snat.snatConnectionCount.timedOut).toBe(result.connections.attempts)
    // The FIN at 400 s meets nothing; a RST comes back.
    expect(result.drops.byReason.snatNoConnection).toBe(result.connections.attempts)
    expect(result.connections).toMatchObject({ open: 0, retransmissions: 0 })
  })
})
