// The routes of a node as `ip route` prints them, and which of them a packet takes. The choice itself is the data plane's own look-up.

import type { Plan } from '../cluster/plan.js'
import { nodeRoute, Way } from '../datapath/route.js'
import type { LpId, Stack } from '../datapath/stack.js'
import type { Scenario } from '../scenario/model.js'
import { type Cidr, formatCidr, formatIpv4, networkOf } from '../wire/address.js'

/** The host's end of a pod's veth: azv and the pod's place in its node's block; where pods have addresses of the VNet, the address. */
export const vethName = (address: number, blockBase: number): string =>
  blockBase === 0 ? `azv${(address >>> 0).toString(16).padStart(8, '0')}` : `azv${(address - blockBase) >>> 0}`

/** Only nodes with a block have a route to it. */
const blockText = (block: Cidr | null): string => (block === null ? '' : formatCidr(block))

/** The route of a node for `target`, in iproute2's words. */
export function routeLine(stack: Stack, scenario: Scenario, plan: Plan, lp: LpId, target: number): string {
  const { image, params } = stack
  const { routeLp, routePod } = stack
  const way = nodeRoute(stack, lp, target)
  const line = wayLine(way)
  stack.routeLp = routeLp
  stack.routePod = routePod
  return line

  function wayLine(taken: number): string {
    if (taken === Way.local) return `local ${formatIpv4(target)} dev lo`
    if (taken === Way.pod) return `${formatIpv4(target)} dev ${vethName(target, image.lpBlockBase[lp])} scope link`
    if (taken === Way.vxlan) {
      const { block } = plan.nodes[stack.routeLp]
      return `${blockText(block)} via ${formatIpv4(image.lpVtep[stack.routeLp])} dev vxlan0 onlink`
    }
    if (taken === Way.onLink) {
      const pool = scenario.cluster.agentPoolProfiles[plan.nodes[lp].pool]
      const subnet = networkOf(scenario.vnet.subnets[pool.vnetSubnet].cidr)
      return `${formatCidr(subnet)} dev eth0 proto kernel scope link src ${formatIpv4(image.lpAddress[lp])}`
    }
    if (taken === Way.gateway) return `default via ${formatIpv4(params.gatewayAddress)} dev eth0`
    const refusing: Readonly<Record<number, string>> = {
      [Way.unreachable]: 'unreachable',
      [Way.blackhole]: 'blackhole',
      [Way.prohibit]: 'prohibit',
    }
    return refusing[taken] === undefined ? 'no route' : `${refusing[taken]} ${blockText(plan.nodes[lp].block)}`
  }
}
