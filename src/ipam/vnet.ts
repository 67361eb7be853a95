// Addresses of a VNet subnet. Azure keeps five of each subnet for itself: the network address, .1 for the router, .2 and .3 for DNS,
// and the last one. The first address a node gets is therefore .4; the lowest free one follows, so a plan is the same every time.
import type { Ipv4 } from '../base/brand.js'
import { addressAt, type Cidr, contains, networkOf, sizeOf } from '../wire/address.js'
import { AddressRange } from './pool.js'

/** Reserved at the start (.0 to .3); one more is reserved at the end. */
const RESERVED_FIRST = 4
const RESERVED_LAST = 1
const RESERVED_PER_SUBNET = RESERVED_FIRST + RESERVED_LAST

/** Addresses of a subnet that Azure hands out: 3 of a /29, 251 of a /24. */
export const usableOf = (cidr: Cidr): number => Math.max(0, sizeOf(cidr) - RESERVED_PER_SUBNET)

/** The subnet's own router, .1. */
export const routerOf = (cidr: Cidr): Ipv4 => addressAt(networkOf(cidr), 1)

/** Is this one of the subnet's five reserved addresses? */
export function isReserved(cidr: Cidr, address: Ipv4): boolean {
  const offset = (address - networkOf(cidr).base) >>> 0
  return contains(cidr, address) && (offset < RESERVED_FIRST || offset >= sizeOf(cidr) - RESERVED_LAST)
}

/** The addresses of one subnet, lowest first. */
export class SubnetPool extends AddressRange {
  constructor(readonly cidr: Cidr) {
    super({ unit: 1, base: addressAt(networkOf(cidr), RESERVED_FIRST), size: usableOf(cidr) })
  }
}
