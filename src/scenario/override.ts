// `--set path=value`: a change to one value of a scenario from the command line. The path is written with dots and [n]; names with
// dots in them stand in brackets with quotes. The value is read as YAML. A path that the format does not know is refused.
import { parseDocument } from 'yaml'
import type { LocatedIssue } from './error.js'
import { issue } from './issue.js'
import { didYouMean } from './nearest.js'
import { normalize, spelling } from './normalize.js'
import { childOf, isArraySchema, keysOf, type Schema, takesNull } from './schema-path.js'

export interface Override {
  readonly path: readonly (string | number)[]
  readonly value: unknown
  /** The option as typed, for messages. */
  readonly text: string
}

const STEP = /\.?([^.[\]=\s]+)|\[(\d+)\]|\["([^"]*)"\]|\['([^']*)'\]/y

/** Cuts `a.b[2]["c.d"]` into its steps; null if it is no path. */
export function parsePath(text: string): (string | number)[] | null {
  const steps: (string | number)[] = []
  STEP.lastIndex = 0
  while (STEP.lastIndex < text.length) {
    const match = STEP.exec(text)
    if (!match) return null
    steps.push(match[2] === undefined ? (match[1] ?? match[3] ?? match[4]) : Number(match[2]))
  }
  return steps.length === 0 ? null : steps
}

export function formatPath(path: readonly (string | number)[]): string {
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : /^[\w-]+$/.test(step) ? `${i ? '.' : ''}${step}` : `["${step}"]`))
    .join('')
}

const located = (option: string, code: string, message: string, hint: string): LocatedIssue => ({
  ...issue([], code, message, hint),
  file: option,
  position: null,
})

/** A path in the schema's own spelling and what may stand there, or what is wrong with it. */
export function followPath(
  steps: readonly (string | number)[],
  schema: Schema,
): { path: (string | number)[]; at: Schema } | { message: string; hint: string } {
  const path: (string | number)[] = []
  let at: Schema = schema
  for (const step of steps) {
    const known = keysOf(at)
    const key = typeof step === 'string' && known ? spelling(step, known) : step
    const child: Schema | null = key === '__proto__' ? null : childOf(at, key)
    if (child === null) {
      const here = path.length ? ` under ${formatPath(path)}` : ''
      const hint = known
        ? didYouMean(String(step), known)
        : isArraySchema(at)
          ? 'write a number in brackets, as in [0]'
          : 'nothing stands under it'
      return { message: `there is no "${step}"${here}`, hint }
    }
    path.push(key)
    at = child
  }
  return { path, at }
}

/** Reads one `path=value` against the schema. */
export function parseOverride(text: string, schema: Schema): Override | LocatedIssue {
  const option = `--set ${text}`
  const equals = text.indexOf('=', text.lastIndexOf(']', text.indexOf('=')))
  const steps = equals > 0 ? parsePath(text.slice(0, equals).trim()) : null
  if (!steps) return located(option, 'BadOverride', 'this is not path=value', 'write it as in --set fabric.latency=20us')
  const followed = followPath(steps, schema)
  if ('message' in followed) return located(option, 'UnknownKey', followed.message, followed.hint)
  const { path, at } = followed
  const written = text.slice(equals + 1)
  // Whole numbers are what studies set a thousand times; YAML reads them no differently, only a hundred times slower.
  if (/^(0|[1-9]\d{0,14})$/.test(written)) return { path, value: Number(written), text: option }
  try {
    const document = parseDocument(written, { logLevel: 'silent', prettyErrors: false })
    for (const fault of [...document.errors, ...document.warnings]) throw fault
    const value: unknown = document.toJS({ maxAliasCount: 1000 })
    return { path, value: value === null && !takesNull(at) ? undefined : normalize(value, at, path, []), text: option }
  } catch (error) {
    return located(option, 'YamlSyntax', (error as Error).message.split('\n')[0], 'quote the value')
  }
}

/** Writes the value into the document, making the objects on the way; says so if a list is too short. Null takes the key out. */
export function applyOverride(root: unknown, override: Override): LocatedIssue | null {
  const { path, value, text } = override
  let at = root as Record<string | number, unknown>
  for (let i = 0; i < path.length; i++) {
    const step = path[i]
    if (typeof step === 'number' && (!Array.isArray(at) || step > at.length)) {
      const there = Array.isArray(at) ? at.length : 0
      return located(text, 'NoSuchItem', `${formatPath(path.slice(0, i))} has ${there} items`, `the next free place is [${there}]`)
    }
    if (i === path.length - 1) {
      at[step] = value
      return null
    }
    if (typeof at[step] !== 'object' || at[step] === null) at[step] = typeof path[i + 1] === 'number' ? [] : {}
    at = at[step] as Record<string | number, unknown>
  }
  return null
}
