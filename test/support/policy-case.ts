// NetworkPolicy suites: their form, and a scenario out of a case with its pods where the case has them, all on one node, or each on its own.
import { existsSync, readFileSync } from 'node:fs'

interface CasePort {
  readonly name?: string
  readonly containerPort: number
  readonly protocol?: string
}

export interface CasePod {
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly ip?: string
  readonly node?: string
  readonly phase?: string
  readonly hostNetwork?: boolean
  readonly containers: readonly { readonly ports?: readonly CasePort[] }[]
}

export interface World {
  readonly nodes: readonly { readonly name: string; readonly ip: string; readonly podCIDR?: string }[]
  readonly namespaces: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[]
  readonly pods: readonly CasePod[]
}

export interface Probe {
  readonly from: string
  readonly to: string
  readonly port: number
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
  readonly expected: 'allow' | 'deny'
  readonly expectedIfIpBlockIgnoresPods?: 'allow' | 'deny'
  readonly kind?: string
  readonly viaService?: string
}

export interface PolicyCase extends World {
  readonly id: string
  readonly title: string
  readonly tags: readonly string[]
  readonly world?: string
  readonly services?: readonly { readonly clusterIP: string }[]
  readonly policies: readonly { readonly spec: object }[]
  readonly probes?: readonly Probe[]
  readonly matrix?: { readonly order: readonly string[]; readonly cells: Readonly<Record<string, readonly string[]>> }
}

/** A suite's cases with their worlds filled in; null where the file is not part of this clone. */
export function suiteOf(file: string): PolicyCase[] | null {
  if (!existsSync(file)) return null
  const { worlds = {}, cases } = JSON.parse(readFileSync(file, 'utf8'))
  return cases.map((item: PolicyCase) => ({ ...worlds[item.world ?? ''], ...item }))
}

/** Probes of a case, the cells of its matrix among them. */
export function probesOf({ probes = [], matrix }: PolicyCase): Probe[] {
  const cells = Object.entries(matrix?.cells ?? {}).flatMap(([key, rows]) => {
    const [protocol, port] = key.split('/')
    return rows.flatMap((row, i) =>
      [...row].flatMap((cell, k): Probe[] => {
        if (cell === '-') return []
        const [from, to] = [matrix!.order[i], matrix!.order[k]]
        return [{ from, to, port: Number(port), protocol: protocol as Probe['protocol'], expected: cell === '.' ? 'allow' : 'deny' }]
      }),
    )
  })
  return [...probes, ...cells].map(probe => ({ ...probe, protocol: probe.protocol ?? 'TCP' }))
}

export type Placement = 'given' | 'oneNode' | 'nodePerPod'

const isPod = ({ ip, phase = 'Running', hostNetwork }: CasePod): boolean => ip !== undefined && phase === 'Running' && hostNetwork !== true

/** Where a probe's end is: a pod with the node's network is its node. */
export function endOf(world: World, end: string): string {
  const pod = world.pods.find(({ namespace, name }) => `${namespace}/${name}` === end)
  return pod?.hostNetwork ? `node:${pod.node}` : end
}

/** The scenario of a case. `nodePerPod` gives the pods new addresses, unless each lies in a /24 of its own. */
export function scenarioOf(world: World, policies: readonly object[], placement: Placement, engine = 'calico', rest: object = {}): object {
  const pods = world.pods.filter(isPod)
  const blocks = new Set(pods.map(({ ip }) => block24(ip!)))
  const renumbered = placement === 'nodePerPod' && blocks.size < pods.length
  const addressOf = (i: number): string => (renumbered ? `10.244.${i + 1}.5` : pods[i].ip!)
  const wide = (pods[0]?.ip ?? '10.244.0.0').split('.').slice(0, 2).join('.')
  const podCidr = `${wide}.0.0/16`
  const inNode = nodesOf(
    world,
    placement,
    pods.map((_, i) => addressOf(i)),
    podCidr,
  )
  const workloads = pods.map((pod, i) => ({
    namespace: pod.namespace,
    name: `w${i}`,
    pods: [
      {
        name: pod.name,
        address: addressOf(i),
        labels: pod.labels,
        ports: pod.containers.flatMap(({ ports = [] }) => ports.map(port => ({ ...port }))),
      },
    ],
  }))
  const hosted = placement === 'given' ? world.pods.filter(({ hostNetwork, node }) => hostNetwork && node !== undefined) : []
  const hosts = hosted.map((pod, i) => ({
    namespace: pod.namespace,
    name: `h${i}`,
    hostNetwork: true,
    pods: [{ name: pod.name, node: pod.node, labels: pod.labels }],
  }))
  return {
    apiVersion: 'vxlane/v1',
    name: 'policies',
    cluster: {
      networkProfile: { networkPluginMode: 'overlay', networkPolicy: engine, podCidr },
      agentPoolProfiles: [{ name: 'pool', nodes: inNode }],
    },
    vnet: {
      addressSpace: ['10.224.0.0/12', '192.168.100.0/24'].filter(range => !range.startsWith(wide)),
      subnets: { 'aks-nodes': { cidr: '10.224.0.0/16' } },
    },
    namespaces: world.namespaces,
    networkPolicies: policies,
    workloads: [...workloads, ...hosts],
    ...rest,
  }
}

const block24 = (ip: string): string => `${ip.split('.').slice(0, 3).join('.')}.0/24`

function nodesOf(world: World, placement: Placement, addresses: readonly string[], podCidr: string): object[] {
  if (placement === 'oneNode') return [{ name: 'only', address: '10.224.0.4', podCidr }]
  const known = placement === 'given' && world.nodes.every(node => node.podCIDR !== undefined)
  if (known) return world.nodes.map(({ name, ip, podCIDR }) => ({ name, address: ip, podCidr: podCIDR }))
  return [...new Set(addresses.map(block24))].map((block, i) => ({ name: `n${i}`, address: `10.224.0.${4 + i}`, podCidr: block }))
}
