// Source ports as a result tells of them: the two resources `nodeSnatPorts` and `outboundSnatPorts`, and the block `snat` with what Azure's
// metrics would say, how the use spreads over the nodes, and who needed or lacked most.
import { gatewayLpOf } from '../cluster/names.js'
import { gatewayKindOf, publicAddressesOf } from '../cluster/outbound.js'
import type { Plan } from '../cluster/plan.js'
import type { Resource } from '../cluster/resource.js'
import type { ShardReport } from '../engine/report.js'
import { BY_DEVICE, BY_HOST, type DeviceReport, type NodePorts, neediest } from '../engine/snat-books.js'
import type { Scenario } from '../scenario/model.js'
import { formatIpv4 } from '../wire/address.js'
import { portLevels } from './snat-series.js'

/** Ports of a node towards one destination: 1024 to 65535, whose class of ports every ephemeral one is in. */
const NODE_PORTS = 64_512
const NAT_GATEWAY_PORTS = 64_512

export interface SnatResult {
  /** `none` where no packet came to a device. */
  readonly device: 'loadBalancer' | 'natGateway' | 'appliance' | 'none'
  readonly publicAddresses: readonly string[]
  /** Azure's metric: of a load balancer per node (the node that has most), of the others in all. */
  readonly allocatedSnatPorts: number
  /** Azure's metric, at the end of the run: in use by any flow. */
  readonly usedSnatPorts: number
  /** Azure's metric by connection state; of an appliance only attempted and failed are known. `broken` lost their port to another node. */
  readonly snatConnectionCount: DeviceReport['counts']
  /** Most ports of a node at a time, over the nodes that used the device. */
  readonly peakPortsOfNodes: Spread
  /** At the device: who needed most ports, or was refused. */
  readonly topTalkers: readonly TalkerResult[]
  /** The same of the nodes' own masquerade. */
  readonly nodeTopTalkers: readonly TalkerResult[]
}

export interface Spread {
  readonly nodes: number
  readonly min: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

export interface TalkerResult {
  readonly node: string
  readonly protocol: string
  /** An address and port, or the address alone where any port of it counts. */
  readonly destination: string
  readonly peakPorts: number
  readonly failures: number
}

export interface SnatAccount {
  readonly scenario: Scenario
  readonly plan: Plan
  readonly reports: readonly ShardReport[]
  readonly intervalNs: number
  readonly nameOf: (lp: number) => string
}

/** Everything the shards know together. */
function gather({ scenario, plan, reports }: SnatAccount) {
  const parts = reports.map(({ snat }) => snat)
  const gateway = gatewayLpOf(scenario, plan)
  const hosts = parts.flatMap(part => [...part.hosts])
  return {
    gateway,
    device: parts.find(part => part.device !== null)?.device ?? null,
    nodeTalkers: neediest(parts, owner => owner !== gateway),
    applianceTalkers: neediest(parts, owner => owner === gateway),
    nodes: hosts.filter(({ lp }) => lp < plan.nodes.length),
    appliance: hosts.find(({ lp }) => lp === gateway) ?? { lp: gateway, translated: 0, refused: 0 },
    firstRefusedNs: Math.min(...parts.map(part => part.firstRefusedNs)),
  }
}

export function snatResult(account: SnatAccount): SnatResult {
  const { scenario, nameOf } = account
  const { device, nodeTalkers, applianceTalkers, appliance } = gather(account)
  const kind = gatewayKindOf(scenario)
  const isUsed = device !== null || appliance.translated + appliance.refused > 0
  const attempts = appliance.translated + appliance.refused
  const none = { attempted: attempts, established: 0, failed: appliance.refused, closed: 0, timedOut: 0, broken: 0 }
  const fullest = applianceTalkers[0]
  return {
    device: isUsed && kind !== null ? kind : 'none',
    publicAddresses: isUsed ? publicAddressesOf(scenario).map(formatIpv4) : [],
    allocatedSnatPorts: isUsed ? capacityOf(scenario, device) : 0,
    usedSnatPorts: device?.used ?? fullest?.used ?? 0,
    snatConnectionCount: device?.counts ?? none,
    peakPortsOfNodes: spreadOf((device?.nodes ?? []).map(({ peak }) => peak)),
    topTalkers: (device?.talkers ?? applianceTalkers).map(talker => talkerResult(talker, nameOf)),
    nodeTopTalkers: nodeTalkers.map(talker => talkerResult(talker, nameOf)),
  }
}

function capacityOf({ fabric }: Scenario, device: DeviceReport | null): number {
  if (device === null) return fabric.appliance.portRange.last - fabric.appliance.portRange.first + 1
  return device.nodes.reduce((most, { capacity }) => Math.max(most, capacity), 0)
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  return { nodes: sorted.length, min: at(0), p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
}

type Talker = DeviceReport['talkers'][number]

const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP' }

const talkerResult = (talker: Talker, nameOf: (lp: number) => string): TalkerResult => ({
  node: nameOf(talker.owner),
  protocol: PROTOCOLS[talker.protocol] ?? String(talker.protocol),
  destination: destinationOf(talker),
  peakPorts: talker.peak,
  failures: talker.refused,
})

const destinationOf = ({ target, port }: Talker): string =>
  port === 0 ? formatIpv4(target as never) : `${formatIpv4(target as never)}:${port}`

/** Rows of what was used at all. */
export function snatResources(account: SnatAccount): Resource[] {
  const found = gather(account)
  return [...nodePorts(account, found), ...outboundPorts(account, found)]
}

type Gathered = ReturnType<typeof gather>

/** The node and destination that came nearest to the end of the node's ports. */
function nodePorts({ reports, intervalNs, nameOf }: SnatAccount, { nodeTalkers, nodes, firstRefusedNs }: Gathered): Resource[] {
  const fullest = nodeTalkers[0]
  if (fullest === undefined) return []
  const failures = nodes.reduce((sum, { refused }) => sum + refused, 0)
  const timeline = portLevels(reports, fullest.owner, BY_HOST, intervalNs)
  const scope = `${nameOf(fullest.owner)} to ${destinationOf(fullest)}`
  const exhaustedAtNs = failures > 0 ? firstRefusedNs : null
  return [rowOf('nodeSnatPorts', scope, NODE_PORTS, fullest.used, fullest.peak, failures, exhaustedAtNs, timeline)]
}

function outboundPorts(account: SnatAccount, found: Gathered): Resource[] {
  const { scenario, reports, intervalNs, nameOf } = account
  const { device, appliance, applianceTalkers, firstRefusedNs } = found
  if (device === null) {
    const [fullest] = applianceTalkers
    if (fullest === undefined) return []
    const timeline = portLevels(reports, fullest.owner, BY_HOST, intervalNs)
    const at = appliance.refused > 0 ? firstRefusedNs : null
    const scope = `appliance to ${destinationOf(fullest)}`
    return [rowOf('outboundSnatPorts', scope, capacityOf(scenario, null), fullest.used, fullest.peak, appliance.refused, at, timeline)]
  }
  const exhaustedAtNs = device.counts.failed > 0 ? device.firstRefusedNs : null
  if (gatewayKindOf(scenario) === 'natGateway') {
    const capacity = publicAddressesOf(scenario).length * NAT_GATEWAY_PORTS
    const timeline = portLevels(reports, -1, BY_DEVICE, intervalNs)
    return [rowOf('outboundSnatPorts', 'natGateway', capacity, device.used, device.peak, device.counts.failed, exhaustedAtNs, timeline)]
  }
  // Of nodes equally full, the one that was refused more often. Its ports are those it had then: the pool may have grown since.
  const fill = ({ fullestUsed, fullestOf }: NodePorts): number => fullestUsed / Math.max(1, fullestOf)
  const [node] = [...device.nodes].sort((a, b) => fill(b) - fill(a) || b.refused - a.refused || a.lp - b.lp)
  if (node === undefined) return []
  const timeline = portLevels(reports, node.lp, BY_DEVICE, intervalNs)
  const { failed } = device.counts
  return [rowOf('outboundSnatPorts', nameOf(node.lp), node.fullestOf, node.used, node.fullestUsed, failed, exhaustedAtNs, timeline)]
}

const rowOf = (
  name: Resource['name'],
  scope: string,
  capacity: number,
  used: number,
  peak: number,
  failures: number,
  exhaustedAtNs: number | null,
  timeline: [number, number][],
): Resource => ({ name, scope, unit: 'ports', capacity, used, peak, exhausted: failures > 0, exhaustedAtNs, failures, timeline })
