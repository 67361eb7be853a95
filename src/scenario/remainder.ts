// What is left of a document when its mistakes are taken out, if that still makes a cluster: so that a later stage can judge the rest of
// the file, and all mistakes come at once. Only what the cluster's own plan does not depend on may be taken out: an entry of a list,
// the fabric. A guess in place of a wrong address range would lead to findings that are none.
import { complete } from './complete.js'
import type { Issue } from './issue.js'
import type { Scenario } from './model.js'
import { resolveDocument } from './resolve.js'
import { scenarioSchema } from './schema.js'

export interface Remainder {
  readonly scenario: Scenario
  /** Findings about the remainder as findings about the whole; those that what was taken out might have caused are left out. */
  own(issues: readonly Issue[]): Issue[]
}

const LISTS: ReadonlySet<string> = new Set([
  'workloads',
  'services',
  'namespaces',
  'networkPolicies',
  'endpoints',
  'traffic',
  'capture',
  'assert',
])
const KEYS: ReadonlySet<string> = new Set(['name', 'description', 'seed', 'duration', 'fabric', 'timeline', 'manifests'])
/** Settings of the cluster that are refused because they are not built, and that no address depends on. */
const SETTINGS: ReadonlySet<string> = new Set(['enableAutoScaling', 'ipFamilies'])

export function remainder(value: Readonly<Record<string, unknown>>, errors: readonly Issue[], folder: string): Remainder | null {
  const rest = structuredClone(value) as Record<string, unknown>
  const wrong = new Map<string, Set<number>>()
  for (const { path, code } of errors) {
    const [key, index] = path
    if (code === 'NotSupportedYet' && key === 'cluster' && SETTINGS.has(String(path.at(-1)))) removeAt(rest, path)
    else if (typeof key !== 'string' || (code === 'UnknownKey' && path.length === 1)) return null
    else if (LISTS.has(key) && typeof index === 'number') wrong.set(key, (wrong.get(key) ?? new Set()).add(index))
    else if (LISTS.has(key) || KEYS.has(key)) delete rest[key]
    else return null
  }
  const kept = new Map<string, readonly number[]>()
  for (const [key, indices] of wrong) {
    const items = rest[key]
    if (!Array.isArray(items)) continue
    kept.set(
      key,
      [...items.keys()].filter(index => !indices.has(index)),
    )
    rest[key] = items.filter((_, index) => !indices.has(index))
  }
  const checked = scenarioSchema.safeParse(rest)
  if (!checked.success) return null
  const hasFabric = rest.fabric === value.fabric || errors.every(({ path }) => path[0] !== 'fabric')
  return {
    scenario: resolveDocument(complete(checked.data, folder)),
    own: issues => issues.flatMap(found => restored(found, kept, hasFabric)),
  }
}

function removeAt(root: Record<string, unknown>, path: Issue['path']): void {
  let at = root
  for (const step of path.slice(0, -1)) at = at[step] as Record<string, unknown>
  delete at[path[path.length - 1]]
}

function restored(found: Issue, kept: ReadonlyMap<string, readonly number[]>, hasFabric: boolean): Issue[] {
  const [key, index, ...more] = found.path
  if (!hasFabric && key !== 'vnet' && key !== 'cluster') return []
  const original = kept.get(String(key))?.[Number(index)]
  return [original === undefined ? found : { ...found, path: [key, original, ...more] }]
}
