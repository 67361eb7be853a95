// Reads what `az … -o json` and ARM print. Both say the same with other letters and another nesting: keys are matched in any case, and
// what ARM puts under `properties` counts as if it stood beside it.

export type Json = Readonly<Record<string, unknown>>

export const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A resource with what is under `properties` lifted up. */
export function lifted(resource: Json): Json {
  const properties = at(resource, 'properties')
  if (!isJson(properties)) return resource
  const own = Object.entries(resource).filter(([key]) => key.toLowerCase() !== 'properties')
  return { ...properties, ...Object.fromEntries(own) }
}

/** The value of a key in any letter case; undefined if absent or null. */
export function at(object: Json, key: string): unknown {
  if (Object.hasOwn(object, key)) return object[key] ?? undefined
  const found = Object.keys(object).find(one => one.toLowerCase() === key.toLowerCase())
  return found === undefined ? undefined : (object[found] ?? undefined)
}

export const textAt = (object: Json, key: string): string | null => {
  const value = at(object, key)
  return typeof value === 'string' && value !== '' ? value : null
}

export const listAt = (object: Json, key: string): readonly unknown[] => {
  const value = at(object, key)
  return Array.isArray(value) ? value : []
}

/** Resources of a list as az prints it; as ARM prints it, under `value`; or a single one. */
export function resourcesIn(given: unknown): Json[] {
  const list = Array.isArray(given)
    ? given
    : isJson(given) && Array.isArray(at(given, 'value'))
      ? (at(given, 'value') as unknown[])
      : [given]
  return list.filter(isJson).map(lifted)
}

/** The last segment of a resource id. */
export const lastOf = (id: string): string => id.split('/').filter(Boolean).at(-1) ?? id
