// The load balancer or NAT gateway of a run as a thing: its table of flows with the rules of its kind, and the backend pool as it changes
// over time. Made when its first packet comes; what it does with packets is in `snat.ts`.

import { defaultPortsPerFrontend } from '../base/snat-tiers.js'
import { LpKind } from '../image/kinds.js'
import type { SnatParams } from '../image/params.js'
import { LoadBalancerPorts } from '../table/load-balancer-ports.js'
import { NatGatewayPorts } from '../table/nat-gateway-ports.js'
import { PortBlocks } from '../table/port-blocks.js'
import { type SnatRules, SnatTable } from '../table/snat-table.js'
import { sendResets } from './snat-reset.js'
import { draw, type LpId, type Stack } from './stack.js'

/** Of one address of a NAT gateway ("NAT gateway resource"). */
const NAT_GATEWAY = { ports: 64_512, perDestination: 50_000, connections: 2_000_000 }

export interface SnatDevice {
  readonly table: SnatTable
  /** Ports by node, of a load balancer. */
  readonly blocks: PortBlocks | null
  /** Changes of the backend pool that have been taken in. */
  changes: number
  /** Its timers are asked for. */
  isTimed: boolean
}

export function createSnatDevice(stack: Stack, lp: LpId, snat: SnatParams): SnatDevice {
  const { image, params, clock } = stack
  const isLoadBalancer = image.lpKind[lp] === LpKind.loadBalancer
  const { publicAddresses, allocatedPorts } = snat
  const blocks = isLoadBalancer ? new PortBlocks(publicAddresses.length, allocatedPorts, defaultPortsPerFrontend) : null
  const table: SnatTable = new SnatTable(
    rulesOf(snat, isLoadBalancer),
    clock,
    () => draw(stack, lp),
    record => sendResets(stack, lp, table.flows, record),
    params.lpCount,
    (flows, pools) =>
      blocks
        ? new LoadBalancerPorts(flows, pools, blocks, publicAddresses, params.lpCount)
        : new NatGatewayPorts(flows, pools, publicAddresses, NAT_GATEWAY, params.lpCount),
  )
  return { table, blocks, changes: 0, isTimed: false }
}

const rulesOf = (snat: SnatParams, isLoadBalancer: boolean): SnatRules => ({
  idleNs: snat.idleNs,
  udpIdleNs: snat.udpIdleNs,
  halfOpenNs: snat.halfOpenNs,
  finNs: snat.finNs,
  rstNs: snat.rstNs,
  udpHoldNs: snat.udpHoldNs,
  endsWithBoth: !isLoadBalancer,
  resetsIdle: isLoadBalancer,
})

/** Takes in what has happened to the backend pool up to now: all changes of one moment together. */
export function followPool(stack: Stack, device: SnatDevice): void {
  const { poolChangeNs, poolChangeNode } = stack.image
  if (device.blocks === null || !(poolChangeNs[device.changes] <= stack.clock[0])) return
  while (poolChangeNs[device.changes] <= stack.clock[0]) {
    const momentNs = poolChangeNs[device.changes]
    const joining: number[] = []
    const leaving: number[] = []
    for (; poolChangeNs[device.changes] === momentNs; device.changes++) {
      const node = poolChangeNode[device.changes]
      if (node >= 0) joining.push(node)
      else leaving.push(~node)
    }
    device.table.change(device.blocks, joining, leaving)
  }
}
