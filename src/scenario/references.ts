// Whether every name that traffic and captures use leads somewhere: workloads, pods, endpoints, nodes, subnets. Also that no two
// things have the same name. Works on a document with holes, so that these mistakes show together with those of form.
import { namedPodSubnet } from './addressing.js'
import { type Issue, issue } from './issue.js'
import { collectNames, type Names, nodeName, nodeNames, podName, podNames, poolName, qualified } from './names.js'
import { didYouMean } from './nearest.js'
import type { ScenarioDocument } from './schema.js'
import { PEER_KINDS } from './schema-traffic.js'
import type { Partially } from './shape.js'

export type Sound = Partially<ScenarioDocument>
export type SoundPeer = NonNullable<NonNullable<NonNullable<Sound['traffic']>[number]>['from']>
type Path = Issue['path']

export function checkReferences(document: Sound): Issue[] {
  const names = collectNames(document)
  const issues = [
    ...checkSubnets(document),
    ...checkUnique(document),
    ...checkDeletions(document),
    ...checkFixedPods(document, names),
    ...checkCapturedOnce(document, names),
  ]
  document.traffic?.forEach((entry, i) => {
    if (entry?.from) checkPeer(document, names, entry.from, ['traffic', i, 'from'], issues)
    if (entry?.to) checkPeer(document, names, entry.to, ['traffic', i, 'to'], issues)
  })
  document.capture?.forEach((capture, i) => {
    if (capture) checkCapture(names, capture, ['capture', i], issues)
  })
  return issues
}

/** Suggestions cost a search each; a file with more mistakes than this has a systematic one, and gets no more of them. */
const MOST_SUGGESTIONS = 200

/** `known` is asked for only when there is a suggestion to make. */
function addUnknown(issues: Issue[], path: Path, what: string, given: string, known: () => readonly string[]): void {
  const hint = issues.length < MOST_SUGGESTIONS ? didYouMean(given, known()) : ''
  issues.push(issue(path, `Unknown${what}`, `there is no ${what.toLowerCase()} ${given}`, hint))
}

function checkPeer(document: Sound, names: Names, peer: SoundPeer, path: Path, issues: Issue[]): void {
  const kinds = PEER_KINDS.filter(kind => peer[kind] !== undefined)
  if (kinds.length > 1) issues.push(issue(path, 'AmbiguousPeer', `names ${kinds.join(' and ')}`, 'name one of them'))
  const { workload, pod, endpoint, node, selector, service } = peer
  if (workload !== undefined && !names.workloads.has(qualified(workload)))
    addUnknown(issues, [...path, 'workload'], 'Workload', workload, () => [...names.workloads.keys()])
  if (pod !== undefined) checkPod(names, pod, [...path, 'pod'], issues)
  if (endpoint !== undefined && !names.endpoints.has(endpoint))
    addUnknown(issues, [...path, 'endpoint'], 'Endpoint', endpoint, () => [...names.endpoints])
  if (node !== undefined) checkNode(names, node, [...path, 'node'], issues)
  if (service !== undefined) checkService(names, service, path, issues)
  if (selector !== undefined && !selects(document, selector))
    issues.push(
      issue([...path, 'selector'], 'EmptySelector', 'no workload carries these labels', 'compare them with the labels of the workloads'),
    )
}

function checkService(names: Names, service: string, path: Path, issues: Issue[]): void {
  if (path.at(-1) === 'from')
    issues.push(issue([...path, 'service'], 'ServiceCannotSend', 'traffic from a Service', 'name the workload or the pods that send'))
  else if (!names.services.has(qualified(service))) addUnknown(issues, [...path, 'service'], 'Service', service, () => [...names.services])
}

function selects(document: Sound, selector: NonNullable<SoundPeer['selector']>): boolean {
  const wanted = Object.entries(selector.labels ?? {})
  const matches = (labels: Readonly<Record<string, string | undefined>>): boolean =>
    wanted.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value)
  return (document.workloads ?? []).some(workload => {
    if (!workload || (selector.namespace !== undefined && (workload.namespace ?? 'default') !== selector.namespace)) return false
    const labels = workload.labels ?? {}
    return matches(labels) || (workload.pods ?? []).some(pod => pod?.labels !== undefined && matches({ ...labels, ...pod.labels }))
  })
}

function checkPod(names: Names, pod: string, path: Path, issues: Issue[]): void {
  if (podName(names, pod) !== null) return
  const parent = pod.slice(0, Math.max(0, pod.lastIndexOf('/')))
  const replicas = names.workloads.get(qualified(parent))
  if (replicas !== undefined && /\/\d+$/.test(pod))
    issues.push(issue(path, 'UnknownPod', `there is no pod ${pod}`, `${parent} has ${replicas} pods, numbered from 0`))
  else addUnknown(issues, path, 'Pod', pod, () => podNames(names))
}

function checkNode(names: Names, node: string, path: Path, issues: Issue[]): void {
  if (nodeName(names, node) !== null) return
  const count = names.pools.get(node.slice(0, Math.max(0, node.lastIndexOf('/'))))
  if (count !== undefined && /\/\d+$/.test(node))
    issues.push(issue(path, 'UnknownNode', `there is no node ${node}`, `the pool has ${count} nodes, numbered from 0`))
  else addUnknown(issues, path, 'Node', node, () => nodeNames(names))
}

function checkCapture(names: Names, capture: NonNullable<NonNullable<Sound['capture']>[number]>, path: Path, issues: Issue[]): void {
  const kinds = (['node', 'pod', 'endpoint', 'gateway'] as const).filter(kind => capture[kind] !== undefined)
  if (kinds.length > 1) issues.push(issue(path, 'AmbiguousPeer', `names ${kinds.join(' and ')}`, 'name one of them'))
  if (capture.node !== undefined) checkNode(names, capture.node, [...path, 'node'], issues)
  if (capture.pod !== undefined) checkPod(names, capture.pod, [...path, 'pod'], issues)
  if (capture.endpoint !== undefined && !names.endpoints.has(capture.endpoint))
    addUnknown(issues, [...path, 'endpoint'], 'Endpoint', capture.endpoint, () => [...names.endpoints])
}

/** The subnet a pool names, by name or by the last segment of Azure's id. */
export function namedSubnet(pool: { readonly vnetSubnet?: string | undefined; readonly vnetSubnetId?: string | undefined }): string | null {
  return pool.vnetSubnet ?? pool.vnetSubnetId?.split('/').filter(Boolean).at(-1) ?? null
}

function checkSubnets(document: Sound): Issue[] {
  const subnets = document.vnet?.subnets
  if (subnets === undefined) return []
  const known = Object.keys(subnets)
  const issues: Issue[] = []
  document.cluster?.agentPoolProfiles?.forEach((pool, i) => {
    const check = (named: string | null, key: string): void => {
      if (named === null || known.includes(named)) return
      addUnknown(issues, ['cluster', 'agentPoolProfiles', i, key], 'Subnet', named, () => known)
    }
    if (!pool) return
    check(namedSubnet(pool), pool.vnetSubnet === undefined ? 'vnetSubnetId' : 'vnetSubnet')
    check(namedPodSubnet(pool), pool.podSubnet === undefined ? 'podSubnetId' : 'podSubnet')
  })
  return issues
}

function checkFixedPods(document: Sound, names: Names): Issue[] {
  const issues: Issue[] = []
  document.workloads?.forEach((workload, i) => {
    const pods = workload?.pods ?? []
    if (pods.length > 0 && workload?.replicas !== undefined && workload.replicas !== pods.length)
      issues.push(
        issue(['workloads', i, 'replicas'], 'CountMismatch', `${workload.replicas} replicas, ${pods.length} pods`, 'leave replicas out'),
      )
    pods.forEach((pod, j) => {
      if (pod?.node !== undefined) checkNode(names, pod.node, ['workloads', i, 'pods', j, 'node'], issues)
    })
  })
  document.cluster?.agentPoolProfiles?.forEach((pool, i) => {
    const count = pool?.nodes?.length ?? 0
    if (pool?.count !== undefined && count > pool.count)
      issues.push(
        issue(
          ['cluster', 'agentPoolProfiles', i, 'count'],
          'CountMismatch',
          `count ${pool.count}, but ${count} nodes are listed`,
          'raise count or leave it out',
        ),
      )
  })
  return issues
}

type Metadata = NonNullable<NonNullable<NonNullable<Sound['networkPolicies']>[number]>['metadata']>

const policyName = ({ namespace, name }: Metadata): string => `${namespace ?? 'default'}/${name}`

/** A policy that the timeline takes away must be there: from the beginning, or applied before. */
function checkDeletions({ networkPolicies = [], timeline = [] }: Sound): Issue[] {
  const known = new Set<string>()
  const add = (policies: Sound['networkPolicies']): void => {
    for (const policy of policies ?? []) if (policy?.metadata) known.add(policyName(policy.metadata))
  }
  add(networkPolicies)
  for (const entry of timeline) add(entry?.apply?.networkPolicies)
  return timeline.flatMap((entry, i) => {
    const given = entry?.delete?.networkPolicy
    if (given === undefined || known.has(qualified(given))) return []
    const path = ['timeline', i, 'delete', 'networkPolicy']
    return [issue(path, 'UnknownPolicy', `there is no policy ${given}`, didYouMean(given, [...known]))]
  })
}

function checkUnique(document: Sound): Issue[] {
  const issues: Issue[] = []
  const once = (kind: string) => {
    const seen = new Set<string>()
    return (name: string | undefined, path: Path): void => {
      if (name === undefined) return
      if (seen.has(name)) issues.push(issue(path, 'DuplicateName', `${kind} ${name} stands here twice`, 'give one of them another name'))
      seen.add(name)
    }
  }
  const workload = once('workload')
  const pod = once('pod')
  document.workloads?.forEach((item, i) => {
    if (item?.name !== undefined) workload(`${item.namespace ?? 'default'}/${item.name}`, ['workloads', i, 'name'])
    item?.pods?.forEach((fixed, j) => {
      if (fixed?.name !== undefined) pod(`${item.namespace ?? 'default'}/${fixed.name}`, ['workloads', i, 'pods', j, 'name'])
    })
  })
  const namespace = once('namespace')
  document.namespaces?.forEach((item, i) => {
    namespace(item?.name, ['namespaces', i, 'name'])
  })
  const service = once('service')
  document.services?.forEach((item, i) => {
    if (item?.name !== undefined) service(`${item.namespace ?? 'default'}/${item.name}`, ['services', i, 'name'])
  })
  const policy = once('policy')
  document.networkPolicies?.forEach((item, i) => {
    if (item?.metadata?.name !== undefined) policy(policyName(item.metadata), ['networkPolicies', i, 'metadata', 'name'])
  })
  const pool = once('pool')
  const node = once('node')
  document.cluster?.agentPoolProfiles?.forEach((item, i) => {
    pool(poolName(item?.name, i), ['cluster', 'agentPoolProfiles', i, 'name'])
    item?.nodes?.forEach((fixed, j) => {
      node(fixed?.name, ['cluster', 'agentPoolProfiles', i, 'nodes', j, 'name'])
    })
  })
  const endpoint = once('endpoint')
  document.endpoints?.forEach((item, i) => {
    endpoint(item?.name, ['endpoints', i, 'name'])
  })
  const traffic = once('traffic')
  document.traffic?.forEach((item, i) => {
    traffic(item?.name, ['traffic', i, 'name'])
  })
  return issues
}

/** Several places may share a file, which then has an interface for each; the same place twice would only double its frames. */
function checkCapturedOnce(document: Sound, names: Names): Issue[] {
  const seen = new Set<string>()
  return (document.capture ?? []).flatMap((capture, i) => {
    if (capture?.file === undefined) return []
    const { pod, node, endpoint, gateway, file } = capture
    const place =
      pod !== undefined ? (podName(names, pod) ?? pod) : node !== undefined ? (nodeName(names, node) ?? node) : (endpoint ?? gateway)
    const key = `${place} in ${file}`
    if (place === undefined || !seen.has(key)) {
      seen.add(key)
      return []
    }
    return [issue(['capture', i, 'file'], 'DuplicateCapture', `${key} is captured twice`, 'keep one of them, or name another file')]
  })
}
