// Kubernetes objects out of what kubectl prints or people keep as manifests: JSON or YAML, single objects, Lists, `---` streams. One
// object at a time is in memory as text; what cannot be read is a located mistake, and the next object is read all the same.

import { type Fault, pathText } from './fault.js'
import { JsonItems, type Piece } from './json-items.js'
import { parseJson, parseYaml, type Unreadable } from './parse-piece.js'
import { Place } from './place.js'
import { textChunks } from './text-chunks.js'
import { YamlItems } from './yaml-items.js'

export interface Found {
  readonly value: Readonly<Record<string, unknown>>
  readonly place: Place
}

/** A list within a list within a list; deeper is a bad joke. */
const DEEPEST = 8

export function* readObjects(file: string, chunks: Iterable<Uint8Array>, faults: Fault[]): Generator<Found> {
  let reader: JsonItems | YamlItems | null = null
  let parse = parseJson
  const source = new PieceReader(file, faults)
  for (const chunk of textChunks(chunks)) {
    if (reader === null) {
      const first = firstCharacter(chunk)
      if (first === null) continue
      if (first !== '{' && first !== '[') parse = parseYaml
      reader = parse === parseJson ? new JsonItems() : new YamlItems()
    }
    for (const piece of reader.push(chunk)) yield* source.objectsOf(piece, parse)
  }
  for (const piece of reader?.end() ?? []) yield* source.objectsOf(piece, parse)
}

/** Objects that a program has already: one, a List, or an array of either. */
export function* objectsOf(value: unknown, name: string, faults: Fault[]): Generator<Found> {
  yield* new PieceReader(name, faults).flattened(value, new Place(name, 0, null), 0, null)
}

/** The first character that is no space, or null in a chunk of nothing else. */
function firstCharacter(chunk: Uint8Array): string | null {
  const at = chunk.findIndex(byte => byte > 0x20)
  return at < 0 ? null : String.fromCharCode(chunk[at])
}

class PieceReader {
  constructor(
    private readonly file: string,
    private readonly faults: Fault[],
  ) {}

  *objectsOf(piece: Piece, parse: (text: string) => { value: unknown } | Unreadable): Generator<Found> {
    const parsed = parse(piece.text)
    if ('message' in parsed) {
      const position = { line: piece.line + parsed.line - 1, column: parsed.column }
      this.faults.push({ file: this.file, position, code: parsed.code, message: parsed.message, hint: parsed.hint })
      return
    }
    const place = new Place(this.file, piece.line, piece.text)
    if (piece.kind === 'element') yield* this.flattened(parsed.value, place, 1, piece.listOf)
    else if (!isCutOut(parsed.value)) yield* this.flattened(parsed.value, place, 0, null)
  }

  /** `listOf`: the kind of the list it stands in. */
  *flattened(value: unknown, place: Place, depth: number, listOf: string | null): Generator<Found> {
    if (value === null || value === undefined) return
    if (Array.isArray(value) && depth < DEEPEST) {
      for (const item of value) yield* this.flattened(item, place, depth + 1, listOf)
      return
    }
    if (typeof value !== 'object' || Array.isArray(value)) {
      this.fault(place, [], 'NotAnObject', 'this is no Kubernetes object', 'kubectl get … -o json or -o yaml prints what is wanted here')
      return
    }
    const object = value as Record<string, unknown>
    const kind = typeof object.kind === 'string' ? object.kind : object.kind === undefined ? memberOf(listOf) : null
    if (kind?.endsWith('List') && depth < DEEPEST) {
      const { items } = object
      if (items === undefined || items === null || items === 0) return
      if (Array.isArray(items)) for (const item of items) item === 0 || (yield* this.flattened(item, place, depth + 1, kind))
      else this.fault(place, ['items'], 'WrongType', 'expected a list', 'kubectl prints the objects as a list under items')
      return
    }
    yield { value: object.kind === undefined && kind !== null ? { ...object, kind } : object, place }
  }

  private fault(place: Place, path: readonly (string | number)[], code: string, what: string, hint: string): void {
    const message = path.length > 0 ? `${pathText(path)}: ${what}` : what
    this.faults.push({ file: this.file, position: place.locate(path), code, message, hint })
  }
}

/** "Pod" for the members of a "PodList", which need not say so themselves. */
const memberOf = (list: string | null): string | null => (list === null || list === 'List' ? null : list.slice(0, -'List'.length))

/** What is left of a list whose elements were cut out and came one by one: [0,0], or { items: [0,0], kind: List }. */
function isCutOut(value: unknown): boolean {
  const items = Array.isArray(value) ? value : (value as { items?: unknown } | null)?.items
  return Array.isArray(items) && items.length > 0 && items.every(item => item === 0)
}
