// One suite of cases for every address pool, whatever it hands out; then what each promises of its own.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Ipv4 } from '../../src/base/brand.js'
import { BlockPool, blocksOf, PodAddressPool } from '../../src/ipam/overlay.js'
import type { AddressPool } from '../../src/ipam/pool.js'
import { StaticBlockPool } from '../../src/ipam/static-addressing.js'
import { SubnetPool, usableOf } from '../../src/ipam/vnet.js'
import { type Cidr, contains, formatIpv4, parseCidr, parseIpv4 } from '../../src/wire/address.js'

const cidr = (text: string): Cidr => parseCidr(text)!
const ip = (text: string): Ipv4 => parseIpv4(text)!

interface Case {
  readonly name: string
  readonly range: Cidr
  readonly capacity: number
  /** The first ones it hands out. */
  readonly order: readonly string[]
  readonly outside: string
  readonly make: () => AddressPool
}

const CASES: readonly Case[] = [
  {
    name: 'SubnetPool /24',
    range: cidr('10.224.0.0/24'),
    capacity: 251,
    order: ['10.224.0.4', '10.224.0.5'],
    outside: '10.224.0.255',
    make: () => new SubnetPool(cidr('10.224.0.0/24')),
  },
  {
    name: 'SubnetPool /29',
    range: cidr('10.224.0.8/29'),
    capacity: 3,
    order: ['10.224.0.12', '10.224.0.13', '10.224.0.14'],
    outside: '10.224.0.8',
    make: () => new SubnetPool(cidr('10.224.0.8/29')),
  },
  {
    name: 'BlockPool /17',
    range: cidr('192.168.128.0/17'),
    capacity: 128,
    order: ['192.168.128.0', '192.168.129.0'],
    outside: '192.168.0.0',
    make: () => new BlockPool(cidr('192.168.128.0/17')),
  },
  {
    name: 'PodAddressPool /24',
    range: cidr('10.244.1.0/24'),
    capacity: 255,
    order: ['10.244.1.4', '10.244.1.5'],
    outside: '10.244.1.0',
    make: () => new PodAddressPool(cidr('10.244.1.0/24'), 'vtep'),
  },
  {
    name: 'PodAddressPool /29 with gateway',
    range: cidr('10.244.1.8/29'),
    capacity: 6,
    order: ['12', '13', '14', '15', '10', '11'].map(last => `10.244.1.${last}`),
    outside: '10.244.1.9',
    make: () => new PodAddressPool(cidr('10.244.1.8/29'), 'gateway'),
  },
  {
    name: 'PodAddressPool /24 of kubenet',
    range: cidr('10.244.1.0/24'),
    capacity: 253,
    order: ['10.244.1.2', '10.244.1.3'],
    outside: '10.244.1.255',
    make: () => new PodAddressPool(cidr('10.244.1.0/24'), 'bridge'),
  },
  {
    name: 'StaticBlockPool /25',
    range: cidr('10.225.0.0/25'),
    capacity: 6,
    order: ['10.225.0.16', '10.225.0.32'],
    outside: '10.225.0.4',
    make: () => new StaticBlockPool(cidr('10.225.0.0/25')),
  },
]

describe.each(CASES)('$name', ({ range, capacity, order, outside, make }) => {
  it('hands out its capacity, each once, in the stated order, inside the range', () => {
    const pool = make()
    const got: Ipv4[] = []
    for (let address = pool.allocate(); address !== null; address = pool.allocate()) got.push(address)
    expect([pool.capacity, pool.used, got.length, new Set(got).size]).toEqual([capacity, capacity, capacity, capacity])
    expect(got.slice(0, order.length).map(formatIpv4)).toEqual(order)
    expect(got.every(address => contains(range, address))).toBe(true)
  })

  it('finds what was given back, first in order first', () => {
    const pool = make()
    const all = Array.from({ length: capacity }, () => pool.allocate()!)
    expect([pool.release(all[2]), pool.release(all[1]), pool.release(all[1])]).toEqual([true, true, false])
    expect([pool.allocate(), pool.allocate(), pool.allocate()]).toEqual([all[1], all[2], null])
  })

  it('never hands out what was taken, and says who has it or that it is not its own', () => {
    const pool = make()
    const first = ip(order[0])
    expect([pool.take(first), pool.take(first), pool.take(ip(outside))]).toEqual(['ok', 'taken', 'outside'])
    expect(formatIpv4(pool.allocate()!)).toBe(order[1])
    expect([pool.used, pool.release(ip(outside))]).toEqual([2, false])
  })

  it('agrees with a plain set on any history', () => {
    const operation = fc.record({ what: fc.constantFrom('allocate', 'take', 'release'), at: fc.nat(capacity - 1) })
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), operations => {
        const drained = make()
        const sequence = Array.from({ length: capacity }, () => drained.allocate()!)
        const pool = make()
        const used = new Set<number>()
        for (const { what, at } of operations) {
          const address = sequence[at]
          if (what === 'allocate') {
            const free = sequence.find(candidate => !used.has(candidate)) ?? null
            expect(pool.allocate()).toBe(free)
            if (free !== null) used.add(free)
          } else if (what === 'take') {
            expect(pool.take(address)).toBe(used.has(address) ? 'taken' : 'ok')
            used.add(address)
          } else {
            expect(pool.release(address)).toBe(used.delete(address))
          }
          expect(pool.used).toBe(used.size)
        }
      }),
      { numRuns: 50 },
    )
  })
})

describe('published numbers', () => {
  it('of usable addresses by subnet size', () => {
    const published = { 29: 3, 28: 11, 27: 27, 26: 59, 25: 123, 24: 251, 23: 507, 22: 1019, 21: 2043, 20: 4091 }
    for (const [prefix, usable] of Object.entries(published)) expect(usableOf(cidr(`10.0.0.0/${prefix}`))).toBe(usable)
  })

  it('of nodes by pod CIDR', () => {
    const published = { 11: 8192, 12: 4096, 13: 2048, 14: 1024, 15: 512, 16: 256, 17: 128, 18: 64, 20: 16, 22: 4, 25: 0 }
    for (const [prefix, nodes] of Object.entries(published)) expect(blocksOf(cidr(`10.0.0.0/${prefix}`))).toBe(nodes)
  })
})

describe('BlockPool', () => {
  it('keeps every /24 that a fixed block touches', () => {
    const pool = new BlockPool(cidr('10.244.0.0/20'))
    pool.takeBlock(cidr('10.244.0.0/23'))
    pool.takeBlock(cidr('10.244.2.16/28'))
    expect([pool.used, formatIpv4(pool.allocate()!)]).toEqual([3, '10.244.3.0'])
  })
})
