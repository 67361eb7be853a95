// A plain copy of the input that the schema can check: keys in the schema's own letter case (Azure's tools disagree on it), nulls
// taken as absent (`az … -o json` prints null for what is not set), and nothing but data.
import { type Issue, issue } from './issue.js'
import { childOf, keysOf, type Schema, takesNull } from './schema-path.js'

/** Deeper than any scenario; guards the recursion against hostile nesting. */
const DEEPEST = 64

/** Kinds of values that no file can hold; an object made by a program can. */
const NO_DATA: ReadonlySet<string> = new Set(['function', 'symbol', 'bigint'])

/** `within` are the objects that hold this one, so that a circle is seen at its second turn. */
export function normalize(
  value: unknown,
  schema: Schema | null,
  path: Issue['path'],
  issues: Issue[],
  within: ReadonlySet<object> = new Set(),
): unknown {
  if (NO_DATA.has(typeof value)) {
    issues.push(issue(path, 'NotData', `a ${typeof value} is no data`, 'write text, numbers, lists, or keys and values'))
    return undefined
  }
  if (typeof value !== 'object' || value === null) return value
  if (path.length > DEEPEST || within.has(value)) {
    issues.push(issue(path, 'TooDeep', 'nested too deeply, or without end', 'write it flatter'))
    return undefined
  }
  const inner = new Set(within).add(value)
  if (Array.isArray(value)) {
    const element = schema && childOf(schema, 0)
    return Array.from(value, (item, i) => normalize(item, element, [...path, i], issues, inner))
  }
  return normalizeObject(value as Record<string, unknown>, schema, path, issues, inner)
}

function normalizeObject(
  value: Record<string, unknown>,
  schema: Schema | null,
  path: Issue['path'],
  issues: Issue[],
  within: ReadonlySet<object>,
): object {
  const known = schema && keysOf(schema)
  const result: Record<string, unknown> = {}
  for (const given of Object.keys(value)) {
    const key = known ? spelling(given, known) : given
    const at = [...path, given]
    if (key === '__proto__') {
      issues.push(issue(at, 'UnknownKey', `unknown key "${key}"`, 'take it out'))
    } else if (Object.hasOwn(result, key)) {
      issues.push(issue(at, 'DuplicateKey', `"${key}" stands here twice, in upper and lower case`, 'keep one of them'))
    } else {
      const child = schema && childOf(schema, key)
      if (value[given] === null && !(child && takesNull(child))) continue
      result[key] = normalize(value[given], child, [...path, key], issues, within)
    }
  }
  return result
}

/** The schema's spelling of a key, if it has one. */
export function spelling(given: string, known: readonly string[]): string {
  if (known.includes(given)) return given
  return known.find(key => key.toLowerCase() === given.toLowerCase()) ?? given
}
