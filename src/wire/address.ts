// IPv4 addresses, prefixes and MAC addresses. An address is a signed int32 inside (bit operations stay integers); only the text
// functions make it unsigned. Strict text: four decimal octets, no leading zeros (10.0.0.010 is octal to some tools, hence refused).
import type { Ipv4 } from '../base/brand.js'

/** A prefix such as 10.244.0.0/16. `base` may carry host bits until {@link networkOf} has cleared them. */
export interface Cidr {
  readonly base: Ipv4
  readonly prefix: number
}

const OCTETS = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/

/** Parses dotted decimal, or returns null. */
export function parseIpv4(text: string): Ipv4 | null {
  const match = OCTETS.exec(text)
  if (!match) return null
  let value = 0
  for (let i = 1; i <= 4; i++) {
    const octet = Number(match[i])
    if (octet > 255) return null
    value = (value << 8) | octet
  }
  return value as Ipv4
}

export const formatIpv4 = (address: number): string =>
  `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`

/** Parses `a.b.c.d/n`, host bits kept, or returns null. */
export function parseCidr(text: string): Cidr | null {
  const slash = text.indexOf('/')
  if (slash < 0 || !/^(0|[1-9]\d?)$/.test(text.slice(slash + 1))) return null
  const base = parseIpv4(text.slice(0, slash))
  const prefix = Number(text.slice(slash + 1))
  return base === null || prefix > 32 ? null : { base, prefix }
}

export const formatCidr = (cidr: Cidr): string => `${formatIpv4(cidr.base)}/${cidr.prefix}`

/** Netmask of a prefix length, as int32. */
export const maskOf = (prefix: number): number => (prefix === 0 ? 0 : (-1 << (32 - prefix)) | 0)
/** The same prefix with its host bits cleared. */
export const networkOf = (cidr: Cidr): Cidr => ({ base: (cidr.base & maskOf(cidr.prefix)) as Ipv4, prefix: cidr.prefix })
/** Number of addresses of the prefix. */
export const sizeOf = (cidr: Cidr): number => 2 ** (32 - cidr.prefix)
export const contains = (cidr: Cidr, address: number): boolean => ((address ^ cidr.base) & maskOf(cidr.prefix)) === 0
export const overlaps = (a: Cidr, b: Cidr): boolean => ((a.base ^ b.base) & maskOf(Math.min(a.prefix, b.prefix))) === 0
/** The n-th address of the prefix. */
export const addressAt = (cidr: Cidr, n: number): Ipv4 => ((cidr.base + n) | 0) as Ipv4

// MAC addresses carry the IPv4 address in their low 32 bits; the high 16 bits say what the interface is.
export const MAC_NODE = 0x0200
export const MAC_VTEP = 0x0201
export const MAC_POD = 0x0202
export const MAC_OUTSIDE = 0x0203
/** The host's end of every pod's veth is aa:aa:aa:aa:aa:aa. */
export const MAC_HOST_VETH_HIGH = 0xaaaa
export const MAC_HOST_VETH_LOW = 0xaaaaaaaa | 0

/** Six octets, colon separated, from the high 16 and low 32 bits. */
export function formatMac(high: number, low: number): string {
  const hex = (high & 0xffff).toString(16).padStart(4, '0') + (low >>> 0).toString(16).padStart(8, '0')
  return hex.replace(/..(?!$)/g, '$&:')
}
