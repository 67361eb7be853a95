// A study of 1,000 points: what a cluster can hold in each of the five addressing modes, by subnet size and pods a node. Computed in one
// thread, so that what is measured is the points.
import { createHash } from 'node:crypto'
import { loadStudy } from '../study/load.js'
import { study } from '../study/study.js'
import type { StudySummary } from '../study/summary.js'
import type { Done, Size, Work } from './bench.js'

const MODES = {
  name: 'mode',
  labels: ['overlay', 'node subnet', 'pod subnet, dynamic', 'pod subnet, static', 'kubenet'],
  linked: [
    { path: 'cluster.networkProfile.networkPlugin', values: ['azure', 'azure', 'azure', 'azure', 'kubenet'] },
    { path: 'cluster.networkProfile.networkPluginMode', values: ['overlay', null, null, null, null] },
    { path: 'cluster.agentPoolProfiles[0].podSubnet', values: [null, null, 'pods', 'pods', null] },
    { path: 'cluster.agentPoolProfiles[0].podIpAllocationMode', values: [null, null, 'DynamicIndividual', 'StaticBlock', null] },
  ],
}

/** 5 modes, `subnets` sizes of the node subnet from /27 upwards, `steps` of pods a node from 10 upwards. */
const studyOf = (subnets: number, steps: number): object => ({
  apiVersion: 'vxlane-study/v1',
  name: 'bench-study',
  base: {
    apiVersion: 'vxlane/v1',
    name: 'bench-study',
    vnet: { addressSpace: ['10.224.0.0/12'], subnets: { nodes: { cidr: '10.224.0.0/22' }, pods: { cidr: '10.232.0.0/18' } } },
    cluster: {
      networkProfile: { podCidr: '10.244.0.0/15' },
      agentPoolProfiles: [{ name: 'np0', count: 3, maxPods: 30, vnetSubnet: 'nodes' }],
    },
  },
  vary: [
    MODES,
    { path: 'vnet.subnets.nodes.cidr', values: Array.from({ length: subnets }, (_, i) => `10.224.0.0/${24 - i}`) },
    { path: 'cluster.agentPoolProfiles[0].maxPods', range: { from: 10, to: 10 + (steps - 1) * 9, step: 9 } },
  ],
  measure: ['maxNodes', 'maxPods', 'bindingResource'],
})

export function prepare(size: Size): Work {
  const loaded = loadStudy(size === 'full' ? studyOf(8, 25) : studyOf(2, 4))
  return async () => doneBy(await study(loaded, { workers: 0 }))
}

function doneBy({ combinations, points }: StudySummary): Done {
  const answers = combinations.map(({ measures }) => measures)
  const binding = new Map<string, number>()
  for (const { bindingResource } of answers) binding.set(`bound.${bindingResource}`, (binding.get(`bound.${bindingResource}`) ?? 0) + 1)
  return {
    units: points.total,
    exact: {
      points: points.total,
      failed: points.failed,
      ...Object.fromEntries(binding),
      answers: createHash('sha256').update(JSON.stringify(answers)).digest('hex').slice(0, 16),
    },
  }
}
