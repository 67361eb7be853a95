// The control plane alone: pods that come and go over virtual time, without a packet.
import type { Ipv4 } from '../base/brand.js'
import { type Plan, planCluster } from '../cluster/plan.js'
import { loadAdmitted } from '../run/admitted.js'
import type { Done, Size, Work } from './bench.js'
import { hex, mixed } from './numbers.js'

const PODS = 5_000

/** 5,000 pods on 50 nodes that live for an hour on average: two events an hour each, for as many hours as it takes. */
export const churnScenario = (podEvents: number): object => ({
  apiVersion: 'vxlane/v1',
  name: `control-plane-${podEvents}`,
  duration: `${Math.ceil((podEvents / (PODS * 2)) * 3600)}s`,
  cluster: { agentPoolProfiles: [{ name: 'np0', count: 50, maxPods: 110 }] },
  workloads: [{ namespace: 'bench', name: 'pod', replicas: PODS, churn: { lifetime: { kind: 'exponential', mean: '1h' } } }],
})

export function prepare(size: Size): Work {
  const { scenario } = loadAdmitted(churnScenario(size === 'full' ? 1_000_000 : 20_000))
  return () => doneBy(planCluster(scenario))
}

function doneBy({ podEvents, pods, nodes, resources, pending }: Plan): Done {
  const { count, address, node } = pods
  let sum = 0
  for (let pod = 0; pod < count; pod++) sum = mixed(mixed(sum, address[pod] as Ipv4), node[pod])
  const podIps = resources.filter(({ name }) => name === 'podIps').map(({ peak }) => peak)
  return {
    units: podEvents,
    exact: {
      podEvents,
      nodes: nodes.length,
      running: count,
      waiting: pending.reduce((total, group) => total + group.count, 0),
      mostPodsOfANode: Math.max(0, ...podIps),
      addresses: hex(sum),
    },
  }
}
