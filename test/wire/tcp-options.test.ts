// Options of TCP headers: those that are read, those that are passed over, and headers that make no sense; then any bytes at all.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readOptions, type TcpOptions } from '../../src/wire/tcp-options.js'

function read(bytes: readonly number[], sack = 0): TcpOptions {
  const options = { scale: 9, permitsSack: true, sack }
  // Bytes before and behind it belong to others.
  const frame = new DataView(Uint8Array.of(3, 3, ...bytes, 4, 2, 3, 3, 7, 5).buffer)
  readOptions(frame, 2, 2 + bytes.length, options)
  return options
}
const block = (left: number, right: number): number[] => [left, right].flatMap(n => [24, 16, 8, 0].map(shift => (n >>> shift) & 0xff))
const NONE = { scale: -1, permitsSack: false, sack: 0 }

describe('TCP options', () => {
  it.each([
    ['none', [], NONE],
    [
      'MSS, SACK permitted, timestamps, scale: the SYN of Linux',
      [2, 4, 5, 180, 4, 2, 8, 10, ...Array(8).fill(0), 1, 3, 3, 7],
      { ...NONE, scale: 7, permitsSack: true },
    ],
    ['a scale above 14', [3, 3, 200], { ...NONE, scale: 14 }],
    ['nothing after the end of the list', [0, 4, 2], NONE],
    ['lengths that do not belong to the kind', [4, 3, 0, 3, 4, 7, 7], NONE],
    ['a length of 1', [8, 1, 4, 2], NONE],
    ['a length beyond the header', [4, 2, 3, 9, 7], { ...NONE, permitsSack: true }],
    ['a kind without a length', [1, 4], NONE],
    ['two blocks', [1, 1, 5, 18, ...block(10, 20), ...block(70, 90)], { ...NONE, sack: 90 }],
    ['the first SACK option only', [5, 10, ...block(10, 20), 5, 10, ...block(70, 90)], { ...NONE, sack: 20 }],
    ['a cut block', [5, 9, 0, 0, 0, 1, 0, 0, 0], NONE],
  ])('%s', (_, bytes, wanted) => {
    expect(read(bytes)).toEqual(wanted)
  })

  it('take the highest edge only, as numbers wrap around', () => {
    expect(read([5, 10, ...block(10, 20)], 50).sack).toBe(50)
    expect(read([5, 10, ...block(0xffff_fff0, 5)], -3).sack).toBe(5)
  })

  it('are read from any bytes, and from no others', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 8 }), (bytes, behind) => {
        const options = [0, 1].map(() => ({ scale: 0, permitsSack: false, sack: 0 }))
        readOptions(new DataView(Uint8Array.from(bytes).buffer), 0, bytes.length, options[0])
        readOptions(new DataView(Uint8Array.of(...bytes, ...behind).buffer), 0, bytes.length, options[1])
        expect(options[0]).toEqual(options[1])
        expect(options[0].scale).toBeGreaterThanOrEqual(-1)
        expect(options[0].scale).toBeLessThanOrEqual(14)
      }),
      { numRuns: 2000, seed: 1 },
    )
  })
})
