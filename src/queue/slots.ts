// Places to compute in, one for each thread. Points that are fetched ahead wait here, so that it is known which of them have begun: when
// a worker ends, those that have are finished and the others go back to the queue.

export class Slots {
  private free: number
  private readonly line: ((granted: boolean) => void)[] = []
  private isClosed = false

  constructor(readonly count: number) {
    this.free = count
  }

  get busy(): number {
    return this.count - this.free
  }

  /** True as soon as there is a place; false if there will be none any more. */
  async take(): Promise<boolean> {
    if (this.isClosed) return false
    if (this.free > 0) {
      this.free--
      return true
    }
    return new Promise(resolve => this.line.push(resolve))
  }

  give(): void {
    const next = this.line.shift()
    if (next) next(true)
    else this.free++
  }

  /** Whoever waits gets no place, and neither does anybody later. */
  close(): void {
    this.isClosed = true
    for (const refuse of this.line.splice(0)) refuse(false)
  }
}
