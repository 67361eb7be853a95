// Route look-ups: the table of a node in a cluster of 1,000 (a /24 for each other node, the VNet, peerings, a default) with 10,000 pods that
// have routes of their own, asked for addresses of which most lie in some pod's block.
import { buildFib, lookup, type Route } from '../table/fib.js'
import type { Done, Size, Work } from './bench.js'
import { hex, mixed, numbers } from './numbers.js'

const POD_CIDR = 0x0af40000
const NODES = 1000
const HOSTS = 10_000
/** How often all addresses are asked for. */
export const PASSES = 10

const WIDE: readonly Route[] = [
  { base: 0, prefix: 0, value: 1 },
  { base: 0x0ae00000, prefix: 12, value: 2 },
  { base: 0x0a640000, prefix: 16, value: 3 },
  { base: 0x0a648000, prefix: 17, value: 4 },
  { base: 0xc6336400, prefix: 26, value: 5 },
]

export function fibInput(size: Size) {
  const routes = [...WIDE, ...Array.from({ length: NODES }, (_, i) => ({ base: (POD_CIDR + i * 256) | 0, prefix: 24, value: 100 + i }))]
  const addresses = numbers(HOSTS, 7).map(x => 0x0ae00000 | (x & 0xfffff))
  const values = Uint32Array.from({ length: HOSTS }, (_, i) => 10_000 + i)
  const asked = numbers(size === 'full' ? 1_000_000 : 20_000, 11).map((x, i) => askedOf(x, i, addresses))
  return { routes, hosts: { addresses, values }, asked }
}

/** Of sixteen: twelve pods by block, two by route of their own, one of the VNet, one anywhere. */
function askedOf(x: number, i: number, hosts: Int32Array): number {
  const kind = i & 15
  if (kind < 12) return (POD_CIDR + ((x >>> 0) % (NODES * 256))) | 0
  if (kind < 14) return hosts[(x >>> 0) % HOSTS]
  return kind === 14 ? 0x0ae00000 | (x & 0xfffff) : x
}

export function prepare(size: Size): Work {
  const { routes, hosts, asked } = fibInput(size)
  const fib = buildFib(routes, hosts)
  return () => look(fib, asked)
}

function look(fib: Uint32Array, asked: Int32Array): Done {
  let sum = 0
  let byDefault = 0
  for (let pass = 0; pass < PASSES; pass++) {
    for (let i = 0; i < asked.length; i++) {
      const value = lookup(fib, asked[i])
      if (value === 1) byDefault++
      sum = mixed(sum, value)
    }
  }
  const lookups = asked.length * PASSES
  return { units: lookups, exact: { lookups, byDefault, checksum: hex(sum) } }
}
