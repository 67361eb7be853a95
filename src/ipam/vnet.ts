// Addresses of a VNet subnet. Azure keeps five of each subnet for itself: the network address, .1 for the router, .2 and .3 for DNS,
// and the last one. The first address a node gets is therefore .4; the lowest free one follows, so a plan is the same every time.
import type { Ipv4 } from '../base/brand.js'
import { addressAt, type Cidr, contains, networkOf, sizeOf } from '../wire/address.js'
import { type AddressPool, FreeList, type Taken } from './pool.js'

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
export class SubnetPool implements AddressPool {
  readonly unit = 1
  private readonly first: Ipv4
  private readonly free: FreeList

  constructor(readonly cidr: Cidr) {
    this.first = addressAt(networkOf(cidr), RESERVED_FIRST)
    this.free = new FreeList(usableOf(cidr))
  }

  get capacity(): number {
    return this.free.count
  }

  get used(): number {
    return this.free.used
  }

  allocate(): Ipv4 | null {
    const position = this.free.allocate()
    return position < 0 ? null : (((this.first + position) | 0) as Ipv4)
  }

  take(address: Ipv4): Taken {
    const position = this.positionOf(address)
    if (position < 0) return 'outside'
    return this.free.take(position) ? 'ok' : 'taken'
  }

  release(address: Ipv4): boolean {
    const position = this.positionOf(address)
    return position >= 0 && this.free.release(position)
  }

  private positionOf(address: Ipv4): number {
    const position = (address - this.first) | 0
    return contains(this.cidr, address) && position >= 0 && position < this.free.count ? position : -1
  }
}
