// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC11).
// A draw is a pure function of (key, counter). The key is made from (seed, entity name, purpose), so adding a pod changes no
// other pod's draws, and the answer does not depend on which thread asks.

const M0 = 0xd2511f53
const M1 = 0xcd9e8d57
const W0 = 0x9e3779b9
const W1 = 0xbb67ae85

/**
 * High 32 bits of the unsigned product, as an int32. Math.imul keeps only the low half, so the factors are cut into 16-bit limbs;
 * no partial sum passes 2^32 (65535 * 65535 + 65535 = 65535 * 65536), hence integer arithmetic throughout.
 */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)
  const middle2 = Math.imul(aLow, bHigh) + (middle & 0xffff)
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (middle2 >>> 16)) | 0
}

/** One Philox block: writes the four words for `counter` (low word first) under `key` into `out[at..at+3]`. */
export function philox(
  counter0: number,
  counter1: number,
  counter2: number,
  counter3: number,
  key0: number,
  key1: number,
  out: Int32Array,
  at: number,
): void {
  let c0 = counter0 | 0
  let c1 = counter1 | 0
  let c2 = counter2 | 0
  let c3 = counter3 | 0
  let k0 = key0 | 0
  let k1 = key1 | 0
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(M0, c0)
    const high1 = mulHigh(M1, c2)
    const low0 = Math.imul(M0, c0)
    const low1 = Math.imul(M1, c2)
    c0 = high1 ^ c1 ^ k0
    c1 = low1
    c2 = high0 ^ c3 ^ k1
    c3 = low0
    k0 = (k0 + W0) | 0
    k1 = (k1 + W1) | 0
  }
  out[at] = c0
  out[at + 1] = c1
  out[at + 2] = c2
  out[at + 3] = c3
}

/**
 * A stream key in the making: FNV-1a over a text, in two lanes, finished by mixing. A value stands for the text absorbed so far, so
 * names that share a beginning (the pods of one workload, the streams of one pod) share its work and no full name is ever built.
 */
export class StreamKey {
  private constructor(
    private readonly a: number,
    private readonly b: number,
    private readonly length: number,
  ) {}

  /** The key of the empty text under `seed`. */
  static of(seed: number): StreamKey {
    return new StreamKey(0x811c9dc5 ^ (seed | 0), 0xc9dc5811 ^ Math.floor(seed / 0x100000000), 0)
  }

  /** The key of this text followed by `text`. */
  with(text: string): StreamKey {
    let a = this.a
    let b = this.b
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i)
      a = Math.imul(a ^ c, 0x01000193)
      b = Math.imul(b ^ (c + this.length + i), 0x85ebca6b)
      b = (b << 13) | (b >>> 19)
    }
    return new StreamKey(a, b, this.length + text.length)
  }

  get key0(): number {
    return mix32(this.a ^ (this.b >>> 16))
  }

  get key1(): number {
    return mix32(this.b ^ Math.imul(this.a, 0x27d4eb2f))
  }
}

/** Two key words for the stream of `purpose` of the entity `name` under `seed`. */
export function streamKey(seed: number, name: string, purpose: string): [number, number] {
  const key = StreamKey.of(seed).with(name).with('\u0000').with(purpose)
  return [key.key0, key.key1]
}

/** A bijective 32-bit finisher (MurmurHash3 fmix32). */
export function mix32(h: number): number {
  let x = h | 0
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return x ^ (x >>> 16)
}
