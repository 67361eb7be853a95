// The choice of a source port when a connection's reply tuple is taken: nf_nat_l4proto_unique_tuple of the kernel. The range is the
// rule's own or the class of the original port; the search starts at a random place and goes up, at most 128 tries, then 64, 32, 16
// and 8 from new random places. So it may give up although ports are free, as Linux does.

const MOST_TRIES = 128
const LEAST_TRIES = 16
/** With so few tries left in a round the kernel tries harder: see `port-takeover.ts`. */
export const HARDER_TRIES = MOST_TRIES / 4

/** Kernel classes: below 512, below 1024, and the rest stay among themselves. First port of the class. */
export const classFirst = (port: number): number => (port < 512 ? 1 : port < 1024 ? 600 : 1024)
/** Size of the class. */
export const classSize = (port: number): number => (port < 512 ? 511 : port < 1024 ? 424 : 64512)

/**
 * A free value of [first, first + size), or -1 if the search gave up. `random()` gives 32 random bits, `isTaken(port, left)` says whether
 * the reply tuple with that port lives already; `left` is how many tries the round has left, this one included.
 */
export function searchPort(first: number, size: number, random: () => number, isTaken: (port: number, left: number) => boolean): number {
  let tries = Math.min(size, MOST_TRIES)
  let offset = random() & 0xffff
  for (;;) {
    for (let i = 0; i < tries; i++, offset++) {
      const port = first + (offset % size)
      if (!isTaken(port, tries - i)) return port
    }
    if (tries >= size || tries < LEAST_TRIES) return -1
    tries >>= 1
    offset = random() & 0xffff
  }
}
