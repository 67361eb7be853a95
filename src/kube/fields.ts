// Reads the fields of a Kubernetes object: what is absent or null gives nothing, what has the wrong type is a located mistake and
// gives nothing too. So the rest of an object can always be read, whatever stands in it.
import { type Fault, type Path, pathText } from './fault.js'
import type { Found } from './read-objects.js'

export type Labels = Readonly<Record<string, string>>

type Report = (path: Path, code: string, what: string, hint: string) => void

/** The fields of an object, its mistakes going to `faults`. */
export function fieldsOf(found: Found, faults: Fault[]): Fields {
  const { value, place } = found
  return new Fields(value, [], (path, code, what, hint) => {
    const message = `${nameOf(value)}: ${pathText(path)}: ${what}`
    // Finding a place parses the object's text again: a file with more mistakes than this has one of system, and gets lines alone.
    const position = faults.length < MOST_PLACES ? place.locate(path) : place.start()
    faults.push({ file: place.file, position, code, message, hint })
  })
}

const MOST_PLACES = 200

/** "Pod shop/web-0", as far as the object says it. */
export function nameOf(value: Readonly<Record<string, unknown>>): string {
  const { namespace, name } = (typeof value.metadata === 'object' && value.metadata !== null ? value.metadata : {}) as Record<
    string,
    unknown
  >
  const kind = typeof value.kind === 'string' ? value.kind : 'object'
  if (typeof name !== 'string') return `${kind} without a name`
  return typeof namespace === 'string' ? `${kind} ${namespace}/${name}` : `${kind} ${name}`
}

const kindOf = (value: unknown): string =>
  value === null ? 'nothing' : Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'keys and values' : WORDS[typeof value]

const WORDS: Readonly<Record<string, string>> = { string: 'text', number: 'a number', boolean: 'true or false' }

export class Fields {
  constructor(
    private readonly value: Readonly<Record<string, unknown>>,
    private readonly path: Path,
    private readonly report: Report,
  ) {}

  /** What stands under a key as it is; undefined if absent or null. */
  raw(key: string): unknown {
    return Object.hasOwn(this.value, key) ? (this.value[key] ?? undefined) : undefined
  }

  /** Says that what stands under the key cannot be. */
  refuse(key: string, code: string, what: string, hint: string): void {
    this.report([...this.path, key], code, what, hint)
  }

  text(key: string): string | null {
    return this.typed(key, 'text', value => typeof value === 'string')
  }

  flag(key: string): boolean {
    return this.typed<boolean>(key, 'true or false', value => typeof value === 'boolean') ?? false
  }

  /** A whole number from 0 on. */
  count(key: string): number | null {
    const value = this.typed<number>(key, 'a number', given => typeof given === 'number')
    if (value === null || (Number.isInteger(value) && value >= 0 && value <= MOST_COUNT)) return value
    this.refuse(key, 'OutOfRange', `${value} is no number of things`, `write a whole number from 0 to ${MOST_COUNT}`)
    return null
  }

  /** A port: a number from 1 to 65535. */
  port(key: string): number | null {
    const value = this.count(key)
    if (value === null || (value >= 1 && value <= 65535)) return value
    this.refuse(key, 'OutOfRange', `${value} is no port`, 'write a number from 1 to 65535')
    return null
  }

  /** Keys and values of text, as labels and selectors are; null if absent. */
  labels(key: string): Labels | null {
    const given = this.raw(key)
    if (given === undefined) return null
    const inner = this.object(key)
    const entries = Object.keys(typeof given === 'object' ? (given as object) : {}).map(label => [label, inner.text(label)] as const)
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null))
  }

  /** The object under a key; empty if there is none. */
  object(key: string): Fields {
    const value = this.typed<Record<string, unknown>>(key, 'keys and values', isObject) ?? {}
    return new Fields(value, [...this.path, key], this.report)
  }

  /** The objects of a list; none if there is no list. */
  objects(key: string): Fields[] {
    const list = this.typed<readonly unknown[]>(key, 'a list', Array.isArray) ?? []
    return list.flatMap((item, i) => {
      const path = [...this.path, key, i]
      if (isObject(item)) return [new Fields(item as Record<string, unknown>, path, this.report)]
      this.report(path, 'WrongType', `expected keys and values, found ${kindOf(item)}`, 'write keys and values here')
      return []
    })
  }

  /** The texts of a list. */
  texts(key: string): string[] {
    const list = this.typed<readonly unknown[]>(key, 'a list', Array.isArray) ?? []
    return list.filter((item, i): item is string => {
      if (typeof item === 'string') return true
      this.report([...this.path, key, i], 'WrongType', `expected text, found ${kindOf(item)}`, 'write text here')
      return false
    })
  }

  private typed<T = string>(key: string, wanted: string, fits: (value: unknown) => boolean): T | null {
    const value = this.raw(key)
    if (value === undefined) return null
    if (fits(value)) return value as T
    const quotes = wanted === 'text' && typeof value !== 'object' ? ' (put it in quotes)' : ''
    this.refuse(key, 'WrongType', `expected ${wanted}, found ${kindOf(value)}`, `write ${wanted} here${quotes}`)
    return null
  }
}

/** More than any cluster has of anything. */
const MOST_COUNT = 10_000_000

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)
