// Generators of frames for property tests: any bytes, real frames from the recordings, and real frames with damage.
import fc from 'fast-check'
import { finish, sum } from '../../src/wire/checksum.js'
import * as icmp from '../../src/wire/icmp.js'
import * as ipv4 from '../../src/wire/ipv4.js'
import * as udp from '../../src/wire/udp.js'
import { layersOf } from './frame-fields.js'
import { fromHex, recordedFrames, viewOf } from './kernel-case.js'

/** Any bytes, as a wire might deliver them: mostly shorter than a frame, now and then as long as one may be. */
export const anyBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1400, maxLength: 1600 }) },
)

const distinct = [...new Set(recordedFrames().map(r => r.frame))].map(fromHex)

/** A frame that a Linux kernel sent or received. */
export const realFrame: fc.Arbitrary<Uint8Array> = fc.constantFrom(...distinct).map(frame => frame.slice())

/** Damage: bytes changed, mostly in the headers; the frame cut; bytes appended. */
export const damagedFrame: fc.Arbitrary<Uint8Array> = fc
  .record({
    frame: realFrame,
    changes: fc.array(
      fc.record({
        at: fc.oneof({ weight: 4, arbitrary: fc.nat(130) }, { weight: 1, arbitrary: fc.nat(1600) }),
        value: fc.oneof(fc.constantFrom(0, 1, 0x0f, 0x40, 0x45, 0x4f, 0xff), fc.nat(255)),
      }),
      { maxLength: 4 },
    ),
    length: fc.option(fc.nat(160), { freq: 3 }),
    tail: fc.uint8Array({ maxLength: 12 }),
  })
  .map(({ frame, changes, length, tail }) => {
    const kept = length === null ? frame : frame.slice(0, length)
    const out = new Uint8Array(kept.length + tail.length)
    out.set(kept)
    out.set(tail, kept.length)
    for (const { at, value } of changes) if (at < out.length) out[at] = value
    return out
  })

/** Damage with the checksums made right again, so that it gets past the first check it meets. */
export const plausibleFrame: fc.Arbitrary<Uint8Array> = damagedFrame.map(bytes => {
  const frame = viewOf(bytes)
  // From the inside out, since outer sums cover inner headers.
  for (const { ip, l4, end, protocol } of layersOf(frame).reverse()) {
    if (ipv4.headerLength(frame, ip) >= ipv4.MIN_HEADER_LEN && ip + ipv4.headerLength(frame, ip) <= end) ipv4.writeCheck(frame, ip)
    if (protocol === ipv4.PROTOCOL_UDP && l4 > 0) udp.setCheck(frame, l4, 0)
    if (protocol !== ipv4.PROTOCOL_ICMP || l4 < 0) continue
    icmp.setCheck(frame, l4, 0)
    icmp.setCheck(frame, l4, finish(sum(frame, l4, end - l4)))
  }
  return bytes
})

/** All of them: what the parsers are fed. */
export const anyFrame: fc.Arbitrary<Uint8Array> = fc.oneof(
  anyBytes,
  realFrame,
  { weight: 2, arbitrary: damagedFrame },
  { weight: 4, arbitrary: plausibleFrame },
)
