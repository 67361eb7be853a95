// The files that a scenario names: recordings, growth curves, manifests. Whoever takes a scenario elsewhere has to take them along.
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { filesOf } from './manifest-files.js'
import { normalize } from './normalize.js'
import { applyOverride, parseOverride } from './override.js'
import { scenarioSchema } from './schema.js'

/**
 * Names of files after the overrides `set`, relative to the folder of the scenario, with slashes, sorted; a folder of manifests stands for
 * what is in it. Absolute paths are left out. What cannot be read is named as it stands in the scenario.
 */
export function namedFiles(value: object, set: readonly string[], folder: string): string[] {
  const changed = normalize(value, scenarioSchema, [], []) as Record<string, unknown>
  for (const text of set) {
    const override = parseOverride(text, scenarioSchema)
    if (!('code' in override)) applyOverride(changed, override)
  }
  const listed = (key: string): Record<string, unknown>[] => objects(changed[key])
  const names = [
    ...(Array.isArray(changed.manifests) ? changed.manifests : []),
    ...listed('traffic').map(({ replay }) => fileOf(replay)),
    ...listed('workloads').map(({ growth }) => fileOf(growth)),
  ].filter(name => typeof name === 'string' && name !== '' && !isAbsolute(name)) as string[]
  return [...new Set(names.flatMap(name => expanded(name, folder)))].sort()
}

const objects = (list: unknown): Record<string, unknown>[] =>
  Array.isArray(list) ? list.filter(item => typeof item === 'object' && item !== null) : []

const fileOf = (part: unknown): unknown => (typeof part === 'object' && part !== null ? (part as { file?: unknown }).file : undefined)

function expanded(name: string, folder: string): string[] {
  try {
    return filesOf(resolve(folder, name), name).map(({ path }) => relative(folder, path).split(sep).join('/'))
  } catch {
    return [name]
  }
}
