// Each header: what write puts there the accessors read back, checksums are right, and the incremental updates agree with a sum
// over the changed bytes.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatIpv4, formatMac, parseIpv4 } from '../../src/wire/address.js'
import * as arp from '../../src/wire/arp.js'
import { finish, fold, halves, sum, sumBytes, update16, update32 } from '../../src/wire/checksum.js'
import * as ethernet from '../../src/wire/ethernet.js'
import * as icmp from '../../src/wire/icmp.js'
import * as ipv4 from '../../src/wire/ipv4.js'
import * as tcp from '../../src/wire/tcp.js'
import * as udp from '../../src/wire/udp.js'
import * as vxlan from '../../src/wire/vxlan.js'

const byte = fc.nat(0xff)
const half = fc.nat(0xffff)
const word = fc.integer()
/** Headers are written at any even offset into bytes that are not zero: nothing may depend on what was there. */
const AT = 18
const used = (): DataView => new DataView(new Uint8Array(96).fill(0xa5).buffer)
/** Bytes around a header of `length` are as they were. */
const isUntouched = (frame: DataView, length: number): boolean =>
  new Uint8Array(frame.buffer).every((value, i) => value === 0xa5 || (i >= AT && i < AT + length))

describe('headers', () => {
  it('ethernet', () => {
    fc.assert(
      fc.property(half, word, half, word, half, (toHigh, toLow, fromHigh, fromLow, type) => {
        const frame = used()
        ethernet.write(frame, AT, toHigh, toLow, fromHigh, fromLow, type)
        expect([ethernet.destinationHigh(frame, AT), ethernet.destinationLow(frame, AT)]).toEqual([toHigh, toLow])
        expect([ethernet.sourceHigh(frame, AT), ethernet.sourceLow(frame, AT), ethernet.etherType(frame, AT)]).toEqual([
          fromHigh,
          fromLow,
          type,
        ])
        expect(ethernet.isGroup(frame, AT)).toBe((toHigh & 0x100) !== 0)
        expect(isUntouched(frame, ethernet.HEADER_LEN)).toBe(true)
      }),
    )
    expect(formatMac(0x0200, parseIpv4('10.224.0.4')!)).toBe('02:00:0a:e0:00:04')
    expect(formatMac(0xaaaa, 0xaaaaaaaa | 0)).toBe('aa:aa:aa:aa:aa:aa')
  })

  it('ipv4, with a right checksum at every hop', () => {
    fc.assert(
      fc.property(
        byte,
        half,
        half,
        half,
        fc.integer({ min: 1, max: 255 }),
        byte,
        word,
        word,
        (tos, length, id, flags, ttl, protocol, from, to) => {
          const frame = used()
          ipv4.write(frame, AT, tos, length, id, flags, ttl, protocol, from, to)
          expect([ipv4.version(frame, AT), ipv4.headerLength(frame, AT), ipv4.tos(frame, AT), ipv4.totalLength(frame, AT)]).toEqual([
            4,
            20,
            tos,
            length,
          ])
          expect([ipv4.id(frame, AT), ipv4.flags(frame, AT), ipv4.ttl(frame, AT), ipv4.protocol(frame, AT)]).toEqual([
            id,
            flags,
            ttl,
            protocol,
          ])
          expect([ipv4.source(frame, AT), ipv4.target(frame, AT)]).toEqual([from, to])
          expect(ipv4.fragmentOffset(frame, AT)).toBe((flags & 0x1fff) * 8)
          expect(ipv4.isFragment(frame, AT)).toBe((flags & 0x3fff) !== 0)
          expect(ipv4.isCheckRight(frame, AT)).toBe(true)
          expect(isUntouched(frame, ipv4.MIN_HEADER_LEN)).toBe(true)
          ipv4.decrementTtl(frame, AT)
          expect([ipv4.ttl(frame, AT), ipv4.isCheckRight(frame, AT)]).toEqual([ttl - 1, true])
          const updated = ipv4.check(frame, AT)
          ipv4.writeCheck(frame, AT)
          expect(ipv4.check(frame, AT)).toBe(updated)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('udp, tcp, icmp, arp and vxlan', () => {
    fc.assert(
      fc.property(half, half, half, half, word, word, byte, fc.nat(0xffffff), (a, b, c, d, x, y, flags, vni) => {
        let frame = used()
        udp.write(frame, AT, a, b, c, d)
        expect([udp.sourcePort(frame, AT), udp.targetPort(frame, AT), udp.length(frame, AT), udp.check(frame, AT)]).toEqual([a, b, c, d])
        expect(isUntouched(frame, udp.HEADER_LEN)).toBe(true)
        frame = used()
        tcp.write(frame, AT, a, b, x, y, flags, c)
        expect([tcp.sourcePort(frame, AT), tcp.targetPort(frame, AT), tcp.sequence(frame, AT), tcp.acknowledgment(frame, AT)]).toEqual([
          a,
          b,
          x,
          y,
        ])
        expect([tcp.flags(frame, AT), tcp.window(frame, AT), tcp.headerLength(frame, AT), tcp.check(frame, AT)]).toEqual([flags, c, 20, 0])
        expect(isUntouched(frame, tcp.MIN_HEADER_LEN)).toBe(true)
        frame = used()
        icmp.write(frame, AT, flags, a & 0xff, x)
        expect([icmp.type(frame, AT), icmp.code(frame, AT), icmp.check(frame, AT)]).toEqual([flags, a & 0xff, 0])
        expect([icmp.identifier(frame, AT), icmp.sequence(frame, AT), icmp.nextHopMtu(frame, AT)]).toEqual([
          x >>> 16,
          x & 0xffff,
          x & 0xffff,
        ])
        expect(isUntouched(frame, icmp.HEADER_LEN)).toBe(true)
        frame = used()
        arp.write(frame, AT, arp.REPLY, a, x, y, b, y, x)
        expect(arp.isWellFormed(frame, AT, AT + arp.LENGTH)).toBe(true)
        expect(arp.isWellFormed(frame, AT, AT + arp.LENGTH - 1)).toBe(false)
        expect([arp.operation(frame, AT), arp.senderMacHigh(frame, AT), arp.senderMacLow(frame, AT)]).toEqual([arp.REPLY, a, x])
        expect([arp.senderIp(frame, AT), arp.targetIp(frame, AT)]).toEqual([y, x])
        expect(isUntouched(frame, arp.LENGTH)).toBe(true)
        frame = used()
        vxlan.write(frame, AT, vni)
        expect([vxlan.hasVni(frame, AT), vxlan.vni(frame, AT), vxlan.hasUnknownBits(frame, AT)]).toEqual([true, vni, false])
        expect(isUntouched(frame, vxlan.HEADER_LEN)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})

describe('checksums', () => {
  it('sum up the same in one piece, in two, and by bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(80), (bytes, cut) => {
        const at = Math.min(cut, bytes.length)
        const whole = fold(sum(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length))
        expect(fold(sumBytes(bytes, 0))).toBe(whole)
        expect(fold(sumBytes(bytes.subarray(at), at & 1, sumBytes(bytes.subarray(0, at), 0)))).toBe(whole)
      }),
    )
  })

  it('updated incrementally are those of the changed bytes (RFC 1624, equation 3)', () => {
    const data = fc.uint8Array({ minLength: 24, maxLength: 24 }).filter(bytes => bytes.some(b => b !== 0))
    fc.assert(
      fc.property(data, fc.nat(9), word, (bytes, slot, value) => {
        const frame = new DataView(bytes.slice().buffer)
        const before = finish(sum(frame, 0, 24))
        const at = slot * 2
        const was16 = frame.getUint16(at)
        frame.setUint16(at, value & 0xffff)
        fc.pre(sum(frame, 0, 24) !== 0)
        expect(update16(before, was16, value & 0xffff)).toBe(finish(sum(frame, 0, 24)))
        frame.setUint16(at, was16)
        const was32 = frame.getInt32(at)
        frame.setInt32(at, value)
        fc.pre(sum(frame, 0, 24) !== 0)
        expect(update32(before, was32, value)).toBe(finish(sum(frame, 0, 24)))
      }),
      { numRuns: 2000 },
    )
  })

  it('fold sums far beyond 32 bits', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 47), total => {
        const wanted = BigInt(total) === 0n ? 0 : Number(((BigInt(total) - 1n) % 0xffffn) + 1n)
        expect(fold(total)).toBe(wanted)
      }),
    )
    expect(halves(-1)).toBe(0x1fffe)
    expect(formatIpv4(-1)).toBe('255.255.255.255')
  })
})
