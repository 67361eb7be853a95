// A stream of random words with a position, for tests that draw; the data plane keeps key and counter in its own columns.
import { philox, StreamKey } from '../../src/base/random.js'

export class RandomStream {
  private readonly words = new Int32Array(4)
  private draws = 0

  private constructor(
    private readonly key0: number,
    private readonly key1: number,
  ) {}

  static named(seed: number, name: string, purpose: string): RandomStream {
    const { key0, key1 } = StreamKey.of(seed).with(name).with('\u0000').with(purpose)
    return new RandomStream(key0, key1)
  }

  /** The next 32 random bits, as an unsigned integer. */
  word(): number {
    const lane = this.draws & 3
    if (lane === 0) philox(this.draws >>> 2, 0, 0, 0, this.key0, this.key1, this.words, 0)
    this.draws++
    return this.words[lane] >>> 0
  }

  /** Uniform in the open interval (0, 1). */
  uniform(): number {
    return (this.word() + 0.5) / 0x100000000
  }

  /** Uniform integer in [0, bound); bound up to 2^32. Rejection keeps it free of bias. */
  below(bound: number): number {
    const limit = 0x100000000 - (0x100000000 % bound)
    let w = this.word()
    while (w >= limit) w = this.word()
    return w % bound
  }
}
