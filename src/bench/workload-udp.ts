// The four workloads of datagrams, by what lies between sender and receiver.
import type { Prepare, Size } from './bench.js'
import { crossNodeScenario, egressScenario, type FlowsAndPackets, policiesScenario, sameNodeScenario } from './udp-scenarios.js'
import { packetsSent, runWork } from './whole-run.js'

type Sizes = Readonly<Record<Size, FlowsAndPackets>>

export const CROSS_NODE: Sizes = { full: { flows: 10_000, packets: 3_000_000 }, smoke: { flows: 400, packets: 20_000 } }
export const SAME_NODE: Sizes = { full: { flows: 10_000, packets: 2_000_000 }, smoke: { flows: 400, packets: 20_000 } }
export const EGRESS: Sizes = { full: { flows: 1_600, packets: 400_000 }, smoke: { flows: 80, packets: 8_000 } }
export const POLICIES: Sizes = { full: { flows: 8_000, packets: 2_000_000 }, smoke: { flows: 400, packets: 16_000 } }

const workload =
  (scenarioOf: (work: FlowsAndPackets) => object, sizes: Sizes): Prepare =>
  size =>
    runWork(scenarioOf(sizes[size]), packetsSent)

export const crossNode = workload(crossNodeScenario, CROSS_NODE)
export const sameNode = workload(sameNodeScenario, SAME_NODE)
export const egress = workload(egressScenario, EGRESS)
export const policies = workload(policiesScenario, POLICIES)
