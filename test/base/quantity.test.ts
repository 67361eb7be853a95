import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Dimension, formatQuantity, parseAnyQuantity, parseQuantity } from '../../src/base/quantity.js'

const DIMENSIONS: Dimension[] = ['time', 'bitRate', 'size', 'frequency', 'share']

describe('parseQuantity', () => {
  test.each<[string, Dimension, number]>([
    ['50us', 'time', 50_000],
    ['50µs', 'time', 50_000],
    ['1.5ms', 'time', 1_500_000],
    ['30m', 'time', 1_800_000_000_000],
    ['1.005us', 'time', 1005],
    ['2h', 'time', 7_200_000_000_000],
    ['1d', 'time', 86_400_000_000_000],
    ['0', 'time', 0],
    ['12.5Gbps', 'bitRate', 12_500_000_000],
    ['100 Mbps', 'bitRate', 100_000_000],
    ['1.1Gbit/s', 'bitRate', 1_100_000_000],
    ['1500B', 'size', 1500],
    ['4KiB', 'size', 4096],
    ['1.5kB', 'size', 1500],
    ['100/s', 'frequency', 100],
    ['5k/s', 'frequency', 5000],
    ['20/min', 'frequency', 20 / 60],
    ['20%', 'share', 0.2],
    ['1e3B', 'size', 1000],
  ])('%s as %s is %d', (text, dimension, value) => {
    expect(parseQuantity(text, dimension)).toBe(value)
  })

  test.each<[string, Dimension]>([
    ['50', 'time'],
    ['50 parsecs', 'time'],
    ['-5s', 'time'],
    ['5S', 'time'],
    ['12.5Gbps', 'size'],
    ['1.2.3s', 'time'],
    ['s', 'time'],
    ['', 'time'],
    ['1e999s', 'time'],
    ['5constructor', 'time'],
    ['100s', 'frequency'],
  ])('%s is no %s', (text, dimension) => {
    expect(parseQuantity(text, dimension)).toBeNull()
  })

  test('parseAnyQuantity finds the dimension by the unit', () => {
    expect(['200us', '4KiB', '20%', '100/s', '1Gbps', 'x'].map(parseAnyQuantity)).toEqual([200_000, 4096, 0.2, 100, 1e9, null])
  })
})

describe('formatQuantity', () => {
  test.each<[number, Dimension, string]>([
    [50_000, 'time', '50us'],
    [1_500_000, 'time', '1.5ms'],
    [3_600_000_000_000, 'time', '1h'],
    [1, 'time', '1ns'],
    [12_500_000_000, 'bitRate', '12.5Gbps'],
    [4096, 'size', '4KiB'],
    [1500, 'size', '1500B'],
    [0, 'frequency', '0/s'],
    [0.2, 'share', '20%'],
  ])('%d (%s) is %s', (value, dimension, text) => {
    expect(formatQuantity(value, dimension)).toBe(text)
  })

  test('parses back to the same value, whole or not', () => {
    const values = fc.oneof(fc.maxSafeNat(), fc.double({ min: 1e-6, max: 1e15, noNaN: true }))
    fc.assert(
      fc.property(fc.constantFrom(...DIMENSIONS.slice(0, 4)), values, (dimension, value) => {
        expect(parseQuantity(formatQuantity(value, dimension), dimension)).toBe(value)
      }),
      { numRuns: 2000 },
    )
  })

  test('no text makes the parser throw', () => {
    fc.assert(fc.property(fc.string(), fc.constantFrom(...DIMENSIONS), (text, dimension) => void parseQuantity(text, dimension)))
  })
})
