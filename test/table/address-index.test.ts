// The address index against a Map.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fillAddressIndex, lpOf, slotsFor } from '../../src/table/address-index.js'

describe('address index', () => {
  it('finds what a Map would find; of two with one address the first', () => {
    const address = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: 0x0ae00000, max: 0x0ae00040 }))
    fc.assert(
      fc.property(fc.array(address, { maxLength: 300 }), fc.array(address, { maxLength: 50 }), (addresses, others) => {
        const slots = slotsFor(addresses.length)
        expect(slots).toBeGreaterThanOrEqual(addresses.length * 2)
        const keys = new Int32Array(slots)
        const values = new Int32Array(slots)
        fillAddressIndex(
          keys,
          values,
          addresses,
          addresses.map((_, i) => i),
        )
        const map = new Map<number, number>()
        addresses.forEach((own, i) => {
          if (!map.has(own)) map.set(own, i)
        })
        for (const to of [...addresses, ...others, 0, -1]) expect(lpOf(keys, values, to)).toBe(map.get(to) ?? -1)
      }),
      { numRuns: 200, seed: 3 },
    )
  })

  it('is empty without addresses', () => {
    const keys = new Int32Array(slotsFor(0))
    const values = new Int32Array(slotsFor(0))
    fillAddressIndex(keys, values, [], [])
    expect([0, 1, -1].map(to => lpOf(keys, values, to))).toEqual([-1, -1, -1])
  })
})
