// Addresses of the Service range. Kubernetes gives out neither the network address nor the last one, and keeps a band at the low end for
// Services that ask for an address of their own: min(max(16, size / 16), 256) of them; what is allocated comes from above it while
// there is room (Kubernetes documentation, "Service ClusterIP allocation"; pkg/registry/core/service/ipallocator). The API server draws
// at random; here the lowest free one follows, so that a plan is the same every time.
import { type Cidr, networkOf, sizeOf } from '../wire/address.js'
import { AddressRange } from './pool.js'

const LEAST_BAND = 16
const MOST_BAND = 256

/** Addresses at the low end of the range that automatic allocation leaves alone while it can. */
export function staticBand(cidr: Cidr): number {
  const size = sizeOf(cidr)
  return size <= LEAST_BAND ? 0 : Math.min(Math.max(LEAST_BAND, Math.floor(size / LEAST_BAND)), MOST_BAND)
}

/** The addresses of the range, those above the band first. */
export function servicePool(cidr: Cidr): AddressRange {
  const size = sizeOf(cidr)
  const first = size > 2 ? staticBand(cidr) + 1 : 0
  return new AddressRange({ unit: 1, base: networkOf(cidr).base, size, first, reserved: size > 1 ? [0, size - 1] : [0] })
}
