// One line per frame: the words of the recordings, for every recorded frame; and a line, never an exception, for any bytes.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeFrame } from '../../src/wire/describe.js'
import { anyFrame } from '../support/arbitraries.js'
import { fromHex, kernelCases, recordedFrames } from '../support/kernel-case.js'

describe('describeFrame', () => {
  it.each(kernelCases.map(c => c.name))('words every frame of %s as the recording does', name => {
    const frames = recordedFrames().filter(r => r.label.startsWith(`${name} step`))
    expect(frames.length).toBeGreaterThan(0)
    for (const { label, text, frame } of frames) expect(`${label}: ${describeFrame(fromHex(frame))}`).toBe(`${label}: ${text}`)
  })

  it('marks wrong checksums where it can see all that they cover', () => {
    const frame = fromHex(kernelCases.find(c => c.name === 'udp-same-node')!.steps[0].send!.frame)
    frame[frame.length - 1] ^= 1
    expect(describeFrame(frame)).toMatch(/\(BAD\)$/)
    frame[24] ^= 1
    expect(describeFrame(frame)).toContain(' BADIPSUM ')
    expect(describeFrame(frame.subarray(0, 60))).not.toContain('(BAD)')
    expect(describeFrame(frame.subarray(0, 30))).toBe('bad ip len 30')
    expect(describeFrame(frame.subarray(0, 13))).toBe('short')
  })

  it('makes one line of any bytes', () => {
    const runs = process.env.VXLANE_LONG ? 1_000_000 : 20_000
    fc.assert(
      fc.property(anyFrame, bytes => {
        const copy = bytes.slice()
        const line = describeFrame(bytes)
        return line.length > 0 && !line.includes('\n') && Buffer.compare(copy, bytes) === 0
      }),
      { numRuns: runs },
    )
  })

  it('never looks beyond the frame it was given', () => {
    // The same bytes inside a larger buffer, once before zeros and once before ones, read the same.
    fc.assert(
      fc.property(anyFrame, bytes => {
        const lines = [0, 0xff].map(fill => {
          const room = new Uint8Array(bytes.length + 64).fill(fill)
          room.set(bytes, 16)
          return describeFrame(room.subarray(16, 16 + bytes.length))
        })
        return lines[0] === lines[1]
      }),
      { numRuns: 5_000 },
    )
  })
})
