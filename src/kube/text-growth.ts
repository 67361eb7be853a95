// A text that grows by pieces of bytes, for values that lie across chunks: one buffer, doubled when full and used again.
const FIRST = 64 * 1024

export class TextGrowth {
  private bytes = Buffer.allocUnsafe(FIRST)
  length = 0

  addBytes(from: Uint8Array, start: number, end: number): void {
    const size = this.length + end - start
    if (size > this.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(size, this.bytes.length * 2))
      this.bytes.copy(grown, 0, 0, this.length)
      this.bytes = grown
    }
    this.bytes.set(from.subarray(start, end), this.length)
    this.length = size
  }

  add(text: string): void {
    const bytes = Buffer.from(text)
    this.addBytes(bytes, 0, bytes.length)
  }

  /** At most so many bytes from `start` on, as text. */
  textFrom(start: number, most: number): string {
    return this.bytes.toString('utf8', start, Math.min(this.length, start + most))
  }

  /** The text so far; it is empty afterwards. */
  take(): string {
    const text = this.bytes.toString('utf8', 0, this.length)
    this.length = 0
    return text
  }
}
