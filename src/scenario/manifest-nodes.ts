// Nodes and manifests: Node objects become fixed nodes of their pool, and a DaemonSet needs to know which nodes there are.
import type { KubeNode } from '../kube/cluster-facts.js'
import type { Labels } from '../kube/fields.js'
import { poolOfNode } from '../kube/node-pool.js'
import type { Place } from '../kube/place.js'
import { DEFAULT_COUNT, poolName } from './names.js'

type Plain = Record<string, unknown>

const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The pools of a scenario that may still be wrong in any way; a list is made if `make`. */
function poolsOf(value: Plain, make: boolean): unknown[] {
  if (make && value.cluster === undefined) value.cluster = {}
  if (!isPlain(value.cluster)) return []
  if (make && value.cluster.agentPoolProfiles === undefined) value.cluster.agentPoolProfiles = []
  return Array.isArray(value.cluster.agentPoolProfiles) ? value.cluster.agentPoolProfiles : []
}

const nameOf = (pool: unknown, index: number): string =>
  poolName(isPlain(pool) && typeof pool.name === 'string' ? pool.name : undefined, index)

/** Adds fixed nodes to the pools that their labels name; a pool that is not there is made. `placed` gets the path of each. */
export function includeNodes(
  value: Plain,
  nodes: readonly KubeNode[],
  placed: (path: readonly (string | number)[], place: Place) => void,
): void {
  if (nodes.length === 0) return
  const pools = poolsOf(value, true)
  for (const node of nodes) {
    const wanted = poolOfNode(node) ?? (pools.length > 0 ? nameOf(pools[0], 0) : 'nodepool1')
    let index = pools.findIndex((pool, i) => nameOf(pool, i) === wanted)
    if (index < 0) index = pools.push({ name: wanted, ...(node.maxPods === null ? {} : { maxPods: node.maxPods }) }) - 1
    const pool = pools[index]
    if (!isPlain(pool)) continue
    pool.nodes ??= []
    if (!Array.isArray(pool.nodes)) continue
    placed(['cluster', 'agentPoolProfiles', index, 'nodes', pool.nodes.length], node.place)
    const { name, address, podCidr } = node
    pool.nodes.push({ name, ...(address === null ? {} : { address }), ...(podCidr === null ? {} : { podCidr }) })
  }
}

export interface LabelledNode {
  readonly name: string
  readonly labels: Labels
}

/** The pods of a DaemonSet: one on each node that carries all the labels of its nodeSelector. */
export const daemonPods = (name: string, selector: Labels, nodes: readonly LabelledNode[]): { name: string; node: string }[] =>
  nodes
    .filter(({ labels }) => Object.entries(selector).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value))
    .map((node, i) => ({ name: `${name}-${i}`, node: node.name }))

/** Every node of the scenario at its start, with the labels that are known of it. */
export function nodesOf(value: Plain, known: readonly KubeNode[]): LabelledNode[] {
  const labelsOf = new Map(known.map(node => [node.name, node.labels]))
  const pools = poolsOf(value, false)
  return (pools.length > 0 ? pools : [{}]).flatMap((pool, p) => {
    if (!isPlain(pool)) return []
    const name = nameOf(pool, p)
    const fixed = Array.isArray(pool.nodes) ? pool.nodes : []
    const count = typeof pool.count === 'number' ? Math.min(Math.max(pool.count, 0), MOST_NODES) : fixed.length || DEFAULT_COUNT
    const labels = { ...poolLabels(name, pool), ...(isPlain(pool.nodeLabels) ? (pool.nodeLabels as Labels) : {}) }
    return Array.from({ length: count }, (_, i) => {
      const own: unknown = isPlain(fixed[i]) ? fixed[i].name : undefined
      const node = typeof own === 'string' ? own : `${name}/${i}`
      return { name: node, labels: { ...labels, ...labelsOf.get(node) } }
    })
  })
}

/** A mistyped count must not fill the memory before it is refused. */
const MOST_NODES = 100_000

/** What AKS puts on every node of a pool, as far as selectors ask for it. */
function poolLabels(name: string, pool: Plain): Labels {
  const os = typeof pool.osType === 'string' ? pool.osType.toLowerCase() : 'linux'
  return {
    agentpool: name,
    'kubernetes.azure.com/agentpool': name,
    'kubernetes.azure.com/mode': typeof pool.mode === 'string' ? pool.mode.toLowerCase() : 'user',
    'kubernetes.io/os': os,
    'beta.kubernetes.io/os': os,
    'kubernetes.io/arch': 'amd64',
  }
}
