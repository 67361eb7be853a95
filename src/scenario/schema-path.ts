// Walking the schema itself: which keys an object may have, what stands under a key. Needed before zod checks a value, to match keys
// regardless of letter case and to tell whether the path of `--set` exists.
import type { z } from 'zod'

type Schema = z.core.$ZodType
/** The parts of zod's definitions that we look at. */
interface Definition {
  readonly type: string
  readonly innerType?: Schema
  readonly options?: readonly Schema[]
  readonly shape?: Readonly<Record<string, Schema>>
  readonly element?: Schema
  readonly valueType?: Schema
}

const definition = (schema: Schema): Definition => schema._zod.def as unknown as Definition

/** The schema without optional, default and nullable around it; every branch of a union. */
function branches(schema: Schema): Schema[] {
  const def = definition(schema)
  if (def.innerType) return branches(def.innerType)
  if (def.options) return def.options.flatMap(branches)
  return [schema]
}

/** Whether null is a value here, not just "absent". */
export function takesNull(schema: Schema): boolean {
  const def = definition(schema)
  return def.type === 'nullable' || (def.innerType !== undefined && takesNull(def.innerType))
}

/** Keys an object here may have, or null where any key goes (or no object stands). */
export function keysOf(schema: Schema): string[] | null {
  const shapes = branches(schema).map(branch => definition(branch).shape)
  const keys = shapes.flatMap(shape => (shape ? Object.keys(shape) : []))
  return keys.length === 0 ? null : [...new Set(keys)]
}

/** What stands under a key or index: one schema, or null if nothing can. */
export function childOf(schema: Schema, step: string | number): Schema | null {
  for (const branch of branches(schema)) {
    const def = definition(branch)
    if (def.shape && Object.hasOwn(def.shape, step)) return def.shape[step]
    if (def.type === 'array' && typeof step === 'number') return def.element ?? null
    if (def.type === 'record' && typeof step === 'string') return def.valueType ?? null
    if (def.type === 'unknown') return branch
  }
  return null
}

export const isArraySchema = (schema: Schema): boolean => branches(schema).some(branch => definition(branch).type === 'array')

export type { Schema }
