// Whether what changes over time makes sense: one action an entry, names that lead somewhere, curves and bounds that fit together. Works on
// a document with holes, like `references.ts` and `rules.ts`.
import { parseQuantity } from '../base/quantity.js'
import { LAST_EXACT_MOMENT } from '../base/sim-time.js'
import { type Issue, issue, warning } from './issue.js'
import { collectNames, type Names, nodeName, poolName, qualified } from './names.js'
import { didYouMean } from './nearest.js'
import type { Sound } from './references.js'
import { TIMELINE_ACTIONS } from './schema-timeline.js'
import type { Shape } from './shape.js'

type Path = Issue['path']
type Entry = NonNullable<NonNullable<Sound['timeline']>[number]>
type IsCut = (path: Path) => boolean

const nsOf = (text: string | undefined): number | null => (text === undefined ? null : parseQuantity(text, 'time'))

export function checkTimeline(document: Sound, shape: Shape): Issue[] {
  const wrong = new Set(shape.issues.map(({ path }) => path.join('/')))
  const isCut = (path: Path): boolean => wrong.has(path.join('/'))
  const names = collectNames(document)
  const issues: Issue[] = []
  document.timeline?.forEach((entry, i) => {
    if (entry) checkEntry(document, names, entry, ['timeline', i], isCut, issues)
  })
  checkAutoScaling(document, isCut, issues)
  document.workloads?.forEach((workload, i) => {
    if (workload) checkWorkload(workload, ['workloads', i], isCut, issues)
  })
  const duration = nsOf(document.duration)
  if (duration !== null && duration > LAST_EXACT_MOMENT && (document.traffic?.length ?? 0) > 0)
    issues.push(
      issue(['duration'], 'OutOfRange', `${document.duration} is too long for traffic`, 'packets are simulated for 104 days at most'),
    )
  return issues
}

function unknown(issues: Issue[], path: Path, what: string, given: string, known: Iterable<string>): void {
  issues.push(issue(path, `Unknown${what}`, `there is no ${what.toLowerCase()} ${given}`, didYouMean(given, [...known])))
}

function missing(issues: Issue[], path: Path, key: string, example: string): void {
  issues.push(issue([...path, key], 'MissingKey', `"${key}" is missing`, `add it, as in ${key}: ${example}`))
}

function checkEntry(document: Sound, names: Names, entry: Entry, path: Path, isCut: IsCut, issues: Issue[]): void {
  const given = TIMELINE_ACTIONS.filter(key => entry[key] !== undefined || isCut([...path, key]))
  if (given.length > 1)
    issues.push(issue(path, 'AmbiguousEvent', `${given.join(' and ')} in one entry`, 'write an entry for each, with the same moment'))
  if (given.length === 0 && !Object.keys(entry).some(key => key !== 'at' && isCut([...path, key])))
    issues.push(issue(path, 'MissingKey', 'it does not say what happens', `write ${TIMELINE_ACTIONS.join(', ')}`))
  const at = nsOf(entry.at)
  const end = nsOf(document.duration)
  if (at !== null && end !== null && at > end)
    issues.push(warning([...path, 'at'], 'AfterTheEnd', `${entry.at} is after the end (${document.duration})`, 'raise duration'))
  const { scale, upgrade, fail, occupy, vacate } = entry
  const pool = (name: string | undefined, where: Path): void => {
    if (name !== undefined && !names.pools.has(name)) unknown(issues, where, 'Pool', name, names.pools.keys())
  }
  if (scale) checkScale(names, scale, [...path, 'scale'], isCut, issues)
  pool(scale?.pool, [...path, 'scale', 'pool'])
  pool(upgrade?.pool, [...path, 'upgrade', 'pool'])
  pool(fail?.pool, [...path, 'fail', 'pool'])
  if (fail) checkFail(names, fail, [...path, 'fail'], isCut, issues)
  for (const [key, shared] of [['occupy', occupy] as const, ['vacate', vacate] as const]) {
    const subnets = document.vnet?.subnets ? Object.keys(document.vnet.subnets) : ['aks-nodes']
    if (shared?.subnet !== undefined && !subnets.includes(shared.subnet))
      unknown(issues, [...path, key, 'subnet'], 'Subnet', shared.subnet, subnets)
  }
}

function checkScale(names: Names, scale: NonNullable<Entry['scale']>, path: Path, isCut: IsCut, issues: Issue[]): void {
  const has = (key: 'pool' | 'count' | 'workload' | 'replicas'): boolean => scale[key] !== undefined || isCut([...path, key])
  if (has('pool') && has('workload')) issues.push(issue(path, 'AmbiguousEvent', 'names a pool and a workload', 'name one of them'))
  else if (has('pool') && !has('count')) missing(issues, path, 'count', '10')
  else if (has('workload') && !has('replicas')) missing(issues, path, 'replicas', '100')
  else if (!has('pool') && !has('workload'))
    issues.push(issue(path, 'MissingKey', 'it does not say what to scale', 'name a pool or a workload'))
  if (scale.workload !== undefined && !names.workloads.has(qualified(scale.workload)))
    unknown(issues, [...path, 'workload'], 'Workload', scale.workload, names.workloads.keys())
}

function checkFail(names: Names, fail: NonNullable<Entry['fail']>, path: Path, isCut: IsCut, issues: Issue[]): void {
  const has = (key: 'pool' | 'count' | 'node'): boolean => fail[key] !== undefined || isCut([...path, key])
  if (has('pool') === has('node'))
    issues.push(
      issue(path, has('pool') ? 'AmbiguousEvent' : 'MissingKey', 'it does not say which nodes', 'name a node, or a pool with a count'),
    )
  else if (has('pool') && !has('count')) missing(issues, path, 'count', '1')
  if (fail.node !== undefined && nodeName(names, fail.node) === null)
    unknown(
      issues,
      [...path, 'node'],
      'Node',
      fail.node,
      [...names.pools.keys()].map(pool => `${pool}/0`),
    )
}

/** As AKS has it: both bounds, and the present count between them. */
function checkAutoScaling(document: Sound, isCut: IsCut, issues: Issue[]): void {
  document.cluster?.agentPoolProfiles?.forEach((pool, i) => {
    if (!pool?.enableAutoScaling) return
    const path = ['cluster', 'agentPoolProfiles', i]
    for (const key of ['minCount', 'maxCount'] as const) {
      if ((pool[key] ?? null) === null && !isCut([...path, key])) missing(issues, path, key, key === 'minCount' ? '3' : '100')
    }
    const { minCount, maxCount, count } = pool
    if (typeof minCount !== 'number' || typeof maxCount !== 'number') return
    const name = poolName(pool.name, i)
    if (minCount > maxCount)
      issues.push(issue([...path, 'minCount'], 'OutOfRange', `${name}: minCount ${minCount} is above maxCount ${maxCount}`, 'swap them'))
    else if (count !== undefined && (count < minCount || count > maxCount))
      issues.push(
        issue([...path, 'count'], 'OutOfRange', `${name}: count ${count} is not within ${minCount} to ${maxCount}`, 'choose one within'),
      )
  })
}

type Workload = NonNullable<NonNullable<Sound['workloads']>[number]>

function checkWorkload({ growth, churn, startup, pods, replicas }: Workload, path: Path, isCut: IsCut, issues: Issue[]): void {
  if ((growth || churn) && (pods?.length ?? 0) > 0)
    issues.push(
      issue([...path, growth ? 'growth' : 'churn'], 'NotSupportedYet', 'not supported yet: fixed pods that change', 'use replicas'),
    )
  const at = [...path, 'growth']
  if (growth?.kind === 'exponential') {
    const byRate = growth.rate !== undefined || growth.per !== undefined
    if (growth.doubling !== undefined && byRate) issues.push(issue(at, 'AmbiguousGrowth', 'doubling and a rate', 'give one of them'))
    else if (growth.doubling === undefined && !byRate && !isCut([...at, 'doubling'])) missing(issues, at, 'doubling', '30d')
    else if (growth.doubling === undefined && growth.rate === undefined && !isCut([...at, 'rate'])) missing(issues, at, 'rate', '5%')
    else if (growth.doubling === undefined && growth.per === undefined && !isCut([...at, 'per'])) missing(issues, at, 'per', '7d')
    if (replicas === 0) issues.push(issue([...path, 'replicas'], 'OutOfRange', 'nothing doubles to nothing', 'begin with 1 at least'))
  }
  if (growth?.kind === 'diurnal') {
    const mean = growth.mean ?? replicas ?? 1
    if (growth.amplitude !== undefined && growth.amplitude > mean)
      issues.push(issue([...at, 'amplitude'], 'OutOfRange', `amplitude ${growth.amplitude} is above the mean ${mean}`, 'lower it'))
  }
  checkSpan(churn?.lifetime, [...path, 'churn', 'lifetime', 'most'], issues)
  checkSpan(startup, [...path, 'startup', 'most'], issues)
}

function checkSpan(span: Workload['startup'], path: Path, issues: Issue[]): void {
  if (typeof span !== 'object' || !('least' in span) || !('most' in span)) return
  if ((nsOf(span.least) ?? 0) > (nsOf(span.most) ?? Number.POSITIVE_INFINITY))
    issues.push(issue(path, 'OutOfRange', `most ${span.most} is below ${span.least}`, 'swap them'))
}
