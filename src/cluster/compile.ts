// The last act of the control plane: scenario and plan become one sealed image in shared memory, the only thing that workers ever see.
import { type Image, type ImageColumns, openImage, planImage } from '../image/image.js'
import type { Scenario } from '../scenario/model.js'
import { lpOf, slotsFor } from '../table/address-index.js'
import { changeCount, fillChanges, inWindows } from './changes.js'
import { type ClientGroup, clientGroups, clientOffsets, fillClients, fillLaws, LAWS, lawRows, packetRate, targetCount } from './clients.js'
import { gatewayLpOf, namesOf } from './names.js'
import { compileGroups, fillGroups, groupLengths } from './nsg-compile.js'
import { poolChangesOf } from './outbound.js'
import { lookaheadOf, paramsOf } from './params.js'
import { partition } from './partition.js'
import type { Plan } from './plan.js'
import { fillPolicies, policyLengths } from './policy-columns.js'
import { compilePolicies } from './policy-compile.js'
import { fillReplays, type ReadReplay, type ReplayStream, replayLengths, replayStreams } from './replay.js'
import { fillServices, type ServiceRows, serviceLengths, serviceRows, usesServices } from './services.js'
import { fillSizes, sizeRows } from './sizes.js'
import { addressesOf, fillAddresses, fillLps, fillPods, lpCountOf, podRowsOf, routesOf } from './topology.js'
import { type FlowSetting, fillFlows, fillTraffic, flowGroups, flowOffsets, meanRate } from './traffic.js'

export interface CompileOptions {
  readonly shards: number
  readonly readReplay: ReadReplay
  /** kube-proxy runs even if the scenario does not use it: for questions that it does not ask. */
  readonly services?: boolean | undefined
}

/** Compiles what {@link planCluster} planned. Apart from `lpShard` and `shardCount` nothing in the image depends on the number of shards. */
export function compile(scenario: Scenario, planned: Plan, options: CompileOptions): Image {
  const plan = inWindows(planned, lookaheadOf(scenario, planned))
  const names = namesOf(scenario, plan)
  const groups = flowGroups(scenario, plan, names)
  const offsets = flowOffsets(groups, lpCountOf(scenario, plan))
  const clients = clientGroups(scenario, plan, names)
  const clientsAt = clientOffsets(clients, lpCountOf(scenario, plan))
  const streams = replayStreams(scenario, plan, names, options.readReplay)
  const fib = routesOf(scenario, plan)
  const found = addressesOf(scenario, plan)
  const policies = compilePolicies(scenario, plan)
  const nsg = compileGroups(scenario, plan, lpCountOf(scenario, plan))
  const services = serviceRows(scenario, plan, options.services ?? usesServices(scenario))
  const params = paramsOf(scenario, plan, names, {
    shardCount: options.shards,
    flowCount: offsets[offsets.length - 1],
    policies,
    nsg: nsg !== null,
    services,
  })
  const lengths = lengthsOf(scenario, plan, params.flowCount, fib.length, found.addresses.length, streams, services)
  const changes = poolChangesOf(plan)
  const extra = {
    poolChangeNs: changes.length,
    poolChangeNode: changes.length,
    ...policyLengths(policies),
    ...groupLengths(nsg),
    ...talkLengths(scenario, clients, clientsAt),
  }
  const image = planImage(params, { ...lengths, ...extra })
  const columns = openImage(image)
  fillLps(columns, scenario, plan)
  columns.fib.set(fib)
  fillPods(columns, scenario, plan)
  fillAddresses(columns, found)
  fillChanges(columns, plan, scenario.durationNs)
  columns.poolChangeNs.set(changes.map(({ ns }) => ns))
  columns.poolChangeNode.set(changes.map(({ node }) => node))
  if (policies) fillPolicies(columns, policies)
  if (nsg) fillGroups(columns, nsg)
  fillServices(columns, services, plan.nodes)
  fillTraffic(columns, scenario, groups)
  fillSizes(columns, scenario)
  const loads = loadCounter(scenario, plan, columns)
  fillFlows(columns, groups, offsets, { scenario, plan, names, onFlow: loads.onFlow })
  fillLaws(columns, scenario, sizeRows(scenario))
  fillClients(columns, clients, clientsAt, { scenario, plan, names })
  for (const group of clients) loads.onClients(group)
  fillReplays(columns, streams)
  for (const stream of streams) loads.perSecond[stream.lp] += (stream.frames.length * 1e9) / scenario.durationNs
  columns.lpShard.set(partition(loads.perSecond, options.shards))
  return image
}

function lengthsOf(
  scenario: Scenario,
  plan: Plan,
  flows: number,
  fib: number,
  addresses: number,
  streams: readonly ReplayStream[],
  services: ServiceRows,
) {
  const lps = lpCountOf(scenario, plan)
  const entries = scenario.traffic.length
  const sizes = sizeRows(scenario) + lawRows(scenario)
  const replay = replayLengths(streams)
  const slots = slotsFor(addresses)
  const changes = changeCount(plan, scenario.durationNs)
  return {
    ...{ lpKind: lps, lpShard: lps, lpAddress: lps, lpVtep: lps, lpBlockBase: lps, lpBlockSize: lps, lpPodRow: lps },
    ...{ lpNsPerByte: lps, lpLocation: lps, lpFar: lps, lpOwnRoute: lps },
    ...{ lpJoinNs: plan.changes ? lps : 0, lpReadyNs: plan.changes ? lps : 0, lpLeaveNs: plan.changes ? lps : 0 },
    ...{ changeNs: changes, changeKind: changes, changeOf: changes },
    ...{
      podAddress: plan.pods.count,
      podLp: plan.pods.count,
      podStartNs: plan.pods.count,
      podStopNs: plan.pods.count,
      podAt: podRowsOf(scenario, plan),
    },
    ...serviceLengths(services, plan.nodes.length),
    ...{ fib, addressKey: slots, addressLp: slots },
    ...{ trafficArrivals: entries, trafficIntervalNs: entries, trafficOnNs: entries, trafficOffNs: entries, trafficStopNs: entries },
    ...{
      trafficSizeKind: entries,
      trafficSizeA: entries,
      trafficSizeB: entries,
      trafficSizeC: entries,
      trafficDf: entries,
      trafficHostEnds: entries,
    },
    ...{ trafficAnswerSize: entries, trafficAnswerAfterNs: entries, sizeValue: sizes, sizeCumulative: sizes },
    ...{ flowTraffic: flows, flowLp: flows, flowPod: flows, flowSourceAddress: flows, flowTargetAddress: flows },
    ...{ flowPorts: flows, flowKey0: flows, flowKey1: flows, flowStartNs: flows, flowStopNs: plan.changes ? flows : 0 },
    ...{ replayLp: replay.streams, replayPod: replay.streams, replayFirst: replay.streams, replayFrames: replay.streams },
    ...{ frameTimeNs: replay.frames, frameOffset: replay.frames, frameLength: replay.frames, frameBytes: replay.bytes },
  }
}

function talkLengths(scenario: Scenario, groups: readonly ClientGroup[], offsets: Uint32Array) {
  const entries = groups.length > 0 ? scenario.traffic.length : 0
  const laws = entries * LAWS.length
  const targets = targetCount(groups)
  const clients = offsets[offsets.length - 1]
  return {
    ...{ talkProtocol: entries, talkPort: entries, talkTargetFirst: entries, talkTargets: entries, talkClose: entries },
    ...{ talkServer: entries, talkPool: entries, talkPoolRequests: entries, talkSynRetries: entries, talkSynLinear: entries },
    ...{ talkDataRetries: entries, talkTimeoutNs: entries },
    ...{ talkLawKind: laws, talkLawA: laws, talkLawB: laws, talkLawC: laws },
    ...{ targetPod: targets, targetLp: targets, targetAddress: targets },
    ...{ clientTraffic: clients, clientLp: clients, clientPod: clients, clientAddress: clients, clientFirst: clients },
    ...{ clientKey0: clients, clientKey1: clients, clientStartNs: clients },
  }
}

interface Loads {
  readonly perSecond: Float64Array
  readonly onFlow: FlowSetting['onFlow']
  readonly onClients: (group: ClientGroup) => void
}

/** Expected packets per second of each process: what it sends, what it receives, and what the outbound device passes on. */
function loadCounter(scenario: Scenario, plan: Plan, columns: ImageColumns): Loads {
  const perSecond = new Float64Array(lpCountOf(scenario, plan))
  const gateway = gatewayLpOf(scenario, plan)
  return {
    perSecond,
    onFlow(entry, source, target, targetAddress) {
      const rate = meanRate(entry) * (entry.answer === null ? 1 : 2)
      const receiver = target >= 0 ? target : lpOf(columns.addressKey, columns.addressLp, targetAddress)
      perSecond[source] += rate
      if (receiver >= 0) perSecond[receiver] += rate
      if (gateway >= 0 && (receiver < 0 || columns.lpFar[receiver] !== columns.lpFar[source])) perSecond[gateway] += 2 * rate
    },
    onClients(group) {
      const { sources, targets } = group
      const rate = packetRate(group, scenario.fabric.podMtu)
      const all = sources.count * rate
      let far = 0
      for (let at = 0; at < sources.count; at++) if (sources.lp[at] >= 0) perSecond[sources.lp[at]] += rate
      for (let at = 0; at < targets.count; at++) {
        const receiver = targets.lp[at] >= 0 ? targets.lp[at] : lpOf(columns.addressKey, columns.addressLp, targets.address[at])
        if (receiver >= 0) perSecond[receiver] += all / targets.count
        if (receiver < 0 || columns.lpFar[receiver] === 1) far++
      }
      if (gateway >= 0 && targets.count > 0) perSecond[gateway] += (2 * all * far) / targets.count
    },
  }
}
