// The Internet checksum: RFC 1071 sums, RFC 1624 (equation 3) incremental updates. A "sum" is an unfinished one's complement sum
// below 2^32; fold() brings it to 16 bits, finish() is what stands in a header.

/** Adds `length` bytes from `at` to `sum`. `at` is taken as an even offset of the checksummed data; an odd last byte is padded with zero. */
export function sum(frame: DataView, at: number, length: number, start = 0): number {
  let total = start
  const even = at + (length & ~1)
  for (let i = at; i < even; i += 2) total += frame.getUint16(i)
  if (length & 1) total += frame.getUint8(even) << 8
  return total
}

/** Adds bytes that start at an even (`odd` 0) or odd (`odd` 1) offset of the checksummed data. */
export function sumBytes(bytes: Uint8Array, odd: number, start = 0): number {
  let total = start
  let shift = odd ? 0 : 8
  for (let i = 0; i < bytes.length; i++) {
    total += bytes[i] << shift
    shift ^= 8
  }
  return total
}

/** Folds the carries of a sum below 2^48 back in: a value in 0..0xffff. */
export function fold(total: number): number {
  let s = total
  // Twice: adding the high part may carry once more.
  while (s > 0xffffffff) s = (s % 0x100000000) + Math.floor(s / 0x100000000)
  s = (s & 0xffff) + (s >>> 16)
  s = (s & 0xffff) + (s >>> 16)
  return (s & 0xffff) + (s >>> 16)
}

/** The checksum field for a sum. */
export const finish = (total: number): number => ~fold(total) & 0xffff

/** The two halves of a 32-bit word, for pseudo-headers. */
export const halves = (word: number): number => (word >>> 16) + (word & 0xffff)

/** RFC 1624 equation 3: the checksum after a 16-bit field changed from `before` to `after`. */
export function update16(check: number, before: number, after: number): number {
  let s = (~check & 0xffff) + (~before & 0xffff) + after
  s = (s & 0xffff) + (s >>> 16)
  s = (s & 0xffff) + (s >>> 16)
  return ~s & 0xffff
}

/** The checksum after a 32-bit field changed. */
export function update32(check: number, before: number, after: number): number {
  let s = (~check & 0xffff) + (~before >>> 16) + (~before & 0xffff) + (after >>> 16) + (after & 0xffff)
  s = (s & 0xffff) + (s >>> 16)
  s = (s & 0xffff) + (s >>> 16)
  return ~s & 0xffff
}
