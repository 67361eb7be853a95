// What Linux does (observed, stated in prose rather than recorded), on the cluster of the recordings. Each step sends one packet and
// lists what must be seen, in the words of src/wire/describe.ts; `*` stands for numbers that are free.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../src/index.js'
import { describeFrame } from '../src/wire/describe.js'
import { fragmentsOf, frame, type Ip, icmpPacket, tcpPacket, udpPacket, vxlanPacket } from './support/frame-builder.js'
import { toHex } from './support/kernel-case.js'
import { observe } from './support/kernel-replay.js'

interface Step {
  readonly at: string
  readonly bytes: Uint8Array
}

const HOST = 'aaaaaaaaaaaa'
const POD11: Ip = { from: '10.244.1.11', to: '10.244.2.11' }
const INET = '203.0.113.10'

const fromPod = (pod: string, bytes: Uint8Array): Step => ({
  at: `${pod}/eth0`,
  bytes: frame(HOST, `02020af40${pod[3]}0${(10 + Number(pod[4])).toString(16)}`, bytes),
})
/** From the router outside to the appliance. */
const fromInet = (bytes: Uint8Array): Step => ({ at: 'inet/eth0', bytes: frame('0203c6336401', '0203c63364fe', bytes) })
/** On the wire of node2 to node1, around an inner packet from pod21. */
const tunnelled = (outerTos: number, inner: Uint8Array): Step => {
  const outer = { from: '10.224.0.5', to: '10.224.0.4', tos: outerTos }
  return {
    at: 'node2/eth0',
    bytes: frame('02000ae00004', '02000ae00005', vxlanPacket(outer, 45678, frame('02010af40100', '02010af40200', inner))),
  }
}

describe('Linux', () => {
  let folder: string
  let runs = 0
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vxlane-facts-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** What each step shows, at the given places, `place dir text`. */
  async function seen(steps: readonly Step[], places: readonly string[], cluster = ''): Promise<string[][]> {
    const recorded = {
      name: 'facts',
      describe: '',
      cluster,
      free: [],
      steps: steps.map(({ at, bytes }) => ({ send: { at, frame: toHex(bytes), text: '' }, seen: [] })),
    }
    const byStep = await observe(
      recorded,
      async (scenario, out) => void (await run(scenario, { workers: 0, out, force: true })),
      join(folder, `${runs++}`),
    )
    return byStep.map(list => list.filter(o => places.includes(`${o.at} ${o.dir}`)).map(o => describeFrame(o.bytes)))
  }

  /** Only the outer header of a tunnelled line, without its ID and ports. */
  const outer = (lines: readonly string[][]): string[] =>
    lines.map(
      ([line]) =>
        line
          ?.split(' | ')[0]
          .replace(/ id \d+/, '')
          .replace(/ len .*/, '') ?? 'nothing',
    )

  it.each([
    ["--vxlan-opts 'ttl inherit'", ['ttl 32 tos 0x00', 'ttl 199 tos 0x01']],
    ["--vxlan-opts 'tos inherit'", ['ttl 64 tos 0x28', 'ttl 64 tos 0xb9']],
    ["--vxlan-opts 'tos 0x10'", ['ttl 64 tos 0x10', 'ttl 64 tos 0x11']],
    ["--vxlan-opts 'df set'", ['ttl 64 tos 0x00 DF', 'ttl 64 tos 0x01 DF']],
    ["--vxlan-opts 'df inherit'", ['ttl 64 tos 0x00', 'ttl 64 tos 0x01 DF']],
  ])('outer header with %s', async (cluster, wanted) => {
    const steps = [
      fromPod('pod11', udpPacket({ ...POD11, ttl: 33, tos: 0x28 }, 5000, 7000)),
      fromPod('pod11', udpPacket({ ...POD11, ttl: 200, tos: 0xb9, flags: 0x4000 }, 5000, 7000)),
    ]
    expect(outer(await seen(steps, ['node1/eth0 out'], cluster))).toEqual(wanted.map(text => `10.224.0.4>10.224.0.5 ${text}`))
  })

  it('carries congestion marks inward, and drops a mark on a packet that cannot have one (RFC 6040)', async () => {
    const inner = (tos: number): Uint8Array => udpPacket({ from: '10.244.2.11', to: '10.244.1.11', ttl: 63, tos }, 7000, 5000)
    const pairs = [0, 1, 2, 3].flatMap(o => [0, 1, 2, 3].map(i => [o, i]))
    const lines = await seen(
      pairs.map(([o, i]) => tunnelled(o, inner(i))),
      ['pod11/eth0 in'],
    )
    const found = lines.map(([line]) => (line ? Number(/tos 0x0(\d)/.exec(line)![1]) : null))
    // Rows: outer not-ECT, ECT(1), ECT(0), CE; columns: inner the same.
    expect(found).toEqual([0, 1, 2, 3, 0, 1, 1, 3, 0, 1, 2, 3, null, 3, 3, 3])
    expect(lines.flat().some(line => line.includes('BADIPSUM'))).toBe(false)
  })

  it('reassembles fragments for NAT, and sends them on in the sizes they came', async () => {
    const whole = udpPacket({ from: '10.244.1.11', to: INET, id: 77 }, 40010, 53, 2500)
    const steps = fragmentsOf(whole, 1000).map(bytes => fromPod('pod11', bytes))
    const lines = await seen(steps, ['gw/out out'])
    expect(lines.slice(0, 2)).toEqual([[], []])
    expect(lines[2].map(line => line.replace(/ udp.*/, ''))).toEqual([
      `198.51.100.1>${INET} ttl 62 tos 0x00 id 77 MF len 1020`,
      `198.51.100.1>${INET} ttl 62 tos 0x00 id 77 MF frag@1000 len 1020`,
      `198.51.100.1>${INET} ttl 62 tos 0x00 id 77 frag@2000 len 528`,
    ])
    // Fragments of a datagram whose checksum is wrong pass untranslated, as such a packet does.
    const wrong = fragmentsOf(udpPacket({ from: '10.244.1.11', to: INET, id: 78 }, 40011, 53, 2000, 0x1234), 1000).map(bytes =>
      fromPod('pod11', bytes),
    )
    expect((await seen(wrong, ['node1/eth0 out'])).flat().every(line => line.startsWith('10.244.1.11>'))).toBe(true)
  })

  it('cuts an answer in fragments to the sizes it came in', async () => {
    const answer = fragmentsOf(udpPacket({ from: INET, to: '198.51.100.1', id: 79 }, 53, 40012, 2000), 1000)
    const steps = [fromPod('pod11', udpPacket({ from: '10.244.1.11', to: INET }, 40012, 53)), ...answer.map(fromInet)]
    const lines = await seen(steps, ['pod11/eth0 in'])
    expect(lines[3].map(line => line.replace(/ udp.*/, ''))).toEqual([
      `${INET}>10.244.1.11 ttl 62 tos 0x00 id 79 MF len 1020`,
      `${INET}>10.244.1.11 ttl 62 tos 0x00 id 79 MF frag@1000 len 1020`,
      `${INET}>10.244.1.11 ttl 62 tos 0x00 id 79 frag@2000 len 28`,
    ])
  })

  it.each([
    ['to the MTU', 1480, ['MF len 1444', 'MF frag@1424 len 1444', 'frag@2848 len 180']],
    ['as they came', 1000, ['MF len 1020', 'MF frag@1000 len 1020', 'MF frag@2000 len 1020', 'frag@3000 len 28']],
  ])('cuts what comes in fragments for the tunnel %s', async (_, size, wanted) => {
    const steps = fragmentsOf(udpPacket({ ...POD11, id: 80 }, 5000, 7000, 3000), size).map(bytes => fromPod('pod11', bytes))
    const lines = (await seen(steps, ['pod21/eth0 in'])).flat()
    expect(lines.map(line => line.replace(/.* id 80 /, '').replace(/ udp.*/, ''))).toEqual(wanted)
  })

  it('keeps a free port, keeps it towards a second destination, and keeps UDP checksum 0', async () => {
    const steps = [INET, '203.0.113.11'].map(to => fromPod('pod11', udpPacket({ from: '10.244.1.11', to }, 40020, 53, 8, 0)))
    expect(await seen(steps, ['inet/eth0 in'])).toEqual([
      [`198.51.100.1>${INET} ttl 62 tos 0x00 id 1 len 36 udp 40020>53 sum 0x0000`],
      ['198.51.100.1>203.0.113.11 ttl 62 tos 0x00 id 1 len 36 udp 40020>53 sum 0x0000'],
    ])
  })

  it('a socket keeps its drawn external port towards new destinations', async () => {
    const steps = [INET, '203.0.113.11'].map(to => fromPod('pod11', udpPacket({ from: '10.244.1.11', to }, 5000, 53)))
    const ports = (await seen(steps, ['inet/eth0 in'])).map(([line]) => / udp (\d+)>53/.exec(line)![1])
    expect(ports[1]).toBe(ports[0])
    expect(Number(ports[0])).toBeGreaterThanOrEqual(40000)
    expect(Number(ports[0])).toBeLessThanOrEqual(40063)
  })

  it('translates ICMP echo by its id, and the reply back', async () => {
    const echo = (pod: string, from: string): Step => fromPod(pod, icmpPacket({ from, to: INET }, 8, 0, (40030 << 16) | 1))
    const lines = await seen(
      [echo('pod11', '10.244.1.11'), echo('pod12', '10.244.1.12')],
      ['inet/eth0 in', 'pod11/eth0 in', 'pod12/eth0 in'],
    )
    expect(lines[0][0]).toMatch(/^198\.51\.100\.1>203\.0\.113\.10 ttl 62 .* icmp 8\/0 id 40030 seq 1/)
    expect(lines[0][1]).toMatch(/^203\.0\.113\.10>10\.244\.1\.11 ttl 62 .* icmp 0\/0 id 40030 seq 1/)
    expect(lines[1][0]).toMatch(/icmp 8\/0 id \d+ seq 1/)
    expect(lines[1][0]).not.toContain('id 40030 ')
    expect(lines[1][1]).toMatch(/^203\.0\.113\.10>10\.244\.1\.12 ttl 62 .* icmp 0\/0 id 40030 seq 1/)
    expect(lines.flat().join()).not.toContain('BAD')
  })

  it('translates ICMP errors with the packet they quote', async () => {
    const out = udpPacket({ from: '10.244.1.11', to: INET, id: 9 }, 40040, 53)
    const quoted = udpPacket({ from: '198.51.100.1', to: INET, id: 9, ttl: 62 }, 40040, 53)
    const steps = [fromPod('pod11', out), fromInet(icmpPacket({ from: INET, to: '198.51.100.1' }, 3, 3, 0, quoted))]
    const lines = await seen(steps, ['gw/in out', 'pod11/eth0 in'])
    expect(lines[1].map(line => line.replace(/ sum.*/, ''))).toEqual([
      `${INET}>10.224.0.4 ttl 63 tos 0x00 id 1 len 88 icmp 3/3 {about 10.224.0.4:40040>${INET}:53 proto 17 ttl 62 id 9}`,
      `${INET}>10.244.1.11 ttl 62 tos 0x00 id 1 len 88 icmp 3/3 {about 10.244.1.11:40040>${INET}:53 proto 17 ttl 62 id 9}`,
    ])
    expect(lines.flat().join()).not.toContain('BAD')
  })

  it('lets invalid packets pass untranslated', async () => {
    const ip = { from: '10.244.1.11', to: INET }
    const steps = [
      fromPod('pod11', udpPacket(ip, 40041, 53, 8, 0x1234)),
      fromPod('pod11', tcpPacket(ip, 40042, 80, 0x04, 1)),
      fromPod('pod11', tcpPacket(ip, 40043, 80, 0x12, 1, 1)),
      fromPod('pod11', tcpPacket(ip, 40044, 80, 0x03, 1)),
      fromPod('pod11', tcpPacket(ip, 40045, 80, 0x00, 1)),
      // A mid-stream ACK is picked up.
      fromPod('pod11', tcpPacket(ip, 40046, 80, 0x10, 1, 1)),
    ]
    const sources = (await seen(steps, ['node1/eth0 out'])).map(([line]) => line?.split('>')[0])
    expect(sources).toEqual([...Array(5).fill('10.244.1.11'), '10.224.0.4'])
  })

  it('answers unasked packets to the public address itself', async () => {
    const ip = { from: INET, to: '198.51.100.1', id: 3 }
    const lines = await seen(
      [fromInet(udpPacket(ip, 53, 40050)), fromInet(tcpPacket(ip, 53, 40051, 0x02, 100))],
      ['gw/out out', 'gw/in out'],
    )
    expect(lines[0]).toHaveLength(1)
    expect(lines[0][0]).toMatch(/^198\.51\.100\.1>203\.0\.113\.10 ttl 64 tos 0xc0 id \d+ len 88 icmp 3\/3/)
    expect(lines[1][0]).toMatch(/^198\.51\.100\.1>203\.0\.113\.10 ttl 64 tos 0x00 id 0 DF len 40 tcp\[AR\] 40051>53/)
    expect(lines.flat().join()).not.toContain('BAD')
  })

  it('gives 64 sockets a port for one destination, and the 65th none', async () => {
    const steps = Array.from({ length: 70 }, (_, i) => fromPod('pod11', udpPacket({ from: '10.244.1.11', to: INET }, 2000 + i, 53)))
    const lines = await seen(steps, ['inet/eth0 in'])
    const ports = lines.flat().map(line => Number(/ udp (\d+)>53/.exec(line)![1]))
    expect(new Set(ports).size).toBe(64)
    expect(lines.slice(64).flat()).toEqual([])
  })

  it('an unasked packet that was answered blocks its ports for SNAT', async () => {
    const unasked = fromInet(udpPacket({ from: INET, to: '198.51.100.1' }, 53, 40052))
    const [, [line]] = await seen(
      [unasked, fromPod('pod11', udpPacket({ from: '10.244.1.11', to: INET }, 40052, 53))],
      ['inet/eth0 in', 'gw/out out'],
    )
    const port = Number(/ udp (\d+)>53/.exec(line)![1])
    expect(port).not.toBe(40052)
    expect(port >= 40000 && port <= 40063).toBe(true)
  })

  it('an error from the NAT machine finds the pod, with the packet as the pod sent it', async () => {
    const lines = await seen(
      [fromPod('pod11', udpPacket({ from: '10.244.1.11', to: INET, ttl: 2, id: 5 }, 40060, 53))],
      ['gw/in out', 'pod11/eth0 in'],
    )
    expect(lines[0].map(line => line.replace(/ id \d+ len/, ' len').replace(/ sum.*/, ''))).toEqual([
      `10.224.0.1>10.224.0.4 ttl 64 tos 0xc0 len 88 icmp 11/0 {about 10.224.0.4:40060>${INET}:53 proto 17 ttl 1 id 5}`,
      `10.224.0.1>10.244.1.11 ttl 63 tos 0xc0 len 88 icmp 11/0 {about 10.244.1.11:40060>${INET}:53 proto 17 ttl 1 id 5}`,
    ])
    expect(lines.flat().join()).not.toContain('BAD')
  })

  it.each([
    ['its own node', '10.224.0.4', '', 'ttl 64', 0],
    ["its own node's VTEP", '10.244.1.0', '', 'ttl 64', 0],
    ["another node's VTEP, through the tunnel", '10.244.2.0', '', 'ttl 63', 1],
    ['another node, masqueraded', '10.224.0.5', '--masq-vnet', 'ttl 63', 0],
    ['another node, which answers through the tunnel', '10.224.0.5', '', 'ttl 63', 1],
  ])('a pod pings %s', async (_, to, cluster, ttl, tunnels) => {
    const request = icmpPacket({ from: '10.244.1.11', to, tos: 0x20 }, 8, 0, (7 << 16) | 9)
    const lines = await seen([fromPod('pod11', request)], ['node1/eth0 in', 'pod11/eth0 in'], cluster)
    const answer = lines[0]
      .at(-1)!
      .replace(/ id \d+ len/, ' len')
      .replace(/ sum.*/, '')
    expect(answer).toBe(`${to}>10.244.1.11 ${ttl} tos 0x20 len 52 icmp 0/0 id 7 seq 9`)
    expect(lines[0].filter(line => line.includes('vxlan'))).toHaveLength(tunnels)
  })
})
