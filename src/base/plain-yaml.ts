// A fast reader of plain YAML: block mappings and lists, scalars and brackets on one line, literal texts. That is what kubectl prints and
// what scenarios are made of, some hundred times faster than the full parser, which keeps every token. Whatever is outside of it, or
// wrong, gives NOT_READ: then the full parser has the word. Where it gives a value, it is the full parser's.
import { InlineReader, NotPlain, plainKey, plainValue, put } from './yaml-inline.js'

export const NOT_READ: unique symbol = Symbol('not plain YAML')

const DEEPEST = 100

export function readPlainYaml(text: string): unknown {
  // Line ends of Windows, byte order marks, tabs before a text: rare, and full of rules.
  if (/\r|^\ufeff|(^|\n) *\t/.test(text)) return NOT_READ
  try {
    return new BlockReader(text).document()
  } catch (error) {
    if (error instanceof NotPlain) return NOT_READ
    throw error
  }
}

const giveUp = (): never => {
  throw new NotPlain('not plain YAML')
}

class BlockReader {
  private readonly lines: readonly string[]
  /** The line that is read next, its indentation, and what stands on it; blank ones and comments are passed over. */
  private at = -1
  private indent = -1
  private line = ''
  private isEnd = false

  constructor(text: string) {
    this.lines = text.split('\n')
    this.next()
  }

  document(): unknown {
    if (this.isEnd) return null
    const value = this.block(this.indent, 0)
    if (!this.isEnd) giveUp()
    return value
  }

  private next(): void {
    for (this.at++; this.at < this.lines.length; this.at++) {
      const line = this.lines[this.at]
      let indent = 0
      while (line.charCodeAt(indent) === 0x20) indent++
      if (indent === line.length || line.charCodeAt(indent) === 0x23) continue
      if (indent === 0 && /^(---|\.\.\.|%)/.test(line)) giveUp()
      this.line = line
      this.indent = indent
      return
    }
    this.isEnd = true
    this.indent = -1
  }

  private isDash(): boolean {
    return this.line[this.indent] === '-' && (this.line[this.indent + 1] === ' ' || this.line.length === this.indent + 1)
  }

  private block(indent: number, depth: number): unknown {
    if (depth > DEEPEST) giveUp()
    if (this.isDash()) return this.list(indent, depth)
    if (keyEnd(this.line, indent) < 0) return this.lonely(indent)
    return this.mapping(indent, depth)
  }

  /** A document, or item, that is nothing but a value of one line. */
  private lonely(indent: number): unknown {
    const value = scalarAt(this.line, indent)
    this.next()
    if (!this.isEnd && this.indent >= indent) giveUp()
    return value
  }

  private list(indent: number, depth: number): unknown[] {
    const items: unknown[] = []
    while (!this.isEnd && this.indent === indent && this.isDash()) {
      let start = indent + 1
      while (this.line[start] === ' ') start++
      if (start >= this.line.length || this.line[start] === '#') {
        this.next()
        items.push(this.indent > indent ? this.block(this.indent, depth + 1) : null)
        continue
      }
      const isBlock = this.line[start] === '|' || this.line[start] === '>'
      if (isBlock) items.push(this.literal(start, indent))
      else if (this.startsBlock(start)) {
        // What follows the dash is the first line of a block of its own.
        this.indent = start
        items.push(this.block(start, depth + 1))
      } else items.push(this.single(start, indent))
    }
    if (this.indent > indent) giveUp()
    return items
  }

  private startsBlock(start: number): boolean {
    const isDash = this.line[start] === '-' && (this.line[start + 1] === ' ' || this.line.length === start + 1)
    return isDash || keyEnd(this.line, start) >= 0
  }

  private mapping(indent: number, depth: number): Record<string, unknown> {
    const entries: Record<string, unknown> = {}
    while (!this.isEnd && this.indent === indent) {
      const end = keyEnd(this.line, indent)
      if (end < 0 || this.isDash()) return giveUp()
      const key = keyAt(this.line, indent, end)
      let start = end + 1
      while (this.line[start] === ' ') start++
      put(entries, key, this.entry(start, indent, depth))
    }
    if (this.indent > indent) giveUp()
    return entries
  }

  /** What stands behind a key: on its line from `start` on, or below. */
  private entry(start: number, indent: number, depth: number): unknown {
    const first = this.line[start]
    if (first === '|' || first === '>') return this.literal(start, indent)
    if (first !== undefined && first !== '#') return this.single(start, indent)
    this.next()
    if (this.indent > indent) return this.block(this.indent, depth + 1)
    return !this.isEnd && this.indent === indent && this.isDash() ? this.list(indent, depth + 1) : null
  }

  /** A value that ends with its line; lines that are deeper would belong to it. */
  private single(start: number, indent: number): unknown {
    const value = scalarAt(this.line, start)
    this.next()
    if (this.indent > indent) giveUp()
    return value
  }

  /** Text of several lines as they are: |, |- or |+. */
  private literal(start: number, parent: number): string {
    const header = /^\|([-+]?)(\s+#.*)?\s*$/.exec(this.line.slice(start))
    if (header === null) return giveUp()
    const texts: string[] = []
    let indent = -1
    let at = this.at + 1
    for (; at < this.lines.length; at++) {
      const line = this.lines[at]
      const depth = line.length - line.trimStart().length
      const isBlank = depth === line.length
      if (indent < 0) {
        // Spaces on blank lines before the first count, by rules of their own.
        if (isBlank && depth > 0) return giveUp()
        if (!isBlank && depth <= parent) break
        if (!isBlank) indent = line.search(/[^ ]/)
      } else if (!isBlank && line.search(/[^ ]/) < indent) {
        if (line.search(/[^ ]/) > parent) return giveUp()
        break
      }
      texts.push(indent < 0 ? '' : line.slice(indent))
    }
    this.at = at - 1
    this.next()
    return chomped(texts, header[1], at >= this.lines.length)
  }
}

/** "-" ends without a line end, "" with one, "+" with all there are. */
function chomped(texts: string[], how: string, isLast: boolean): string {
  // The text of a file ends with a line end, behind which is no line.
  const lines = isLast && texts.length > 0 && texts[texts.length - 1] === '' ? texts.slice(0, -1) : texts
  const whole = lines.map(line => `${line}\n`).join('')
  if (isLast && lines.length === texts.length && whole !== '') return how === '+' ? giveUp() : chomp(whole, how)
  return chomp(whole, how)
}

function chomp(whole: string, how: string): string {
  if (how === '+') return whole
  const bare = whole.replace(/\n+$/, '')
  return how === '-' || bare === '' ? bare : `${bare}\n`
}

/** Index of the colon behind a key that begins at `start`, or -1. */
function keyEnd(line: string, start: number): number {
  const first = line[start]
  if (first === '"' || first === "'") {
    const reader = new InlineReader(line, start)
    reader.quoted()
    const next = line[reader.at + 1]
    return line[reader.at] === ':' && (next === undefined || next === ' ') ? reader.at : -1
  }
  for (let at = line.indexOf(':', start); at >= 0; at = line.indexOf(':', at + 1)) {
    if (at + 1 < line.length && line[at + 1] !== ' ') continue
    const hash = line.indexOf('#', start)
    const isComment = hash >= 0 && hash < at && /\s#/.test(line.slice(start, at))
    return isComment || first === '{' || first === '[' ? -1 : at
  }
  return -1
}

function keyAt(line: string, start: number, end: number): string {
  if (line[start] === '"' || line[start] === "'") return new InlineReader(line, start).quoted()
  const text = line.slice(start, end)
  if (text.endsWith(' ') || text.includes('\t')) giveUp()
  return plainKey(text)
}

function scalarAt(line: string, start: number): unknown {
  const first = line[start]
  return first === '"' || first === "'" || first === '{' || first === '['
    ? new InlineReader(line, start).whole()
    : plainValue(line.slice(start))
}
