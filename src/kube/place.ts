// Where an object stands: its file, its line, and, because its own text is kept, the line of anything inside of it. The parser that knows
// positions is slow and runs only when there is a mistake to show.
import { LineCounter, parseDocument } from 'yaml'
import { type Position, positionOf } from '../base/yaml-position.js'
import type { Path } from './fault.js'

export class Place {
  private at: ((path: Path) => Position | null) | null = null

  constructor(
    readonly file: string,
    /** Line of the object's first character, from 1; 0 for an object that a program made. */
    readonly line: number,
    private readonly text: string | null,
  ) {}

  /** The same place without the text: to be kept for hundreds of thousands of objects. */
  brief(): Place {
    return new Place(this.file, this.line, null)
  }

  /** Where the object begins; null for an object that a program made. */
  start(): Position | null {
    return this.line === 0 ? null : { line: this.line, column: 1 }
  }

  /** Position of a value, or of its nearest parent; null for an object that a program made. */
  locate(path: Path): Position | null {
    if (this.line === 0) return null
    this.at ??= this.reader()
    const found = this.at(path)
    return found === null ? { line: this.line, column: 1 } : { line: this.line + found.line - 1, column: found.column }
  }

  private reader(): (path: Path) => Position | null {
    const lines = new LineCounter()
    const at = (offset: number): Position => {
      const { line, col } = lines.linePos(offset)
      return { line, column: col }
    }
    if (this.text === null) return () => null
    try {
      const document = parseDocument(this.text, { lineCounter: lines, prettyErrors: false, merge: true, logLevel: 'silent' })
      return path => positionOf(document, path, false, at)
    } catch {
      return () => null
    }
  }
}
