// What a network security group does to the cluster itself, said before a run: a tunnel whose datagrams it denies, and the traffic that
// Azure CNI Overlay asks every group to allow (Microsoft's page "Azure CNI Overlay networking", network security groups).
import { type Issue, warning } from '../scenario/issue.js'
import type { Scenario } from '../scenario/model.js'
import type { SecurityRule } from '../scenario/model-policy.js'
import { type Cidr, formatCidr } from '../wire/address.js'
import { guardedSubnets, type Interval, merged, prefixReader, rulesOf } from './nsg-rules.js'

const UDP = 17
const VXLAN_PORT = 4789

/** Traffic that must pass; protocol and port null: all of it. */
interface Need {
  readonly source: Cidr
  readonly target: Cidr
  readonly protocol: number | null
  readonly port: number | null
  readonly what: string
}

export function admitSecurityGroups(scenario: Scenario): Issue[] {
  const guarded = guardedSubnets(scenario)
  if (guarded.length === 0) return []
  const read = prefixReader(scenario)
  return guarded.flatMap(({ subnet, cidr, group }) => {
    const path = ['vnet', 'subnets', subnet, 'networkSecurityGroup']
    return needsOf(scenario, cidr).flatMap(need =>
      (['Outbound', 'Inbound'] as const).flatMap(direction => {
        const rule = deniedBy(rulesOf(group, direction), need, read)
        if (rule === null) return []
        const words = `the security group of subnet ${subnet} denies ${need.what} (rule ${rule.name}, priority ${rule.priority}, ${direction})`
        return [scenario.fabric.encapsulation === 'vxlan' ? brokenTunnel(path, words) : missingRule(path, words, need)]
      }),
    )
  })
}

const brokenTunnel = (path: Issue['path'], words: string): Issue =>
  warning(
    path,
    'NsgBlocksTunnel',
    `${words}: pods of different nodes cannot reach each other, whatever the rules say of pod addresses, for the VNet sees the nodes' alone`,
    'allow UDP 4789 between the nodes above that rule, unless this loss is what you study',
  )

const missingRule = (path: Issue['path'], words: string, { source, target }: Need): Issue =>
  warning(
    path,
    'NsgBlocksOverlay',
    `${words}, which Azure CNI Overlay needs`,
    `allow ${formatCidr(source)} to ${formatCidr(target)}, all protocols and ports, above that rule`,
  )

function needsOf(scenario: Scenario, subnet: Cidr): Need[] {
  const { addressing, podCidr } = scenario.cluster.networkProfile
  const isOfNodes = scenario.cluster.agentPoolProfiles.some(
    ({ vnetSubnet }) => scenario.vnet.subnets[vnetSubnet]?.cidr.base === subnet.base,
  )
  if (!isOfNodes) return []
  if (scenario.fabric.encapsulation === 'vxlan') {
    return [{ source: subnet, target: subnet, protocol: UDP, port: VXLAN_PORT, what: 'UDP 4789 between its nodes, which carries VXLAN' }]
  }
  if (addressing !== 'overlay' || podCidr === null) return []
  const all = { protocol: null, port: null }
  return [
    { source: subnet, target: subnet, ...all, what: 'traffic from node to node' },
    { source: subnet, target: podCidr, ...all, what: 'traffic from nodes to pods' },
    { source: podCidr, target: podCidr, ...all, what: 'traffic from pod to pod' },
  ]
}

/** The rule that first denies any of it, or null if all of it is allowed before. */
function deniedBy(rules: readonly SecurityRule[], need: Need, read: ReturnType<typeof prefixReader>): SecurityRule | null {
  const source = read([need.source])[0]
  const target = read([need.target])[0]
  const ports: Interval = need.port === null ? [0, 65535] : [need.port, need.port]
  for (const rule of rules) {
    const spans: readonly (readonly [readonly Interval[], Interval])[] = [
      [read(rule.sources), source],
      [read(rule.targets), target],
      [merged(rule.targetPorts.map(({ first, last }): Interval => [first, last])), ports],
      [merged(rule.sourcePorts.map(({ first, last }): Interval => [first, last])), [0, 65535]],
    ]
    const speaks = rule.protocol === null || need.protocol === null || rule.protocol === need.protocol
    const isWhole = rule.protocol === null || rule.protocol === need.protocol
    if (rule.access === 'Allow' && isWhole && spans.every(([held, wanted]) => holdsAll(held, wanted))) return null
    if (rule.access === 'Deny' && speaks && spans.every(([held, wanted]) => holdsAny(held, wanted))) return rule
  }
  return null
}

const holdsAll = (intervals: readonly Interval[], [first, last]: Interval): boolean =>
  intervals.some(interval => interval[0] <= first && interval[1] >= last)
const holdsAny = (intervals: readonly Interval[], [first, last]: Interval): boolean =>
  intervals.some(interval => interval[0] <= last && interval[1] >= first)
