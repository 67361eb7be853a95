// The Service range against the bands that Kubernetes documents, and the pool's own laws.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { servicePool, staticBand } from '../../src/ipam/service-cidr.js'
import { addressAt, formatIpv4, parseCidr, parseIpv4, sizeOf } from '../../src/wire/address.js'

const FILE = fileURLToPath(new URL('../../../shared/data/net-vectors.json', import.meta.url))
const present = existsSync(FILE)
if (!present) console.log('net-vectors.json is not here: the bands of Service addresses are not compared')

const cidr = (text: string): NonNullable<ReturnType<typeof parseCidr>> => parseCidr(text)!

describe('the Service range', () => {
  it.skipIf(!present)('has the documented bands', () => {
    const { cases } = JSON.parse(readFileSync(FILE, 'utf8')).ipam.serviceBands
    expect(cases.length).toBeGreaterThan(0)
    for (const row of cases) {
      const range = cidr(row.serviceCIDR)
      const pool = servicePool(range)
      expect([pool.capacity, staticBand(range)]).toEqual([row.usable, row.band])
      // The first address of its own choice is the one above the band, the last one the range's end.
      expect(pool.allocate()).toBe((parseIpv4(row.staticLast)! + 1) | 0)
      expect(pool.take(parseIpv4(row.rangeEnd)!)).toBe('ok')
      expect(pool.take(addressAt(range, sizeOf(range) - 1))).toBe('outside')
    }
  })

  it('gives the upper band first, then the static one, and nothing twice', () => {
    const pool = servicePool(cidr('10.0.0.0/27'))
    const given: string[] = []
    for (let address = pool.allocate(); address !== null; address = pool.allocate()) given.push(formatIpv4(address))
    expect(given.length).toBe(30)
    expect(given.slice(0, 2)).toEqual(['10.0.0.17', '10.0.0.18'])
    expect(given.slice(14, 16)).toEqual(['10.0.0.1', '10.0.0.2'].map((_, i) => `10.0.0.${i + 1}`))
    expect(new Set(given).size).toBe(30)
  })

  it('agrees with a set of addresses, whatever is asked', () => {
    const step = fc.record({ what: fc.constantFrom('allocate', 'take', 'release'), n: fc.integer({ min: 0, max: 70 }) })
    fc.assert(
      fc.property(fc.integer({ min: 26, max: 31 }), fc.array(step, { maxLength: 80 }), (prefix, steps) => {
        const range = cidr(`10.0.0.0/${prefix}`)
        const pool = servicePool(range)
        const taken = new Set<number>()
        for (const { what, n } of steps) {
          const address = addressAt(range, n)
          const inside = n >= 1 && n < sizeOf(range) - 1
          if (what === 'take') expect(pool.take(address)).toBe(!inside ? 'outside' : taken.has(address) ? 'taken' : 'ok')
          if (what === 'take' && inside) taken.add(address)
          if (what === 'release') expect(pool.release(address)).toBe(taken.delete(address))
          if (what !== 'allocate') continue
          const band = staticBand(range)
          const order = [...Array(sizeOf(range)).keys()].slice(1, -1)
          const wanted = [...order.filter(i => i > band), ...order.filter(i => i <= band)]
            .map(i => addressAt(range, i))
            .find(one => !taken.has(one))
          expect(pool.allocate()).toBe(wanted ?? null)
          if (wanted !== undefined) taken.add(wanted)
        }
        expect(pool.used).toBe(taken.size)
      }),
    )
  })
})
