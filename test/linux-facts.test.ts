// What Linux does with overlay traffic (observed, stated in prose rather than recorded), on the cluster of the recordings: each step sends
// one packet and lists what must be seen, in the words of src/wire/describe.ts.
import { describe, expect, it } from 'vitest'
import { fragmentsOf, type Ip, icmpPacket, udpPacket } from './support/frame-builder.js'
import { fromPod, seen, tunnelled } from './support/linux-lab.js'

const POD11: Ip = { from: '10.244.1.11', to: '10.244.2.11' }

/** Only the outer header of a tunnelled line, without its ID and ports. */
const outer = (lines: readonly string[][]): string[] =>
  lines.map(([line]) =>
    (line ?? 'nothing')
      .split(' | ')[0]
      .replace(/ id \d+/, '')
      .replace(/ len .*/, ''),
  )

describe('overlay traffic on Linux', () => {
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

  it.each([
    ['to the MTU', 1480, ['MF len 1444', 'MF frag@1424 len 1444', 'frag@2848 len 180']],
    ['as they came', 1000, ['MF len 1020', 'MF frag@1000 len 1020', 'MF frag@2000 len 1020', 'frag@3000 len 28']],
  ])('cuts what comes in fragments for the tunnel %s', async (_, size, wanted) => {
    const steps = fragmentsOf(udpPacket({ ...POD11, id: 80 }, 5000, 7000, 3000), size).map(bytes => fromPod('pod11', bytes))
    const lines = (await seen(steps, ['pod21/eth0 in'])).flat()
    expect(lines.map(line => line.replace(/.* id 80 /, '').replace(/ udp.*/, ''))).toEqual(wanted)
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
