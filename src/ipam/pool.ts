// What every address allocator of the control plane can do, whatever it hands out: single addresses of a subnet or of a node's block
// (unit 1), or whole blocks of a pod range (unit 256). One interface, so that one suite of cases holds for all modes of IPAM.
import type { Ipv4 } from '../base/brand.js'
import { invariant } from '../base/invariant.js'

/** What became of a wish for one particular address. */
export type Taken = 'ok' | 'taken' | 'outside'

export interface AddressPool {
  /** Addresses that one allocation covers. */
  readonly unit: number
  /** Allocations that fit when the pool is empty. */
  readonly capacity: number
  readonly used: number
  /** The first free one in the pool's own, stated order; null when nothing is left. */
  allocate(): Ipv4 | null
  /** Takes this very one: fixed addresses of imported clusters. */
  take(address: Ipv4): Taken
  /** Gives one back; false if it was not in use. */
  release(address: Ipv4): boolean
}

/** Positions 0..count-1 as a bitmap, first free first. The hint makes a run of allocations cost one step each, released ones are found again. */
class FreeList {
  private readonly words: Int32Array
  private hint = 0
  used = 0

  constructor(readonly count: number) {
    this.words = new Int32Array((count + 31) >>> 5)
  }

  isUsed(position: number): boolean {
    return (this.words[position >>> 5] & (1 << (position & 31))) !== 0
  }

  /** The lowest free position, now used; -1 when there is none. */
  allocate(): number {
    for (let word = this.hint; word < this.words.length; word++) {
      const free = ~this.words[word]
      if (free === 0) continue
      this.hint = word
      const position = word * 32 + 31 - Math.clz32(free & -free)
      if (position >= this.count) return -1
      this.take(position)
      return position
    }
    this.hint = this.words.length
    return -1
  }

  /** Marks a position as used; false if it was already. */
  take(position: number): boolean {
    if (this.isUsed(position)) return false
    this.words[position >>> 5] |= 1 << (position & 31)
    this.used++
    return true
  }

  release(position: number): boolean {
    if (!this.isUsed(position)) return false
    this.words[position >>> 5] &= ~(1 << (position & 31))
    this.used--
    this.hint = Math.min(this.hint, position >>> 5)
    return true
  }
}

/** How the addresses of a range are handed out. */
interface RangeShape {
  /** Addresses that one allocation covers. */
  readonly unit: number
  readonly base: Ipv4
  /** Allocations in the range, the reserved ones among them. */
  readonly size: number
  /** The one that is handed out first; the others follow it in a circle. */
  readonly first?: number
  /** Never handed out: counted from the base. */
  readonly reserved?: readonly number[]
}

/** A range of addresses, cut into equal parts. */
export class AddressRange implements AddressPool {
  readonly unit: number
  readonly capacity: number
  private readonly base: Ipv4
  private readonly size: number
  private readonly first: number
  private readonly reserved: readonly number[]
  private readonly free: FreeList

  constructor({ unit, base, size, first = 0, reserved = [] }: RangeShape) {
    this.unit = unit
    this.base = base
    this.size = size
    this.first = first
    this.reserved = reserved.filter((offset, i) => offset < size && reserved.indexOf(offset) === i)
    this.capacity = size - this.reserved.length
    this.free = new FreeList(size)
    for (const offset of this.reserved) this.free.take(this.positionOf(offset))
  }

  get used(): number {
    return this.free.used - this.reserved.length
  }

  allocate(): Ipv4 | null {
    const position = this.free.allocate()
    return position < 0 ? null : (((this.base + ((position + this.first) % this.size) * this.unit) | 0) as Ipv4)
  }

  take(address: Ipv4): Taken {
    const offset = this.offsetOf(address)
    if (offset < 0) return 'outside'
    return this.free.take(this.positionOf(offset)) ? 'ok' : 'taken'
  }

  release(address: Ipv4): boolean {
    const offset = this.offsetOf(address)
    return offset >= 0 && this.free.release(this.positionOf(offset))
  }

  /** Which part of the range an address lies in; -1 for none that is handed out. */
  private offsetOf(address: Ipv4): number {
    const offset = Math.floor(((address - this.base) >>> 0) / this.unit)
    return offset < this.size && !this.reserved.includes(offset) ? offset : -1
  }

  private positionOf(offset: number): number {
    const position = (offset - this.first + this.size) % this.size
    invariant(position >= 0, 'the first one to be handed out is not in its range')
    return position
  }
}
