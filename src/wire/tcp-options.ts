// Options of a TCP header that somebody on the way reads too: window scale (RFC 7323 section 2.2), SACK permitted and SACK blocks
// (RFC 2018). Read in one pass into fields that are reused; like the kernel, the reader stops at the first option that makes no sense.

const END = 0
const NOTHING = 1
const WINDOW_SCALE = 3
const SACK_PERMITTED = 4
const SACK = 5
/** A larger shift counts as this one (RFC 7323 section 2.3). */
const MOST_SCALE = 14
const BLOCK = 8

export interface TcpOptions {
  /** Shift of the window, or -1 where the segment does not offer one. */
  scale: number
  permitsSack: boolean
  /** The highest right edge of the SACK blocks, or what the field held before if none is higher. */
  sack: number
}

/** Reads the options that lie in [at, end). */
export function readOptions(frame: DataView, at: number, end: number, into: TcpOptions): void {
  into.scale = -1
  into.permitsSack = false
  let sawSack = false
  for (let here = at; here < end; ) {
    const kind = frame.getUint8(here)
    if (kind === END) return
    if (kind === NOTHING) {
      here++
      continue
    }
    const length = here + 1 < end ? frame.getUint8(here + 1) : 0
    if (length < 2 || here + length > end) return
    if (kind === SACK_PERMITTED && length === 2) into.permitsSack = true
    else if (kind === WINDOW_SCALE && length === 3) into.scale = Math.min(frame.getUint8(here + 2), MOST_SCALE)
    else if (kind === SACK && !sawSack && length > 2 && (length - 2) % BLOCK === 0) {
      // Only the first option of this kind counts.
      sawSack = true
      readBlocks(frame, here + 2, here + length, into)
    }
    here += length
  }
}

function readBlocks(frame: DataView, at: number, end: number, into: TcpOptions): void {
  for (let block = at; block < end; block += BLOCK) {
    const edge = frame.getInt32(block + 4)
    if (((edge - into.sack) | 0) > 0) into.sack = edge
  }
}
