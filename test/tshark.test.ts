// Wireshark's opinion of our captures: no malformed packet, no wrong checksum, the stack of protocols that VXLAN should show, stamps and
// names and comments as written, and no pod address in any outer header.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writePcapng } from '../src/observe/pcapng.js'
import { fromHex, kernelCases } from './support/kernel-case.js'
import { complaintsOf, fieldsOf, hasTshark } from './support/tshark.js'

const VXLAN_STACK = 'eth:ethertype:ip:udp:vxlan:eth:ethertype:ip:'
const POD = /^10\.24[4-7]\./

/** The outermost addresses: tshark lists those of all headers, the outer ones first. */
const outer = (addresses: string): string => addresses.split(',')[0]

describe.skipIf(!hasTshark)('tshark reads', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vxlane-tshark-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('what the writer writes: names, directions, stamps, comments', () => {
    const frames = kernelCases.find(c => c.name === 'udp-cross-node')!.steps.flatMap(step => step.seen)
    const file = join(folder, 'written.pcapng')
    const packets = frames.map(({ frame, dir }, i) => ({
      interface: i % 2,
      timeNs: 1_000_000_007 + i * 123_456_789,
      direction: dir === 'in' ? (1 as const) : (2 as const),
      bytes: fromHex(frame),
      comment: i === 1 ? 'noRoute: it ended here.' : null,
    }))
    const interfaces = [{ name: 'node1:eth0', description: 'the first node' }, { name: 'lab/pod11:eth0' }]
    writeFileSync(file, writePcapng(interfaces, packets, { application: 'vxlane', comment: 'stamps are virtual time' }))
    expect(complaintsOf(file)).toEqual([])
    const rows = fieldsOf(file, 'frame', [
      'frame.time_epoch',
      'frame.interface_name',
      'frame.packet_flags_direction',
      'frame.comment',
      'frame.protocols',
    ])
    expect(rows.map(([time]) => time)).toEqual(packets.map(p => `${Math.floor(p.timeNs / 1e9)}.${String(p.timeNs % 1e9).padStart(9, '0')}`))
    expect(rows.map(row => row[1])).toEqual(packets.map(p => interfaces[p.interface].name))
    expect(rows.map(row => Number(row[2]))).toEqual(packets.map(p => p.direction))
    expect(rows.map(row => row[3])).toEqual(packets.map(p => p.comment ?? ''))
    expect(rows.filter((_, i) => frames[i].at.startsWith('node')).every(row => row[4].startsWith(VXLAN_STACK))).toBe(true)
  })

  it('wrong checksums as wrong: this test can fail', () => {
    const bytes = fromHex(kernelCases.find(c => c.name === 'udp-cross-node')!.steps[0].seen[0].frame)
    bytes[bytes.length - 1] ^= 1
    const file = join(folder, 'wrong.pcapng')
    writeFileSync(
      file,
      writePcapng([{ name: 'a' }], [{ interface: 0, timeNs: 0, direction: 1, bytes, comment: null }], { application: '', comment: '' }),
    )
    expect(complaintsOf(file)).toHaveLength(1)
  })

  // Scenarios whose captures are looked at, and whether any of them must show VXLAN.
  it.each([
    ['vxlan-two-nodes', true],
    ['egress-masquerade', false],
    ['mtu-mistake', true],
  ])('captures of scenarios/%s.yaml', async (name, showsVxlan) => {
    const { loadScenario, run } = await import('../src/index.js')
    const loaded = await loadScenario(fileURLToPath(new URL(`../scenarios/${name}.yaml`, import.meta.url)))
    const out = join(folder, name)
    await run(loaded, { workers: 0, out, force: true })
    const files = [...new Set(loaded.scenario.capture.map(c => join(out, c.file)))].filter(existsSync)
    expect(files.length).toBeGreaterThan(0)
    let tunnelled = 0
    let packets = 0
    for (const file of files) {
      expect(complaintsOf(file)).toEqual([])
      packets += fieldsOf(file, 'frame', ['frame.number']).length
      const rows = fieldsOf(file, 'vxlan', ['frame.protocols', 'ip.src', 'ip.dst', 'udp.dstport'])
      tunnelled += rows.length
      for (const [protocols, source, target, ports] of rows) {
        expect(protocols.startsWith(VXLAN_STACK), protocols).toBe(true)
        expect([POD.test(outer(source)), POD.test(outer(target)), outer(ports)]).toEqual([false, false, '4789'])
      }
    }
    expect(packets).toBeGreaterThan(0)
    if (showsVxlan) expect(tunnelled).toBeGreaterThan(0)
  })

  it('no pod address in any outer header on a node wire', async () => {
    const { loadScenario, run } = await import('../src/index.js')
    const loaded = await loadScenario(fileURLToPath(new URL('../scenarios/egress-masquerade.yaml', import.meta.url)))
    const out = join(folder, 'outer')
    await run(loaded, { workers: 0, out, force: true })
    for (const { at, file } of loaded.scenario.capture) {
      if (at.kind === 'pod') continue
      for (const [source, target] of fieldsOf(join(out, file), 'ip', ['ip.src', 'ip.dst'])) {
        expect([POD.test(outer(source)), POD.test(outer(target))], file).toEqual([false, false])
      }
    }
  })
})
