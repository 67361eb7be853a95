// Capture files of both kinds, both byte orders and several resolutions, built here byte by byte; damage is named with its offset.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writePcapng } from '../../src/observe/pcapng.js'
import { CaptureFileError } from '../../src/wire/capture-file.js'
import { readCapture } from '../../src/wire/pcap.js'
import { block, file, options, padded, pcap, u8, u16, u32, u64 } from '../support/capture-bytes.js'

const FRAME = Uint8Array.from({ length: 61 }, (_, i) => i)
const SECTION = (little: boolean): Uint8Array =>
  block(0x0a0d0d0a, little, u32(0x1a2b3c4d, little), u16(1, little), u16(0, little), u64(-1n, little))
const idb = (little: boolean, linkType = 1, ...more: Uint8Array[]): Uint8Array =>
  block(1, little, u16(linkType, little), u16(0, little), u32(0, little), ...more)
const epb = (little: boolean, units: bigint, bytes: Uint8Array, more: Uint8Array[] = [], on = 0, original = bytes.length): Uint8Array =>
  block(
    6,
    little,
    u32(on, little),
    u32(Number(units >> 32n), little),
    u32(Number(units & 0xffffffffn), little),
    u32(bytes.length, little),
    u32(original, little),
    padded(bytes),
    ...more,
  )

function errorOf(bytes: Uint8Array): CaptureFileError {
  try {
    readCapture(bytes)
  } catch (error) {
    if (error instanceof CaptureFileError) return error
    throw error
  }
  throw new Error('the file was read')
}

describe('classic pcap', () => {
  it.each([
    ['big endian, microseconds', false, 0xa1b2c3d4, 1000],
    ['little endian, microseconds', true, 0xa1b2c3d4, 1000],
    ['big endian, nanoseconds', false, 0xa1b23c4d, 1],
    ['little endian, nanoseconds', true, 0xa1b23c4d, 1],
  ] as const)('%s: exact times relative to the first frame', (_, little, magic, nsPerUnit) => {
    const read = readCapture(
      pcap(little, magic, 1, [
        { seconds: 1_700_000_000, fraction: 999_999, bytes: FRAME },
        { seconds: 1_700_000_001, fraction: 1, bytes: FRAME.subarray(0, 14) },
      ]),
    )
    expect(read.frames.map(f => f.timeNs)).toEqual([0, 1e9 - 999_998 * nsPerUnit])
    expect(read.firstNs).toBe(1_700_000_000_000_000_000n + BigInt(999_999 * nsPerUnit))
    expect(read.frames[0]).toEqual({ timeNs: 0, bytes: FRAME, interface: null, direction: 0, comment: null })
    expect(read.frames[1].bytes).toEqual(FRAME.subarray(0, 14))
  })

  it('names damage: where it is and what it is', () => {
    const good = pcap(true, 0xa1b23c4d, 1, [{ seconds: 1, fraction: 0, bytes: FRAME }])
    expect(errorOf(good.subarray(0, 3))).toMatchObject({ offset: 0, message: expect.stringContaining('too short') })
    expect(errorOf(good.subarray(0, 20))).toMatchObject({ offset: 20, message: expect.stringContaining('file header') })
    expect(errorOf(good.subarray(0, 30))).toMatchObject({ offset: 24, message: expect.stringContaining('header of frame 1') })
    expect(errorOf(good.subarray(0, 60))).toMatchObject({ offset: 40, message: expect.stringContaining('inside frame 1') })
    expect(errorOf(pcap(true, 0xa1b23c4d, 113, []))).toMatchObject({ offset: 20, message: expect.stringContaining('LINUX_SLL') })
    expect(errorOf(pcap(true, 0xa1b23c4d, 1, [{ seconds: 1, fraction: 0, bytes: FRAME, original: 1500 }]))).toMatchObject({
      offset: 24,
      message: expect.stringContaining('frame 1 was cut to 61 of 1500 bytes'),
    })
    expect(errorOf(new TextEncoder().encode('name: not a capture'))).toMatchObject({
      message: expect.stringContaining('neither pcap nor pcapng'),
    })
  })
})

describe('pcapng', () => {
  it.each([false, true])('sections, interfaces, directions and comments (little endian: %s)', little => {
    const named = options(little, [2, new TextEncoder().encode('eth0')], [9, u8(9)])
    const more = [options(little, [2, u32(0x101, little)], [1, new TextEncoder().encode('noRoute: gone')])]
    const read = readCapture(
      file(
        SECTION(little),
        idb(little, 1, named),
        idb(little, 1),
        block(0x0bad, little, u32(7, little)),
        epb(little, 1_700_000_000_000_000_001n, FRAME, more),
        epb(little, 1_700_000_000_000_002n, FRAME.subarray(0, 15), [], 1),
        SECTION(!little),
        idb(!little, 1, options(!little, [2, new TextEncoder().encode('veth')], [9, u8(0x80 | 10)], [14, u64(-5n, !little)])),
        epb(!little, (1_700_000_000n + 5n) * 1024n + 1n, FRAME),
      ),
    )
    expect(read.frames).toEqual([
      { timeNs: 0, bytes: FRAME, interface: 'eth0', direction: 1, comment: 'noRoute: gone' },
      { timeNs: 1999, bytes: FRAME.subarray(0, 15), interface: null, direction: 0, comment: null },
      { timeNs: 976_561, bytes: FRAME, interface: 'veth', direction: 0, comment: null },
    ])
  })

  it('reads simple and obsolete packet blocks', () => {
    const old = block(
      2,
      true,
      u16(0, true),
      u16(9, true),
      u32(0, true),
      u32(5, true),
      u32(14, true),
      u32(14, true),
      padded(FRAME.subarray(0, 14)),
    )
    const simple = block(3, true, u32(13, true), padded(FRAME.subarray(0, 13)))
    const { frames } = readCapture(file(SECTION(true), idb(true), epb(true, 1n, FRAME), old, simple))
    expect(frames.map(f => [f.timeNs, f.bytes.length])).toEqual([
      [0, 61],
      [4000, 14],
      [4000, 13],
    ])
  })

  it('names damage: where it is and what it is', () => {
    const head = file(SECTION(true), idb(true))
    const at = head.length
    expect(errorOf(file(head, epb(true, 1n, FRAME)).subarray(0, at + 40))).toMatchObject({
      offset: at,
      message: expect.stringContaining('inside a block'),
    })
    expect(errorOf(file(head, u32(6, true)))).toMatchObject({ offset: at, message: expect.stringContaining('block header') })
    expect(errorOf(file(head, u32(6, true), u32(13, true), u32(0, true), u32(0, true)))).toMatchObject({ offset: at + 4 })
    expect(errorOf(file(head, u32(6, true), u32(12, true), u32(16, true)))).toMatchObject({
      message: expect.stringContaining('two lengths'),
    })
    expect(errorOf(file(head, epb(true, 1n, FRAME, [], 3)))).toMatchObject({ message: expect.stringContaining('interface 3') })
    expect(errorOf(file(head, epb(true, 1n, FRAME, [], 0, 62)))).toMatchObject({ message: expect.stringContaining('61 of 62') })
    expect(errorOf(file(SECTION(true), idb(true, 276), epb(true, 1n, FRAME)))).toMatchObject({ message: expect.stringContaining('SLL2') })
    expect(errorOf(file(head, epb(true, 1n, FRAME, [u16(1, true), u16(500, true)])))).toMatchObject({
      message: expect.stringContaining('option'),
    })
  })

  it('reads back what the writer writes', () => {
    const packets = fc.array(
      fc.record({
        interface: fc.nat(1),
        timeNs: fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
        direction: fc.constantFrom<1 | 2>(1, 2),
        bytes: fc.uint8Array({ maxLength: 90 }),
        comment: fc.option(fc.string({ minLength: 1, unit: 'grapheme' }).filter(s => !s.endsWith('\0'))),
      }),
      { minLength: 1, maxLength: 20 },
    )
    fc.assert(
      fc.property(packets, list => {
        const names = ['node1/eth0', 'pod é']
        const { frames, firstNs } = readCapture(
          writePcapng(
            names.map(name => ({ name })),
            list,
            { application: 'vxlane', comment: 'x' },
          ),
        )
        expect(firstNs).toBe(BigInt(Math.min(...list.map(p => p.timeNs))))
        const sorted = [...list].sort((a, b) => a.timeNs - b.timeNs)
        expect(frames).toEqual(sorted.map(p => ({ ...p, timeNs: p.timeNs - sorted[0].timeNs, interface: names[p.interface] })))
      }),
    )
  })
})

describe('readCapture', () => {
  it('throws nothing but CaptureFileError for any damage', () => {
    const ng = writePcapng([{ name: 'a', description: 'b' }], [{ interface: 0, timeNs: 5, direction: 1, bytes: FRAME, comment: 'c' }], {
      application: 'v',
      comment: '',
    })
    const classic = pcap(true, 0xa1b23c4d, 1, [{ seconds: 1, fraction: 0, bytes: FRAME }])
    const damage = fc.array(fc.tuple(fc.nat(300), fc.oneof(fc.constantFrom(0, 1, 4, 0xff), fc.nat(255))), { maxLength: 6 })
    fc.assert(
      fc.property(fc.constantFrom(ng, classic), damage, fc.option(fc.nat(300)), (original, changes, length) => {
        const bytes = original.slice(0, length ?? original.length)
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        try {
          readCapture(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(CaptureFileError)
        }
      }),
      { numRuns: process.env.VXLANE_LONG ? 1_000_000 : 20_000 },
    )
  })
})
