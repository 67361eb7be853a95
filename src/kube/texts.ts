// Texts that are kept for long, each once. A piece cut out of a text holds all of that text in V8, and what is kept of 200,000 pods must not
// hold everything that kubectl printed about them.

export class Texts {
  private readonly known = new Map<string, string>()

  /** The same text, on its own. */
  of(text: string): string {
    const known = this.known.get(text)
    if (known !== undefined) return known
    const own = Buffer.from(text, 'utf8').toString('utf8')
    this.known.set(own, own)
    return own
  }

  ofLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    return Object.fromEntries(Object.entries(labels).map(([key, value]) => [this.of(key), this.of(value)]))
  }

  orNull(text: string | null): string | null {
    return text === null ? null : this.of(text)
  }
}
