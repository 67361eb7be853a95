// Values of YAML that stand on one line: plain and quoted scalars, lists and mappings in brackets. Reads what kubectl and most people
// write, and gives up on the rest (anchors, tags, escapes that JSON has not), which is then left to the full parser.

/** Thrown where the text is none of this plain kind; it need not be wrong. */
export class NotPlain extends Error {}

const giveUp = (): never => {
  throw NOT_PLAIN
}
const NOT_PLAIN = new NotPlain('not plain YAML')

const INTEGER = /^[-+]?\d+$/
const FLOAT = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/
/** Numbers of other bases and those that are none: rare enough for the full parser. */
const ODD_NUMBER = /^(0o[0-7]+|0x[\da-fA-F]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...['', '~', 'null', 'Null', 'NULL'].map(word => [word, null] as const),
  ...['true', 'True', 'TRUE'].map(word => [word, true] as const),
  ...['false', 'False', 'FALSE'].map(word => [word, false] as const),
])

const WORD_STARTS: ReadonlySet<number> = new Set([...'tTfFnN~'].map(letter => letter.charCodeAt(0)))

/** What an unquoted scalar means: YAML 1.2's core schema. */
function meaning(text: string): unknown {
  const first = text.charCodeAt(0)
  // Letters other than those that words and numbers begin with: text, as nearly everything is.
  if (first > 0x3a && !WORD_STARTS.has(first)) return text
  if (WORDS.has(text)) return WORDS.get(text)
  if (INTEGER.test(text) || FLOAT.test(text)) return Number(text)
  return ODD_NUMBER.test(text) ? giveUp() : text
}

/** An unquoted key. One that means something else than text must look the same when it is made text again. */
export function plainKey(text: string): string {
  checkStart(text, false)
  const value = meaning(text)
  if (typeof value === 'string' || (value !== null && String(value) === text)) return text
  return giveUp()
}

const INDICATORS = new Set(['&', '*', '!', '|', '>', '%', '@', '`', '{', '}', '[', ']', ',', '#', '"', "'"])

/** The first character decides what a scalar is; those with a meaning of their own are not for us. */
function checkStart(text: string, inFlow: boolean): void {
  const first = text[0]
  if (INDICATORS.has(first)) giveUp()
  if (first !== '?' && first !== '-' && first !== ':') return
  const second = text[1]
  if (second === undefined || second === ' ' || second === '\t' || (inFlow && ',[]{}'.includes(second))) giveUp()
}

/** Without the blanks at the end. Unicode has more of them than YAML, whose are spaces and tabs: text that ends in another is not plain. */
function withoutBlanks(text: string): string {
  const bare = text.trimEnd()
  if (bare.length !== text.length && /[^ \t\r]/.test(text.slice(bare.length))) giveUp()
  return bare
}

/** An unquoted scalar that takes the rest of a line, up to a comment. */
export function plainValue(rest: string): unknown {
  checkStart(rest, false)
  // Looking for one character first: most values have neither, and the patterns cost more than all the rest.
  const comment = rest.includes('#') ? rest.search(/[ \t]#/) : -1
  const text = withoutBlanks(comment < 0 ? rest : rest.slice(0, comment))
  if ((text.includes(':') && /:(\s|$)/.test(text)) || text.includes('\t')) giveUp()
  return meaning(text)
}

/** Reads a value of one line from a place on; `at` is behind it afterwards. */
export class InlineReader {
  at: number
  constructor(
    private readonly line: string,
    start: number,
  ) {
    this.at = start
  }

  /** A quoted scalar, list or mapping that takes the rest of the line, up to a comment. */
  whole(): unknown {
    const value = this.value(0)
    if (!/^[ \t\r]*$|^[ \t]+#/.test(this.line.slice(this.at))) giveUp()
    return value
  }

  quoted(): string {
    return this.line[this.at] === '"' ? this.doubleQuoted() : this.singleQuoted()
  }

  private doubleQuoted(): string {
    let end = this.at + 1
    while (end < this.line.length && this.line[end] !== '"') end += this.line[end] === '\\' ? 2 : 1
    if (end >= this.line.length) giveUp()
    const text = this.line.slice(this.at, end + 1)
    this.at = end + 1
    if (!text.includes('\\')) return text.includes('\t') ? giveUp() : text.slice(1, -1)
    try {
      return JSON.parse(text) as string
    } catch {
      return giveUp()
    }
  }

  private singleQuoted(): string {
    let end = this.at + 1
    for (;;) {
      end = this.line.indexOf("'", end)
      if (end < 0) return giveUp()
      if (this.line[end + 1] !== "'") break
      end += 2
    }
    const text = this.line.slice(this.at + 1, end)
    this.at = end + 1
    return text.replaceAll("''", "'")
  }

  private spaces(): void {
    while (this.line[this.at] === ' ') this.at++
  }

  private value(depth: number): unknown {
    if (depth > 100) giveUp()
    this.spaces()
    switch (this.line[this.at]) {
      case '{':
        return this.mapping(depth)
      case '[':
        return this.list(depth)
      case '"':
      case "'":
        return this.quoted()
      default:
        return meaning(this.plain())
    }
  }

  /** An unquoted scalar in brackets ends where they go on. */
  private plain(): string {
    const found = /[,[\]{}]|:(?=[\s,[\]{}]|$)|[ \t]#/.exec(this.line.slice(this.at))
    if (found === null) return giveUp()
    const text = withoutBlanks(this.line.slice(this.at, this.at + found.index))
    if (text === '' || text.includes('\t')) giveUp()
    checkStart(text, true)
    this.at += found.index
    return text
  }

  private list(depth: number): unknown[] {
    const items: unknown[] = []
    this.at++
    this.spaces()
    while (this.line[this.at] !== ']') {
      items.push(this.value(depth + 1))
      this.separator(']')
    }
    this.at++
    return items
  }

  private mapping(depth: number): Record<string, unknown> {
    const entries: Record<string, unknown> = {}
    this.at++
    this.spaces()
    while (this.line[this.at] !== '}') {
      const isQuoted = this.line[this.at] === '"' || this.line[this.at] === "'"
      const key = isQuoted ? this.quoted() : plainKey(this.plain())
      if (this.line[this.at] !== ':' || (!isQuoted && this.line[this.at + 1] !== ' ')) giveUp()
      this.at++
      put(entries, key, this.value(depth + 1))
      this.separator('}')
    }
    this.at++
    return entries
  }

  /** A comma, or the end of the brackets. */
  private separator(end: string): void {
    this.spaces()
    if (this.line[this.at] === ',') {
      this.at++
      this.spaces()
    } else if (this.line[this.at] !== end) giveUp()
  }
}

/** A key may stand once, and merges are not for us. */
export function put(entries: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '<<' || key === '__proto__' || Object.hasOwn(entries, key)) giveUp()
  entries[key] = value
}
