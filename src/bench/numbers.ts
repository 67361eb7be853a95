// Input for kernels, and sums over what comes out. Written down here and not taken from `base/random.ts`, because equal input in every
// build is what makes two builds comparable.

/** Marsaglia's xorshift32: the same numbers for ever. */
export function numbers(count: number, seed: number): Int32Array {
  const values = new Int32Array(count)
  let x = seed | 0 || 1
  for (let i = 0; i < count; i++) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    values[i] = x
  }
  return values
}

/** One more value in a sum that minds the order. */
export const mixed = (sum: number, value: number): number => (Math.imul(sum, 0x01000193) ^ value) | 0

/** A sum as it is saved. */
export const hex = (sum: number): string => (sum >>> 0).toString(16).padStart(8, '0')
