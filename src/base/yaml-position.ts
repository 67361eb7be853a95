// Where things stand in a YAML text: walks the parsed tree along a path of keys and indices.
import { type Document, isAlias, isCollection, isMap, isPair, isScalar, isSeq, type Node } from 'yaml'

/** A place in a text, both counted from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

type Path = readonly (string | number)[]

/** Walks the tree as far as the path leads. Keys that match but for letter case count, as they do in the schema. */
export function positionOf(document: Document.Parsed, path: Path, key: boolean, at: (offset: number) => Position): Position | null {
  let node: unknown = document.contents
  let found = startOf(node) ?? 0
  for (let i = 0; i < path.length; i++) {
    if (isAlias(node)) node = node.resolve(document)
    const step = path[i]
    if (isSeq(node)) node = node.items[Number(step)]
    else if (isMap(node)) {
      const pair =
        node.items.find(item => String(keyText(item.key)) === String(step)) ??
        node.items.find(item => String(keyText(item.key)).toLowerCase() === String(step).toLowerCase())
      if (!pair) break
      const keyStart = startOf(pair.key)
      const last = i === path.length - 1
      // A scalar is pointed at itself, a collection by the key that names it.
      node = pair.value
      if (keyStart !== null && ((last && key) || !isScalar(node))) {
        found = keyStart
        continue
      }
    } else break
    found = startOf(node) ?? found
  }
  return at(found)
}

const keyText = (key: unknown): unknown => (isScalar(key) ? key.value : key)

function startOf(node: unknown): number | null {
  if (isPair(node)) return startOf(node.key)
  if (isScalar(node) || isCollection(node) || isAlias(node)) return (node as Node).range?.[0] ?? null
  return null
}
