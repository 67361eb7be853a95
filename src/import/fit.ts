// The part of a foreign object that a scenario has a place for: keys in the schema's spelling, without nulls, without what the schema
// does not know. The schema itself says what that is, so what vxlane learns to use tomorrow is imported tomorrow.
import { spelling } from '../scenario/normalize.js'
import { childOf, keysOf, type Schema } from '../scenario/schema-path.js'
import { isJson } from './az-json.js'

/** `dropped` gets the paths of what has a value and no place. Empty objects and lists are left out. */
export function fitted(value: unknown, schema: Schema | null, path: string, dropped: string[]): unknown {
  if (value === null || value === undefined || value === '') return undefined
  if (Array.isArray(value)) {
    const element = schema && childOf(schema, 0)
    const items = value.map((item, i) => fitted(item, element, `${path}[${i}]`, dropped)).filter(item => item !== undefined)
    return items.length > 0 ? items : undefined
  }
  if (!isJson(value)) return value
  const known = schema && keysOf(schema)
  const entries = Object.keys(value).flatMap(given => {
    const key = known ? spelling(given, known) : given
    const child = schema && childOf(schema, key)
    if (known && child === null) {
      if (hasValue(value[given])) dropped.push(`${path}.${given}`)
      return []
    }
    const fit = fitted(value[given], child, `${path}.${key}`, dropped)
    return fit === undefined ? [] : [[key, fit] as const]
  })
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

/** Whether there is anything in it that could have an effect. */
const hasValue = (value: unknown): boolean => {
  if (value === null || value === undefined || value === '' || value === false) return false
  if (Array.isArray(value)) return value.some(hasValue)
  return isJson(value) ? Object.values(value).some(hasValue) : true
}
