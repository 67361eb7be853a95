// Open addressing over the hashes of tuples, the full hash beside each reference: a look-up reads one line here and one record. What a
// reference stands for is its owner's business. References of one hash lie in the order they came.

/** Hash of a connection's tuple; `key` is logical process and protocol. */
export const hash = (key: number, source: number, target: number, ports: number): number => {
  let h = Math.imul(source, 0x9e3779b1) ^ Math.imul(target, 0x85ebca77)
  h = Math.imul(h ^ (h >>> 15) ^ ports, 0xc2b2ae3d) ^ Math.imul(key, 0x27d4eb2f)
  h = Math.imul(h ^ (h >>> 16), 0x2c1b3c6d)
  return h ^ (h >>> 15)
}

export class TupleIndex {
  /** Pairs: hash, reference + 1 (0: empty). */
  slots: Int32Array
  mask: number
  private entries = 0

  constructor(expected: number) {
    const count = 2 ** Math.ceil(Math.log2(Math.max(1024, expected)))
    this.slots = new Int32Array(count * 2)
    this.mask = count - 1
  }

  /** Share of the slots that are taken. */
  get load(): number {
    return this.entries / (this.mask + 1)
  }

  /** Makes room for `more` references: at most seven tenths of the slots are taken. */
  reserve(more: number): void {
    if ((this.entries + more) * 10 > (this.mask + 1) * 7) this.grow()
  }

  /** Adds a reference; room was reserved. */
  link(h: number, reference: number): void {
    let slot = h & this.mask
    while (this.slots[slot * 2 + 1] !== 0) slot = (slot + 1) & this.mask
    this.slots[slot * 2] = h
    this.slots[slot * 2 + 1] = reference + 1
    this.entries++
  }

  /** Takes a reference out; those behind it move up, there are no tombstones. */
  unlink(h: number, reference: number): void {
    const { slots: index, mask } = this
    let hole = h & mask
    while (index[hole * 2 + 1] !== reference + 1) hole = (hole + 1) & mask
    let slot = hole
    for (;;) {
      slot = (slot + 1) & mask
      if (index[slot * 2 + 1] === 0) break
      const ideal = index[slot * 2] & mask
      // Move it back unless its ideal place lies after the hole.
      if (((slot - ideal) & mask) >= ((slot - hole) & mask)) {
        index[hole * 2] = index[slot * 2]
        index[hole * 2 + 1] = index[slot * 2 + 1]
        hole = slot
      }
    }
    index[hole * 2 + 1] = 0
    this.entries--
  }

  private grow(): void {
    const before = this.slots
    this.slots = new Int32Array(before.length * 2)
    this.mask = this.slots.length / 2 - 1
    this.entries = 0
    // From behind a gap on, so that a chain that wraps around the end keeps its order.
    const last = before.length - 1
    let from = 0
    while (before[from + 1] !== 0) from += 2
    for (let i = from; i < from + before.length; i += 2) {
      const reference = before[(i + 1) & last]
      if (reference !== 0) this.link(before[i & last], reference - 1)
    }
  }
}
