import fc from 'fast-check'
import { build } from 'hdr-histogram-js'
import { describe, expect, it } from 'vitest'
import {
  BUCKETS,
  bucketOf,
  CLAMPED,
  countOf,
  greatestOf,
  highestOf,
  leastOf,
  lowestOf,
  RANGE,
  valueAt,
} from '../../src/observe/histogram.js'

const latency = fc.oneof(
  fc.integer({ min: 0, max: 5000 }),
  fc.integer({ min: 0, max: 2 ** 31 + 5000 }),
  fc.integer({ min: 0, max: RANGE - 1 }),
  fc.tuple(fc.integer({ min: 0, max: 45 }), fc.integer({ min: -1, max: 1 })).map(([bits, beside]) => Math.max(2 ** bits + beside, 0)),
)

describe('buckets', () => {
  it('are of width 1 below 2048 and double with each power of two', () => {
    expect([0, 1, 1023, 1024, 2047].map(bucketOf)).toEqual([0, 1, 1023, 1024, 2047])
    expect([2048, 2049, 2050, 4095, 4096].map(bucketOf)).toEqual([2048, 2048, 2049, 3071, 3072])
    expect([2 ** 31 - 1, 2 ** 31].map(bucketOf)).toEqual([21 * 1024 + 1023, 22 * 1024])
    expect(bucketOf(RANGE - 1)).toBe(CLAMPED - 1)
  })

  it('clamp and count what lies beyond the range', () => {
    expect(bucketOf(RANGE)).toBe(CLAMPED)
    expect(bucketOf(Number.MAX_SAFE_INTEGER)).toBe(CLAMPED)
    expect(highestOf(CLAMPED)).toBe(RANGE - 1)
  })

  it('lie side by side without gap or overlap', () => {
    for (let bucket = 0; bucket < CLAMPED; bucket++) {
      if (bucketOf(lowestOf(bucket)) !== bucket || bucketOf(highestOf(bucket)) !== bucket) expect.fail(`bucket ${bucket}`)
      if (highestOf(bucket) + 1 !== lowestOf(bucket + 1)) expect.fail(`after bucket ${bucket}`)
    }
  })

  it('hold a value to three digits', () => {
    fc.assert(
      fc.property(latency, value => {
        const bucket = bucketOf(value)
        expect(lowestOf(bucket)).toBeLessThanOrEqual(value)
        expect(highestOf(bucket)).toBeGreaterThanOrEqual(value)
        expect(highestOf(bucket) - lowestOf(bucket)).toBeLessThanOrEqual(value / 1024)
      }),
    )
  })
})

describe('percentiles', () => {
  it('equal those of hdr-histogram-js', () => {
    const percentile = fc.oneof(fc.constantFrom(0, 50, 90, 99, 99.9, 100), fc.double({ min: 0, max: 100, noNaN: true }))
    fc.assert(
      fc.property(
        fc.array(latency, { minLength: 1, maxLength: 300 }),
        fc.array(percentile, { minLength: 1, maxLength: 8 }),
        (values, wanted) => {
          const counts = new Float64Array(BUCKETS)
          const peer = build({
            bitBucketSize: 64,
            lowestDiscernibleValue: 1,
            highestTrackableValue: RANGE - 1,
            numberOfSignificantValueDigits: 3,
          })
          for (const value of values) {
            counts[bucketOf(value)]++
            peer.recordValue(value)
          }
          for (const p of wanted) expect(valueAt(counts, p)).toBe(peer.getValueAtPercentile(p))
        },
      ),
      { numRuns: 200 },
    )
  })

  it('of nothing are 0', () => {
    const counts = new Float64Array(BUCKETS)
    expect([countOf(counts), leastOf(counts), greatestOf(counts), valueAt(counts, 99)]).toEqual([0, 0, 0, 0])
  })
})
