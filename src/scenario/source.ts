// Where a scenario comes from: a YAML or JSON file, standard input, or an object. Gives its plain value and, for text, the line and
// column of any path in it. JSON is YAML too; long JSON is read by JSON.parse, plain YAML by a reader of our own, and the slow parser with
// positions runs only if asked.
import { readFileSync } from 'node:fs'
import { LineCounter, parseDocument } from 'yaml'
import { whyUnread } from '../base/file-words.js'
import { NOT_READ, readPlainYaml } from '../base/plain-yaml.js'
import { type Position, positionOf } from '../base/yaml-position.js'
import type { LocatedIssue } from './error.js'
import { issue } from './issue.js'

type Path = readonly (string | number)[]

export interface Source {
  /** The file's name as people know it: as given, "<stdin>" or "<object>". */
  readonly file: string
  readonly value: unknown
  /** What is wrong with the text itself. */
  readonly issues: readonly LocatedIssue[]
  /** Position of the value at `path`, or of its nearest parent; of the key itself with `key`. Null for objects. */
  locate(path: Path, key?: boolean): Position | null
}

/** JSON longer than this is read by JSON.parse first: the full parser needs seconds for a megabyte, but sees keys that stand there twice. */
const LONG_TEXT = 256 * 1024

export function sourceOfObject(value: unknown): Source {
  return { file: '<object>', value, issues: [], locate: () => null }
}

/** Reads a file, or standard input for "-". */
export function sourceOfFile(path: string): Source {
  const file = path === '-' ? '<stdin>' : path
  try {
    return sourceOfText(file, readFileSync(path === '-' ? 0 : path, 'utf8'))
  } catch (error) {
    return failed(file, 'FileNotRead', whyUnread(error), 'check the path; it counts from the current folder')
  }
}

function failed(file: string, code: string, message: string, hint: string): Source {
  return { file, value: undefined, issues: [{ ...issue([], code, message, hint), file, position: null }], locate: () => null }
}

function sourceOfText(file: string, text: string): Source {
  const value = quickly(text)
  if (value === NOT_READ) return sourceOfYaml(file, text)
  let slow: Source | null = null
  const locate = (path: Path, key?: boolean): Position | null => {
    slow ??= sourceOfYaml(file, text)
    return slow.locate(path, key)
  }
  return { file, value, issues: [], locate }
}

/** The value of long JSON or of plain YAML, which need no positions as long as nothing is wrong; else NOT_READ. */
function quickly(text: string): unknown {
  if (text.length <= LONG_TEXT || !/^\s*[{[]/.test(text)) return readPlainYaml(text)
  try {
    return JSON.parse(text)
  } catch {
    return NOT_READ
  }
}

function sourceOfYaml(file: string, text: string): Source {
  const lines = new LineCounter()
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true, logLevel: 'silent' })
    const issues = [...document.errors, ...document.warnings].map(error => ({
      ...syntaxIssue(error.code, error.message),
      file,
      position: at(error.pos[0]),
    }))
    const locate = (path: Path, key = false): Position | null => positionOf(document, path, key, at)
    if (issues.length > 0) return { file, value: undefined, issues, locate }
    return { file, value: document.toJS({ maxAliasCount: 1000 }), issues, locate }
  } catch (error) {
    // Nesting too deep for the parser, or aliases that unfold without end.
    return failed(file, 'YamlSyntax', error instanceof RangeError ? 'nested too deeply' : (error as Error).message, 'write it flatter')
  }
}

function syntaxIssue(code: string, message: string) {
  if (code === 'DUPLICATE_KEY') return issue([], 'DuplicateKey', 'this key stands here twice', 'keep one of them')
  return issue([], 'YamlSyntax', message.split('\n')[0], 'mind the indentation; quote texts that contain ": " or " #" or begin with a sign')
}
