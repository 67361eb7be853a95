// Scenarios of datagrams, made in code so that their size can be chosen: between nodes, within one node, out of the cluster, past policies.
// All flows send at one constant rate, so how many packets there are is a product of three numbers.

export interface FlowsAndPackets {
  readonly flows: number
  /** About how many packets to send. */
  readonly packets: number
  readonly arrivals?: 'constant' | 'poisson'
  /** A node for each 40 flows if absent. */
  readonly nodes?: number
}

/** Packets a second of each flow. */
export const RATE = 1000

const durationOf = ({ flows, packets }: FlowsAndPackets): string => `${Math.ceil((packets / flows / RATE) * 1e6)}us`

/** Room for 10,000 nodes and 4,194,304 pod addresses. */
const NETWORK = {
  networkPlugin: 'azure',
  networkPluginMode: 'overlay',
  podCidr: '10.0.0.0/10',
  serviceCidr: '10.100.0.0/16',
  dnsServiceIp: '10.100.0.10',
}

const clusterOf = (nodes: number, profile: object): object => ({
  vnet: { addressSpace: ['10.224.0.0/12'], subnets: { 'aks-nodes': { cidr: '10.224.0.0/16' } } },
  cluster: { networkProfile: { ...NETWORK, outboundType: 'none', ...profile }, agentPoolProfiles: poolsOf(nodes) },
  fabric: { nicRate: '100Gbps' },
})

/** A pool holds 1,000 nodes at most. */
function poolsOf(nodes: number): object[] {
  const pools: object[] = []
  for (let left = nodes; left > 0; left -= 1000) pools.push({ name: `np${pools.length}`, count: Math.min(1000, left) })
  return pools
}

const SENDS = { protocol: 'udp', size: '200B', rate: `${RATE}/s` } as const

/** 40 pods a node, one flow a pod to any other pod: several thousand events in a window of 50 us at 100,000 flows. */
export function crossNodeScenario(work: FlowsAndPackets): object {
  const { flows, arrivals = 'constant', nodes = Math.max(2, Math.ceil(flows / 40)) } = work
  return {
    apiVersion: 'vxlane/v1',
    name: `whole-run-${flows}`,
    duration: durationOf(work),
    ...clusterOf(nodes, {}),
    workloads: [{ namespace: 'bench', name: 'pod', replicas: flows }],
    traffic: [{ name: 'all', from: { workload: 'bench/pod' }, to: { workload: 'bench/pod', port: 7000 }, ...SENDS, arrivals }],
  }
}

/** Pods of the one node. */
const NODE_PODS = 200

/** One node, 200 pods, as many flows from each as it takes. */
export function sameNodeScenario(work: FlowsAndPackets): object {
  const flows = work.flows / NODE_PODS
  return {
    apiVersion: 'vxlane/v1',
    name: 'bench-same-node',
    duration: durationOf(work),
    ...clusterOf(1, {}),
    workloads: [{ namespace: 'bench', name: 'pod', replicas: NODE_PODS }],
    traffic: [
      { name: 'all', from: { workload: 'bench/pod' }, to: { workload: 'bench/pod', port: 7000 }, flows, ...SENDS, arrivals: 'constant' },
    ],
  }
}

/** 40 pods a node send to one address on the internet, which answers: masquerade at the node, a port at the load balancer, and both back. */
export function egressScenario(work: FlowsAndPackets): object {
  return {
    apiVersion: 'vxlane/v1',
    name: 'bench-egress-snat',
    duration: durationOf(work),
    ...clusterOf(Math.ceil(work.flows / 40), { outboundType: 'loadBalancer' }),
    workloads: [{ namespace: 'bench', name: 'pod', replicas: work.flows }],
    endpoints: [{ name: 'outside', address: '203.0.113.10', location: 'internet' }],
    traffic: [
      {
        name: 'out',
        from: { workload: 'bench/pod' },
        to: { endpoint: 'outside', port: 7000 },
        ...SENDS,
        arrivals: 'constant',
        answer: { size: '200B' },
      },
    ],
  }
}

/** Apps in a circle: each may be reached from its neighbour and from nobody else. */
export const APPS = 20

/** Each app sends half of its flows to the next, which lets them in, and half to the one after that, which does not. */
export function policiesScenario(work: FlowsAndPackets): object {
  const replicas = work.flows / (2 * APPS)
  const names = Array.from({ length: APPS }, (_, i) => `app${i}`)
  const next = (i: number, by: number): string => names[(i + by) % APPS]
  const toward = (by: number) =>
    names.map((name, i) => ({
      name: `${name}-${next(i, by)}`,
      from: { workload: `bench/${name}` },
      to: { workload: `bench/${next(i, by)}`, port: 7000 },
      ...SENDS,
      arrivals: 'constant',
    }))
  return {
    apiVersion: 'vxlane/v1',
    name: 'bench-policies',
    duration: durationOf(work),
    ...clusterOf(Math.max(2, Math.ceil(work.flows / 80)), { networkPolicy: 'calico' }),
    namespaces: [{ name: 'bench' }],
    workloads: names.map(name => ({ namespace: 'bench', name, replicas, labels: { app: name } })),
    networkPolicies: names.map((name, i) => ({
      metadata: { name: `into-${next(i, 1)}`, namespace: 'bench' },
      spec: {
        podSelector: { matchLabels: { app: next(i, 1) } },
        policyTypes: ['Ingress'],
        ingress: [{ from: [{ podSelector: { matchLabels: { app: name } } }], ports: [{ protocol: 'UDP', port: 7000 }] }],
      },
    })),
    traffic: [...toward(1), ...toward(2)],
  }
}
