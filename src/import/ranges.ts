// Address ranges that nobody wrote down, guessed from the addresses that are in use: Azure's default if it holds them all, else the
// smallest range around them, not smaller than is usual.
import { type Cidr, contains, formatCidr, maskOf, overlaps, parseCidr, parseIpv4, sizeOf } from '../wire/address.js'

/** Whether the range holds the address, and does not keep it for itself: the first four and the last of a subnet are Azure's. */
function holds(range: Cidr, address: number, isSubnet: boolean): boolean {
  if (!contains(range, address)) return false
  const offset = (address - range.base) >>> 0
  return !isSubnet || (offset >= 4 && offset < sizeOf(range) - 1)
}

export interface Guess {
  /** What Azure would take. */
  readonly usual: string
  /** The range is at least this large. */
  readonly largestPrefix: number
  readonly isSubnet?: boolean
  /** Ranges of something else, as far as they are known. */
  readonly avoid?: readonly string[]
}

/** A node subnet as AKS makes it, or a smaller one. */
export const NODE_SUBNET: Guess = { usual: '10.224.0.0/16', largestPrefix: 24, isSubnet: true }

/** The range that holds all these addresses and ranges. What cannot be read is left out. */
export function guessRange(inUse: readonly string[], guess: Guess): string {
  const taken = inUse.map(text => parseCidr(text.includes('/') ? text : `${text}/32`)).filter(range => range !== null)
  const usual = parseCidr(guess.usual)
  const avoid = (guess.avoid ?? []).map(parseCidr).filter(range => range !== null)
  const fits = (range: Cidr): boolean =>
    taken.every(({ base, prefix }) => prefix >= range.prefix && holds(range, base, guess.isSubnet === true))
  if (usual !== null && fits(usual) && !avoid.some(other => overlaps(usual, other))) return guess.usual
  if (taken.length === 0) return guess.usual
  const around = (prefix: number): Cidr => ({ base: (taken[0].base & maskOf(prefix)) as Cidr['base'], prefix })
  let prefix = 32
  while (prefix > 0 && !fits(around(prefix))) prefix--
  // Room to grow, unless that is somebody else's.
  const roomy = around(Math.min(prefix, guess.largestPrefix))
  return formatCidr(avoid.some(other => overlaps(roomy, other)) ? around(prefix) : roomy)
}

/** The /24 around an address: what Azure gives a node of an overlay. */
export function blockAround(address: string): string | null {
  const parsed = parseIpv4(address)
  return parsed === null ? null : formatCidr({ base: (parsed & maskOf(24)) as Cidr['base'], prefix: 24 })
}
