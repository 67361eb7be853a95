// Sets of small integers as bits in words: what the policy compiler reckons with, and what the data plane tests one bit of.

export type Bits = Uint32Array

export const wordsFor = (count: number): number => Math.max(1, (count + 31) >>> 5)
export const emptyBits = (count: number): Bits => new Uint32Array(wordsFor(count))

/** Every number below `count`. */
export function allBits(count: number): Bits {
  const bits = emptyBits(count).fill(0xffffffff)
  if (count === 0) bits[0] = 0
  else if (count & 31) bits[bits.length - 1] = 2 ** (count & 31) - 1
  return bits
}

export const setBit = (bits: Bits, n: number): void => {
  bits[n >>> 5] |= 1 << (n & 31)
}
export const hasBit = (bits: Bits, n: number): boolean => (bits[n >>> 5] & (1 << (n & 31))) !== 0

export function addAll(bits: Bits, others: Bits): void {
  for (let i = 0; i < bits.length; i++) bits[i] |= others[i]
}
export function keepOnly(bits: Bits, others: Bits): void {
  for (let i = 0; i < bits.length; i++) bits[i] &= others[i]
}
export function takeOut(bits: Bits, others: Bits): void {
  for (let i = 0; i < bits.length; i++) bits[i] &= ~others[i]
}

/** Calls back with each number of the set, in order. */
export function eachBit(bits: Bits, visit: (n: number) => void): void {
  for (let i = 0; i < bits.length; i++) {
    for (let word = bits[i]; word !== 0; word &= word - 1) visit(i * 32 + 31 - Math.clz32(word & -word))
  }
}

/** Sets of equal content under one number, kept side by side in one array of words. */
export class BitRows {
  private words: Uint32Array
  private readonly byHash = new Map<number, number[]>()
  count = 0

  constructor(readonly width: number) {
    this.words = new Uint32Array(width * 64)
  }

  /** The number of the row that equals `bits`, a new one if there is none. */
  rowOf(bits: Bits): number {
    let hash = 0
    for (let i = 0; i < this.width; i++) hash = Math.imul(hash ^ bits[i], 0x9e3779b1) ^ (hash >>> 15)
    const rows = this.byHash.get(hash)
    const known = rows?.find(row => this.equals(row, bits))
    if (known !== undefined) return known
    if ((this.count + 1) * this.width > this.words.length) {
      const grown = new Uint32Array(this.words.length * 2)
      grown.set(this.words)
      this.words = grown
    }
    this.words.set(bits, this.count * this.width)
    if (rows) rows.push(this.count)
    else this.byHash.set(hash, [this.count])
    return this.count++
  }

  row(number: number): Bits {
    return this.words.subarray(number * this.width, (number + 1) * this.width)
  }

  private equals(row: number, bits: Bits): boolean {
    const at = row * this.width
    for (let i = 0; i < this.width; i++) if (this.words[at + i] !== bits[i]) return false
    return true
  }

  /** All rows, one behind the other. */
  sealed(): Uint32Array {
    return this.words.subarray(0, this.count * this.width)
  }
}
