// The addresses of a subnet that one node holds for its pods, in the modes where they are no block: a small vector, those in use first.
// The next pod gets the first free one, which is the one given back last; Azure promises no order.
import type { Ipv4 } from '../base/brand.js'

export class PodIps {
  private list = new Int32Array(16)
  /** Addresses held, and how many of them pods have. */
  count = 0
  used = 0

  get free(): number {
    return this.count - this.used
  }

  /** One more, free. */
  hold(address: Ipv4): void {
    if (this.count === this.list.length) {
      const grown = new Int32Array(this.list.length * 2)
      grown.set(this.list)
      this.list = grown
    }
    this.list[this.count++] = address
  }

  /** Gives up the free one that was held last; null when all are in use. */
  letGo(): Ipv4 | null {
    return this.free === 0 ? null : (this.list[--this.count] as Ipv4)
  }

  allocate(): Ipv4 | null {
    return this.free === 0 ? null : (this.list[this.used++] as Ipv4)
  }

  /** Whether the address is held, and by a pod. */
  stateOf(address: Ipv4): 'used' | 'free' | 'none' {
    const at = this.indexOf(address)
    return at < 0 ? 'none' : at < this.used ? 'used' : 'free'
  }

  /** Gives this very one, which is free, to a pod. */
  take(address: Ipv4): void {
    this.swap(this.indexOf(address), this.used++)
  }

  /** A pod gives one back; false if it had none of that address. */
  release(address: Ipv4): boolean {
    const at = this.indexOf(address)
    if (at < 0 || at >= this.used) return false
    this.swap(at, --this.used)
    return true
  }

  /** Puts another address in the place of one that is free. */
  exchange(old: Ipv4, other: Ipv4): void {
    this.list[this.indexOf(old)] = other
  }

  /** The free one that {@link letGo} would give up. */
  spare(): Ipv4 | null {
    return this.free === 0 ? null : (this.list[this.count - 1] as Ipv4)
  }

  /** The i-th held one. */
  at(i: number): Ipv4 {
    return this.list[i] as Ipv4
  }

  private indexOf(address: Ipv4): number {
    const at = this.list.indexOf(address)
    return at < this.count ? at : -1
  }

  private swap(a: number, b: number): void {
    const kept = this.list[a]
    this.list[a] = this.list[b]
    this.list[b] = kept
  }
}
