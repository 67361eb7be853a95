// Load balancer, NAT gateway and appliance in whole runs: the same result however many threads, sound captures on both sides, what
// running out of ports looks like, and what becomes of connections that nobody answers or closes.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLab, run } from '../src/index.js'
import { readSeries } from '../src/observe/series.js'
import { essence, runShards, runWith } from './support/any-run.js'
import { CALLS, QUESTIONS, snatScenario } from './support/snat-scenario.js'
import { complaintsOf, fieldsOf, hasTshark } from './support/tshark.js'

const DEVICES = ['loadBalancer', 'managedNATGateway', 'userDefinedRouting']

describe.each(DEVICES)('%s', outboundType => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vxlane-snat-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('gives the same result for any number of threads and shards, verified or not', async () => {
    const scenario = snatScenario({ outboundType })
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
    const lab = await openLab(snatScenario({ outboundType }))
    const { delivered, steps } = lab.trace({ from: 'shop/client/0', to: 'api', port: 443 })
    expect(delivered).toBe(true)
    const told = steps.filter(({ step, at }) => step === 'nat' && !at.startsWith('aks-')).map(({ text }) => text)
    expect(told[0]).toMatch(/^SNAT: 10\.224\.0\.[4-7]:32768 shows itself as 198\.51\.100\.1:\d+/)
    expect(told[1]).toMatch(/^target translated back: 198\.51\.100\.1\S* to 10\.224\.0\.[4-7]:32768/)
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
    await run(snatScenario({ outboundType, profile, capture }), { workers: 0, out: folder, force: true })
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
    const result = await runWith(snatScenario({ outboundType: 'loadBalancer', profile: few, traffic, duration: '10s' }), 0)
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
    const result = await runWith(snatScenario({ outboundType: 'loadBalancer', profile: few, fabric: soon, traffic, duration: '25s' }), 0)
    const [calls, after] = result.connections.traffic
    expect(calls.failed).toBeGreaterThan(0)
    expect(after.failed).toBe(0)
    expect(after.established).toBe(after.attempts)
    expect(result.snat.usedSnatPorts).toBe(0)
  })

  it('shows in the series by node', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vxlane-snat-'))
    try {
      const scenario = snatScenario({
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

describe('a pool that grows from 50 to 51 nodes', () => {
  it('breaks the connections on the ports that every node gives back, however many threads', async () => {
    const file = fileURLToPath(new URL('../scenarios/snat-scale-up.yaml', import.meta.url))
    const alone = essence(await run(file, { workers: 0 }))
    expect(alone.snat).toMatchObject({
      allocatedSnatPorts: 512,
      usedSnatPorts: 512,
      snatConnectionCount: { established: 960, broken: 448 },
    })
    expect(Object.keys(alone.drops.byReason)).toEqual(['snatNoConnection'])
    expect(essence(await run(file, { workers: 3 }))).toEqual(alone)
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
        snatScenario({ outboundType: 'loadBalancer', profile, fabric, traffic: [first, later], duration: '9s' }),
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
    const result = await runWith(snatScenario({ outboundType: 'loadBalancer', profile, traffic: [idle('fin')], duration: '300s' }), 0)
    expect(result.connections.failedByReason).toEqual({ reset: result.connections.attempts })
    expect(result.snat.snatConnectionCount.timedOut).toBe(result.connections.attempts)
    expect(result.drops.total).toBe(0)
  })

  it('is forgotten by a NAT gateway, which resets it when it goes on', async () => {
    const result = await runWith(snatScenario({ outboundType: 'managedNATGateway', profile, traffic: [idle('fin')], duration: '420s' }), 0)
    expect(result.snat.snatConnectionCount.timedOut).toBe(result.connections.attempts)
    // The FIN at 400 s meets nothing; a RST comes back.
    expect(result.drops.byReason.snatNoConnection).toBe(result.connections.attempts)
    expect(result.connections).toMatchObject({ open: 0, retransmissions: 0 })
  })
})
