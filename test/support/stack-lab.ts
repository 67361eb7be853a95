// One shard's data plane without an engine: a small overlay cluster with its appliance, a clock that a test sets, and a carrier that only
// keeps what the data plane hands it. For tests of steps that a whole run shows too little of.
import { compile } from '../../src/cluster/compile.js'
import { planCluster } from '../../src/cluster/plan.js'
import { Defragmenter } from '../../src/datapath/defragment.js'
import { createLpState } from '../../src/datapath/lp-state.js'
import { type Carrier, createStack, type Stack } from '../../src/datapath/stack.js'
import { Verdict } from '../../src/datapath/verdict.js'
import { openImage } from '../../src/image/image.js'
import type { Fabric } from '../../src/scenario/model.js'
import { PacketPool } from '../../src/shm/packet-pool.js'
import { Conntrack } from '../../src/table/conntrack.js'
import { fabric, ip, makeScenario, pool, workload } from '../cluster/make-scenario.js'

export const NODE = 0
export const APPLIANCE = 2

export function stackLab(ownFabric: Partial<Fabric> = {}): Stack {
  const scenario = makeScenario({
    profile: { outboundType: 'userDefinedRouting' },
    pools: [pool('one', 2)],
    workloads: [workload('a/b', 4)],
    endpoints: [{ name: 'inet', address: ip('203.0.113.10'), location: 'internet' }],
    fabric: fabric(ownFabric),
  })
  const image = compile(scenario, planCluster(scenario), { shards: 1, readReplay: () => [] })
  const { params } = image
  const packets = new PacketPool(16)
  const carrier: Carrier = {
    transmit: () => Verdict.held,
    finish: (_, id) => packets.release(id),
    tap: () => {},
    sendLater: () => {},
    fragmentsDue: () => {},
    snatDue: () => {},
    arrived: () => {},
    toSocket: () => Verdict.delivered,
  }
  return createStack({
    params,
    image: openImage(image),
    pool: packets,
    conntrack: new Conntrack(params.lpCount, 0),
    state: createLpState(params.lpCount),
    carrier,
    fragments: new Defragmenter(),
    clock: new Float64Array(4),
    tapped: new Uint8Array(params.lpCount),
  })
}
