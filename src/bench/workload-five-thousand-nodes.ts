// The largest cluster that AKS supports, the scenario as it comes with vxlane: 5,000 nodes, 200,000 pods and so little traffic that set-up is
// most of the work.
import { fileURLToPath } from 'node:url'
import type { Size, Work } from './bench.js'
import { packetsSent, runWork } from './whole-run.js'

const SCENARIO = fileURLToPath(new URL('../../../scenarios/five-thousand-nodes.yaml', import.meta.url))

/** Fifty nodes and 2,000 pods. */
const SMALL = [
  ...[0, 1, 2, 3, 4].map(pool => `cluster.agentPoolProfiles[${pool}].count=10`),
  'workloads[0].replicas=1000',
  'workloads[1].replicas=1000',
  'assert=[]',
]

export const prepare = (size: Size): Work => runWork(SCENARIO, packetsSent, { set: size === 'smoke' ? SMALL : [] })
