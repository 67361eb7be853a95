// One value out of its text: JSON by the engine's own parser; YAML by a fast reader of what kubectl prints, and by the full parser
// where that gives up.
import { LineCounter, parseDocument } from 'yaml'
import { NOT_READ, readPlainYaml } from '../base/plain-yaml.js'

export interface Unreadable {
  readonly code: string
  readonly message: string
  readonly hint: string
  /** Counted from 1 within the text. */
  readonly line: number
  readonly column: number
}

/** Aliases that unfold to more than this are no manifest but an attack ("billion laughs"). */
const MOST_ALIASES = 1000

export function parseJson(text: string): { value: unknown } | Unreadable {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    const message = error instanceof RangeError ? 'nested too deeply' : (error as Error).message.split('\n')[0]
    const offset = Number(/position (\d+)/.exec(message)?.[1] ?? text.length)
    const before = text.slice(0, offset).split('\n')
    const place = { line: before.length, column: before[before.length - 1].length + 1 }
    return { code: 'JsonSyntax', message, hint: 'is the file whole? kubectl … -o json prints valid JSON', ...place }
  }
}

export function parseYaml(text: string): { value: unknown } | Unreadable {
  const plain = readPlainYaml(text)
  if (plain !== NOT_READ) return { value: plain }
  const lines = new LineCounter()
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true, logLevel: 'silent' })
    const fault = document.errors[0]
    if (fault === undefined) return { value: document.toJS({ maxAliasCount: MOST_ALIASES }) }
    const { line, col } = lines.linePos(fault.pos[0])
    const message = fault.code === 'DUPLICATE_KEY' ? 'this key stands here twice' : fault.message.split('\n')[0]
    const hint = fault.code === 'DUPLICATE_KEY' ? 'keep one of them' : 'mind the indentation'
    return { code: fault.code === 'DUPLICATE_KEY' ? 'DuplicateKey' : 'YamlSyntax', message, hint, line, column: col }
  } catch (error) {
    const message = error instanceof RangeError ? 'nested too deeply' : (error as Error).message
    return { code: 'YamlSyntax', message, hint: 'write it flatter, and anchors within one object', line: 1, column: 1 }
  }
}
