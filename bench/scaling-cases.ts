// What `scaling.ts` measures: how speed, set-up time and memory grow with workers, flows, nodes and pods. A case is a scenario of its own,
// run in a process of its own.
export interface Case {
  readonly nodes: number
  /** Pods in all. */
  readonly pods: number
  /** Of them, those that send, and how many flows each one has. */
  readonly senders: number
  readonly flowsEach: number
  readonly workers: number
  /** About how many packets to send. */
  readonly packets: number
  /** One way between nodes; how many packets are in flight at a time follows from it. */
  readonly latencyUs: number
}

/** What a case is measured for. */
export type Series = 'workers' | 'nodes' | 'pods' | 'flight'

export interface NamedCase extends Case {
  readonly series: Series
}

/** Packets a second of each flow. */
const RATE = 1000

export const flowsOf = ({ senders, flowsEach }: Case): number => senders * flowsEach
/** Packets on their way at a time. */
export const inFlightOf = (one: Case): number => Math.round(flowsOf(one) * RATE * one.latencyUs * 1e-6)

/** Sizes for a machine of `cores`; `scale` divides packets, pods and flows for a smoke run. */
export function casesFor(cores: number, packets: number, scale = 1): NamedCase[] {
  const plain = { packets, latencyUs: 50, workers: 1 }
  const size = (count: number): number => Math.max(1, Math.round(count / scale))
  const workers = [1, 2, 4, 8, 16].filter(count => count <= Math.max(2, cores))
  const byWorkers = [10_000, 100_000, 1_000_000].flatMap(flows =>
    workers.map(count => ({ ...plain, series: 'workers' as const, workers: count, ...spread(size(flows), 1, scale) })),
  )
  // Ten million flows are ten of each of a million pods; each sends few packets, so most of them are first ones.
  const most = { ...plain, series: 'workers' as const, packets: packets * 2, ...spread(size(1_000_000), 10, scale) }
  // The same flows on few and many nodes; on ten nodes their pods would not fit, so fewer pods have more of them.
  const byNodes = [10, 50, 500, 5_000, 10_000, 20_000].map(nodes => {
    const senders = Math.min(size(10_000), 200 * nodes)
    return { ...plain, series: 'nodes' as const, nodes, pods: senders, senders, flowsEach: size(100_000) / senders }
  })
  const quick = { ...plain, packets: packets / 100, senders: size(10_000), flowsEach: 1, series: 'pods' as const }
  const byPods = [
    ...[10_000, 100_000, 1_000_000].map(pods => ({ ...quick, nodes: 10_000, pods: size(pods) })),
    { ...quick, nodes: 5_000, pods: size(200_000) },
    { ...quick, nodes: 20_000, pods: size(1_000_000) },
    // Every pod has a flow.
    { ...quick, nodes: 10_000, pods: size(1_000_000), senders: size(1_000_000), packets: packets / 40 },
  ]
  const byFlight = [50, 20_000].map(latencyUs => ({
    ...plain,
    series: 'flight' as const,
    latencyUs,
    packets: packets / 4,
    ...spread(size(100_000), 1, scale),
  }))
  return [...byWorkers, most, ...byNodes, ...byPods, ...byFlight]
}

/** So many pods that all send, 100 a node, on the nodes that takes. */
const spread = (pods: number, flowsEach: number, scale: number): Pick<Case, 'nodes' | 'pods' | 'senders' | 'flowsEach'> => ({
  nodes: Math.max(Math.min(10, Math.ceil(100 / scale)), Math.ceil(pods / 100)),
  pods,
  senders: pods,
  flowsEach,
})

/** UDP from pod to pod of any node through VXLAN. Some of these clusters are larger than AKS makes. */
export function scenarioOfCase(one: Case): object {
  const { nodes, pods, senders, flowsEach, packets, latencyUs } = one
  const durationUs = Math.max(1, Math.ceil((packets / flowsOf(one) / RATE) * 1e6))
  const entry = { to: { workload: 'bench/sender', port: 7000 }, protocol: 'udp', size: '200B', rate: `${RATE}/s`, arrivals: 'constant' }
  return {
    apiVersion: 'vxlane/v1',
    name: 'scaling',
    duration: `${durationUs}us`,
    vnet: { addressSpace: ['10.224.0.0/12'], subnets: { 'aks-nodes': { cidr: '10.224.0.0/16' } } },
    cluster: {
      limits: 'warn',
      networkProfile: {
        networkPlugin: 'azure',
        networkPluginMode: 'overlay',
        podCidr: '10.0.0.0/9',
        serviceCidr: '10.200.0.0/16',
        dnsServiceIp: '10.200.0.10',
        outboundType: 'none',
      },
      agentPoolProfiles: poolsOf(nodes),
    },
    fabric: { nicRate: '100Gbps', latency: `${latencyUs}us` },
    workloads: [
      { namespace: 'bench', name: 'sender', replicas: senders },
      ...(pods > senders ? [{ namespace: 'bench', name: 'idle', replicas: pods - senders }] : []),
    ],
    traffic: [{ name: 'all', from: { workload: 'bench/sender' }, flows: flowsEach, ...entry }],
  }
}

/** A pool holds 1,000 nodes at most. */
function poolsOf(nodes: number): object[] {
  return Array.from({ length: Math.ceil(nodes / 1000) }, (_, pool) => ({ name: `np${pool}`, count: Math.min(1000, nodes - pool * 1000) }))
}
