// `importCluster`: what az and kubectl print, as objects of a program, into a scenario that loads and runs as it is.
import { Collector } from '../kube/collect.js'
import type { Fault } from '../kube/fault.js'
import { objectsOf, readObjects } from '../kube/read-objects.js'
import { type LocatedIssue, ScenarioError } from '../scenario/error.js'
import { readAzCluster } from './az-show.js'
import { readAzSubnets } from './az-subnets.js'
import { type Merged, mergeSources } from './merged.js'
import { plainOf } from './scenario-text.js'

export interface ClusterSources {
  /** What `az aks show -o json` prints, or ARM: the parsed JSON. */
  readonly az?: unknown
  /** What `az aks nodepool list -o json` prints. */
  readonly nodepools?: unknown
  /** What `az network vnet subnet list -o json` prints. */
  readonly subnets?: unknown
  /** What `kubectl get … -o json` prints: Lists, objects, or arrays of them; or its text, JSON or YAML. */
  readonly kubernetes?: readonly unknown[]
}

export interface ImportedCluster {
  /** The scenario in the form of its file: give it to loadScenario, run or openLab, or write it down as JSON. */
  readonly scenario: Readonly<Record<string, unknown>>
  /** Objects of kinds that do not concern the network, by kind: how many were skipped. */
  readonly skipped: Readonly<Record<string, number>>
  /** What was assumed, and what was left out; a sentence each. */
  readonly notes: readonly string[]
}

/** Throws a ScenarioError with every mistake in the objects, and an ImportError for what is something else altogether. */
export function importCluster(sources: ClusterSources): ImportedCluster {
  const faults: Fault[] = []
  const collector = new Collector(faults, false)
  const { kubernetes = [] } = sources
  const given: readonly unknown[] = Array.isArray(kubernetes) ? kubernetes : [kubernetes]
  given.forEach((value, i) => {
    const name = `<kubernetes[${i}]>`
    const found = typeof value === 'string' ? readObjects(name, [Buffer.from(value)], faults) : objectsOf(value, name, faults)
    for (const object of found) collector.add(object)
  })
  const merged = mergeAll(sources, collector, faults)
  return { scenario: plainOf(merged.entries) as Record<string, unknown>, skipped: merged.skipped, notes: merged.notes }
}

/** The same of objects that were collected already, as they come out of files. */
export function mergeAll(
  { az, nodepools, subnets }: Omit<ClusterSources, 'kubernetes'>,
  kubernetes: Collector,
  faults: readonly Fault[],
): Merged {
  if (faults.length > 0) throw new ScenarioError(faults.map(issueOf))
  const cluster = az === undefined && nodepools === undefined ? null : readAzCluster(az, nodepools)
  const notes: string[] = []
  const pools = (cluster?.pools ?? []).map(pool => String(pool.name))
  const listed = subnets === undefined ? [] : readAzSubnets(subnets, pools, notes)
  const merged = mergeSources({ az: cluster, subnets: listed, kubernetes })
  return { ...merged, notes: [...notes, ...merged.notes] }
}

const issueOf = ({ file, position, code, message, hint }: Fault): LocatedIssue => ({
  path: [],
  file,
  position,
  code,
  message,
  hint,
  severity: 'error',
})
