// Columns that are as long as they may ever get. The memory is address space at first and costs something only where it is written
// (the allocator asks the kernel for zeroed pages, which come with the first store), so tables need not be moved to grow. That is worth
// more than convenience: a column that is never replaced is a constant to V8, which then knows its address and length while it compiles.
// The columns begin at a cacheline: a block that the allocator maps by itself lies 16 bytes into a page (glibc's and musl's headers), so 48
// more are skipped. A row of 64 bytes would otherwise be two misses instead of one. Blocks of up to 32 MiB may come out of a heap instead
// (malloc's greatest mmap threshold), at any multiple of 16, so that no less is asked for; what nobody writes to costs nothing. Small tables lie
// in the first two caches wherever they begin.

const HEADER = 16
const CACHELINE = 64
/** Tables of fewer bytes may begin anywhere. */
const SMALL = 2 ** 18
/** More than malloc ever takes from a heap. */
const MAPPED = 2 ** 25 + 4096
/** Less than this is not worth asking for. */
const LEAST_BYTES = 1 << 24

/** One block of zeros and where in it the columns begin. */
export interface Block {
  readonly buffer: ArrayBufferLike
  readonly offset: number
  /** Bytes from `offset` on, a multiple of 64. */
  readonly length: number
}

/** A block of `bytes` zeros, its columns aligned to cachelines. */
export function aligned(bytes: number): Block {
  const length = Math.ceil(bytes / CACHELINE) * CACHELINE
  return {
    buffer: new ArrayBuffer(length < SMALL ? length + CACHELINE : Math.max(MAPPED, length + CACHELINE)),
    offset: CACHELINE - HEADER,
    length,
  }
}

/** Bytes reserved since V8's collector was last given a reason to run. */
let uncounted = 0
/** So much may wait for it: two shards' worth. */
const MOST_UNCOUNTED = 2 ** 33

/**
 * Memory that V8's collector does not count, which is what it does with shared buffers (nobody shares these): else it takes a gigabyte of address
 * space for a gigabyte of memory and runs at each one. Every now and then one is counted, so that what nobody uses any more is given back.
 */
function bufferOf(bytes: number): ArrayBufferLike {
  uncounted += bytes
  if (uncounted < MOST_UNCOUNTED) return new SharedArrayBuffer(bytes)
  uncounted = 0
  return new ArrayBuffer(bytes)
}

/** Address space for `bytes`; half of it, and so on, where the system does not promise that much. */
export function reserve(bytes: number): Block {
  for (let wanted = bytes; ; wanted /= 2) {
    try {
      const length = Math.ceil(wanted / CACHELINE) * CACHELINE
      return { buffer: bufferOf(Math.max(MAPPED, length + CACHELINE)), offset: CACHELINE - HEADER, length }
    } catch (error) {
      if (!(error instanceof RangeError) || wanted < LEAST_BYTES) throw error
    }
  }
}

export const int32Of = ({ buffer, offset, length }: Block): Int32Array => new Int32Array(buffer, offset, length / 4)
export const float64Of = ({ buffer, offset, length }: Block): Float64Array => new Float64Array(buffer, offset, length / 8)
export const uint8Of = ({ buffer, offset, length }: Block): Uint8Array => new Uint8Array(buffer, offset, length)
export const viewOf = ({ buffer, offset, length }: Block): DataView => new DataView(buffer, offset, length)
