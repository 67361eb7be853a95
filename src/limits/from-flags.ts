// The arithmetic's input out of flags alone. The flags are first written as a scenario, so that ranges are refused by the very rules that
// hold for files; a mistake is then located at its flag.
import type { AddressingMode } from '../base/addressing-mode.js'
import { hasPodSubnet, isFlat } from '../base/addressing-mode.js'
import { AZURE } from '../ipam/azure-limits.js'
import { type LocatedIssue, ScenarioError } from '../scenario/error.js'
import { freeRange } from '../scenario/free-range.js'
import { type Issue, issue } from '../scenario/issue.js'
import type { NodeShare } from '../scenario/node-share.js'
import { formatCidr, networkOf, overlaps, parseCidr } from '../wire/address.js'
import type { CompareRanges } from './compare.js'
import { inputOf } from './from-scenario.js'
import type { PlanInput } from './input.js'
import { loadForPlan, type PlanResult, planOf } from './plan.js'

export interface PlanFlags {
  readonly mode?: AddressingMode | undefined
  readonly subnet?: string | undefined
  readonly podSubnet?: string | undefined
  readonly podCidr?: string | undefined
  readonly serviceCidr?: string | undefined
  readonly maxPods?: number | undefined
  readonly nodes?: number | undefined
  readonly pods?: number | undefined
  readonly services?: number | undefined
  readonly surge?: NodeShare | undefined
  readonly outboundIps?: number | undefined
  readonly outboundPorts?: number | undefined
  readonly natGatewayIps?: number | undefined
  readonly routes?: number | undefined
  readonly podsPerCluster?: number | undefined
  /** All five modes are asked about, so no range is without use. */
  readonly compare?: boolean | undefined
}

const NODES = 'nodes'
const PODS = 'pods'
/** What `az aks create` makes when nobody says. */
const DEFAULT_NODES = 3
const DEFAULT_POD_CIDR = '10.244.0.0/16'
const DEFAULT_SERVICE_CIDR = '10.0.0.0/16'
const DEFAULT_PREFIX = 16

/** Where in the scenario a flag's value goes, so that an issue finds its way back. */
const PLACES: readonly (readonly [readonly string[], string])[] = [
  [['vnet', 'subnets', NODES], '--subnet'],
  [['vnet', 'subnets', PODS], '--pod-subnet'],
  [['vnet', 'addressSpace', '0'], '--subnet'],
  [['vnet', 'addressSpace', '1'], '--pod-subnet'],
  [['cluster', 'networkProfile', 'podCidr'], '--pod-cidr'],
  [['cluster', 'networkProfile', 'serviceCidr'], '--service-cidr'],
  [['cluster', 'networkProfile', 'dnsServiceIp'], '--service-cidr'],
  [['cluster', 'networkProfile', 'loadBalancerProfile', 'managedOutboundIPs'], '--outbound-ips'],
  [['cluster', 'networkProfile', 'loadBalancerProfile'], '--outbound-ports'],
  [['cluster', 'networkProfile', 'natGatewayProfile'], '--nat-gateway-ips'],
  [['cluster', 'agentPoolProfiles', '0', 'maxPods'], '--max-pods'],
  [['cluster', 'agentPoolProfiles'], '--nodes'],
  [['workloads'], '--pods'],
]

const flagOf = (path: Issue['path']): string =>
  PLACES.find(([place]) => place.every((step, i) => step === String(path[i])))?.[1] ?? '--mode'

/** Ranges that nobody gave: Azure's defaults where they are free, else the next free range of the size. */
function rangesOf({ mode = 'overlay', subnet, podSubnet, podCidr, serviceCidr, compare = false }: PlanFlags) {
  const given = [subnet, podSubnet, podCidr, serviceCidr].filter(range => range !== undefined)
  const taken = [...given]
  const pick = (wish: string | null): string => {
    const isFree = wish !== null && taken.every(other => !meet(wish, other))
    const range = isFree ? wish : (freeRange(DEFAULT_PREFIX, taken) ?? wish ?? DEFAULT_SERVICE_CIDR)
    taken.push(range)
    return range
  }
  return {
    subnet: subnet ?? pick(null),
    podSubnet: compare || hasPodSubnet(mode) ? (podSubnet ?? pick(null)) : null,
    podCidr: isFlat(mode) && !compare ? null : (podCidr ?? pick(DEFAULT_POD_CIDR)),
    serviceCidr: serviceCidr ?? pick(DEFAULT_SERVICE_CIDR),
  }
}

function meet(a: string, b: string): boolean {
  const [left, right] = [parseCidr(a), parseCidr(b)]
  return left !== null && right !== null && overlaps(left, right)
}

type Ranges = ReturnType<typeof rangesOf>

function documentOf(flags: PlanFlags, ranges: Ranges, maxPods: number): object {
  const { mode = 'overlay', outboundIps, outboundPorts, natGatewayIps } = flags
  const subnets = { [NODES]: { cidr: ranges.subnet }, ...(ranges.podSubnet === null ? {} : { [PODS]: { cidr: ranges.podSubnet } }) }
  const outbound =
    natGatewayIps === undefined
      ? { loadBalancerProfile: { managedOutboundIPs: { count: outboundIps }, allocatedOutboundPorts: outboundPorts } }
      : { outboundType: 'managedNATGateway', natGatewayProfile: { managedOutboundIpProfile: { count: natGatewayIps } } }
  return {
    apiVersion: 'vxlane/v1',
    vnet: { addressSpace: Object.values(subnets).map(({ cidr }) => cidr), subnets },
    cluster: {
      networkProfile: {
        networkPlugin: mode === 'kubenet' ? 'kubenet' : 'azure',
        networkPluginMode: mode === 'overlay' ? 'overlay' : null,
        podCidr: ranges.podCidr ?? undefined,
        serviceCidr: ranges.serviceCidr,
        ...outbound,
      },
      agentPoolProfiles: [
        {
          name: 'nodepool1',
          count: DEFAULT_NODES,
          maxPods,
          vnetSubnet: NODES,
          ...(hasPodSubnet(mode)
            ? { podSubnet: PODS, podIpAllocationMode: mode === 'podSubnetStatic' ? 'StaticBlock' : 'DynamicIndividual' }
            : {}),
        },
      ],
    },
  }
}

const located = (found: Issue): LocatedIssue => ({ ...found, file: flagOf(found.path), position: null })

const MAX_PODS = ['cluster', 'agentPoolProfiles', 0, 'maxPods'] as const

/** A flag whose range the mode has no use for is a misunderstanding, and is said to be one. */
function unusedFlags(flags: PlanFlags): Issue[] {
  const {
    mode = 'overlay',
    podSubnet,
    podCidr,
    outboundIps,
    outboundPorts,
    natGatewayIps,
    routes,
    compare = false,
    maxPods = AZURE.leastMaxPods,
  } = flags
  const wrong = (path: readonly string[], message: string, hint: string): Issue => issue(path, 'UnusedFlag', message, hint)
  return [
    ...(podCidr !== undefined && isFlat(mode) && !compare
      ? [
          wrong(
            PLACES[4][0],
            `pods have addresses of the VNet in mode ${mode}; there is no pod CIDR`,
            'leave it out, or use --mode overlay',
          ),
        ]
      : []),
    ...(podSubnet !== undefined && !hasPodSubnet(mode) && !compare
      ? [wrong(PLACES[1][0], `mode ${mode} has no pod subnet`, 'leave it out, or use --mode podSubnetDynamic')]
      : []),
    ...(natGatewayIps !== undefined && (outboundIps !== undefined || outboundPorts !== undefined)
      ? [wrong(PLACES[9][0], 'outbound is either a load balancer or a NAT gateway', 'leave --outbound-ips and --outbound-ports out')]
      : []),
    ...(maxPods < AZURE.leastMaxPods
      ? [
          issue(
            MAX_PODS,
            'InvalidMaxPods',
            `maxPods is ${maxPods}; AKS takes ${AZURE.leastMaxPods} to ${AZURE.podsPerNode}`,
            'choose a value in that range',
          ),
        ]
      : []),
    ...(routes !== undefined && mode !== 'kubenet' && !compare
      ? [wrong([], `mode ${mode} has no routes for nodes`, 'leave --routes out')]
      : []),
  ]
}

/** The plan of such an input; what does not fit is located at its flag. */
export const planOfFlags = (input: PlanInput): PlanResult => planOf(input, null, tooSmall(input), flagOf)

/** A pool's system pods need room: admission's rule for pools, which flags do not have one by one. */
function tooSmall({ pools: [{ count, maxPods }] }: PlanInput): Issue[] {
  if (count === 0 || count * maxPods >= AZURE.leastPoolPods) return []
  const message = `${count} x ${maxPods} = ${count * maxPods} pods; a pool must be able to hold ${AZURE.leastPoolPods}`
  return [issue(['cluster', 'agentPoolProfiles', 0, 'maxPods'], 'InsufficientAgentPoolMaxPodsPerAgentPool', message, '')]
}

export interface FlagInput {
  readonly input: PlanInput
  readonly ranges: CompareRanges | null
}

/** Throws a ScenarioError with every mistake at its flag. */
export function inputOfFlags(flags: PlanFlags): FlagInput {
  const mode = flags.mode ?? 'overlay'
  const maxPods = flags.maxPods ?? AZURE.defaultMaxPods[mode]
  const unused = unusedFlags(flags)
  if (unused.length > 0) throw new ScenarioError(unused.map(located))
  const nodes = flags.nodes ?? (flags.pods === undefined ? DEFAULT_NODES : Math.ceil(flags.pods / maxPods))
  const ranges = rangesOf(flags)
  try {
    const base = inputOf(loadForPlan(documentOf(flags, ranges, maxPods)), { routes: flags.routes, podsPerCluster: flags.podsPerCluster })
    const surge = flags.surge ?? NO_SURGE
    const input: PlanInput = {
      ...base,
      pools: [{ ...base.pools[0], name: 'all pools', count: nodes, most: nodes, surge }],
      isOnePoolForAll: true,
      pods: flags.pods ?? 0,
      services: flags.services ?? 0,
    }
    return { input, ranges: flags.compare ? compareRanges(flags, ranges) : null }
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    throw new ScenarioError(distinct([...error.issues, ...furtherIssues(flags, maxPods)].map(found => located(found))))
  }
}

/** Form is judged before meaning: with the host bits of ranges cleared, what is wrong with the ranges themselves is found as well. */
function furtherIssues(flags: PlanFlags, maxPods: number): readonly Issue[] {
  const cleared = (range: string | undefined): string | undefined => {
    const cidr = range === undefined ? null : parseCidr(range)
    return cidr === null ? range : formatCidr(networkOf(cidr))
  }
  const { subnet, podSubnet, podCidr, serviceCidr } = flags
  const ranges = { subnet: cleared(subnet), podSubnet: cleared(podSubnet), podCidr: cleared(podCidr), serviceCidr: cleared(serviceCidr) }
  const mended = { ...flags, ...ranges } as PlanFlags
  try {
    loadForPlan(documentOf(mended, rangesOf(mended), maxPods))
    return []
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    return error.issues
  }
}

/** A flag stands in several places of the scenario that is made of it; its mistake is one. */
function distinct(issues: readonly LocatedIssue[]): LocatedIssue[] {
  return issues.filter(
    (found, i) =>
      issues.findIndex(other => other.file === found.file && other.code === found.code && other.message === found.message) === i,
  )
}

const NO_SURGE: NodeShare = { kind: 'nodes', nodes: 0 }

const compareRanges = ({ maxPods }: PlanFlags, { podCidr, podSubnet }: Ranges): CompareRanges => ({
  podCidr: parseCidr(podCidr ?? DEFAULT_POD_CIDR)!,
  podSubnet: parseCidr(podSubnet ?? DEFAULT_POD_CIDR)!,
  maxPods: maxPods === undefined ? AZURE.defaultMaxPods : undefined,
})
