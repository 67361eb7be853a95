// Which logical process owns an address on the VNet or outside: open addressing over two int32 columns, built once, then read-only.
import { mix32 } from '../base/random.js'

const EMPTY = -1

/** Slots for `count` addresses: a power of two, at most half full. */
export const slotsFor = (count: number): number => 2 ** Math.ceil(Math.log2(Math.max(2, count * 2)))

/** Fills `keys` and `values` (both of {@link slotsFor} length) from pairs of address and logical process. A later pair of one address is ignored. */
export function fillAddressIndex(keys: Int32Array, values: Int32Array, addresses: ArrayLike<number>, lps: ArrayLike<number>): void {
  values.fill(EMPTY)
  const mask = keys.length - 1
  for (let i = 0; i < addresses.length; i++) {
    let slot = mix32(addresses[i]) & mask
    while (values[slot] !== EMPTY && keys[slot] !== addresses[i]) slot = (slot + 1) & mask
    if (values[slot] !== EMPTY) continue
    keys[slot] = addresses[i]
    values[slot] = lps[i]
  }
}

/** The logical process that owns `address`, or a negative number. */
export function lpOf(keys: Int32Array, values: Int32Array, address: number): number {
  const mask = keys.length - 1
  let slot = mix32(address) & mask
  while (values[slot] !== EMPTY) {
    if (keys[slot] === address) return values[slot]
    slot = (slot + 1) & mask
  }
  return -1
}

/** Value of an address that nobody has at the moment. */
export const NOBODY = -2

/** Says who owns an address from now on; it was among those that the index was filled with. */
export function setOwner(keys: Int32Array, values: Int32Array, address: number, lp: number): void {
  const mask = keys.length - 1
  let slot = mix32(address) & mask
  while (values[slot] !== EMPTY && keys[slot] !== address) slot = (slot + 1) & mask
  if (values[slot] !== EMPTY) values[slot] = lp
}
