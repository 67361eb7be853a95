// Wireshark's opinion of our connections: nothing malformed, no wrong checksum, nothing that its TCP analysis would flag where nothing was
// lost, one stream a connection, each opened and closed; and where something was lost, retransmissions of just that.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../src/index.js'
import { complaintsOf, fieldsOf, hasTshark } from './support/tshark.js'

const scenario = (fabric: object, connections: object, more: object = {}): object => ({
  apiVersion: 'vxlane/v1',
  duration: '4s',
  cluster: {
    networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay', outboundType: 'userDefinedRouting' },
    agentPoolProfiles: [{ name: 'one', count: 3 }],
  },
  fabric,
  workloads: [
    { namespace: 'a', name: 'client', replicas: 1 },
    { namespace: 'a', name: 'web', replicas: 4 },
  ],
  endpoints: [{ name: 'api', address: '203.0.113.10' }],
  traffic: [
    { name: 'inside', from: { workload: 'a/client' }, to: { workload: 'a/web', port: 8080 }, connections, stop: '3s', arrivals: 'poisson' },
    { name: 'outside', from: { workload: 'a/client' }, to: { endpoint: 'api', port: 8443 }, connections, stop: '3s', arrivals: 'poisson' },
  ],
  capture: [{ pod: 'a/client/0', file: 'pod.pcapng', maxPackets: 100_000 }],
  ...more,
})

describe.skipIf(!hasTshark)('tshark reads', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vxlane-tcp-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const file = (): string => join(folder, 'pod.pcapng')

  it.each([
    ['short ones', { rate: '10/s', request: 512, response: '4KiB', hold: '20ms' }, {}],
    ['large ones', { rate: '5/s', request: '20KiB', response: '300KiB' }, {}],
    ['reset ones', { rate: '10/s', request: 1, response: 0, close: 'rst' }, {}],
    ['pools', { rate: '40/s', keepAlive: { pool: 3, requests: 7 } }, {}],
    ['without encapsulation', { rate: '5/s', response: '64KiB' }, { encapsulation: 'none' }],
    ['of jumbo frames', { rate: '5/s', response: '100KiB' }, { mtu: '9000B' }],
  ])('connections, %s, without a remark', async (_, connections, fabric) => {
    const result = await run(scenario(fabric, connections), { workers: 0, out: folder, force: true })
    expect(result.drops.total).toBe(0)
    expect(complaintsOf(file())).toEqual([])
    // A RST is worth a chat to Wireshark, a port used again a note; neither is a flag of the analysis of sequence numbers.
    expect(fieldsOf(file(), 'tcp.analysis.flags', ['frame.number', '_ws.expert.message'])).toEqual([])
    const streams = new Set(fieldsOf(file(), 'tcp', ['tcp.stream']).map(([stream]) => stream))
    expect(streams.size).toBe(result.connections.attempts)
    expect(fieldsOf(file(), 'tcp.flags.syn == 1 && tcp.flags.ack == 1', ['tcp.stream'])).toHaveLength(result.connections.established)
    const ended = fieldsOf(file(), 'tcp.flags.reset == 1 || (tcp.flags.fin == 1 && tcp.srcport > 10000)', ['tcp.stream'])
    expect(new Set(ended.map(([stream]) => stream)).size).toBe(result.connections.completed)
    expect(result.connections.completed).toBeGreaterThan(20)
  })

  it('what was sent again where the queue of a slow NIC was full, and nothing missing in the end', async () => {
    const slow = scenario({ nicRate: '20Mbps', queue: 6 }, { rate: '6/s', request: 512, response: '60KiB' }, { duration: '60s' })
    const result = await run(slow, { workers: 0, out: folder, force: true })
    expect(result.drops.byReason.nicQueueFull).toBeGreaterThan(0)
    expect(result.connections.retransmissions).toBeGreaterThan(0)
    expect(result.connections).toMatchObject({ failed: 0, open: 0 })
    expect(complaintsOf(file())).toEqual([])
    expect(fieldsOf(file(), 'tcp.analysis.retransmission || tcp.analysis.out_of_order', ['frame.number']).length).toBeGreaterThan(0)
    // Whatever was lost came in the end: no stream was acknowledged beyond what its capture holds.
    expect(fieldsOf(file(), 'tcp.analysis.ack_lost_segment', ['frame.number'])).toEqual([])
  })

  it('exchanges by UDP', async () => {
    const exchanges = scenario({}, { rate: '20/s', request: 60, response: 3000 }, {})
    const { traffic } = exchanges as { traffic: object[] }
    const result = await run(
      { ...exchanges, traffic: traffic.map(entry => ({ ...entry, protocol: 'udp' })) },
      { workers: 0, out: folder, force: true },
    )
    expect(complaintsOf(file())).toEqual([])
    expect(result.connections).toMatchObject({ failed: 0 })
    // A request, and an answer in three datagrams of at most 1,422 bytes each (1,472 from outside).
    expect(fieldsOf(file(), 'udp', ['frame.number']).length).toBe(result.connections.completed * 4)
  })
})
