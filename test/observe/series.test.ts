import fc from 'fast-check'
import { Unpackr } from 'msgpackr'
import { describe, expect, it } from 'vitest'
import { readSeries, type Series, SeriesError, type SeriesInterval, writeSeries } from '../../src/observe/series.js'

const interval = (index: number, lps: number[]): SeriesInterval => ({
  version: 1,
  kind: 'interval',
  interval: index,
  digest: index % 2 ? null : 'ab'.repeat(16),
  lp: lps,
  sent: lps.map(lp => lp * 3),
  delivered: lps.map(() => 7),
  dropped: lps.map(() => 0),
  bytesDelivered: lps.map(lp => lp * 2 ** 40),
  queuePeak: lps.map(() => 1000),
  conntrack: lps.map(() => 262144),
  dropLp: lps.slice(0, 1),
  dropReason: lps.slice(0, 1).map(() => 1),
  dropCount: lps.slice(0, 1).map(() => 5),
  portLp: lps,
  portBy: lps.map(lp => lp & 1),
  portUsed: lps.map(() => 1024),
  portRefused: lps.map(() => 3),
})

const series: Series = {
  header: {
    version: 1,
    kind: 'header',
    scenario: 'two nodes',
    hash: 'f00d',
    seed: 2 ** 40,
    intervalNs: 1_000_000,
    columns: ['lp', 'sent', 'delivered', 'dropped', 'bytesDelivered', 'queuePeak', 'conntrack'],
    reasons: ['delivered', 'noRoute'],
    names: ['node0', 'node1', 'partner-api'],
  },
  intervals: [interval(0, [0, 1]), interval(1, []), interval(5, [2])],
}

const written = ({ header, intervals }: Series) => writeSeries(header, intervals)

describe('a series', () => {
  it('reads back as it was written', () => {
    expect(readSeries(written(series))).toEqual(series)
    expect(readSeries(written({ ...series, intervals: [] })).intervals).toEqual([])
  })

  it('keeps many intervals apart', () => {
    const intervals = Array.from({ length: 300 }, (_, i) => interval(i, [i % 3]))
    expect(readSeries(written({ ...series, intervals })).intervals).toEqual(intervals)
  })

  it('is a msgpackr sequential stream of versioned records', () => {
    const records = new Unpackr({ sequential: true } as never).unpackMultiple(written(series)) as { version: number; kind: string }[]
    expect(records.map(record => record.kind)).toEqual(['header', 'interval', 'interval', 'interval', 'end'])
    expect(records.every(record => record.version === 1)).toBe(true)
  })
})

describe('a damaged series', () => {
  const bytes = written(series)

  it('is refused with a sentence', () => {
    expect(() => readSeries(new Uint8Array(0))).toThrow('the series is empty')
    expect(() => readSeries(Uint8Array.of(1))).toThrow('the series does not begin with its header')
    expect(() => readSeries(written({ ...series, header: { ...series.header, version: 2 as 1 } }))).toThrow('the series is of version 2')
    expect(() => readSeries(written({ ...series, intervals: [interval(0, [3])] }))).toThrow('interval record 1 is damaged')
    expect(() => readSeries(written({ ...series, intervals: [{ ...interval(0, [1]), sent: [] }] }))).toThrow(SeriesError)
  })

  it('is refused wherever it was cut', () => {
    for (let length = 0; length < bytes.length; length++) expect(() => readSeries(bytes.subarray(0, length))).toThrow(SeriesError)
  })

  it('gives a series or a SeriesError, whatever the bytes are', () => {
    const flipped = fc.tuple(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 })).map(([at, value]) => {
      const copy = Uint8Array.from(bytes)
      copy[at] = value
      return copy
    })
    fc.assert(
      fc.property(fc.oneof(flipped, fc.uint8Array({ maxLength: 300 })), damaged => {
        try {
          readSeries(damaged)
        } catch (error) {
          expect(error).toBeInstanceOf(SeriesError)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('that is nested deeply or claims to be huge ends as well', () => {
    expect(() => readSeries(new Uint8Array(200_000).fill(0x91))).toThrow(SeriesError)
    expect(() => readSeries(Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff, 0xdd, 0xff, 0xff, 0xff, 0xff))).toThrow(SeriesError)
  })
})
