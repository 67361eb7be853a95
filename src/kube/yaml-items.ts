// Cuts YAML into the documents of a `---` stream, and a document that is a List, as `kubectl get … -o yaml` prints it, into its items: the
// lines from one "- " to the next at the same indentation. Whatever stands deeper belongs to the item, also inside of texts, for YAML
// lets nothing of an item stand to the left of it.
import type { Piece } from './json-items.js'

const DOCUMENT = /^---(?=[ \t]|$)/
const END = /^\.\.\.[ \t]*$/
const ITEMS = /^items:[ \t]*(#.*)?$/
const DASH = /^( *)-(?=[ \t]|$)/
const EMPTY = /^[ \t]*(#.*)?$/

export class YamlItems {
  private readonly decoder = new TextDecoder('utf-8')
  private tail = ''
  private line = 0
  private ready: Piece[] = []
  /** Lines of the document outside of its items, of the item that is being read, and where they begin. */
  private whole: string[] = []
  private wholeLine = 1
  private item: string[] | null = null
  private itemLine = 1
  /** Indentation of the dashes: -2 outside of a list, -1 before its first item. */
  private indent = -2

  /** Pieces that this chunk completes. */
  push(chunk: Uint8Array): Piece[] {
    this.ready = []
    const lines = (this.tail + this.decoder.decode(chunk, { stream: true })).split('\n')
    this.tail = lines.pop() ?? ''
    for (const line of lines) this.add(line)
    return this.ready
  }

  end(): Piece[] {
    this.ready = []
    const last = this.tail + this.decoder.decode()
    this.tail = ''
    if (last !== '') this.add(last)
    this.closeDocument()
    return this.ready
  }

  private add(given: string): void {
    this.line++
    const line = given.endsWith('\r') ? given.slice(0, -1) : given
    if (DOCUMENT.test(line)) {
      this.closeDocument()
      // What follows the dashes on their line belongs to the document.
      this.keep(line.replace(DOCUMENT, '   '))
    } else if (END.test(line)) this.closeDocument()
    else if (this.indent === -2) {
      this.keep(line)
      if (ITEMS.test(line)) this.indent = -1
    } else this.inList(line)
  }

  private inList(line: string): void {
    if (EMPTY.test(line)) {
      this.item?.push(line)
      return
    }
    const dash = DASH.exec(line)
    if (dash && (this.indent === -1 || dash[1].length === this.indent)) {
      this.closeItem()
      this.indent = dash[1].length
      this.itemLine = this.line
      this.item = [`${dash[1]} ${line.slice(this.indent + 1)}`]
    } else if (this.item !== null && line.length > this.indent && line.startsWith(' '.repeat(this.indent + 1))) this.item.push(line)
    else {
      this.closeItem()
      this.indent = -2
      this.keep(line)
      if (ITEMS.test(line)) this.indent = -1
    }
  }

  private keep(line: string): void {
    if (this.whole.length === 0) this.wholeLine = this.line
    this.whole.push(line)
  }

  private closeItem(): void {
    if (this.item !== null) {
      this.ready.push({ kind: 'element', text: this.item.join('\n'), line: this.itemLine, listOf: null })
      // Its place in the rest of the document, so that an empty list is told from one that was cut out.
      this.whole.push(`${' '.repeat(this.indent)}- 0`)
    }
    this.item = null
  }

  private closeDocument(): void {
    this.closeItem()
    this.indent = -2
    if (this.whole.some(line => !EMPTY.test(line))) {
      this.ready.push({ kind: 'whole', text: this.whole.join('\n'), line: this.wholeLine, listOf: null })
    }
    this.whole = []
  }
}
