// Longest-prefix match in a 16-8-8 multibit trie, one Uint32Array that lies in the sealed image. A look-up is at most three reads,
// two for the /24 blocks of an overlay.
//
// Root: 65,536 entries by the high 16 bits; each deeper table has 256. An entry is 0 (no route), a route value, or, with the top bit
// set, the index of the next table. Prefixes are expanded into entries shortest first, so longer ones overwrite.

const TABLE = 0x80000000
const ROOT = 65536

/** A route: value is 1..2^31-1 (kind and argument as `image/image.ts` packs them); a later route of the same prefix wins. */
export interface Route {
  readonly base: number
  readonly prefix: number
  readonly value: number
}

/** Routes to single addresses, as columns: there may be a million. They win over all others. */
interface HostRoutes {
  readonly addresses: Int32Array
  readonly values: Uint32Array
}

const NO_HOSTS: HostRoutes = { addresses: new Int32Array(0), values: new Uint32Array(0) }

/** Builds the trie. */
export function buildFib(routes: readonly Route[], hosts: HostRoutes = NO_HOSTS): Uint32Array {
  const sorted = [...routes].sort((a, b) => a.prefix - b.prefix)
  let table = new Uint32Array(ROOT + 1024)
  let used = ROOT
  const child = (entry: number): number => {
    if (table[entry] >= TABLE) return table[entry] - TABLE
    if (used + 256 > table.length) {
      const grown = new Uint32Array(table.length * 2)
      grown.set(table)
      table = grown
    }
    const at = used
    used += 256
    table.fill(table[entry], at, at + 256)
    table[entry] = TABLE + at
    return at
  }
  for (const { base, prefix, value } of sorted) {
    const high = base >>> 16
    if (prefix <= 16) {
      // Shorter prefixes come first, so no table hangs here yet.
      table.fill(value, high & ~(2 ** (16 - prefix) - 1), (high & ~(2 ** (16 - prefix) - 1)) + 2 ** (16 - prefix))
      continue
    }
    let at = child(high)
    let shift = 8
    if (prefix > 24) {
      at = child(at + ((base >>> 8) & 255))
      shift = 0
    }
    const span = 2 ** (32 - shift - prefix)
    const first = at + ((base >>> shift) & 255 & ~(span - 1))
    table.fill(value, first, first + span)
  }
  for (let i = 0; i < hosts.addresses.length; i++) {
    const address = hosts.addresses[i]
    const at = child(child(address >>> 16) + ((address >>> 8) & 255))
    table[at + (address & 255)] = hosts.values[i]
  }
  return table.slice(0, used)
}

/** The value of the longest prefix that holds `address`; 0 without one. */
export function lookup(fib: Uint32Array, address: number): number {
  let entry = fib[address >>> 16]
  if (entry >= TABLE) {
    entry = fib[entry - TABLE + ((address >>> 8) & 255)]
    if (entry >= TABLE) entry = fib[entry - TABLE + (address & 255)]
  }
  return entry
}

/** Puts another value in the place of a route that {@link buildFib} was given, in a table of one's own; longer prefixes within it stay. */
export function patchFib(fib: Uint32Array, { base, prefix, value }: Route): void {
  const high = base >>> 16
  if (prefix <= 16) {
    patch(fib, high & ~(2 ** (16 - prefix) - 1), 2 ** (16 - prefix), value)
    return
  }
  let at = fib[high] - TABLE
  let shift = 8
  if (prefix > 24) {
    at = fib[at + ((base >>> 8) & 255)] - TABLE
    shift = 0
  }
  const span = 2 ** (32 - shift - prefix)
  patch(fib, at + ((base >>> shift) & 255 & ~(span - 1)), span, value)
}

function patch(fib: Uint32Array, from: number, span: number, value: number): void {
  for (let entry = from; entry < from + span; entry++) if (fib[entry] < TABLE) fib[entry] = value
}
