// The later spans that have events, least first: a binary heap of whole numbers, each in it once. A run of hours with timers all over it
// asks for the next one whenever a span is done, and must not look at all of them.

export class SpanHeap {
  private spans = new Float64Array(64)
  private count = 0

  /** The least, or Infinity. */
  get least(): number {
    return this.count > 0 ? this.spans[0] : Number.POSITIVE_INFINITY
  }

  add(span: number): void {
    if (this.count === this.spans.length) {
      const grown = new Float64Array(this.count * 2)
      grown.set(this.spans)
      this.spans = grown
    }
    const { spans } = this
    let i = this.count++
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (spans[parent] <= span) break
      spans[i] = spans[parent]
      i = parent
    }
    spans[i] = span
  }

  /** Takes the least out. */
  remove(): void {
    const { spans } = this
    const last = spans[--this.count]
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= this.count) break
      if (child + 1 < this.count && spans[child + 1] < spans[child]) child++
      if (spans[child] >= last) break
      spans[i] = spans[child]
      i = child
    }
    spans[i] = last
  }
}
