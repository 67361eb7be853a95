// Finding room for a network: the first range of a size, near a wish, that overlaps none of some others.
import { type Cidr, formatCidr, overlaps, parseCidr } from '../wire/address.js'

/** Candidates in the order in which they are tried: Azure's own choice first, then the rest of private space. */
function* candidates(prefix: number): Generator<Cidr> {
  const size = 2 ** (32 - prefix)
  const areas = ['10.224.0.0/12', '10.0.0.0/8', '192.168.0.0/16', '100.64.0.0/10']
  for (const text of areas) {
    const area = parseCidr(text) as Cidr
    if (area.prefix > prefix) continue
    for (let n = 0; n < 2 ** (prefix - area.prefix); n++) yield { base: ((area.base + n * size) | 0) as Cidr['base'], prefix }
  }
}

/** The first /prefix that overlaps none of the ranges in `avoid` (those that do not parse are left out), or null. */
export function freeRange(prefix: number, avoid: readonly string[]): string | null {
  const taken = avoid.map(parseCidr).filter(cidr => cidr !== null)
  for (const cidr of candidates(prefix)) {
    if (!taken.some(other => overlaps(cidr, other))) return formatCidr(cidr)
  }
  return null
}
