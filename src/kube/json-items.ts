// Cuts JSON into the values worth parsing one by one: each element of a top-level list, or of the `items` of a top-level object, and
// what is left of that object. So a dump of hundreds of megabytes is never held as one text, and no text is longer than one object.
// Works on bytes in chunks of any size: quotes, braces and digits are the same in ASCII and UTF-8.
import { TextGrowth } from './text-growth.js'

export interface Piece {
  /** JSON or YAML of one value. */
  readonly text: string
  /** Line on which it begins, from 1. */
  readonly line: number
  /** element: an object of a list. whole: a document; a 0 stands for each element that was cut out of it, so its commas can be checked. */
  readonly kind: 'element' | 'whole'
  /** The list's own kind ("PodList") where it stands before the elements: then they need not say theirs. */
  readonly listOf: string | null
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const NEWLINE = 0x0a
const COMMA = 0x2c
const MINUS = 0x2d
const COLON = 0x3a
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

const LIST_KIND = /"kind"\s*:\s*"(\w+List)"/

const isSpace = (byte: number): boolean => byte === 0x20 || byte === NEWLINE || byte === 0x0d || byte === 0x09

const table = (...bytes: readonly number[]): Uint8Array => Uint8Array.from({ length: 256 }, (_, byte) => (bytes.includes(byte) ? 1 : 0))
const IN_STRING = table(QUOTE, BACKSLASH, NEWLINE)
const IN_ELEMENT = table(QUOTE, COMMA, OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST, NEWLINE)

/** The next byte that the table marks, or the end. */
function next(chunk: Uint8Array, start: number, marked: Uint8Array): number {
  let i = start
  while (i < chunk.length && marked[chunk[i]] === 0) i++
  return i
}

/**
 * What the next byte belongs to: `outside`, between documents, where lines of "---" may stand; `whole`, a document outside of the list
 * that is cut out of it; `between`, that list, between elements; `element`.
 */
type At = 'outside' | 'whole' | 'between' | 'element'

export class JsonItems {
  private at: At = 'outside'
  private depth = 0
  /** Depth within which the elements stand: 1 for a list at the top, 2 for the items of an object. */
  private listDepth = 0
  private inString = false
  private escaped = false
  private line = 1
  private elementLine = 1
  private wholeLine = 1
  /** The last string at depth 1, to see whether it is the key "items". */
  private key = ''
  private keyStart = -1
  private isItems = false
  private listOf: string | null = null
  private readonly whole = new TextGrowth()
  private readonly element = new TextGrowth()
  private ready: Piece[] = []

  /** Pieces that this chunk completes. */
  push(chunk: Uint8Array): Piece[] {
    this.ready = []
    let from = 0
    for (let i = 0; i < chunk.length; i++) {
      // Nearly all bytes are inside of strings and elements, and nearly all of those mean nothing here.
      if (this.inString) i = this.escaped ? i : next(chunk, i, IN_STRING)
      else if (this.at === 'element') i = next(chunk, i, IN_ELEMENT)
      if (i === chunk.length) break
      const byte = chunk[i]
      if (byte === NEWLINE) this.line++
      if (!this.inString) from = this.step(chunk, from, i, byte)
      else if (this.escaped) this.escaped = false
      else if (byte === BACKSLASH) this.escaped = true
      else if (byte === QUOTE) from = this.stringEnds(chunk, from, i)
    }
    this.keep(chunk, from, chunk.length)
    return this.ready
  }

  /** What is left when nothing more comes: a document that was never closed, as it is. */
  end(): Piece[] {
    this.ready = []
    if (this.at === 'element') this.emit('element')
    if (this.at !== 'outside') this.emit('whole')
    return this.ready
  }

  /** A byte outside of strings. Returns where the part begins that is not kept yet. */
  private step(chunk: Uint8Array, from: number, i: number, byte: number): number {
    switch (this.at) {
      case 'outside':
        return this.begin(chunk, i, byte)
      case 'whole':
        return this.inWhole(chunk, from, i, byte)
      case 'between':
        return this.betweenElements(chunk, i, byte)
      case 'element':
        return this.inElement(chunk, from, i, byte)
    }
  }

  private begin(chunk: Uint8Array, i: number, byte: number): number {
    if (isSpace(byte) || byte === MINUS) return i + 1
    this.wholeLine = this.line
    this.depth = 0
    this.isItems = false
    if (byte === OPEN_LIST) {
      this.at = 'between'
      this.listOf = null
      this.depth = this.listDepth = 1
      this.whole.add('[')
      return i + 1
    }
    this.at = 'whole'
    return this.inWhole(chunk, i, i, byte)
  }

  private inWhole(chunk: Uint8Array, from: number, i: number, byte: number): number {
    if (byte === QUOTE) {
      this.inString = true
      if (this.depth === 1) this.keyStart = this.whole.length + i - from
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      this.depth++
      if (byte === OPEN_LIST && this.depth === 2 && this.isItems) {
        this.keep(chunk, from, i + 1)
        this.at = 'between'
        this.listDepth = 2
        this.listOf = LIST_KIND.exec(this.whole.textFrom(0, 4096))?.[1] ?? null
        return i + 1
      }
      this.isItems = false
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      if (--this.depth <= 0) return this.close(chunk, from, i)
    } else if (this.depth === 0 && isSpace(byte)) {
      return this.close(chunk, from, i)
    } else if (byte === COLON && this.depth === 1) {
      this.isItems = this.key === '"items"'
    } else if (byte === COMMA) {
      this.isItems = false
    }
    return from
  }

  private betweenElements(chunk: Uint8Array, i: number, byte: number): number {
    if (isSpace(byte)) return i + 1
    if (byte === COMMA) {
      this.whole.add(',')
      return i + 1
    }
    // A brace closes the list too; what is left of the document then shows the mistake.
    if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      this.at = 'whole'
      this.isItems = false
      this.depth = this.listDepth
      return this.inWhole(chunk, i, i, byte)
    }
    this.at = 'element'
    this.elementLine = this.line
    this.depth = this.listDepth
    return this.inElement(chunk, i, i, byte)
  }

  private inElement(chunk: Uint8Array, from: number, i: number, byte: number): number {
    if (byte === QUOTE) this.inString = true
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.depth++
    else if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      // Behind a bare number or word the next element begins, or the list itself closes.
      if (this.depth === this.listDepth) {
        this.closeElement(chunk, from, i)
        return this.betweenElements(chunk, i, byte)
      }
      if (byte !== COMMA && --this.depth === this.listDepth) return this.closeElement(chunk, from, i + 1)
    }
    return from
  }

  private closeElement(chunk: Uint8Array, from: number, to: number): number {
    this.keep(chunk, from, to)
    this.emit('element')
    this.whole.add('0')
    this.at = 'between'
    return to
  }

  private close(chunk: Uint8Array, from: number, i: number): number {
    this.keep(chunk, from, i + 1)
    this.emit('whole')
    return i + 1
  }

  private stringEnds(chunk: Uint8Array, from: number, i: number): number {
    this.inString = false
    if (this.at === 'whole' && this.depth === 1) {
      this.keep(chunk, from, i + 1)
      this.key = this.whole.textFrom(this.keyStart, 16)
      return i + 1
    }
    return from
  }

  private keep(chunk: Uint8Array, from: number, to: number): void {
    if (to <= from) return
    if (this.at === 'element') this.element.addBytes(chunk, from, to)
    else if (this.at === 'whole') this.whole.addBytes(chunk, from, to)
  }

  private emit(kind: Piece['kind']): void {
    const isElement = kind === 'element'
    const text = (isElement ? this.element : this.whole).take()
    this.ready.push({ kind, text, line: isElement ? this.elementLine : this.wholeLine, listOf: isElement ? this.listOf : null })
    if (!isElement) this.at = 'outside'
  }
}
