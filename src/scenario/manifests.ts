// The key `manifests`: what stands in Kubernetes' own files takes its place among the workloads, Services, policies, namespaces and nodes of
// the scenario, behind those of the file itself, and from there on is treated as if it stood there. Mistakes that are found later
// are shown where they were made, in the manifest.
import type { ClusterFacts } from '../kube/cluster-facts.js'
import { nameOf } from '../kube/fields.js'
import type { Place } from '../kube/place.js'
import { namespaceParts, policyParts, serviceParts } from '../kube/service-parts.js'
import { workloadParts } from '../kube/workload-parts.js'
import type { LocatedIssue } from './error.js'
import { type Issue, warning } from './issue.js'
import { readManifestFiles } from './manifest-files.js'
import { daemonPods, includeNodes, nodesOf } from './manifest-nodes.js'
import { objectPath } from './manifest-paths.js'
import { normalize } from './normalize.js'
import { scenarioSchema } from './schema.js'
import { childOf } from './schema-path.js'

type Plain = Record<string, unknown>
type Path = Issue['path']

export interface Included {
  /** Mistakes inside of the manifests. */
  readonly faults: readonly LocatedIssue[]
  /** The issue with its place in a manifest, if that is where the path leads. */
  located(found: Issue): LocatedIssue | null
}

/** Takes the key out of the scenario and puts what it leads to in. `inline` says where a path of the scenario's own file stands. */
export function includeManifests(value: Plain, folder: string, inline: (path: Path) => string, issues: Issue[]): Included {
  const names = value.manifests
  if (!Array.isArray(names) || !names.every(name => typeof name === 'string' && name !== '')) return { faults: [], located: () => null }
  delete value.manifests
  const files = readManifestFiles(names, folder)
  issues.push(...files.issues)
  const inclusion = new Inclusion(value, inline, issues)
  inclusion.addAll(files.facts)
  const faults = files.faults.map(fault => ({ ...fault, path: ['manifests'], severity: 'error' as const }))
  return { faults: [...faults, ...inclusion.conflicts], located: found => inclusion.located(found) }
}

class Inclusion {
  readonly conflicts: LocatedIssue[] = []
  /** Where the entries come from, by their path: "workloads/7". */
  private readonly places = new Map<string, Place>()
  /** Indices of the scenario's own entries, by list and name. */
  private readonly own: ReadonlyMap<string, number>

  constructor(
    private readonly value: Plain,
    private readonly inline: (path: Path) => string,
    private readonly issues: Issue[],
  ) {
    const entries = Object.keys(WORDS).flatMap(key => {
      const list: unknown = value[key]
      return Array.isArray(list) ? list.map((part, i) => [`${key} ${qualifiedName(part)}`, i] as const) : []
    })
    this.own = new Map(entries)
  }

  addAll(facts: ClusterFacts): void {
    includeNodes(this.value, facts.nodes, (path, place) => this.places.set(path.join('/'), place))
    const nodes = nodesOf(this.value, facts.nodes)
    for (const source of workloadParts(facts)) {
      const { value, place, perNode } = source
      if (perNode === null && value.pods === undefined && source.finished > 0 && value.replicas === 0) continue
      const pods = perNode === null ? [] : daemonPods(value.name, perNode, nodes)
      this.add('workloads', perNode === null ? value : { ...value, ...(pods.length > 0 ? { pods } : { replicas: 0 }) }, place)
    }
    for (const { value, place } of serviceParts(facts)) this.add('services', value, place)
    for (const { value, place } of policyParts(facts)) this.add('networkPolicies', value, place)
    for (const { value, place } of namespaceParts(facts)) this.add('namespaces', value, place)
    this.warnAboutSelectors(facts)
  }

  private add(key: string, part: object, place: Place | null): void {
    this.value[key] ??= []
    const list = this.value[key]
    // Something else than a list: the scenario's own mistake, which is reported as such.
    if (!Array.isArray(list)) return
    const name = qualifiedName(part)
    const same = this.own.get(`${key} ${name}`)
    if (same !== undefined && place !== null) {
      const shown = key === 'namespaces' ? name.slice('default/'.length) : name
      const message = `${WORDS[key]} ${shown} stands in the scenario too, at ${this.inline([key, same])}`
      const position = place.locate(['metadata', 'name'])
      const hint = 'take one of them out, or give it another name'
      this.conflicts.push({ path: ['manifests'], code: 'DuplicateName', message, hint, severity: 'error', file: place.file, position })
      return
    }
    const path = [key, list.length]
    if (place !== null) this.places.set(path.join('/'), place)
    const schema = childOf(scenarioSchema, key)
    list.push(normalize(part, schema && childOf(schema, 0), path, this.issues))
  }

  /** A scheduler that follows no selectors would place such pods elsewhere than the cluster does. */
  private warnAboutSelectors(facts: ClusterFacts): void {
    const bound = facts.workloads.filter(one => one.kind !== 'DaemonSet' && Object.keys(one.nodeSelector).length > 0)
    if (bound.length === 0) return
    const first = nameOf({ kind: bound[0].kind, metadata: bound[0] })
    const others = bound.length > 1 ? ` and of ${bound.length - 1} more` : ''
    const message = `the nodeSelector of ${first}${others} is not followed: pods go to any node`
    this.issues.push(warning(['manifests'], 'NodeSelectorIgnored', message, 'pods with fixed nodes stay where they are'))
  }

  located(found: Issue): LocatedIssue | null {
    for (const length of [2, 5]) {
      const place = this.places.get(found.path.slice(0, length).join('/'))
      if (place === undefined) continue
      const position = place.locate(objectPath(found.path))
      return { ...found, file: place.file, position }
    }
    return null
  }
}

const WORDS: Readonly<Record<string, string>> = {
  workloads: 'workload',
  services: 'Service',
  networkPolicies: 'NetworkPolicy',
  namespaces: 'namespace',
}

/** "shop/web"; what has no namespace goes by "default", as Kubernetes has it. */
function qualifiedName(part: unknown): string {
  const { metadata, ...own } = (part ?? {}) as Plain
  const { name, namespace } = (typeof metadata === 'object' && metadata !== null ? metadata : own) as Plain
  return `${namespace ?? 'default'}/${name}`
}
