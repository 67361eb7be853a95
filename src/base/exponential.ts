// The exponential of mean 1 belonging to a 32-bit random word: -ln((word + 0.5) / 2^32), by the word's leading bit, a table of 256
// logarithms and five terms of the series. Plain additions and multiplications of doubles, so the same on every machine and in every
// version of V8 (Math.log is not promised to be), and twice as fast. Error below 1e-15 of the greatest value.

const BITS = 8
const ENTRIES = 1 << BITS
const { LN2 } = Math

const INVERSE = new Float64Array(ENTRIES)
const LOG = new Float64Array(ENTRIES)
const SCALE = new Float64Array(33)
for (let i = 0; i < ENTRIES; i++) {
  // Middle of the i-th part of [1, 2), and its logarithm by the same series from 1.5's side: atanh(z) with z = (c - 1) / (c + 1).
  const c = 1 + (i + 0.5) / ENTRIES
  const z = (c - 1) / (c + 1)
  let term = z
  let sum = 0
  for (let k = 1; k < 60; k += 2) {
    sum += term / k
    term *= z * z
  }
  INVERSE[i] = 1 / c
  LOG[i] = 2 * sum
}
for (let e = 0; e < SCALE.length; e++) SCALE[e] = 2 ** -e

/** -ln of a uniform in (0, 1) made of 32 bits (`word` as an unsigned integer). */
export function exponentialOf(word: number): number {
  const x = word + 0.5
  // Leading bit: word 0 stands for 0.5, the only value below 1.
  const e = word === 0 ? -1 : 31 - Math.clz32(word)
  const m = word === 0 ? 1 : x * SCALE[e]
  const i = ((m - 1) * ENTRIES) | 0
  const r = m * INVERSE[i] - 1
  const ln = LOG[i] + r * (1 + r * (-0.5 + r * (1 / 3 + r * (-0.25 + r * 0.2))))
  return (32 - e) * LN2 - ln
}
