// The identity of a scenario: SHA-256 of its canonical JSON. Keys are sorted, so their order in the file does not count, and a
// replayed file enters by what is in it, so where it lies does not count either.
import { createHash } from 'node:crypto'
import type { Scenario } from './model.js'

/** JSON with the keys of every object in code unit order and no spaces. Undefined values are left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(item => canonicalJson(item === undefined ? null : item)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
}

export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')

/** `contents` gives the hash of each replayed file by its path. */
export function hashOf(scenario: Scenario, contents: ReadonlyMap<string, string>): string {
  const traffic = scenario.traffic.map(entry => (entry.kind === 'replay' ? { ...entry, file: contents.get(entry.file) } : entry))
  return sha256(canonicalJson({ ...scenario, traffic }))
}
