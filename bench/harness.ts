// Scenarios for benchmarks: as many flows as asked for, each between two pods of different nodes, at a rate that fills windows well.
import { loadScenario, run } from '../src/index.js'

export interface WholeRun {
  readonly flows: number
  /** 0: solo. */
  readonly workers: number
  /** About how many packets to send. */
  readonly packets: number
  readonly arrivals?: 'constant' | 'poisson'
  /** A node for each 40 flows if absent. */
  readonly nodes?: number
}

export interface WholeResult {
  readonly packets: number
  readonly packetsPerSecond: number
  readonly setupSeconds: number
  readonly barrierShare: number
  readonly digest: string
}

/** 40 pods a node, one flow a pod, 1,000 packets a second each: several thousand events in a 50 us window at 100,000 flows. */
export function scenarioOf({ flows, packets, arrivals = 'constant', nodes = Math.max(2, Math.ceil(flows / 40)) }: WholeRun): object {
  const rate = 1000
  return {
    apiVersion: 'vxlane/v1',
    name: `whole-run-${flows}`,
    duration: `${Math.ceil((packets / flows / rate) * 1e6)}us`,
    vnet: { addressSpace: ['10.224.0.0/12'], subnets: { 'aks-nodes': { cidr: '10.224.0.0/16' } } },
    cluster: {
      networkProfile: {
        networkPlugin: 'azure',
        networkPluginMode: 'overlay',
        podCidr: '10.0.0.0/10',
        serviceCidr: '10.100.0.0/16',
        dnsServiceIp: '10.100.0.10',
        outboundType: 'none',
      },
      agentPoolProfiles: poolsOf(nodes),
    },
    fabric: { nicRate: '100Gbps' },
    workloads: [{ namespace: 'bench', name: 'pod', replicas: flows }],
    traffic: [
      {
        name: 'all',
        from: { workload: 'bench/pod' },
        to: { workload: 'bench/pod', port: 7000 },
        protocol: 'udp',
        size: '200B',
        rate: `${rate}/s`,
        arrivals,
      },
    ],
  }
}

/** A pool holds 1,000 nodes at most. */
function poolsOf(nodes: number): object[] {
  const pools: object[] = []
  for (let left = nodes; left > 0; left -= 1000) pools.push({ name: `np${pools.length}`, count: Math.min(1000, left) })
  return pools
}

export async function runWhole(options: WholeRun): Promise<WholeResult> {
  const result = await run(await loadScenario(scenarioOf(options)), { workers: options.workers })
  const { performance, totals } = result
  return {
    packets: totals.delivered,
    packetsPerSecond: totals.delivered / performance.wallSeconds,
    setupSeconds: performance.setupSeconds,
    barrierShare: performance.barrierShare,
    digest: result.digest,
  }
}
