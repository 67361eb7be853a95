// A small language for what a frame should be, read from the outside in, as gVisor's packet checkers are:
//
//   expectFrame(bytes).ethernet({ to: '02:00:0a:e0:00:05' }).ipv4({ ttl: 64 }).udp({ to: 4789 }).vxlan({ vni: 1 }).ethernet().ipv4({ ttl: 63 }).udp({ to: 7000 })
//
// Only the named fields are compared. Every checksum that can be seen whole is verified, unless the layer says `check: 'any'`.
import { expect } from 'vitest'
import { formatIpv4, formatMac } from '../../src/wire/address.js'
import * as arp from '../../src/wire/arp.js'
import { finish, halves, sum } from '../../src/wire/checksum.js'
import { describeFrame } from '../../src/wire/describe.js'
import * as ethernet from '../../src/wire/ethernet.js'
import * as icmp from '../../src/wire/icmp.js'
import * as ipv4 from '../../src/wire/ipv4.js'
import * as tcp from '../../src/wire/tcp.js'
import * as udp from '../../src/wire/udp.js'
import * as vxlan from '../../src/wire/vxlan.js'
import { viewOf } from './kernel-case.js'

/** `any`: not looked at; `wrong`: must be wrong; a number: exactly that, and right. */
type Check = 'any' | 'wrong' | number

export interface Ipv4Expectation {
  readonly from?: string
  readonly to?: string
  readonly ttl?: number
  readonly tos?: number
  readonly id?: number
  readonly df?: boolean
  readonly mf?: boolean
  readonly offset?: number
  readonly length?: number
  readonly protocol?: number
  readonly check?: Check
}

export const expectFrame = (bytes: Uint8Array): FrameChecker => new FrameChecker(viewOf(bytes), 0, bytes.length, describeFrame(bytes))

/** Where reading has come to: every method checks one layer and moves behind it. */
class FrameChecker {
  /** Start of the IPv4 header last read, and whether all of its packet is here. */
  private ip = 0
  private whole = false

  constructor(
    private readonly frame: DataView,
    private at: number,
    private end: number,
    private readonly line: string,
  ) {}

  ethernet(wanted: { from?: string; to?: string; type?: number } = {}): this {
    const { frame, at } = this
    this.require(ethernet.HEADER_LEN, 'an Ethernet header')
    this.same('ethernet', wanted, {
      from: formatMac(ethernet.sourceHigh(frame, at), ethernet.sourceLow(frame, at)),
      to: formatMac(ethernet.destinationHigh(frame, at), ethernet.destinationLow(frame, at)),
      type: ethernet.etherType(frame, at),
    })
    this.at += ethernet.HEADER_LEN
    return this
  }

  arp(wanted: { operation?: number; senderMac?: string; senderIp?: string; targetIp?: string } = {}): this {
    const { frame, at } = this
    expect(arp.isWellFormed(frame, at, this.end), `${this.line}: well-formed ARP`).toBe(true)
    this.same('arp', wanted, {
      operation: arp.operation(frame, at),
      senderMac: formatMac(arp.senderMacHigh(frame, at), arp.senderMacLow(frame, at)),
      senderIp: formatIpv4(arp.senderIp(frame, at)),
      targetIp: formatIpv4(arp.targetIp(frame, at)),
    })
    this.at += arp.LENGTH
    return this
  }

  ipv4(wanted: Ipv4Expectation = {}): this {
    const { frame, at } = this
    this.require(ipv4.MIN_HEADER_LEN, 'an IPv4 header')
    expect(ipv4.version(frame, at), `${this.line}: IP version`).toBe(4)
    this.require(ipv4.headerLength(frame, at), 'the IPv4 options')
    const { check, ...fields } = wanted
    this.same('ipv4', fields, {
      from: formatIpv4(ipv4.source(frame, at)),
      to: formatIpv4(ipv4.target(frame, at)),
      ttl: ipv4.ttl(frame, at),
      tos: ipv4.tos(frame, at),
      id: ipv4.id(frame, at),
      df: (ipv4.flags(frame, at) & ipv4.DONT_FRAGMENT) !== 0,
      mf: (ipv4.flags(frame, at) & ipv4.MORE_FRAGMENTS) !== 0,
      offset: ipv4.fragmentOffset(frame, at),
      length: ipv4.totalLength(frame, at),
      protocol: ipv4.protocol(frame, at),
    })
    this.checksum('ipv4', check, ipv4.check(frame, at), ipv4.isCheckRight(frame, at))
    this.ip = at
    this.whole = !ipv4.isFragment(frame, at) && at + ipv4.totalLength(frame, at) <= this.end
    this.at += ipv4.headerLength(frame, at)
    this.end = Math.min(this.end, this.ip + ipv4.totalLength(frame, at))
    return this
  }

  udp(wanted: { from?: number; to?: number; length?: number; check?: Check } = {}): this {
    const { frame, at } = this
    this.require(udp.HEADER_LEN, 'a UDP header')
    const { check, ...fields } = wanted
    this.same('udp', fields, { from: udp.sourcePort(frame, at), to: udp.targetPort(frame, at), length: udp.length(frame, at) })
    // Zero says that the sender made none: that is right too (RFC 768).
    const right = !this.whole || udp.check(frame, at) === 0 || this.transportSum(udp.length(frame, at)) === 0
    this.checksum('udp', check, udp.check(frame, at), right)
    this.at += udp.HEADER_LEN
    return this
  }

  tcp(
    wanted: { from?: number; to?: number; flags?: number; sequence?: number; acknowledgment?: number; window?: number; check?: Check } = {},
  ): this {
    const { frame, at } = this
    this.require(tcp.MIN_HEADER_LEN, 'a TCP header')
    const { check, ...fields } = wanted
    this.same('tcp', fields, {
      from: tcp.sourcePort(frame, at),
      to: tcp.targetPort(frame, at),
      flags: tcp.flags(frame, at),
      sequence: tcp.sequence(frame, at) >>> 0,
      acknowledgment: tcp.acknowledgment(frame, at) >>> 0,
      window: tcp.window(frame, at),
    })
    this.checksum('tcp', check, tcp.check(frame, at), !this.whole || this.transportSum(this.end - at) === 0)
    this.at += tcp.headerLength(frame, at)
    return this
  }

  /** After an error's header stands the quoted packet: go on with `.ipv4({ … })`. */
  icmp(wanted: { type?: number; code?: number; id?: number; sequence?: number; mtu?: number; check?: Check } = {}): this {
    const { frame, at } = this
    this.require(icmp.HEADER_LEN, 'an ICMP header')
    const { check, ...fields } = wanted
    this.same('icmp', fields, {
      type: icmp.type(frame, at),
      code: icmp.code(frame, at),
      id: icmp.identifier(frame, at),
      sequence: icmp.sequence(frame, at),
      mtu: icmp.nextHopMtu(frame, at),
    })
    this.checksum('icmp', check, icmp.check(frame, at), !this.whole || finish(sum(frame, at, this.end - at)) === 0)
    this.at += icmp.HEADER_LEN
    return this
  }

  vxlan(wanted: { vni?: number } = {}): this {
    const { frame, at } = this
    this.require(vxlan.HEADER_LEN, 'a VXLAN header')
    expect(vxlan.hasVni(frame, at), `${this.line}: vxlan I flag`).toBe(true)
    expect(vxlan.hasUnknownBits(frame, at), `${this.line}: vxlan reserved bits`).toBe(false)
    this.same('vxlan', wanted, { vni: vxlan.vni(frame, at) as number })
    this.at += vxlan.HEADER_LEN
    return this
  }

  /** All bytes that are left of the packet: these, or that many. */
  payload(wanted: Uint8Array | number): this {
    const rest = new Uint8Array(this.frame.buffer, this.frame.byteOffset + this.at, this.end - this.at)
    if (typeof wanted === 'number') expect(rest.length, `${this.line}: payload length`).toBe(wanted)
    else expect(Buffer.from(rest).toString('hex'), `${this.line}: payload`).toBe(Buffer.from(wanted).toString('hex'))
    this.at = this.end
    return this
  }

  private require(bytes: number, what: string): void {
    expect(this.end - this.at, `${this.line}: room for ${what}`).toBeGreaterThanOrEqual(bytes)
  }

  private same<Fields extends object>(layer: string, wanted: Partial<Fields>, found: Fields): void {
    const named = Object.fromEntries(Object.keys(wanted).map(key => [key, found[key as keyof Fields]]))
    expect(named, `${this.line}: ${layer}`).toEqual(wanted)
  }

  private checksum(layer: string, wanted: Check | undefined, found: number, right: boolean): void {
    if (wanted === 'any') return
    expect(right, `${this.line}: ${layer} checksum is right`).toBe(wanted !== 'wrong')
    if (typeof wanted === 'number') expect(found, `${this.line}: ${layer} checksum`).toBe(wanted)
  }

  private transportSum(length: number): number {
    const { frame, at, ip } = this
    if (at + length > this.end) return -1
    return finish(
      sum(frame, at, length, halves(ipv4.source(frame, ip)) + halves(ipv4.target(frame, ip)) + ipv4.protocol(frame, ip) + length),
    )
  }
}
