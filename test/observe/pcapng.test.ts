// The pcapng writer, by the bytes of its blocks; test/tshark.test.ts has Wireshark read it, test/wire/pcap.test.ts reads it back.
import { describe, expect, it } from 'vitest'
import { writePcapng } from '../../src/observe/pcapng.js'
import { block, file, options, padded, u8, u16, u32, u64 } from '../support/capture-bytes.js'

const text = (t: string): Uint8Array => new TextEncoder().encode(t)

describe('writePcapng', () => {
  it('writes a section, its interfaces and its packets in time order', () => {
    const [first, second, third] = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6, 7), Uint8Array.of(8)]
    const written = writePcapng(
      [{ name: 'node1/eth0', description: 'a node', snapLength: 96 }, { name: 'p' }],
      [
        { interface: 1, timeNs: 2 ** 32 + 7, direction: 1, bytes: second, comment: 'noRoute: No route.' },
        { interface: 0, timeNs: 5, direction: 2, bytes: first, comment: null },
        { interface: 0, timeNs: 2 ** 32 + 7, direction: 2, bytes: third, comment: null },
      ],
      { application: 'vxlane 0.1.0', comment: 'about' },
    )
    const epb = (on: number, high: number, low: number, bytes: Uint8Array, ...more: [number, Uint8Array][]): Uint8Array =>
      block(
        6,
        true,
        u32(on, true),
        u32(high, true),
        u32(low, true),
        u32(bytes.length, true),
        u32(bytes.length, true),
        padded(bytes),
        options(true, ...more),
      )
    expect(Buffer.from(written).toString('hex')).toBe(
      Buffer.from(
        file(
          block(
            0x0a0d0d0a,
            true,
            u32(0x1a2b3c4d, true),
            u16(1, true),
            u16(0, true),
            u64(-1n, true),
            options(true, [1, text('about')], [4, text('vxlane 0.1.0')]),
          ),
          block(
            1,
            true,
            u16(1, true),
            u16(0, true),
            u32(96, true),
            options(true, [2, text('node1/eth0')], [9, u8(9)], [3, text('a node')]),
          ),
          block(1, true, u16(1, true), u16(0, true), u32(262144, true), options(true, [2, text('p')], [9, u8(9)])),
          epb(0, 0, 5, first, [2, u32(2, true)]),
          epb(1, 1, 7, second, [2, u32(1, true)], [1, text('noRoute: No route.')]),
          epb(0, 1, 7, third, [2, u32(2, true)]),
        ),
      ).toString('hex'),
    )
  })

  it('writes a file without packets, and cuts a comment at what an option can hold', () => {
    expect(writePcapng([], [], { application: '', comment: '' }).length % 4).toBe(0)
    const long = writePcapng(
      [{ name: 'a' }],
      [{ interface: 0, timeNs: 0, direction: 1, bytes: new Uint8Array(1), comment: 'x'.repeat(70_000) }],
      {
        application: '',
        comment: '',
      },
    )
    expect(long.length).toBeLessThan(66_000)
  })
})
