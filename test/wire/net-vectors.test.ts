// Address, routing, checksum and tunnel vectors of other projects (Go, Kubernetes, Linux, RFCs, BGP tables). They are read in place and
// never copied; a clone without them skips these tests and says so. IPv6 rows are counted, not run: the emulator speaks IPv4.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import type { Ipv4 } from '../../src/base/brand.js'
import { buildFib, lookup } from '../../src/table/fib.js'
import {
  addressAt,
  contains,
  formatCidr,
  formatIpv4,
  maskOf,
  networkOf,
  overlaps,
  parseCidr,
  parseIpv4,
  sizeOf,
} from '../../src/wire/address.js'
import { finish, fold, halves, sum, sumBytes, update16, update32 } from '../../src/wire/checksum.js'
import * as ipv4 from '../../src/wire/ipv4.js'
import * as vxlan from '../../src/wire/vxlan.js'
import { fromHex, viewOf } from '../support/kernel-case.js'
import { expectFrame } from '../support/packet-checker.js'

const FILE = fileURLToPath(new URL('../../../shared/data/net-vectors.json', import.meta.url))
const present = existsSync(FILE)
if (!present) console.log('net-vectors.json is not here: the vectors of other projects are skipped')

const vectors = present ? JSON.parse(readFileSync(FILE, 'utf8')) : {}
const count = { run: 0, ipv6: 0, lenient: 0 }
const isV6 = (text: string): boolean => text.includes(':')
const ofV4 = <Row>(rows: readonly Row[], text: (row: Row) => string): Row[] => {
  const kept = rows.filter(row => !isV6(text(row)))
  count.ipv6 += rows.length - kept.length
  count.run += kept.length
  return kept
}
const address = (text: string): Ipv4 => parseIpv4(text)!
const cidr = (text: string): NonNullable<ReturnType<typeof parseCidr>> => parseCidr(text)!

describe.skipIf(!present)('vectors of other projects', () => {
  afterAll(() => {
    if (present)
      console.log(
        `net-vectors: ${count.run} rows run (${count.lenient} that only lenient parsers take: refused here), ${count.ipv6} IPv6 rows out of scope`,
      )
  })

  it('ipParse', () => {
    for (const row of ofV4<{ in: string; hex: string; canonical: string; strict?: boolean }>(vectors.ipParse.valid, r => r.in)) {
      // Leading zeros are octal to some tools and decimal to others, hence refused.
      if (row.strict === false) {
        count.lenient++
        expect(parseIpv4(row.in), row.in).toBeNull()
        continue
      }
      expect((address(row.in) >>> 0).toString(16).padStart(8, '0')).toBe(row.hex)
      expect(formatIpv4(address(row.in))).toBe(row.canonical)
    }
    for (const text of vectors.ipParse.invalid as string[]) expect(parseIpv4(text), JSON.stringify(text)).toBeNull()
    count.run += vectors.ipParse.invalid.length
  })

  it('cidrParse', () => {
    type Row = { in: string; network: string; length: number; canonical: string; hostBits: boolean; mask: string; strict?: boolean }
    for (const row of ofV4<Row>(vectors.cidrParse.valid, r => r.in)) {
      if (row.strict === false) {
        count.lenient++
        expect(parseCidr(row.in), row.in).toBeNull()
        continue
      }
      const parsed = cidr(row.in)
      expect(formatCidr(networkOf(parsed)), row.in).toBe(row.canonical)
      expect(formatIpv4(networkOf(parsed).base)).toBe(row.network)
      expect(parsed.prefix).toBe(row.length)
      expect(formatIpv4(maskOf(parsed.prefix))).toBe(row.mask)
      expect(networkOf(parsed).base !== parsed.base, `${row.in} has host bits`).toBe(row.hostBits)
    }
    for (const text of vectors.cidrParse.invalid as string[]) expect(parseCidr(text), JSON.stringify(text)).toBeNull()
    count.run += vectors.cidrParse.invalid.length
  })

  it('prefixContains, cidrRange and cidrOverlap', () => {
    for (const row of ofV4<{ prefix: string; in: string[]; out: string[] }>(vectors.prefixContains.cases, r => r.prefix)) {
      for (const text of ofV4(row.in, t => t)) expect(contains(cidr(row.prefix), address(text)), `${text} in ${row.prefix}`).toBe(true)
      for (const text of ofV4(row.out, t => t)) expect(contains(cidr(row.prefix), address(text)), `${text} in ${row.prefix}`).toBe(false)
    }
    for (const row of ofV4<{ cidr: string; first: string; last: string; size: number }>(vectors.cidrRange.cases, r => r.cidr)) {
      const range = networkOf(cidr(row.cidr))
      expect([formatIpv4(range.base), formatIpv4(addressAt(range, sizeOf(range) - 1)), sizeOf(range)]).toEqual([
        row.first,
        row.last,
        row.size,
      ])
    }
    for (const row of ofV4<{ a: string; b: string; overlap: boolean }>(vectors.cidrOverlap.cases, r => r.a + r.b)) {
      expect([overlaps(cidr(row.a), cidr(row.b)), overlaps(cidr(row.b), cidr(row.a))], `${row.a} ${row.b}`).toEqual([
        row.overlap,
        row.overlap,
      ])
    }
  })

  it('lpm: longest prefix, whatever the order of insertion', () => {
    for (const table of vectors.lpm.tables as { name: string; routes: string[]; lookups: [string, string | null][] }[]) {
      const routes = ofV4(table.routes, r => r).map((text, i) => ({ ...networkOf(cidr(text)), value: i + 1, text }))
      for (const ordered of [routes, [...routes].reverse()]) {
        const fib = buildFib(ordered)
        for (const [to, wanted] of table.lookups.filter(([text]) => !isV6(text))) {
          const found = routes.find(route => route.value === lookup(fib, address(to)))?.text ?? null
          expect(found, `${table.name}: ${to}`).toBe(wanted)
        }
      }
      ofV4(table.lookups, ([to]) => to)
    }
  })

  it('internetChecksum and incrementalChecksum', () => {
    for (const row of vectors.internetChecksum.cases as {
      hex?: string
      length?: number
      generator?: string
      sum: string
      checksum: string
    }[]) {
      const constant = row.generator?.includes('= 255')
      const bytes =
        row.hex === undefined
          ? Uint8Array.from({ length: row.length! }, (_, i) => (constant ? 255 : 31 * i * i + 7 * i + 3))
          : fromHex(row.hex)
      const total = sum(viewOf(bytes), 0, bytes.length)
      expect([fold(total), finish(total), fold(sumBytes(bytes, 0))].map(n => n.toString(16).padStart(4, '0'))).toEqual([
        row.sum,
        row.checksum,
        row.sum,
      ])
      // An odd cut: the second part goes on at an odd offset.
      const cut = Math.min(7, bytes.length)
      const parts = sumBytes(bytes.subarray(cut), cut & 1, sumBytes(bytes.subarray(0, cut), 0))
      expect(fold(parts)).toBe(fold(total))
      count.run++
    }
    for (const row of vectors.incrementalChecksum.cases as { hc: string; m: string; mNew: string; expected: string }[]) {
      const [hc, m, mNew, expected] = [row.hc, row.m, row.mNew, row.expected].map(text => Number.parseInt(text, 16))
      expect(update16(hc, m, mNew)).toBe(expected)
      expect(update32(hc, m << 16, mNew << 16)).toBe(expected)
      count.run++
    }
    for (const row of vectors.incrementalChecksum.headerRewrites as {
      before: string
      after: string
      changes: [string, string][]
      hcNew: string
    }[]) {
      const [before, after] = [viewOf(fromHex(row.before)), viewOf(fromHex(row.after))]
      const updated = row.changes.reduce(
        (check, [from, to]) => update16(check, Number.parseInt(from, 16), Number.parseInt(to, 16)),
        ipv4.check(before, 0),
      )
      expect([updated, ipv4.check(after, 0)]).toEqual([Number.parseInt(row.hcNew, 16), updated])
      expect([ipv4.isCheckRight(before, 0), ipv4.isCheckRight(after, 0)]).toEqual([true, true])
      count.run++
    }
  })

  it('packets and udpZeroChecksum', () => {
    for (const row of ofV4<{ name: string; hex: string }>(vectors.packets.cases, r => (r.hex.startsWith('6') ? ':' : ''))) {
      const packet = fromHex(row.hex)
      const frame = new Uint8Array(14 + packet.length)
      frame.set(packet, 14)
      frame[12] = 8
      const checker = expectFrame(frame).ethernet().ipv4({ from: '10.244.1.10', to: '10.244.2.11', length: packet.length })
      if (row.name.startsWith('udp')) checker.udp({ from: 40000, to: 53 })
      if (row.name.startsWith('tcp')) checker.tcp({ from: 40001, to: 80 })
      if (row.name.startsWith('icmp')) checker.icmp({ type: 8, id: 7, sequence: 1 })
      if (row.name !== 'udp4-zero-becomes-ffff') continue
      const view = viewOf(packet)
      view.setUint16(26, 0)
      const pseudo = halves(ipv4.source(view, 0)) + halves(ipv4.target(view, 0)) + 17 + 10
      expect(finish(sum(view, 20, 10, pseudo)), 'computed 0000, sent as ffff').toBe(0)
      checker.payload(2)
      view.setUint16(26, 0)
      frame.set(packet, 14)
      expectFrame(frame).ethernet().ipv4().udp({ check: 0 })
    }
    ofV4<{ ip: number }>(vectors.udpZeroChecksum.cases, r => (r.ip === 6 ? ':' : ''))
  })

  it('vxlan', () => {
    for (const row of vectors.vxlan.encode as { vni: number; hex: string }[]) {
      const view = new DataView(new ArrayBuffer(8))
      vxlan.write(view, 0, row.vni)
      expect(Buffer.from(view.buffer).toString('hex')).toBe(row.hex)
      count.run++
    }
    for (const row of vectors.vxlan.decode as { vni?: number; hex: string; accept: boolean }[]) {
      const view = viewOf(fromHex(row.hex))
      const accepted = view.byteLength >= vxlan.HEADER_LEN && vxlan.hasVni(view, 0)
      // Where the RFC has reserved bits ignored, Linux refuses them, and so do we: hasUnknownBits tells, and the VNI reads the same.
      expect(accepted, row.hex).toBe(row.accept)
      if (accepted) expect(vxlan.vni(view, 0)).toBe(row.vni)
      count.run++
    }
    expect(vectors.vxlan.overhead.ipv4.total).toBe(vxlan.OVERHEAD)
    const { capture, built } = vectors.vxlan
    const d = capture.decoded
    expectFrame(fromHex(capture.hex))
      .ethernet({ from: d.outerSrcMac, to: d.outerDstMac })
      .ipv4({ from: d.outerSrc, to: d.outerDst, ttl: d.outerTtl, df: d.outerDf, length: d.outerTotalLength })
      .udp({ from: d.udpSrcPort, to: d.udpDstPort, length: d.udpLength, check: 0 })
      .vxlan({ vni: d.vni })
      .ethernet({ from: d.innerSrcMac, to: d.innerDstMac })
      .ipv4({ from: d.innerSrc, to: d.innerDst, protocol: d.innerProtocol, length: d.innerTotalLength })
      .icmp({ type: 8 })
    const inner = fromHex(built.innerHex)
    const outer = expectFrame(fromHex(built.outerHex))
      .ethernet()
      .ipv4({ length: built.outerLength - 14 })
      .udp({ to: vxlan.PORT, check: 0 })
    outer.vxlan({ vni: built.vni }).payload(inner)
    expectFrame(inner).ethernet().ipv4().udp({ from: 40000, to: 8080 })
  })
})
