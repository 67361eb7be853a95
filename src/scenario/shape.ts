// Checks a value against the schema and words zod's findings as our issues. When something is wrong it also gives the value with
// the wrong parts cut out, so that references can still be checked and every mistake is reported at once.
import type { z } from 'zod'
import { type Issue, issue } from './issue.js'
import { didYouMean, nearest } from './nearest.js'
import { type ScenarioDocument, scenarioSchema } from './schema.js'
import { childOf, keysOf, type Schema } from './schema-path.js'

type ZodIssue = z.core.$ZodIssue

/** A document in which anything may be missing, but what is there has the right type. */
export type Partially<T> = T extends readonly (infer Item)[]
  ? readonly (Partially<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Partially<T[Key]> | undefined }
    : T

export interface Shape {
  /** The checked document, or null if anything is wrong. */
  readonly document: ScenarioDocument | null
  /** What is left when the wrong parts are cut out; equals the document if nothing is wrong. */
  readonly sound: Partially<ScenarioDocument>
  readonly issues: readonly Issue[]
}

export function checkShape(value: unknown): Shape {
  const checked = scenarioSchema.safeParse(value)
  if (checked.success) return { document: checked.data, sound: checked.data, issues: [] }
  const issues = issuesOf(checked.error, { schema: scenarioSchema, value })
  return { document: null, sound: cutOut(value, issues), issues }
}

/** A value with the schema that it was checked against: what wordings look things up in. */
interface Checked {
  readonly schema: Schema
  readonly value: unknown
}

/** What zod found in a value, in our words. */
export const issuesOf = (error: z.core.$ZodError, root: Checked): Issue[] => error.issues.flatMap(found => wordings(found, [], root))

/** A copy of the value without what the issues point at. Lists keep their length, so indices stay true. */
function cutOut(value: unknown, issues: readonly Issue[]): Partially<ScenarioDocument> {
  const copy = structuredClone(value)
  for (const { path } of issues) {
    if (path.length === 0) return {}
    let at = copy as Record<string | number, unknown>
    for (const step of path.slice(0, -1)) at = (at?.[step] ?? {}) as Record<string | number, unknown>
    if (typeof at === 'object') at[path[path.length - 1]] = undefined
  }
  return (typeof copy === 'object' && copy !== null && !Array.isArray(copy) ? copy : {}) as Partially<ScenarioDocument>
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce(
    (at: unknown, step) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[step] : undefined),
    value,
  )

function schemaAt(schema: Schema, path: Issue['path']): Schema | null {
  return path.reduce((at: Schema | null, step) => at && childOf(at, step), schema as Schema | null)
}

/** Our words for one of zod's issues; `before` is the path of the union it was found in. */
function wordings(found: ZodIssue, before: Issue['path'], root: Checked): Issue[] {
  const path = [...before, ...(found.path as Issue['path'])]
  const given = valueAt(root.value, path)
  switch (found.code) {
    case 'unrecognized_keys':
      return found.keys.map(key =>
        issue([...path, key], 'UnknownKey', `unknown key "${key}"`, didYouMean(key, knownKeys(root.schema, path))),
      )
    case 'invalid_type':
      return [wrongType(path, given, found.expected)]
    case 'invalid_value':
      return [wrongWord(path, given, found.values.map(String))]
    case 'invalid_union':
      return unionWordings(found, path, root)
    case 'too_small':
      return [issue(path, 'OutOfRange', `${show(given)} is too small`, `the least is ${bound(found.minimum, found.origin)}`)]
    case 'too_big':
      return [issue(path, 'OutOfRange', `${show(given)} is too large`, `the most is ${bound(found.maximum, found.origin)}`)]
    case 'custom': {
      const { code, hint } = (found.params ?? {}) as { code?: string; hint?: string }
      return [issue(path, code ?? 'BadValue', found.message, hint ?? '')]
    }
    case 'invalid_key':
      return found.issues.flatMap(inner => wordings({ ...inner, path: [] } as ZodIssue, path, root))
    default:
      return [issue(path, 'BadValue', `${show(given)} is not allowed here`, found.message)]
  }
}

const bound = (limit: number | bigint, origin: string): string =>
  origin === 'array' ? `${limit} items` : origin === 'string' ? `${limit} characters` : `${limit}`

const knownKeys = (root: Schema, path: Issue['path']): readonly string[] => {
  const schema = schemaAt(root, path)
  return (schema && keysOf(schema)) ?? []
}

/** Of a union, the branch whose kind fits what was given speaks; if none does, the kinds that would fit are listed. */
function unionWordings(found: Extract<ZodIssue, { code: 'invalid_union' }>, path: Issue['path'], root: Checked): Issue[] {
  if (found.discriminator !== undefined) {
    const words = 'options' in found ? (found.options as unknown[]).map(String) : []
    return [wrongWord(path, valueAt(root.value, path), words)]
  }
  const fits = found.errors.find(
    branch => !branch.some(inner => inner.path.length === 0 && /^invalid_(type|value|union)$/.test(inner.code)),
  )
  if (fits) return fits.flatMap(inner => wordings(inner, path, root))
  const given = valueAt(root.value, path)
  const words = found.errors.flatMap(branch => branch.flatMap(inner => (inner.code === 'invalid_value' ? inner.values.map(String) : [])))
  if (typeof given === 'string' && words.length > 0) return [wrongWord(path, given, words)]
  const kinds = found.errors.flatMap(branch =>
    branch.flatMap(inner => (inner.code === 'invalid_type' ? [KINDS[inner.expected] ?? inner.expected] : [])),
  )
  return [wrongType(path, given, [...new Set(kinds)].join(' or '))]
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys and values',
  record: 'keys and values',
}

const kindOf = (value: unknown): string =>
  value === null ? 'nothing' : Array.isArray(value) ? 'a list' : (KINDS[typeof value] ?? typeof value)

function wrongType(path: Issue['path'], given: unknown, expected: string): Issue {
  const wanted = KINDS[expected] ?? expected
  if (given === undefined) return issue(path, 'MissingKey', `"${path[path.length - 1] ?? 'scenario'}" is missing`, `add it: ${wanted}`)
  const quotes = expected === 'string' && typeof given === 'number' ? ' (put it in quotes)' : ''
  const shown = typeof given === 'number' ? show(given) : kindOf(given)
  return issue(path, 'WrongType', `expected ${wanted}, found ${shown}`, `write ${wanted} here${quotes}`)
}

function wrongWord(path: Issue['path'], given: unknown, words: readonly string[]): Issue {
  if (given === undefined) return issue(path, 'MissingKey', `"${path[path.length - 1]}" is missing`, `add it: ${words.join(' or ')}`)
  const near = typeof given === 'string' ? nearest(given, words) : null
  return issue(path, 'BadValue', `${show(given)} is not allowed here`, near ? `did you mean ${near}?` : `write ${words.join(' or ')}`)
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
