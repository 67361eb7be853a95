// What arrives at its own pace, taken all at once by whoever is ready: so outcomes that come together go to disk together.

export class Inbox<T> {
  private items: T[] = []
  private wake: () => void = () => {}
  private hasEnded = false
  private fault: unknown = null

  push(items: readonly T[]): void {
    this.items.push(...items)
    this.wake()
  }

  /** Nothing more comes. What is there is still handed out. */
  end(): void {
    this.hasEnded = true
    this.wake()
  }

  /** Whoever takes next, once it is empty, gets this thrown. */
  fail(fault: unknown): void {
    this.fault ??= fault
    this.wake()
  }

  async *batches(): AsyncGenerator<readonly T[]> {
    while (true) {
      if (this.items.length > 0) {
        const batch = this.items
        this.items = []
        yield batch
      } else if (this.fault !== null) throw this.fault
      else if (this.hasEnded) return
      else
        await new Promise<void>(resolve => {
          this.wake = resolve
        })
    }
  }
}
