// `validate --show`: the scenario as a file in which every default is written out, each value followed by where it came from. The
// text is itself a scenario and loads to the same hash.
import { Document, isMap, isScalar, isSeq, type Node, type Pair, visit } from 'yaml'
import type { LoadedScenario } from './load.js'
import { scenarioSchema } from './schema.js'
import { childOf, keysOf, type Schema } from './schema-path.js'

/** Lists of plain values up to this many characters stand on one line. */
const FLOW_WIDTH = 60

export function showScenario(loaded: LoadedScenario): string {
  const { $schema: _, ...shown } = loaded.document
  const document = new Document(shown, { aliasDuplicateObjects: false, version: '1.2' })
  annotate(document.contents as Node, [], loaded, scenarioSchema)
  const head = ` ${loaded.scenario.name}: every value and where it came from; hash ${loaded.hash}`
  document.commentBefore = head
  return document.toString({ lineWidth: 0, indentSeq: true, flowCollectionPadding: true })
}

const keyOf = (pair: Pair<Node, Node>): string => String(isScalar(pair.key) ? pair.key.value : pair.key)

/**
 * Writes the origin behind every plain value, and behind lists of plain values and empty collections as a whole. Keys come in the
 * order of the schema, whatever order they were filled in.
 */
function annotate(node: Node | null | undefined, path: readonly (string | number)[], loaded: LoadedScenario, schema: Schema | null): void {
  if (isMap(node) && node.items.length > 0) {
    const pairs = node.items as Pair<Node, Node>[]
    const order = (schema && keysOf(schema)) ?? []
    pairs.sort((a, b) => order.indexOf(keyOf(a)) - order.indexOf(keyOf(b)))
    for (const pair of pairs) annotate(pair.value, [...path, keyOf(pair)], loaded, schema && childOf(schema, keyOf(pair)))
    return
  }
  if (isSeq(node) && !fitsOneLine(node)) {
    const element = schema && childOf(schema, 0)
    node.items.forEach((item, i) => {
      annotate(item as Node, [...path, i], loaded, element)
    })
    return
  }
  if (!node) return
  if (isMap(node) || isSeq(node)) node.flow = true
  node.comment = ` ${loaded.originOf(path)}`
}

function fitsOneLine(list: Node): boolean {
  let width = 0
  visit(list, {
    Map: (_key, map) => {
      if (map.items.length > 0) width += FLOW_WIDTH + 1
    },
    Scalar: (_key, scalar) => {
      width += String(scalar.value).length + 2
    },
  })
  return width <= FLOW_WIDTH
}
