// What Linux's NAT does (observed, stated in prose rather than recorded), on the cluster of the recordings: masquerade on the node, then a
// NAT machine with 64 ports before the internet.
import { describe, expect, it } from 'vitest'
import { fragmentsOf, icmpPacket, tcpPacket, udpPacket } from './support/frame-builder.js'
import { fromInet, fromPod, type Step, seen } from './support/linux-lab.js'

const INET = '203.0.113.10'

describe('NAT on Linux', () => {
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
})
