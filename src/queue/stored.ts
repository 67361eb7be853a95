// How results and bases look in Redis: compressed JSON behind its own SHA-256. So whoever reads one knows that it is whole, two workers
// that computed the same point can be held against each other, and what points have in common is stored once, under its digest.
import { createHash } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'

export const DIGEST_BYTES = 32
/** More than a point's facts or a scenario can be; guards memory against what somebody else put there. */
const MOST_BYTES = 2 ** 29

export const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest()

/** Digest and compressed JSON. Speed counts more than the last percent. */
export function pack(value: unknown): Buffer {
  const text = JSON.stringify(value)
  return Buffer.concat([sha256(text), deflateRawSync(text, { level: 1 })])
}

/** The value; undefined where the bytes are not what `pack` made. */
export function unpack(bytes: Buffer): unknown {
  try {
    const text = inflateRawSync(bytes.subarray(DIGEST_BYTES), { maxOutputLength: MOST_BYTES })
    return sha256(text).equals(bytes.subarray(0, DIGEST_BYTES)) ? JSON.parse(text.toString('utf8')) : undefined
  } catch {
    return undefined
  }
}

/** The digest of a packed value: what it is known by. */
export const digestOf = (packed: Buffer): string => packed.subarray(0, DIGEST_BYTES).toString('hex')
